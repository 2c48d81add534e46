"""One run of an episode on its way into a file."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.oracle_action import OracleAction


class AnyEpisode(Protocol):
    """A recorded episode of any suite."""

    @property
    def success(self) -> bool:
        """Whether the pursued goal was reached."""

    @property
    def proprio(self) -> NDArray[np.float32]:
        """(T + 1, P), a row per state."""

    def to_bytes(self) -> bytes:
        """The whole file."""


class Run(NamedTuple):
    """A run of one episode as it was recorded: T actions and the T + 1 states around them.

    Attributes:
        goals: indices of the G goals that states are labelled for; the first was pursued.
        words: each of those goals in words, several ways.
        states: T + 1 states.
        proprio: T + 1 rows.
        actions: T actions, noise included.
        labels: what the expert would do: G rows of T + 1.
        info: the last one.
        meta: provenance.
    """

    goals: list[int]
    words: list[tuple[str, ...]]
    states: list[Any]
    proprio: list[NDArray[np.float32]]
    actions: list[Any]
    labels: list[list[OracleAction]]
    info: dict[str, Any]
    meta: dict[str, Any]
