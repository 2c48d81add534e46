"""Ways to plan: each reads a history of calls and decides on the next.

`scripted` and `random_planner` ask no model. `react`, `code_planner`, `inner_monologue`, `saycan`
and `voyager` ask a language model each in its way; `palm_e_planner` is frames and words in one.
"""

__all__ = [
    "affordance",
    "code_planner",
    "inner_monologue",
    "palm_e_planner",
    "random_planner",
    "react",
    "saycan",
    "scripted",
    "voyager",
]
