"""The suite `rooms-long` without geometry: homes, goals and words; fast enough for traces."""

from handeye.envs.long_rooms.goals import Condition, LongGoal, Subgoal
from handeye.envs.long_rooms.home import Home, home_of, sample_home
from handeye.envs.long_rooms.naming import exact_words
from handeye.envs.long_rooms.sampling import KINDS, Sample, sample_long_goal

__all__ = [
    "KINDS",
    "Condition",
    "Home",
    "LongGoal",
    "Sample",
    "Subgoal",
    "exact_words",
    "home_of",
    "sample_home",
    "sample_long_goal",
]
