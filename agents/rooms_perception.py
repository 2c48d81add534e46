"""What tools see with in an apartment: an exchangeable eye that names things, rooms and signs."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from handeye.agents.rooms_words import RoomWords
from handeye.perception.ego_camera import EgoPose


class SeenThing(NamedTuple):
    """A thing in a frame.

    Attributes:
        kinds: odds of each kind of `RoomWords` (K,), in its order.
        colours: odds of each colour (C,).
        mask: (H, W) bool, the pixels that show it.
        identity: tells it from all others; "" where an eye cannot know that.
    """

    kinds: NDArray[np.float32]
    colours: NDArray[np.float32]
    mask: NDArray[np.bool_]
    identity: str = ""


class Sight(NamedTuple):
    """What one frame shows.

    Attributes:
        things: in the frame.
        rooms: (rows, columns, R) odds that what each spot of a coarse picture shows lies in a room.
    """

    things: list[SeenThing]
    rooms: NDArray[np.float32]


class RoomPerception(Protocol):
    """An observation -> what it shows. The simulator's truth and learned eyes fit."""

    perception_id: str
    words: RoomWords
    kinds: tuple[str, ...]
    colours: tuple[str, ...]
    rooms: tuple[str, ...]

    def see(self, observation: Mapping[str, Any]) -> Sight:
        """Things and rooms in the frame."""

    def read(self, observation: Mapping[str, Any], pose: EgoPose) -> list[str]:
        """What the signs in the frame say, as far as they can be read; the nearest first."""
