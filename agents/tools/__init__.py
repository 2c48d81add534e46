"""The tools of both worlds, what they share, and the closed-loop skills behind them.

`tabletop`, `vision` and `motion` are tools of the arm over `tabletop_context`; `rooms` are those of
a wheeled base over `rooms_context`; `policy` and `program` make tools of learned policies and of
programs. `robot` is the only way to act.
"""

__all__ = [
    "motion",
    "policy",
    "program",
    "robot",
    "rooms",
    "rooms_context",
    "skills",
    "tabletop",
    "tabletop_context",
    "vision",
]
