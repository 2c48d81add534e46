"""Points all over the hand and over objects: what of them is where, not their centres alone."""

import numpy as np
from numpy.typing import NDArray

from handeye.envs.robots.kinematics import HAND, LEFT_FINGER, RIGHT_FINGER
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.collision import prism_outline
from handeye.envs.tabletop.world.scene import SceneObject

SPACING_M = 0.02  # at most, between neighbouring points
RING = np.arange(16) * 2 * np.pi / 16
Box = tuple[tuple[float, float, float], tuple[float, float, float]]  # centre and half extents, m
HAND_BOXES: dict[int, tuple[Box, ...]] = {  # link -> its collision boxes in the robot's file
    HAND: (((0.0, 0.0, 0.032), (0.022, 0.102, 0.032)),),
    LEFT_FINGER: (
        ((0.0, 0.0155, 0.009), (0.010, 0.011, 0.009)),
        ((0.0, 0.0075, 0.0358), (0.0105, 0.0075, 0.0179)),
    ),
    RIGHT_FINGER: (
        ((0.0, -0.0155, 0.009), (0.010, 0.011, 0.009)),
        ((0.0, -0.0075, 0.0358), (0.0105, 0.0075, 0.0179)),
    ),
}


def hand_points(links: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., K, 3) world points of the hand and fingers for link poses (..., 12, 7)."""
    parts = [
        placed(links[..., link, :], np.concatenate([_box_points(box) for box in boxes]))
        for link, boxes in HAND_BOXES.items()
    ]
    return np.concatenate(parts, axis=-2)


def object_points(thing: SceneObject) -> NDArray[np.float64]:
    """(K, 3) points of an object in its own frame, from the table up; a zone is flat."""
    ring = np.stack([np.cos(RING), np.sin(RING)], axis=1)
    bottom = top = thing.radius_m * ring
    if thing.kind in shapes.VESSELS:
        bottom = shapes.VESSELS[thing.kind].base_radius_m * ring
    elif thing.kind in shapes.PRISMS:
        bottom = top = prism_outline(thing.kind, shapes.PRISMS[thing.kind][thing.size].radius_m)
    shares = np.linspace(0.0, 1.0, _count(thing.height_m))
    levels = [
        np.column_stack(
            [bottom + (top - bottom) * share, np.full(len(top), share * thing.height_m)]
        )
        for share in shares
    ]
    middle = np.column_stack([np.zeros((len(shares), 2)), shares * thing.height_m])
    return np.concatenate([*levels, middle])


def placed(poses: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., K, 3) where points (K, 3) of a body are in the world at its poses (..., 7)."""
    axis, w = poses[..., None, 3:6], poses[..., None, 6:7]
    turned = np.cross(axis, points)
    moved = points + 2.0 * (w * turned + np.cross(axis, turned)) + poses[..., None, :3]
    return np.asarray(moved)


def _box_points(box: Box) -> NDArray[np.float64]:
    centre, half = box
    axes = [np.linspace(c - h, c + h, _count(2 * h)) for c, h in zip(centre, half, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)


def _count(length_m: float) -> int:
    return max(2, int(np.ceil(length_m / SPACING_M)) + 1)
