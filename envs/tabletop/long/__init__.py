"""Long-horizon instructions on the tabletop: kinds, goals as plain data, words."""

from handeye.envs.tabletop.long.goal import Clause, Condition, Layout, LongGoal, Start
from handeye.envs.tabletop.long.registry import FAMILIES, FAMILY_OF, KINDS
from handeye.envs.tabletop.long.sampling import LongSample, sample_long_goal

__all__ = [
    "FAMILIES",
    "FAMILY_OF",
    "KINDS",
    "Clause",
    "Condition",
    "Layout",
    "LongGoal",
    "LongSample",
    "Start",
    "sample_long_goal",
]
