"""Oracles: everything that may read the simulator, from baselines to checks of a call."""

__all__ = [
    "baselines",
    "call_monitor",
    "harm",
    "lookahead",
    "oracle_planner",
    "partial_oracles",
    "perturbation",
    "tabletop_call_checks",
]
