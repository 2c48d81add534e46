"""The protocol of what tools see an apartment with: eyes that name objects, rooms and signs."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from handeye.agents.sight.rooms_words import RoomWords
from handeye.perception.mapping.ego_camera import EgoPose


class SeenObject(NamedTuple):
    """A thing in a frame.

    Attributes:
        kinds: odds of each kind of `RoomWords` (K,), in its order.
        colours: odds of each colour (C,).
        mask: (H, W) bool, the pixels that show it.
        identity: tells it from all others.
    """

    kinds: NDArray[np.float32]
    colours: NDArray[np.float32]
    mask: NDArray[np.bool_]
    identity: str


class Sight(NamedTuple):
    """The contents of one frame.

    Attributes:
        things: in the frame, of an eye that tells each from all others.
        rooms: (rows, columns, R) odds that what each spot of a coarse picture shows lies in a room.
        looks: (rows, columns, K + C) of an eye that guesses: odds that each spot shows a thing of
            each kind, and a thing of each colour; in place of `things`.
    """

    things: list[SeenObject]
    rooms: NDArray[np.float32]
    looks: NDArray[np.float32] | None = None


class RoomPerception(Protocol):
    """An observation -> what it shows. The simulator's truth and learned eyes fit.

    Attributes:
        perception_id: for records.
        guesses: whether a look may be wrong. The robot then goes through a home before it looks
            for anything there, and decides from all looks together what is where.
        words: how people call what it knows.
        kinds: their names, in the order of odds.
        colours: likewise.
        rooms: likewise; a home has one of each at most.
        sizes_m: (K, 2) the shorter and the longer side of each kind, seen from above; nan for
            kinds of many sizes.
    """

    perception_id: str
    guesses: bool
    words: RoomWords
    kinds: tuple[str, ...]
    colours: tuple[str, ...]
    rooms: tuple[str, ...]
    sizes_m: NDArray[np.float64]

    def see(self, observation: Mapping[str, Any]) -> Sight:
        """Things and rooms in the frame."""

    def read(self, observation: Mapping[str, Any], pose: EgoPose) -> list[str]:
        """Return what the signs in the frame say, as far as they can be read; the nearest first."""
