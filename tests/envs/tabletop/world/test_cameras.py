"""Cameras of one's own: shown like the tabletop's, in copies and worker processes too."""

import copy

import numpy as np
import pytest

from handeye.base.names import UnknownName
from handeye.envs.rendering.camera import Camera
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.vector.suite_vector import make_vector_env

SIDE = Camera.look_at(
    "side", (0.5, 0.9, 0.4), (0.5, 0.0, 0.0), fov_y_rad=0.7, width_px=64, height_px=64
)
SHOWN = {"cameras": ("front", "side"), "own_cameras": (SIDE,), "image_size_px": 32}


def test_a_camera_of_ones_own_is_shown_beside_the_others() -> None:
    env = TabletopEnv("put_in", depth=True, **SHOWN)
    observation, _ = env.reset(seed=3)
    assert observation in env.observation_space
    assert observation["rgb_side"].shape == (32, 32, 3)
    expected = env.renderer.render_from(env.state, [SIDE])
    assert np.ptp(expected.rgb[0]) > 50
    near, far = observation["depth_side"], expected.depth_m[0]
    assert np.nanmedian(near) == pytest.approx(np.nanmedian(far), rel=0.05)
    usual = TabletopEnv("put_in", cameras=("front",), image_size_px=32)
    np.testing.assert_array_equal(usual.reset(seed=3)[0]["rgb_front"], observation["rgb_front"])
    twin = copy.deepcopy(env)
    np.testing.assert_array_equal(twin.observe()["rgb_side"], observation["rgb_side"])
    for each in (env, usual, twin):
        each.close()


@pytest.mark.slow
def test_worker_processes_show_it_too() -> None:
    alone = TabletopEnv("put_in", **SHOWN)
    many = make_vector_env("put_in", 1, workers=1, **SHOWN)
    observations, _ = many.reset(seed=3)
    np.testing.assert_array_equal(observations["rgb_side"][0], alone.reset(seed=3)[0]["rgb_side"])
    many.close()
    alone.close()


def test_unknown_and_doubled_cameras_are_named() -> None:
    with pytest.raises(UnknownName, match="side"):
        TabletopEnv("put_in", cameras=("sde",), own_cameras=(SIDE,))
    with pytest.raises(UnknownName, match="front"):
        TabletopEnv("put_in", cameras=("frnt",))
    with pytest.raises(ValueError, match="two cameras are named 'side'"):
        TabletopEnv("put_in", own_cameras=(SIDE, SIDE))
