"""The suite `rooms-long` without geometry: homes, goals and words; fast enough for traces."""

from handeye.envs.rooms.long.goals import Condition, LongGoal, Subgoal
from handeye.envs.rooms.long.naming import exact_words
from handeye.envs.rooms.long.sampling import HELD_OUT_KINDS, KINDS, sample_long_goal
from handeye.envs.rooms.long.symbolic_home import SymbolicHome, home_of, sample_home

__all__ = [
    "HELD_OUT_KINDS",
    "KINDS",
    "Condition",
    "LongGoal",
    "Subgoal",
    "SymbolicHome",
    "exact_words",
    "home_of",
    "sample_home",
    "sample_long_goal",
]
