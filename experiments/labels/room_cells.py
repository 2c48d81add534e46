"""Labels of a frame of an apartment from the simulator: kind, colour and room of each spot."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.apartment import PIECES
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES
from handeye.envs.rooms.pictures.meshes import FIRST_THING_BODY
from handeye.envs.rooms.scene.ego_camera import ego_camera
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.perception.mapping.ego_camera import STRIDE_PX

THING_KINDS: tuple[str, ...] = (*PIECES, *WALL_PIECES)
COLOUR_NAMES: tuple[str, ...] = tuple(COLOURS)
INTO_ROOM_M = 0.05  # a point of a wall's surface belongs to the room in front of it


class SpotClasses(NamedTuple):
    """Classes (rows, columns) int64 of one picture; 0 is none, i + 1 the i-th name."""

    kinds: NDArray[np.int64]
    colours: NDArray[np.int64]
    rooms: NDArray[np.int64]


def spot_classes(
    scene: RoomScene, pose: BasePose, depth_m: NDArray[np.float32], bodies: NDArray[np.int32]
) -> SpotClasses:
    """Truth of each spot: that of the pixel in its middle.

    Args:
        scene: what is seen.
        pose: from where.
        depth_m: (H, W), see `rasterizer.Frames`.
        bodies: (H, W) segmentation.
    """
    half = STRIDE_PX // 2
    rows, columns = np.mgrid[half : len(bodies) : STRIDE_PX, half : bodies.shape[1] : STRIDE_PX]
    body, depth = bodies[rows, columns], depth_m[rows, columns]
    kinds, colours = _classes_of_bodies(scene)
    camera = ego_camera(pose, bodies.shape[1], bodies.shape[0])
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)
    points = camera.unproject(pixels, np.maximum(depth.ravel() - INTO_ROOM_M, 0.0))
    rooms = _rooms_of(scene, points).reshape(body.shape)
    return SpotClasses(
        np.where(body < 0, 0, kinds[body]),
        np.where(body < 0, 0, colours[body]),
        np.where(depth > 0, rooms, 0),
    )


def _classes_of_bodies(scene: RoomScene) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    nothing = [0] * FIRST_THING_BODY
    kinds = [1 + THING_KINDS.index(thing.kind) for thing in scene.things.values()]
    colours = [1 + COLOUR_NAMES.index(thing.colour) for thing in scene.things.values()]
    return np.array([*nothing, *kinds]), np.array([*nothing, *colours])


def _rooms_of(scene: RoomScene, points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Class (P,) of the room that each point (P, 3) lies in; 0 outside of all."""
    found = np.zeros(len(points), np.int64)
    for room in scene.apartment.rooms:
        x0, y0, x1, y1 = room.floor
        x, y = points[:, 0], points[:, 1]
        inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
        found[inside] = 1 + ROOM_KINDS.index(room.kind)
    return found


def stacked(classes: Sequence[SpotClasses]) -> SpotClasses:
    """Several pictures' truth as (B, rows, columns)."""
    return SpotClasses(*(np.stack(rows) for rows in zip(*classes, strict=True)))
