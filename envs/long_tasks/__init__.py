"""Long-horizon instructions on the tabletop: kinds, goals as plain data, words."""

from handeye.envs.long_tasks.goal import Clause, Condition, Layout, LongGoal, Start
from handeye.envs.long_tasks.registry import FAMILIES, FAMILY_OF, KINDS
from handeye.envs.long_tasks.sample import LongSample, sample_long_goal

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
