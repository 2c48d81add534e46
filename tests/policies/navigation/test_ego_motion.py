"""What lies where, seen from a robot that has moved since."""

import math

import pytest
import torch

from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose
from handeye.perception.mapping.room_segmenter import NEAREST_M
from handeye.policies.navigation.ego_motion import (
    FAR_M,
    PLACE_SIZE,
    SCAN_BEARINGS,
    SCAN_COLUMNS,
    motion_since,
    moved,
    obstacles_in,
    place_features,
    place_on_floor,
    scan_around,
    seen_from,
)


def pose(x: float, y: float, yaw: float) -> torch.Tensor:
    return torch.tensor([x, y, math.cos(yaw), math.sin(yaw)])


def test_a_place_ahead_of_the_start_lies_aside_after_a_turn() -> None:
    now = pose(1.0, 0.0, math.pi / 2)
    torch.testing.assert_close(
        seen_from(now, torch.tensor([3.0, 0.0])), torch.tensor([0.0, -2.0]), atol=1e-6, rtol=0
    )


def test_a_place_seen_before_is_where_it_is_seen_from_now() -> None:
    then, now = pose(1.0, 2.0, 0.7), pose(-0.5, 1.0, -2.0)
    world = torch.tensor([2.5, -1.5])
    motion = motion_since(now, then)
    torch.testing.assert_close(moved(seen_from(then, world), motion), seen_from(now, world))
    assert float(motion.turn.norm()) == pytest.approx(1.0)


def test_a_pixel_with_depth_is_a_place_as_the_camera_has_it() -> None:
    depth = 1.0 + torch.rand(1, 8, 8)
    points = EgoCamera().points(depth[0].numpy(), EgoPose(0.0, 0.0, 0.0))
    found = place_on_floor(NEAREST_M / depth, torch.tensor([[5.5 / 8, 6.5 / 8]]))
    torch.testing.assert_close(found[0], torch.from_numpy(points[6, 5, :2]).float())
    nothing = place_on_floor(torch.zeros(1, 8, 8), torch.tensor([[0.5, 0.5]]))
    assert float(nothing.norm()) == pytest.approx(FAR_M, rel=0.2)


def test_features_are_finite_even_at_the_place() -> None:
    features = place_features(torch.tensor([[0.0, 0.0], [40.0, -3.0]]))
    assert features.shape == (2, PLACE_SIZE)
    assert torch.isfinite(features).all()


def test_a_wall_ahead_is_an_obstacle_in_every_column_and_bearing() -> None:
    wall = torch.full((1, 64, 64), NEAREST_M / 2.0)  # 2 m along the optical axis
    points = obstacles_in(wall)
    assert points.shape == (1, SCAN_COLUMNS, 2)
    assert points[0, 0, 1] > 0 > points[0, -1, 1]  # from left to right
    assert ((points[0, :, 0] > 1.6) & (points[0, :, 0] < 2.3)).all()
    assert float(obstacles_in(torch.zeros(1, 64, 64)).norm(dim=-1).min()) == pytest.approx(FAR_M)


def test_the_nearest_in_a_bearing_counts_and_what_is_not_there_does_not() -> None:
    points = torch.tensor([[[1.0, 0.01], [3.0, 0.03], [0.01, -0.5]]])
    scan = scan_around(points, torch.tensor([[True, True, False]]))
    assert scan.shape == (1, 2, SCAN_BEARINGS)
    assert scan[0, 0, SCAN_BEARINGS // 2] == pytest.approx(0.5, abs=1e-3)
    assert scan[0, 1].sum() == 1
