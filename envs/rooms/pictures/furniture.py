"""What stands and hangs in an apartment as meshes: a few boxes and octagonal frusta per kind.

A piece's frame has its origin on the floor in the middle of its footprint and its front at +x; a
wall piece's lies on the wall in its middle, +x into the room. The paint "" is the piece's colour,
"dark" a shade of it, every other one is the same in all apartments.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from handeye.envs.rendering.rasterizer import Mesh
from handeye.envs.rooms.apartments.apartment import PIECES
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES
from handeye.envs.rooms.scene.scene import WALL_PIECE_DEPTH_M


class PaintedBox(NamedTuple):
    """A box between two corners, m."""

    paint: str
    low_m: tuple[float, float, float]
    high_m: tuple[float, float, float]


class Frustum(NamedTuple):
    """An upright octagonal frustum about the piece's middle; its radii are those of the sides."""

    paint: str
    low_m: float
    low_radius_m: float
    high_m: float
    high_radius_m: float


Solid = PaintedBox | Frustum
STURDY, SLIM = 0.06, 0.035  # thickness of legs, m
FRAME_M = {"window": 0.11, "picture": 0.05}
OWN_PAINTS = ("", "dark", "front")  # of each thing; all others are in FIXED_PAINTS
FIXED_PAINTS: dict[str, tuple[float, float, float]] = {
    "white": (0.93, 0.93, 0.91),
    "metal": (0.66, 0.67, 0.69),
    "black": (0.12, 0.12, 0.13),
    "leaf": (0.27, 0.36, 0.20),
    "soil": (0.24, 0.20, 0.17),
    "glow": (0.98, 0.96, 0.88),
    "pane": (0.86, 0.92, 0.96),
}
BOX_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
BOX_QUADS = ((4, 6, 7, 5), (0, 1, 3, 2), (2, 3, 7, 6), (0, 4, 5, 1), (1, 5, 7, 3), (0, 2, 6, 4))
OCTAGON_CAP = ((0, 1, 2, 3), (0, 3, 4, 7), (4, 5, 6, 7))


def quads_mesh(corners_m: ArrayLike, paints: ArrayLike) -> Mesh:
    """Flat quads (Q, 4, 3), counter-clockwise seen from outside, and each one's paint (Q,)."""
    corners = np.asarray(corners_m, dtype=np.float64)
    normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    first = 4 * np.arange(len(corners), dtype=np.int32)[:, None, None]
    faces = first + np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    return Mesh(
        corners.reshape(-1, 3).astype(np.float32),
        np.repeat(normals, 4, axis=0).astype(np.float32),
        faces.reshape(-1, 3),
        np.repeat(np.asarray(paints, dtype=np.int32), 2),
    )


class Model(NamedTuple):
    """A kind's mesh.

    Attributes:
        mesh: in the piece's frame.
        faces: (F, 4) int32 vertices and paint of each triangle.
        paints: names of the paints.
    """

    mesh: Mesh
    faces: NDArray[np.int32]
    paints: tuple[str, ...]


@lru_cache(maxsize=len(PIECES) + len(WALL_PIECES))
def model_of(kind: str) -> Model:
    """The mesh of a kind of furniture or wall piece; it fills its box exactly.

    What lies on the floor has no underside: no camera of ours looks from there. The paint "front"
    of a picture or sign is what carries the picture or the text.
    """
    if kind in WALL_PIECES:
        size = WALL_PIECES[kind]
        solids = _hung(kind, size.width_m / 2, size.height_m / 2, WALL_PIECE_DEPTH_M)
    else:
        depth, width, height = PIECES[kind]
        solids = FURNITURE[kind](depth / 2, width / 2, height)
    paints = tuple(dict.fromkeys(solid.paint for solid in solids))
    shapes = [_box_quads(s) if isinstance(s, PaintedBox) else _frustum_quads(s) for s in solids]
    numbers = [np.full(len(q), paints.index(s.paint)) for q, s in zip(shapes, solids, strict=True)]
    corners, paint = np.concatenate(shapes), np.concatenate(numbers)
    seen = (corners[:, :, 2] != 0.0).any(axis=1)  # not what lies on the floor
    mesh = quads_mesh(corners[seen], paint[seen])
    return Model(mesh, np.column_stack([mesh.faces, mesh.paint_of_face]), paints)


def _hung(kind: str, y: float, z: float, x: float) -> list[Solid]:
    """A window, picture or sign of half sizes y, z that stands out of the wall by x."""
    if kind == "sign":
        return [PaintedBox("front", (0.0, -y, -z), (x, y, z))]
    frame = FRAME_M[kind]
    a, b = y - frame, z - frame
    solids: list[Solid] = [
        PaintedBox("", (0.0, -y, -z), (x, y, -b)),
        PaintedBox("", (0.0, -y, b), (x, y, z)),
        PaintedBox("", (0.0, -y, -b), (x, -a, b)),
        PaintedBox("", (0.0, a, -b), (x, y, b)),
        PaintedBox("pane" if kind == "window" else "front", (0.0, -a, -b), (0.5 * x, a, b)),
    ]
    if kind == "window":
        bar = frame / 4
        solids += [
            PaintedBox("", (0.0, -bar, -b), (x, bar, b)),
            PaintedBox("", (0.0, -a, -bar), (x, a, bar)),
        ]
    return solids


def _box_quads(box: PaintedBox) -> NDArray[np.float64]:
    low, high = np.array(box.low_m), np.array(box.high_m)
    return (low + BOX_CORNERS * (high - low))[np.array(BOX_QUADS)]


def _frustum_quads(frustum: Frustum) -> NDArray[np.float64]:
    angle = (np.arange(8) + 0.5) * np.pi / 4
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1) / np.cos(np.pi / 8)
    low, high = (
        np.column_stack([radius * circle, np.full(8, z)])
        for z, radius in (
            (frustum.low_m, frustum.low_radius_m),
            (frustum.high_m, frustum.high_radius_m),
        )
    )
    after = np.roll(np.arange(8), -1)
    sides = np.stack([low, low[after], high[after], high], axis=1)
    cap = np.array(OCTAGON_CAP)
    return np.concatenate([sides, high[cap], low[cap[:, ::-1]]])


def _legs(x: float, y: float, top_m: float, side_m: float, paint: str) -> list[Solid]:
    """Four legs in the corners of a footprint of half sizes x, y."""
    return [
        PaintedBox(paint, (a, b, 0.0), (a + side_m, b + side_m, top_m))
        for a in (-x, x - side_m)
        for b in (-y, y - side_m)
    ]


def _chair(x: float, y: float, z: float) -> list[Solid]:
    return [
        *_legs(x, y, 0.43, SLIM, "dark"),
        PaintedBox("", (-x, -y, 0.43), (x, y, 0.48)),
        PaintedBox("", (-x, -y, 0.48), (-x + 0.05, y, z)),
    ]


def _table(x: float, y: float, z: float) -> list[Solid]:
    return [*_legs(x, y, z - 0.06, STURDY, "dark"), PaintedBox("", (-x, -y, z - 0.06), (x, y, z))]


def _desk(x: float, y: float, z: float) -> list[Solid]:
    return [
        PaintedBox("", (-x, -y, z - 0.04), (x, y, z)),
        PaintedBox("dark", (-x, -y, 0.0), (x - 0.03, -y + 0.40, z - 0.04)),
        *(
            PaintedBox("", (x - 0.03, -y + 0.03, low), (x - 0.01, -y + 0.37, low + 0.19))
            for low in (0.06, 0.28, 0.50)
        ),
        PaintedBox("dark", (-x, y - 0.04, 0.0), (x - 0.03, y, z - 0.04)),
        PaintedBox("dark", (-x, -y + 0.40, 0.35), (-x + 0.03, y - 0.04, z - 0.04)),
    ]


def _seat(x: float, y: float, z: float, cushions: int) -> list[Solid]:
    arm, seat = 0.17, 0.42
    step = (2 * y - 2 * arm) / cushions
    return [
        PaintedBox("dark", (-x, -y, 0.0), (x, y, 0.26)),
        PaintedBox("", (-x, -y, 0.26), (-x + 0.22, y, z)),
        PaintedBox("", (-x + 0.22, -y, 0.26), (x, -y + arm, 0.60)),
        PaintedBox("", (-x + 0.22, y - arm, 0.26), (x, y, 0.60)),
        *(
            PaintedBox("", (-x + 0.22, low + 0.01, 0.26), (x - 0.02, low + step - 0.01, seat))
            for low in (-y + arm + step * i for i in range(cushions))
        ),
    ]


def _bed(x: float, y: float, z: float) -> list[Solid]:
    return [
        PaintedBox("", (-x, -y, 0.0), (-x + 0.06, y, z)),
        PaintedBox("dark", (-x + 0.06, -y, 0.0), (x, y, 0.24)),
        PaintedBox("white", (-x + 0.06, -y + 0.03, 0.24), (x - 0.03, y - 0.03, 0.41)),
        PaintedBox("", (-x + 0.60, -y, 0.24), (x, y, 0.44)),
        PaintedBox("white", (-x + 0.12, -y + 0.15, 0.41), (-x + 0.48, -0.06, 0.49)),
        PaintedBox("white", (-x + 0.12, 0.06, 0.41), (-x + 0.48, y - 0.15, 0.49)),
    ]


def _cupboard(x: float, y: float, z: float) -> list[Solid]:
    """Two doors with handles on a dark carcass: cabinets and wardrobes."""
    middle = 0.55 * z
    return [
        PaintedBox("dark", (-x, -y, 0.0), (x - 0.05, y, z - 0.03)),
        PaintedBox("", (-x, -y, z - 0.03), (x, y, z)),
        *(
            PaintedBox("", (x - 0.05, low, 0.07), (x - 0.025, high, z - 0.05))
            for low, high in ((-y, -0.012), (0.012, y))
        ),
        *(
            PaintedBox("metal", (x - 0.025, at - 0.012, middle), (x, at + 0.012, middle + 0.14))
            for at in (-0.06, 0.06)
        ),
    ]


def _fridge(x: float, y: float, z: float) -> list[Solid]:
    return [
        PaintedBox("dark", (-x, -y, 0.0), (x - 0.08, y, z - 0.02)),
        PaintedBox("", (-x, -y, z - 0.02), (x - 0.03, y, z)),
        PaintedBox("", (x - 0.08, -y, 0.06), (x - 0.03, y, 1.16)),
        PaintedBox("", (x - 0.08, -y, 1.19), (x - 0.03, y, z - 0.04)),
        PaintedBox("metal", (x - 0.03, y - 0.10, 0.80), (x, y - 0.07, 1.10)),
        PaintedBox("metal", (x - 0.03, y - 0.10, 1.25), (x, y - 0.07, 1.50)),
    ]


def _lamp(x: float, y: float, z: float) -> list[Solid]:
    return [
        Frustum("dark", 0.0, 0.75 * x, 0.03, 0.70 * x),
        Frustum("metal", 0.03, 0.015, z - 0.38, 0.015),
        Frustum("glow", z - 0.39, 0.9 * x, z - 0.38, 0.9 * x),
        Frustum("", z - 0.38, x, z, 0.55 * x),
    ]


def _plant(x: float, y: float, z: float) -> list[Solid]:
    return [
        Frustum("", 0.0, 0.65 * x, 0.40, 0.95 * x),
        Frustum("", 0.40, x, 0.47, x),
        Frustum("soil", 0.47, 0.85 * x, 0.475, 0.85 * x),
        Frustum("leaf", 0.475, 0.12 * x, 0.60, 0.12 * x),
        Frustum("leaf", 0.56, 0.40 * x, 0.76, 0.90 * x),
        Frustum("leaf", 0.76, 0.90 * x, z, 0.15 * x),
    ]


def _shelf(x: float, y: float, z: float) -> list[Solid]:
    boards = np.linspace(0.0, z - 0.03, 5).tolist()
    return [
        PaintedBox("dark", (-x, -y, 0.0), (-x + 0.02, y, z)),
        PaintedBox("", (-x + 0.02, -y, 0.0), (x, -y + 0.04, z)),
        PaintedBox("", (-x + 0.02, y - 0.04, 0.0), (x, y, z)),
        *(PaintedBox("", (-x + 0.02, -y + 0.04, b), (x, y - 0.04, b + 0.03)) for b in boards),
        PaintedBox(
            "white", (-x + 0.02, -y + 0.06, boards[1] + 0.03), (x - 0.06, -0.05, boards[1] + 0.28)
        ),
        PaintedBox(
            "black", (-x + 0.02, 0.10, boards[2] + 0.03), (x - 0.08, y - 0.08, boards[2] + 0.26)
        ),
        PaintedBox(
            "white", (-x + 0.02, -0.20, boards[3] + 0.03), (x - 0.07, 0.08, boards[3] + 0.24)
        ),
    ]


def _sink(x: float, y: float, z: float) -> list[Solid]:
    return [
        PaintedBox("", (-x + 0.02, -y + 0.02, 0.0), (x - 0.03, y - 0.02, 0.72)),
        PaintedBox("white", (-x, -y, 0.72), (x, y, 0.80)),
        PaintedBox("metal", (-x + 0.17, -y + 0.10, 0.80), (x - 0.08, y - 0.10, 0.803)),
        PaintedBox("", (-x, -y, 0.80), (-x + 0.04, y, z - 0.04)),
        PaintedBox("metal", (-x + 0.05, -0.02, 0.80), (-x + 0.09, 0.02, z)),
        PaintedBox("metal", (-x + 0.09, -0.015, z - 0.03), (-x + 0.24, 0.015, z)),
    ]


def _stove(x: float, y: float, z: float) -> list[Solid]:
    rings = [(a, b) for a in (-0.14, 0.14) for b in (-0.14, 0.14)]
    return [
        PaintedBox("", (-x, -y, 0.0), (x - 0.02, y, z - 0.02)),
        PaintedBox("black", (-x, -y, z - 0.02), (x - 0.02, y, z - 0.005)),
        *(
            PaintedBox("metal", (a - 0.09, b - 0.09, z - 0.005), (a + 0.09, b + 0.09, z))
            for a, b in rings
        ),
        PaintedBox("black", (x - 0.02, -y + 0.08, 0.25), (x - 0.01, y - 0.08, 0.60)),
        PaintedBox("metal", (x - 0.02, -y + 0.08, 0.64), (x, y - 0.08, 0.67)),
    ]


def _toilet(x: float, y: float, z: float) -> list[Solid]:
    return [
        PaintedBox("", (-x, -y, 0.36), (-x + 0.20, y, z)),
        PaintedBox("", (-x, -0.6 * y, 0.0), (x - 0.16, 0.6 * y, 0.36)),
        PaintedBox("", (-x + 0.20, -0.9 * y, 0.25), (x, 0.9 * y, 0.40)),
        PaintedBox("white", (-x + 0.21, -0.85 * y, 0.40), (x - 0.02, 0.85 * y, 0.43)),
        PaintedBox("metal", (-x + 0.20, -0.10, 0.68), (-x + 0.22, -0.02, 0.72)),
    ]


def _bathtub(x: float, y: float, z: float) -> list[Solid]:
    wall, lining, low = 0.07, 0.01, 0.16
    a, b = x - wall, y - wall
    return [
        PaintedBox("", (-x, -y, 0.0), (-a, y, z)),
        PaintedBox("", (a, -y, 0.0), (x, y, z)),
        PaintedBox("", (-a, -y, 0.0), (a, -b, z)),
        PaintedBox("", (-a, b, 0.0), (a, y, z)),
        PaintedBox("white", (-a, -b, 0.0), (a, b, low)),
        PaintedBox("white", (-a, -b, low), (-a + lining, b, z - 0.02)),
        PaintedBox("white", (a - lining, -b, low), (a, b, z - 0.02)),
        PaintedBox("white", (-a, -b, low), (a, -b + lining, z - 0.02)),
        PaintedBox("white", (-a, b - lining, low), (a, b, z - 0.02)),
        PaintedBox("metal", (-a + 0.01, -0.03, z - 0.14), (-a + 0.14, 0.03, z - 0.10)),
    ]


def _crate(x: float, y: float, z: float) -> list[Solid]:
    """A closed carton with a strip of tape."""
    return [
        PaintedBox("", (-x, -y, 0.0), (x, y, z - 0.004)),
        PaintedBox("dark", (-x, -0.04, z - 0.004), (x, 0.04, z)),
    ]


FURNITURE = {
    "armchair": lambda x, y, z: _seat(x, y, z, 1),
    "bathtub": _bathtub,
    "bed": _bed,
    "box": _crate,
    "cabinet": _cupboard,
    "chair": _chair,
    "desk": _desk,
    "fridge": _fridge,
    "lamp": _lamp,
    "plant": _plant,
    "shelf": _shelf,
    "sink": _sink,
    "sofa": lambda x, y, z: _seat(x, y, z, 2),
    "stove": _stove,
    "table": _table,
    "toilet": _toilet,
    "wardrobe": _cupboard,
}
"""Kind -> the solids that make it, from half its depth, half its width and its height (m)."""
