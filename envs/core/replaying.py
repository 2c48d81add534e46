"""Environments made once more: copies and pickles, and the specs from which Gymnasium makes them.

Physics engines cannot save contacts exactly; running the actions again from the reset can.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from gymnasium.envs.registration import EnvSpec

from handeye.envs.core.oracle_action import Claim
from handeye.envs.core.task import InstructedTask

History = tuple[int, dict[str, Any], list[Any]]


class Finish(NamedTuple):
    """The end of an episode from outside, in the place of an action: what was said."""

    answer: str
    claim: Claim


class Question(NamedTuple):
    """A question to the user, in the place of an action."""

    words: str


def done_again(
    made_of: Callable[..., Any],
    settings: dict[str, Any],
    history: History | None,
    kept: dict[str, Any],
) -> Any:
    """Return an environment that has done what another one did.

    Args:
        made_of: class of both.
        settings: arguments of its constructor.
        history: seed, reset options and actions since; None: it was never reset.
        kept: attributes of the other one that no action makes, such as its random generator.
    """
    env = made_of(**settings)
    if history is not None:
        env.replay(*history)
    vars(env).update(kept)
    return env


def with_budget(
    spec: EnvSpec | None, wanted: int | None, tasks: Sequence[InstructedTask], action_mode: str
) -> EnvSpec | None:
    """Return `spec` with `max_episode_steps`: the budget wanted, else that of all tasks if they
    have the same whatever the goal, else None.

    Gymnasium's registry does not hold the number: its TimeLimit would cut episodes of other
    settings short, and call a success in the last step truncated as well.
    """
    if spec is None:
        return None
    budgets = {
        task.step_budget[action_mode]
        if type(task).max_steps is InstructedTask.max_steps
        else None  # it differs from goal to goal
        for task in tasks
    }
    spec = copy.copy(spec)
    spec.max_episode_steps = wanted or (budgets.pop() if len(budgets) == 1 else None)
    return spec
