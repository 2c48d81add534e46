"""Instructions one after the other: the world goes on, and whoever acts is reset for each.

A chain ends with the first instruction that fails, or with its last one.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

import gymnasium

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.tabletop.chains import ChainTask
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.records.chain import ChainRecord, SubtaskRecord


class Carried(Protocol):
    """The end of one instruction.

    Attributes:
        info: the environment's last.
        steps: actions.
    """

    @property
    def info(self) -> dict[str, Any]:
        """The environment's last."""

    @property
    def steps(self) -> int:
        """Actions."""


CarriedT = TypeVar("CarriedT", bound=Carried)


class Onward(gymnasium.Wrapper[Any, Any, Any, Any]):
    """A chain's environment whose `reset` gives the next instruction."""

    def __init__(self, env: TabletopEnv) -> None:
        super().__init__(env)
        self._table = env

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Go on; seed and options are the chain's, and were used at its start."""
        return self._table.go_on()


def carry_out(
    env: InstructedEnv, run: Callable[[gymnasium.Env[Any, Any]], CarriedT]
) -> tuple[list[CarriedT], ChainRecord | None]:
    """Run an episode: one instruction or, where the task is a chain, several.

    Args:
        env: where.
        run: resets the environment that it is given and carries out its instruction.

    Returns:
        Every run, and the chain's record; None where it is none.
    """
    results = [run(env)]
    if not isinstance(env, TabletopEnv) or not isinstance(env.task, ChainTask):
        return results, None
    tasks = tuple(goal.task for goal in env.task.chain.goals)
    subtasks = [_subtask(env, results[0].info)]
    while subtasks[-1].success and len(subtasks) < len(tasks):
        results.append(run(Onward(env)))
        subtasks.append(_subtask(env, results[-1].info))
    return results, ChainRecord(tasks, tuple(subtasks))


def whole(infos: list[dict[str, Any]], chain: ChainRecord | None) -> dict[str, Any]:
    """Return the last of an episode's infos; of a chain with what counts all its instructions."""
    info = infos[-1]
    if chain is None:
        return info
    return {
        **info,
        "goal_conditions": (chain.done, len(chain.tasks)),
        "goal_reached": chain.done + 1 >= len(chain.tasks) and info["goal_reached"],
        "path_length_m": sum(one["path_length_m"] for one in infos),
    }


def _subtask(env: TabletopEnv, info: Mapping[str, Any]) -> SubtaskRecord:
    return SubtaskRecord(
        task=str(info["kind"]),
        instruction=env.instruction,
        success=bool(info["is_success"]),
        goal_reached=bool(info["goal_reached"]),
        side_effects=tuple(info["side_effects"]),
        events=tuple(info["events"]),
        ended_by=str(info["ended_by"]),
        steps=int(info["steps"]),
    )
