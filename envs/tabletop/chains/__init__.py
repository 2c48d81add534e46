"""Tables for all core tasks at once, and chains of five instructions carried out on one of them."""

from handeye.envs.tabletop.chains.sampling import sample_chain
from handeye.envs.tabletop.chains.situation import Situation, after, feasible_goals
from handeye.envs.tabletop.chains.task import CHAINS, MIXED, MIXED_TASKS, ChainTask

__all__ = [
    "CHAINS",
    "MIXED",
    "MIXED_TASKS",
    "ChainTask",
    "Situation",
    "after",
    "feasible_goals",
    "sample_chain",
]
