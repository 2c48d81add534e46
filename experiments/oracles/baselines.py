"""Baselines beside every policy and agent: the oracle, and its skill without the words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Step
from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.core.oracle_action import OracleAction
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.data.recorder import ONE_GOAL_MODES
from handeye.experiments.oracles.oracle_planner import OraclePlanner
from handeye.experiments.oracles.plan_specs import plan_spec_of
from handeye.policies.policy import Action

BLIND_GUESS = 0xB11D  # Purpose of the generator that guesses a goal.


class OraclePolicy:
    """The scripted oracle as a policy; it reads the simulator's state, never the instruction."""

    policy_id = "oracle"
    can_terminate = True

    def __init__(self, env: InstructedEnv) -> None:
        self._env = env
        self.action_mode: str | None = env.action_mode

    def reset(self, instruction: str, seed: int) -> None:
        """Nothing is kept between decisions."""

    def act(self, observation: Mapping[str, Any]) -> Action:
        """Return what the oracle does in the env's present state."""
        return _action(self._env.oracle_action())


class BlindPolicy:
    """The oracle's skill without the words: it acts on one of the scene's goals at random.

    A policy that ignores the words succeeds at most as often as `chance` says; this is the bar
    that reading has to clear.
    """

    policy_id = "blind"
    can_terminate = True

    def __init__(self, env: InstructedEnv) -> None:
        if env.action_mode in ONE_GOAL_MODES:
            raise ValueError(f"blind does not act in {env.action_mode}")
        self._env = env
        self.action_mode: str | None = env.action_mode

    def reset(self, instruction: str, seed: int) -> None:
        """Guess a goal of the scene that has just been set up."""
        env = self._env
        # Apart from the scene's own generators, and from task to task: one lucky seed is one.
        rng = np.random.default_rng([seed, BLIND_GUESS, *env.task.name.encode()])
        self._expert = env.expert(int(rng.integers(len(env.goals))))

    def act(self, observation: Mapping[str, Any]) -> Action:
        """Return the oracle's next action towards the guessed goal."""
        return _action(self._expert())


def _action(decided: OracleAction) -> Action:
    trace = {"subgoal": decided.subgoal}
    return Action(decided.values, decided.done, trace, decided.answer, decided.claim)


class BlindPlanner:
    """The oracle's plan for a goal that it guesses; whoever does no better does not read.

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
        self._expert = OraclePlanner(plan_spec_of(env, guess))
        self._expert.reset(env.words_for(guess), tools, seed)

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """Return the oracle's next call towards the guessed goal."""
        return self._expert.next_call(history)
