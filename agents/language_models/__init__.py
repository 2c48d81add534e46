"""Language models behind one protocol: wires to servers, a local runner, retries and records.

`language_model` is the protocol. `openai_wire`, `anthropic_model`, `gemini_model` and
`transformers_model` speak to models, `text_tool_calls` teaches tool calls in words to those that
have none; `retries`, `reply_cache` and `cost` are around every request.
"""

__all__ = [
    "anthropic_model",
    "capability_probe",
    "cost",
    "gemini_model",
    "language_model",
    "openai_wire",
    "reply_cache",
    "retries",
    "text_tool_calls",
    "transformers_model",
]
