"""Poses and places of earlier moments, seen from where the robot stands now."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from handeye.perception.encoders.grounding import fourier_features
from handeye.perception.mapping.ego_camera import EgoCamera
from handeye.perception.mapping.room_segmenter import NEAREST_M

FAR_M = 8.0
PERIOD_M = 32.0  # of the slowest of the Fourier features
PLACE_OCTAVES = 6
PLACE_SIZE = 5 + 4 * PLACE_OCTAVES
POSE = slice(0, 4)  # of proprio: x, y (m), cosine and sine of the yaw, from the start
SCAN_COLUMNS = 16  # of a frame, in each of which the nearest obstacle counts
SCAN_BEARINGS = 48  # all around; the first looks back, the middle ones ahead
LOW_M, HIGH_M = 0.1, 1.2  # what stands between these heights is in the way
FELT = slice(4, 6)  # touched something, share of the greatest speed


class Motion(NamedTuple):
    """Return where the robot stood, seen from where it stands now."""

    xy: Tensor  # (..., 2) m ahead, m to the left
    turn: Tensor  # (..., 2) cosine and sine of the yaw


def seen_from(now: Tensor, xy: Tensor) -> Tensor:
    """Places (..., 2) in m of the start frame -> (..., 2) m ahead and left of poses (..., 4)."""
    dx, dy = (xy - now[..., :2]).unbind(-1)
    cos, sin = now[..., 2], now[..., 3]
    return torch.stack([cos * dx + sin * dy, cos * dy - sin * dx], dim=-1)


def motion_since(now: Tensor, then: Tensor) -> Motion:
    """Poses `then` seen from poses `now`, both (..., 4) x, y, cosine, sine in the start frame."""
    cos, sin = now[..., 2], now[..., 3]
    turn = torch.stack(
        [then[..., 2] * cos + then[..., 3] * sin, then[..., 3] * cos - then[..., 2] * sin], dim=-1
    )
    return Motion(seen_from(now, then[..., :2]), turn)


def moved(places: Tensor, motion: Motion) -> Tensor:
    """Places (..., 2) seen from an earlier pose -> the same places seen from now."""
    x, y = places.unbind(-1)
    cos, sin = motion.turn.unbind(-1)
    return motion.xy + torch.stack([cos * x - sin * y, sin * x + cos * y], dim=-1)


def place_features(xy: Tensor) -> Tensor:
    """Places (..., 2) in m from here -> (..., PLACE_SIZE): share of far, bearing, log, Fourier."""
    distance = xy.norm(dim=-1, keepdim=True)
    bearing = xy / distance.clamp_min(0.1)
    fourier = fourier_features(2 * xy / PERIOD_M, PLACE_OCTAVES)
    return torch.cat([xy / FAR_M, bearing, distance.log1p(), fourier], dim=-1)


def place_on_floor(near: Tensor, xy: Tensor) -> Tensor:
    """Return the place a pixel shows, from above: (F, 2) m ahead and left of the camera.

    Args:
        near: (F, px, px) inverse depth as in `eye_input`; where it is 0, `FAR_M` is assumed.
        xy: (F, 2) in [0, 1], x to the right, y down.
    """
    side = near.shape[-1]
    lens = EgoCamera().lens(side, side)
    column, row = (xy * side - 0.5).round().long().clamp(0, side - 1).unbind(-1)
    depth = NEAREST_M / near[torch.arange(len(near)), row, column].clamp_min(NEAREST_M / FAR_M)
    right, down = (column - lens.centre_x) / lens.focal_px, (row - lens.centre_y) / lens.focal_px
    ahead = depth * (lens.cos_tilt - down * lens.sin_tilt)
    return torch.stack([ahead, -depth * right], dim=-1)


def obstacles_in(near: Tensor) -> Tensor:
    """The nearest obstacle in each of `SCAN_COLUMNS` parts of frames: (F, SCAN_COLUMNS, 2).

    In m ahead and left of the camera; where nothing is in the way it lies `FAR_M` away.

    Args:
        near: (F, px, px) inverse depth as in `eye_input`.
    """
    side = near.shape[-1]
    lens = EgoCamera().lens(side, side)
    offsets = torch.arange(side, device=near.device)
    right = (offsets - lens.centre_x) / lens.focal_px
    down = ((offsets - lens.centre_y) / lens.focal_px)[:, None]
    depth = NEAREST_M / near.clamp_min(NEAREST_M / FAR_M)
    height = lens.height_m - depth * (lens.sin_tilt + down * lens.cos_tilt)
    away = depth * torch.hypot(lens.cos_tilt - down * lens.sin_tilt, right)
    stands = (height > LOW_M) & (height < HIGH_M) & (near > 0)
    away = away.where(stands, FAR_M).clamp_max(FAR_M).amin(1)  # (F, px)
    nearest = away.unflatten(1, (SCAN_COLUMNS, -1)).amin(2)
    middle = -right.unflatten(0, (SCAN_COLUMNS, -1)).mean(1)
    angle = torch.atan(middle / lens.cos_tilt)
    return nearest[..., None] * torch.stack([angle.cos(), angle.sin()], dim=-1)


def scan_around(points: Tensor, there: Tensor) -> Tensor:
    """Nearest of points (D, N, 2) in each bearing, as (D, 2, SCAN_BEARINGS).

    First how near it is, 1 at the robot; then whether anything is known of that bearing.
    `there` (D, N) is False at points that do not count.
    """
    angle = torch.atan2(points[..., 1], points[..., 0])
    bearing = ((angle / (2 * math.pi) + 0.5) * SCAN_BEARINGS).long() % SCAN_BEARINGS
    closeness = 1 / (1 + points.norm(dim=-1))
    empty = closeness.new_zeros(len(points), SCAN_BEARINGS)
    nearest = empty.scatter_reduce(1, bearing, closeness * there, "amax")
    return torch.stack([nearest, (nearest > 0).float()], dim=1)
