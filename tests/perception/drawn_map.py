"""Floor maps drawn by hand from the plan of an apartment, as if all of it had been seen."""

import math
from collections.abc import Sequence
from itertools import product

import numpy as np

from handeye.envs.rooms.apartments.apartment import Apartment
from handeye.envs.rooms.apartments.floor import Rect
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.perception.mapping.floor_map import FloorMap

FREE, STANDS = -3.0, 6.0  # evidence


def drawn_map(
    home: Apartment, start: BasePose, rooms: Sequence[str] = (), unseen: Sequence[Rect] = ()
) -> FloorMap:
    """A map in the frame of a start pose; channel k scores the floor of `rooms[k]` 1."""
    floor = FloorMap(channels=len(rooms))
    bounds = home.bounds
    for corner in product(bounds[::2], bounds[1::2]):
        floor.include(*on_map(start, *corner), margin_m=0.3)
    cells = np.argwhere(np.ones(floor.grid.shape, bool))
    points, cos, sin = floor.points_of(cells), math.cos(start.yaw_rad), math.sin(start.yaw_rad)
    world = points @ np.array([[cos, sin], [-sin, cos]]) + start.xy

    def within(rect: Rect) -> np.ndarray:
        low, high = np.array(rect[:2]), np.array(rect[2:])
        return ((world >= low) & (world <= high)).all(1).reshape(floor.grid.shape)

    for room in home.rooms:
        floor._evidence[within(room.floor)] = FREE
        floor._weights[within(room.floor)] = 1
        if room.kind in rooms:
            floor._scores[within(room.floor), rooms.index(room.kind)] = 1.0
    for piece in home.furniture:
        floor._evidence[within(piece.footprint)] = STANDS
    for wall in home.walls():
        floor._evidence[within(wall)] = STANDS
        floor._walls[within(wall)] = 4
    for rect in unseen:
        for seen in (floor._evidence, floor._walls, floor._weights):
            seen[within(rect)] = 0
    floor.images = 1
    return floor


def on_map(start: BasePose, x: float, y: float) -> tuple[float, float]:
    """A place of the world in the frame of the start pose."""
    cos, sin = math.cos(start.yaw_rad), math.sin(start.yaw_rad)
    dx, dy = x - start.x_m, y - start.y_m
    return cos * dx + sin * dy, cos * dy - sin * dx
