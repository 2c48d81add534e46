"""A tabletop as its tools share it: a robot, eyes, what the hand holds, and places measured."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.conversation import Image
from handeye.agents.core.result_text import HAND_EMPTY
from handeye.agents.core.tools import CannotDo
from handeye.agents.sight.perception import CAMERA, Perception
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.skills import Grip, go_home
from handeye.agents.tools.tool_context import Listed, only
from handeye.perception.mapping.camera_geometry import STANDING_CAMERAS, Measured, measure

AWAY_X_M = 0.34  # An arm that reaches farther out hides objects from the camera.


class Found(NamedTuple):
    """A detection with its place."""

    name: str
    score: float
    place: Measured

    @property
    def described(self) -> str:
        """Name and place in words."""
        return f"{self.name} at x={self.place.x_m:.3f} y={self.place.y_m:.3f} m"

    def as_data(self) -> dict[str, Any]:
        """Return name and place as plain values, to the millimetre as they are told in words."""
        x_m, y_m = round(float(self.place.x_m), 3), round(float(self.place.y_m), 3)
        return {"name": self.name, "x_m": x_m, "y_m": y_m}


def nothing_in_view(words: str) -> str:
    """Say that words fit nothing that is in view."""
    return f"nothing in view fits {words!r}; look, or use other words"


NOWHERE = ("", "", "")


@dataclass
class TabletopContext:
    """The world as tools have it: a robot, eyes, and what the hand holds.

    Attributes:
        robot: the only way to act.
        perception: the only way to see.
        grip: how something is held, None if nothing is.
        held: what it is called.
        picked: words by which it was picked.
        placed: words for what was put somewhere last, "in" or "on", and words for where; nothing
            once something has been moved since.
        handles: numbered things of earlier detections: "#3" -> what was found.
        remembered: what was in view when changes were last asked for.
    """

    robot: Robot
    perception: Perception
    grip: Grip | None = None
    held: str = ""
    picked: str = ""
    placed: tuple[str, str, str] = NOWHERE
    handles: dict[str, Found] = field(default_factory=dict)
    remembered: list[Found] | None = None
    _count: int = 0

    def clear_view(self) -> None:
        """Take the arm out of the picture, if it is in it."""
        if self.robot.tcp[0] > AWAY_X_M:
            go_home(self.robot)

    def find(self, words: str) -> list[Found]:
        """Everything in view that the words fit and that can be measured, surest first."""
        self.clear_view()
        points = self.points()
        seen = self.perception.detect(words, self.robot.observation, CAMERA)
        places = [(d, measure(points[d.mask])) for d in seen]
        return [Found(d.name, d.score, place) for d, place in places if place is not None]

    def points(self) -> NDArray[np.float64]:
        """(H, W, 3) where each pixel of the standing camera's frame is, m; NaN where unknown."""
        depth = self.robot.observation[f"depth_{CAMERA}"]
        return STANDING_CAMERAS[CAMERA].points(depth)

    def numbered(self, found: Sequence[Found]) -> Listed:
        """Give each a handle by which later calls can name it."""
        lines, objects = [], []
        for thing in found:
            self._count += 1
            handle = f"#{self._count}"
            self.handles[handle] = thing
            lines.append(f"{handle} {thing.described}")
            objects.append({"handle": handle, **thing.as_data()})
        return Listed("; ".join(lines), objects)

    @property
    def hand(self) -> dict[str, str]:
        """Return what the hand holds, as data of a result."""
        return {"held": self.held if self.grip else ""}

    def forget(self, words: str) -> None:
        """The thing of words, or of a handle, has moved."""
        self.handles.pop(words, None)
        self.placed = NOWHERE

    def take(self, words: str, grip: Grip, name: str) -> None:
        """The hand holds what words mean, so, which is called a name."""
        self.grip, self.held, self.picked = grip, name, words

    def leave(self, relation: str = "", base: str = "") -> None:
        """The hand is empty: what it held is "in" or "on" what words mean, or anywhere."""
        self.placed = (self.picked, relation, base) if relation else NOWHERE
        self.grip, self.held, self.picked = None, "", ""

    def one(self, words: str) -> Found:
        """The one thing that words, or a handle such as "#3", mean.

        Raises:
            CannotDo: they fit nothing in view, or several things.
        """
        if words.startswith("#"):
            if words not in self.handles:
                raise CannotDo(f"{words} is no handle any more; detect it again", "unknown_words")
            return self.handles[words]
        return only(words, self.find(words), self.numbered, nothing_in_view(words))

    def out_of_sight(self, words: str) -> bool:
        """Return whether words fit nothing that is in view."""
        return not words.startswith("#") and not self.find(words)

    def in_hand(self) -> Grip:
        """Return how the hand holds what it holds.

        Raises:
            CannotDo: it holds nothing.
        """
        if self.grip is None:
            raise CannotDo(HAND_EMPTY, "hand_empty", held="")
        return self.grip

    def picture(self) -> Image:
        """The frame of the standing camera, now."""
        said = f"the table seen by the {CAMERA} camera; image right is the user's right"
        return Image(np.asarray(self.robot.observation[f"rgb_{CAMERA}"]), said)
