"""From an apartment to the rasterizer's geometry: things, floors and the walls around every room.

Each room brings the surfaces that can be seen from inside it, up to the middle of its doorways: its
floor, and per side the wall with the half of the doorways' jambs. So what cannot be seen through a
doorway is left out room by room (`home_culling.py`). The ceiling is the rasterizer's ground.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rendering import raster_kernels as layout
from handeye.envs.rendering.rasterizer import Geometry
from handeye.envs.rooms.apartments.floor import WALL_HEIGHT_M, WALL_M, Edge, door_gap, inner_wall
from handeye.envs.rooms.apartments.wall_pieces import free_spans
from handeye.envs.rooms.pictures.furniture import OWN_PAINTS, model_of, quads_mesh
from handeye.envs.rooms.scene.scene import RoomScene

FLOOR_BODY, WALL_BODY, CEILING_BODY, FIRST_THING_BODY = 0, 1, 2, 3
NO_VECTORS, NO_FACES = np.zeros((0, 3), np.float32), np.zeros((0, 4), np.int32)
Point = tuple[float, float]
Corner = tuple[float, float, float]
Quad = tuple[Corner, Corner, Corner, Corner]


def thing_body(scene: RoomScene, name: str) -> int:
    """What a thing's pixels are called in the segmentation.

    Raises:
        KeyError: the scene has no such thing.
    """
    return FIRST_THING_BODY + list(scene.things).index(scene.things[name].name)


class HomeGeometry(NamedTuple):
    """An apartment as the rasterizer and the culling read it.

    Attributes:
        geometry: the packed parts.
        poses: (S, 7) float64, which move them.
        rooms: (P,) int32 room that each part is seen from.
        spheres: (P, 4) float64 bounding spheres in the world.
        floors: (R, 4) float64 the rooms' rectangles.
        doorways: (D, 7) float64, each door once from either side: the room that is left, the room
            that is entered, the axis of the wall's normal (0: x), +1 or -1 along it, where the wall
            stands, and the doorway's ends along the other axis.
    """

    geometry: Geometry
    poses: NDArray[np.float64]
    rooms: NDArray[np.int32]
    spheres: NDArray[np.float64]
    floors: NDArray[np.float64]
    doorways: NDArray[np.float64]


def home_geometry(scene: RoomScene) -> HomeGeometry:
    """The packed geometry of an apartment: the things in their order, then room after room.

    Things of one kind share their vertices. The paints of thing number i are "<i>." and
    "<i>.<detail>", those of room r are "floor.<r>" and "wall.<r>"; the others are names in
    `home_furniture.FIXED_PAINTS`.
    """
    rooms = scene.apartment.rooms
    gaps = [door_gap(rooms, door) for door in scene.apartment.doors]
    things, shell = _things(scene), _shell(scene, gaps)
    vertices, faces = len(things.vertices_m), len(things.faces)
    rows, shell_faces = shell.rows, shell.faces
    rows[:, layout.VERTEX_START : layout.VERTEX_STOP + 1] += vertices
    rows[:, layout.FACE_START : layout.FACE_STOP + 1] += faces
    rows[:, layout.POSE_SLOT] = len(things.rows)  # they stand still in the world
    shell_faces[:, 3] += len(things.paints)
    poses = np.vstack([things.poses, shell.poses])
    geometry = Geometry(
        np.concatenate([things.vertices_m, shell.vertices_m]),
        np.concatenate([things.normals, shell.normals]),
        np.concatenate([things.faces, shell_faces]),
        NO_VECTORS,
        NO_FACES,
        np.concatenate([things.rows, rows]),
        np.concatenate([things.spheres, shell.spheres]),
        np.concatenate([things.bodies, shell.bodies]),
        (*things.paints, *shell.paints),
        len(poses),
    )
    return HomeGeometry(
        geometry,
        poses,
        np.concatenate([things.rooms, shell.rooms]),
        np.concatenate([_moved(things.spheres, things.poses), shell.spheres]),
        np.array([room.floor for room in rooms]),
        _doorways(scene, gaps),
    )


class _Packed(NamedTuple):
    """Some parts as arrays, numbered from 0: (V, 3), (V, 3), (F, 4), (P, 9), (P, 4), ..."""

    vertices_m: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.int32]
    rows: NDArray[np.int32]
    spheres: NDArray[np.float64]
    rooms: NDArray[np.int32]
    poses: NDArray[np.float64]
    bodies: NDArray[np.int32]  # of each paint
    paints: tuple[str, ...]


def _things(scene: RoomScene) -> _Packed:
    home = scene.apartment
    kinds = [thing.kind for thing in scene.things.values()]
    models = {kind: model_of(kind) for kind in dict.fromkeys(kinds)}
    sizes = np.cumsum([0, *(len(model.mesh.vertices_m) for model in models.values())])
    range_of = dict(zip(models, pairwise(sizes.tolist()), strict=True))
    own = [models[kind] for kind in kinds]
    face_counts = np.array([len(model.faces) for model in own], dtype=np.int64)
    paint_counts = np.array([len(model.paints) for model in own], dtype=np.int64)
    faces = np.concatenate([NO_FACES, *(model.faces for model in own)])
    faces[:, 3] += np.repeat(np.cumsum(paint_counts) - paint_counts, face_counts).astype(np.int32)
    rows = np.zeros((len(own), layout.PART_COLUMNS), np.int32)
    ranges = np.array([range_of[kind] for kind in kinds]).reshape(-1, 2)
    rows[:, layout.VERTEX_START : layout.VERTEX_STOP + 1] = ranges
    rows[:, layout.FACE_STOP] = np.cumsum(face_counts)
    rows[:, layout.FACE_START] = rows[:, layout.FACE_STOP] - face_counts
    rows[:, layout.POSE_SLOT] = np.arange(len(own))
    poses = [_pose(piece.centre_m, 0.0, piece.quarter_turns) for piece in home.furniture]
    poses += [_pose(piece.centre_m, piece.centre_m[2], piece.facing) for piece in home.wall_pieces]
    return _Packed(
        np.concatenate([NO_VECTORS, *(model.mesh.vertices_m for model in models.values())]),
        np.concatenate([NO_VECTORS, *(model.mesh.normals for model in models.values())]),
        faces,
        rows,
        np.array([model.mesh.sphere for model in own]).reshape(-1, 4),
        np.array([thing.room for thing in scene.things.values()], dtype=np.int32),
        np.array(poses).reshape(-1, 7),
        np.repeat(FIRST_THING_BODY + np.arange(len(own)), paint_counts).astype(np.int32),
        tuple(
            thing_paint(index, paint) for index, model in enumerate(own) for paint in model.paints
        ),
    )


def thing_paint(index: int, paint: str) -> str:
    """What the paint of a model is called on thing number `index`."""
    return f"{index}.{paint}" if paint in OWN_PAINTS else paint


def _pose(xy: tuple[float, ...], z: float, quarter_turns: int) -> tuple[float, ...]:
    half = quarter_turns % 4 * math.pi / 4
    return xy[0], xy[1], z, 0.0, 0.0, math.sin(half), math.cos(half)


def _moved(spheres: NDArray[np.float64], poses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spheres (P, 4) of upright parts, each by its own pose."""
    turn = 2.0 * np.arctan2(poses[:, 5], poses[:, 6])
    cosine, sine = np.cos(turn), np.sin(turn)
    x, y, z, radius = spheres.T
    moved = [cosine * x - sine * y + poses[:, 0], sine * x + cosine * y + poses[:, 1]]
    return np.column_stack([*moved, z + poses[:, 2], radius])


def _shell(scene: RoomScene, gaps: list[Edge]) -> _Packed:
    """Floors and walls: of every room one part for the floor and one per side of its wall."""
    quads: list[Quad] = []
    counts, bodies, rooms = [], [], []
    for index, room in enumerate(scene.apartment.rooms):
        own = [g for g, d in zip(gaps, scene.apartment.doors, strict=True) if index in d.rooms]
        x0, y0, x1, y1 = room.floor
        sides = [[((x0, y0, 0.0), (x1, y0, 0.0), (x1, y1, 0.0), (x0, y1, 0.0))]]
        for facing in range(4):
            wall = inner_wall(room.floor, facing)
            here = [g for g in own if g.axis == wall.axis and abs(g.at_m - wall.at_m) < WALL_M]
            sides.append(_wall_quads(wall, facing, here))
        quads += [quad for side in sides for quad in side]
        counts += [len(side) for side in sides]
        bodies += [FLOOR_BODY, WALL_BODY]
        rooms += [index] * len(sides)
    stops = np.cumsum(counts)
    starts = (stops - counts).astype(np.int64)
    paint_of_part = np.repeat(np.arange(len(bodies)), [1, 4] * (len(bodies) // 2))
    mesh = quads_mesh(quads, np.repeat(paint_of_part, counts))
    local = mesh.faces - np.repeat(4 * starts, 2 * np.array(counts)).astype(np.int32)[:, None]
    rows = np.zeros((len(counts), layout.PART_COLUMNS), np.int32)
    rows[:, layout.VERTEX_START], rows[:, layout.VERTEX_STOP] = 4 * starts, 4 * stops
    rows[:, layout.FACE_START], rows[:, layout.FACE_STOP] = 2 * starts, 2 * stops
    corners: NDArray[np.float64] = np.array(quads)
    low = np.minimum.reduceat(corners.min(axis=1), starts, axis=0)
    high = np.maximum.reduceat(corners.max(axis=1), starts, axis=0)
    radius = 0.5 * np.linalg.norm(high - low, axis=1) + 1e-6
    return _Packed(
        mesh.vertices_m,
        mesh.normals,
        np.column_stack([local, mesh.paint_of_face]),
        rows,
        np.column_stack([0.5 * (low + high), radius]),
        np.array(rooms, dtype=np.int32),
        np.array([_pose((0.0, 0.0), 0.0, 0)]),
        np.array(bodies, dtype=np.int32),
        tuple(f"{name}.{r}" for r in range(len(bodies) // 2) for name in ("floor", "wall")),
    )


def _wall_quads(wall: Edge, facing: int, gaps: list[Edge]) -> list[Quad]:
    """A side of a room that faces `facing` quarter turns from +x, and its half of the jambs."""

    def point(at: float, along: float) -> Point:
        """Return the ground point `at` across the wall and `along` it, in metres."""
        return (at, along) if wall.axis == 0 else (along, at)

    into_room, along = ((1.0, 0.0), (0.0, 1.0)) if wall.axis == 0 else ((0.0, 1.0), (1.0, 0.0))
    if facing >= 2:
        into_room = (-into_room[0], -into_room[1])
    quads = [
        _upright(point(wall.at_m, low), point(wall.at_m, high), into_room)
        for low, high in free_spans(wall, [(gap.low_m, gap.high_m) for gap in gaps])
    ]
    for gap in gaps:
        for end, side in ((gap.low_m, 1.0), (gap.high_m, -1.0)):
            normal = (side * along[0], side * along[1])
            quads.append(_upright(point(wall.at_m, end), point(gap.at_m, end), normal))
    return quads


def _upright(a: Point, b: Point, normal: Point) -> Quad:
    """A quad of a wall over the line between two points of the floor, seen from `normal`."""
    if (b[1] - a[1]) * normal[0] - (b[0] - a[0]) * normal[1] < 0.0:
        a, b = b, a
    return (*a, 0.0), (*b, 0.0), (*b, WALL_HEIGHT_M), (*a, WALL_HEIGHT_M)


def _doorways(scene: RoomScene, gaps: list[Edge]) -> NDArray[np.float64]:
    rooms = scene.apartment.rooms
    rows = []
    for gap, door in zip(gaps, scene.apartment.doors, strict=True):
        for here, there in (door.rooms, door.rooms[::-1]):
            outwards = 1.0 if gap.at_m > rooms[here].floor.centre[gap.axis] else -1.0
            rows.append((here, there, gap.axis, outwards, gap.at_m, gap.low_m, gap.high_m))
    return np.array(rows, dtype=np.float64).reshape(-1, 7)
