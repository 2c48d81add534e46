"""The language model that comes with handeye: its weights, chat template and grammar of calls."""

__all__ = ["call_grammar", "handeye_planner", "llama_decoder", "planner_chat"]
