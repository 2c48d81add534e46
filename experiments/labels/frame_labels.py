"""Labels from the segmentation: where the referred objects are, and what fills each cell."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled
from handeye.envs.base.colours import COLOURS
from handeye.envs.tabletop.world.language import KIND_WORDS, SIZE_WORDS
from handeye.envs.tabletop.world.predicates import DIRECTIONS
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY, Scene
from handeye.envs.tabletop.world.shapes import KINDS, PRISMS

MIN_VISIBLE_PX = 4
MIN_CELL_SHARE = 0.08  # of a cell's pixels that an object must cover to be what is in the cell

# "small block", "large block", ... for what comes in two sizes, the bare kind for the rest.
SIZED_KINDS: tuple[str, ...] = tuple(
    f"{size} {kind}".strip() for kind in KINDS for size in (PRISMS.get(kind) or ("",))
)
COLOUR_NAMES: tuple[str, ...] = tuple(COLOURS)
RELATIONS: tuple[str, ...] = (*DIRECTIONS, "open", "close")


class FrameLabels(NamedTuple):
    """Truth of one frame for R referred objects; positions in [0, 1], x to the right, y down."""

    xy: NDArray[np.float32]  # (R, 2) centre of each object's visible mask
    visible: NDArray[np.float32]  # (R,) 1 where the mask has at least MIN_VISIBLE_PX pixels


def mask_centres(segmentation: NDArray[np.int32], bodies: NDArray[np.int64]) -> FrameLabels:
    """Centres of `bodies` (R,) in a segmentation (H, W); body -1 stands for "none"."""
    sums = _body_sums(segmentation, int(max(segmentation.max(), bodies.max(initial=0))) + 1)
    height, width = segmentation.shape
    counts = np.where(bodies >= 0, sums[bodies, 0], 0)
    visible = counts >= MIN_VISIBLE_PX
    centres = (sums[bodies, 1:] / np.maximum(counts, 1)[:, None] + 0.5) / (width, height)
    return FrameLabels(
        np.where(visible[:, None], centres, 0.5).astype(np.float32), visible.astype(np.float32)
    )


def cell_bodies(segmentation: NDArray[np.int32], cells: int) -> NDArray[np.int64]:
    """The object that covers most of each of cells x cells squares, or -1: robot, table, wall."""
    return _cell_bodies(segmentation, cells, MIN_CELL_SHARE, FIRST_OBJECT_BODY)


def cell_classes(
    bodies: NDArray[np.int64], scene: Scene
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sized kind and colour of each cell's body; class 0 is "nothing", i + 1 the i-th name."""
    named = [f"{o.size} {o.kind}".strip() for o in scene.objects]
    kinds = np.array([0, *(1 + SIZED_KINDS.index(name) for name in named)])
    colours = np.array([0, *(1 + COLOUR_NAMES.index(o.colour) for o in scene.objects)])
    objects = np.maximum(bodies - FIRST_OBJECT_BODY + 1, 0)
    return kinds[objects], colours[objects]


def named_classes(
    scene: Scene, referred: Sequence[int], words: Sequence[str], rows: int
) -> NDArray[np.bool_]:
    """Return the classes that words allow each referred object: (rows, 1 + kinds + 1 + colours).

    A property counts as named when one of its words is in the instruction; of one that is not, all
    classes are allowed.
    """
    spoken = set(words)
    kinds, colours = 1 + len(SIZED_KINDS), 1 + len(COLOUR_NAMES)
    allowed = np.ones((rows, kinds + colours), dtype=np.bool_)
    for row, item in zip(allowed, referred, strict=False):
        thing = scene.objects[item]
        if spoken & set(KIND_WORDS[thing.kind]):
            sized = spoken & set(SIZE_WORDS.get(thing.size, ()))
            sizes = [thing.size] if sized else ["", *SIZE_WORDS]
            names = {f"{size} {thing.kind}".strip() for size in sizes}
            row[:kinds] = [False, *(name in names for name in SIZED_KINDS)]
        if thing.colour in spoken:
            row[kinds:] = [False, *(name == thing.colour for name in COLOUR_NAMES)]
    return allowed


@compiled
def _body_sums(segmentation: NDArray[np.int32], bodies: int) -> NDArray[np.float64]:
    """Per body: pixels, sum of columns, sum of rows."""
    sums = np.zeros((bodies, 3))
    for row in range(segmentation.shape[0]):
        for column in range(segmentation.shape[1]):
            body = segmentation[row, column]
            if body >= 0:
                sums[body, 0] += 1
                sums[body, 1] += column
                sums[body, 2] += row
    return sums


@compiled
def _cell_bodies(
    segmentation: NDArray[np.int32], cells: int, share: float, first: int
) -> NDArray[np.int64]:
    size = segmentation.shape[0] // cells
    most = np.full((cells, cells), -1, dtype=np.int64)
    counts = np.zeros(segmentation.max() + 2, dtype=np.int64)
    for row in range(cells):
        for column in range(cells):
            counts[:] = 0
            best = share * size * size
            for y in range(row * size, (row + 1) * size):
                for x in range(column * size, (column + 1) * size):
                    counts[segmentation[y, x] + 1] += 1
            for body in range(first, len(counts) - 1):
                if counts[body + 1] >= best:
                    best = counts[body + 1]
                    most[row, column] = body
    return most
