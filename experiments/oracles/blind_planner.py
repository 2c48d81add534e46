"""A baseline that plans without reading: the expert's plan for a goal that it guesses."""

from collections.abc import Sequence

import numpy as np

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Step
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.actors.load_policy import BLIND_GUESS
from handeye.experiments.oracles.oracle_planner import OraclePlanner
from handeye.experiments.oracles.plan_specs import assignment_of


class BlindPlanner:
    """Skill and sight are the expert's, so whoever does no better than this does not read.

    Args:
        env: where it acts; it reads which goals the scene offers.
    """

    planner_id = "blind (baseline: guesses the goal)"
    usage = Usage()

    def __init__(self, env: TabletopEnv) -> None:
        self._env = env

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Guess one of the scene's goals; its own words replace the instruction."""
        env = self._env
        rng = np.random.default_rng([seed, BLIND_GUESS, *env.task.name.encode()])
        guess = int(rng.integers(len(env.goals)))
        self._expert = OraclePlanner(assignment_of(env, guess))
        self._expert.reset(env.words_for(guess), tools, seed)

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """The expert's next call towards the guessed goal."""
        return self._expert.next_call(history)
