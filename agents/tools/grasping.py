"""Chooses a grasp: across an object's narrow side, clear of what stands around it.

A thing in a tray, beside a cabinet or among others can be held from few sides. The open fingers
and the hand above them are compared with the heights that the camera measures around the thing.
"""

import math
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.perception.mapping.camera_geometry import Measured

LOWEST_M = 0.012
BELOW_TOP_M = 0.020  # The fingers close so far below an object's top, or half-way down.
LEAST_HOLD_M = 0.008  # At least so much of an object's side is between the fingers.
WIDEST_M = 0.08  # The width of the open gripper.
MARGIN_M = 0.014  # The room on each side between an object and the open fingers.
CLEAR_M = 0.003  # The room below fingers and hand.
FINGER_M, FINGER_HALF_M = 0.016, 0.013  # A finger along and across the way it closes.
HAND_HALF_M, HAND_SIDE_M = 0.105, 0.035
HAND_ABOVE_M = 0.045  # The hand's lowest part is so far above the fingertips.
OWN_SHARE = 0.55  # Points within this share of an object's length, no higher than it, are its own.
TURNS = np.radians(np.arange(-90.0, 90.0, 15.0))
# Grasps are tried so far from an object's middle, across the fingers' way.
ASIDE_M = (0.0, 0.004, -0.004, 0.008, -0.008)
# Costs, in metres, of a metre, a metre and a radian.
WIDTH_COST, ASIDE_COST, TURN_COST = 0.5, 0.5, 0.002


class Grasp(NamedTuple):
    """A way to hold an object.

    Attributes:
        x_m: of the point between the fingertips.
        y_m: of the same.
        yaw_rad: of the gripper, in [-pi/2, pi/2); at 0 the fingers close along y.
        z_m: of the point between the fingertips.
        gap_m: between the open fingers on the way down.
    """

    x_m: float
    y_m: float
    yaw_rad: float
    z_m: float
    gap_m: float


def plain_grasp(thing: Measured) -> Grasp:
    """Across the shorter side, with the fingers wide open."""
    height = thing.top_m - thing.bottom_m
    z = max(thing.top_m - min(BELOW_TOP_M, height / 2), LOWEST_M)
    return Grasp(thing.x_m, thing.y_m, thing.grasp_yaw_rad, z, WIDEST_M)


def clear_grasp(thing: Measured, points_m: NDArray[np.float64]) -> Grasp:
    """The plain grasp if nothing is in its way, else the nearest to it that meets least.

    Args:
        thing: what is to be held.
        points_m: (..., 3) what the camera sees; NaN where it sees nothing.
    """
    plain = plain_grasp(thing)
    points = points_m.reshape(-1, 3)
    far = np.hypot(points[:, 0] - thing.x_m, points[:, 1] - thing.y_m)  # NaN is in neither range
    own = (far < OWN_SHARE * thing.long_m) & (points[:, 2] < thing.top_m + CLEAR_M)
    around = points[(far < HAND_HALF_M + HAND_SIDE_M) & ~own]
    if _least_z(around, plain) <= plain.z_m:
        return plain
    highest = max(plain.z_m, thing.top_m - LEAST_HOLD_M)
    yaws = np.concatenate([[plain.yaw_rad], TURNS])
    best, least = plain, math.inf
    for yaw, aside in product(yaws.tolist(), ASIDE_M):
        width = _width_m(thing, yaw)
        grasp = Grasp(
            thing.x_m + aside * math.cos(yaw),
            thing.y_m + aside * math.sin(yaw),
            _smallest_turn(yaw),
            plain.z_m,
            min(width + 2 * MARGIN_M, WIDEST_M),
        )
        needed = max(plain.z_m, _least_z(around, grasp))
        cost = needed + WIDTH_COST * width + ASIDE_COST * abs(aside)
        cost += TURN_COST * abs(grasp.yaw_rad)
        if cost < least:
            best, least = grasp._replace(z_m=min(needed, highest)), cost
    return best


def _least_z(around: NDArray[np.float64], grasp: Grasp) -> float:
    """Return the least height (m) of the fingertips above points (N, 3); -inf without any."""
    cos, sin = math.cos(grasp.yaw_rad), math.sin(grasp.yaw_rad)
    x, y = around[:, 0] - grasp.x_m, around[:, 1] - grasp.y_m
    closing, across = np.abs(y * cos - x * sin), np.abs(x * cos + y * sin)
    inner = grasp.gap_m / 2
    tips = (closing > inner) & (closing < inner + FINGER_M) & (across < FINGER_HALF_M)
    hand = (closing < HAND_HALF_M) & (across < HAND_SIDE_M)
    under_tips = around[tips, 2].max(initial=-math.inf)
    under_hand = around[hand, 2].max(initial=-math.inf) - HAND_ABOVE_M
    return float(max(under_tips, under_hand)) + CLEAR_M


def _width_m(thing: Measured, yaw: float) -> float:
    """Extent of the rectangle around a thing along the way the fingers close."""
    turn = yaw - thing.yaw_rad
    return abs(thing.short_m * math.cos(turn)) + abs(thing.long_m * math.sin(turn))


def _smallest_turn(angle: float) -> float:
    return (angle + math.pi / 2) % math.pi - math.pi / 2
