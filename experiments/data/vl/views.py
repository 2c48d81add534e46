"""What a frame shows, for whoever speaks about it: facts, names, boxes, visible shares."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rendering import rasterizer
from handeye.envs.rendering.raster_kernels import FACE_START
from handeye.experiments.data.vl.examples import Box, Frame, SeenThing, VlExample
from handeye.experiments.labels.scene_facts import RELATIONS, Facts, VisibleObject
from handeye.experiments.labels.scene_nouns import Wordlist

HANDLE_OF = ".handle"
BOX_DIGITS = 4


class View(NamedTuple):
    """A frame as those see it who know the simulator.

    Attributes:
        frame: what is stored; `frame.things[i]` is `facts.things[i]`.
        facts: N things in view.
        faint: things of which the frame shows too few pixels to be sure.
        words: what may be named.
    """

    frame: Frame
    facts: Facts
    faint: Facts
    words: Wordlist

    def example(
        self,
        kind: str,
        about: str,
        question: str,
        answer: str,
        indices: Sequence[int] = (),
        *,
        wrong: str = "",
        before: tuple[tuple[str, str], ...] = (),
    ) -> VlExample:
        """Return an example about this frame; `indices` are of the things it names or boxes."""
        named = [self.frame.things[index] for index in indices]
        bodies, boxes = tuple(one.name for one in named), tuple(one.box for one in named)
        return VlExample(kind, about, question, answer, (self.frame,), bodies, boxes, wrong, before)


def seen_things(
    facts: Facts, names: Sequence[str], shares: Mapping[str, float]
) -> tuple[SeenThing, ...]:
    """Return what `Frame.things` holds.

    Args:
        facts: of the frame.
        names: of its N things.
        shares: visible share by name.
    """
    return tuple(
        SeenThing(name, *thing, box_of(mask), round(shares[name], 3))
        for name, thing, mask in zip(names, facts.things, facts.masks, strict=True)
    )


def box_of(mask: NDArray[np.bool_]) -> Box:
    """Return the box around a mask (H, W).

    Raises:
        ValueError: the mask is empty.
    """
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        raise ValueError("a box is asked for around a mask without a pixel")
    height, width = mask.shape
    x0, x1 = columns[0] / width, (columns[-1] + 1) / width
    y0, y1 = rows[0] / height, (rows[-1] + 1) / height
    corners = (round(float(value), BOX_DIGITS) for value in (x0, y0, x1, y1))
    return next(zip(corners, corners, corners, corners, strict=True))


def visible_shares(
    view: rasterizer.View, segmentation: NDArray[np.int32], bodies: Sequence[int]
) -> list[float]:
    """Return the share of each body's pixels that nothing hides, of those within the frame.

    Args:
        view: the whole picture.
        segmentation: (H, W) what it shows.
        bodies: body numbers.
    """
    if not bodies:
        return []
    alone = rasterizer.rasterize([_only(view, body) for body in bodies]).segmentation
    pairs = zip(bodies, alone, strict=True)
    return [
        min(1.0, float((segmentation == body).sum() / max(1, (own == body).sum())))
        for body, own in pairs
    ]


def _only(view: rasterizer.View, body: int) -> rasterizer.View:
    """The picture with nothing in it but one body."""
    geometry = view.geometry
    material = geometry.faces[geometry.parts[:, FACE_START], 3]
    own = geometry.bodies[material] == body
    parts, spheres = geometry.parts[own], geometry.spheres[own]
    return replace(view, geometry=replace(geometry, parts=parts, spheres=spheres))


def facts_without_places(things: Sequence[VisibleObject]) -> Facts:
    """Return things of which nothing is known but their properties."""
    count = len(things)
    related = np.zeros((len(RELATIONS), count, count), np.bool_)
    nowhere: NDArray[Any] = np.zeros(count)
    return Facts(tuple(things), related, nowhere, nowhere, nowhere, np.zeros((count, 1, 1), bool))
