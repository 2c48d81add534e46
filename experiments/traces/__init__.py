"""Traces: what language models are trained on, episodes of the oracle planner in words."""

__all__ = [
    "affordance_dataset",
    "palm_e_examples",
    "plan_annotation",
    "planner_examples",
    "planner_tokenizer",
    "planning_traces",
    "symbolic_apartment",
    "symbolic_tabletop",
    "table_drafts",
]
