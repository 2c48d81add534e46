"""An example: words about frames of an episode, with the truth of what those frames show.

    vqa             what colour is the star left of the bowl      -> blue
    refer           where is the handle of the green drawer       -> <box>
    refer           what is at <box>                              -> the small red block
    caption         (nothing is asked)                            -> the star is in the cyan cup

Frames are not stored: a `Frame` says of which state and by which camera it is to be drawn.
"""

from dataclasses import dataclass
from typing import NamedTuple

BOX = "<box>"
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in shares of the frame's width and height; x to the right, y down."""


class SeenThing(NamedTuple):
    """A thing that a frame shows.

    Attributes:
        name: of the thing in its scene; a drawer's handle is "<name>.handle".
        kind, colour, size, state: as `scene_facts.VisibleObject` has them, "" for none.
        box: around its pixels.
        share: of the pixels that would show it if nothing stood before it.
    """

    name: str
    kind: str
    colour: str
    size: str
    state: str
    box: Box
    share: float


class Frame(NamedTuple):
    """One frame of an episode and the truth of what is in view.

    Attributes:
        episode: number in its dataset.
        time: which of the episode's states.
        camera: "front" or "overhead" of a table, "ego" in an apartment.
        turn_rad: how far the base is turned from its recorded heading, in an apartment.
        room: kind of the room in which the base stands, "" at a table.
        things: everything in view.
    """

    episode: int
    time: int
    camera: str
    turn_rad: float
    room: str
    things: tuple[SeenThing, ...]


@dataclass(frozen=True)
class VlExample:
    """Words about frames; what `answer` says is always true.

    Where question, answer or the turns before hold `BOX`, each stands for the next of `boxes`;
    otherwise the boxes are those of the things named.

    Attributes:
        kind: of `kinds.KINDS`, such as "vqa".
        about: what within its kind, such as "colour".
        question: what is asked, "" where nothing is.
        answer: the true answer.
        frames: one frame, or several in the order of time.
        bodies: names of things, one for each box.
        boxes: in the last of the frames.
        wrong: the answer with one word changed so that it is false; "" unless a hard negative.
        before: earlier turns of a dialogue, (question, answer) each.
    """

    kind: str
    about: str
    question: str
    answer: str
    frames: tuple[Frame, ...]
    bodies: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()
    wrong: str = ""
    before: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse an example whose words and boxes do not fit together."""
        spoken = [part for turn in self.before for part in turn]
        marked = " ".join([*spoken, self.question, self.answer]).count(BOX)
        if len(self.bodies) != len(self.boxes) or marked not in (0, len(self.boxes)):
            raise ValueError(
                f"{self.kind} example with {len(self.bodies)} names, {len(self.boxes)} boxes and "
                f"{marked} times {BOX}; give a name and a box for each"
            )
        if not self.answer or not self.frames:
            raise ValueError(f"a {self.kind} example needs an answer and a frame")
