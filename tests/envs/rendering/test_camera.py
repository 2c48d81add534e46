import numpy as np
import pytest

from handeye.envs.rendering.camera import Camera
from handeye.envs.robots.kinematics import HAND, panda_link_poses
from handeye.envs.tabletop.world.cameras import front_camera, overhead_camera, wrist_camera
from handeye.envs.tabletop.world.scene import PLACEMENT_X_M, PLACEMENT_Y_M

HOME = np.array([0.0, -0.55, 0.0, -2.35, 0.0, 1.8, 0.785, 0.04, 0.04])


def test_project_and_unproject_are_inverse() -> None:
    camera = front_camera(160, 120)
    points = np.random.default_rng(0).uniform([0.3, -0.3, 0.0], [0.7, 0.3, 0.3], (50, 3))
    pixels, depth_m = camera.project(points)
    np.testing.assert_allclose(camera.unproject(pixels, depth_m), points, atol=1e-12)
    assert (depth_m > 0).all()


def test_the_target_is_the_image_centre_and_intrinsics_agree() -> None:
    camera = Camera.look_at(
        "side", (0, -2, 1), (0.4, 0, 0.1), fov_y_rad=0.8, width_px=64, height_px=48
    )
    pixels, depth_m = camera.project([0.4, 0.0, 0.1])
    np.testing.assert_allclose(pixels[0], [31.5, 23.5])
    local = camera.camera_from_world @ [0.5, 0.1, 0.0, 1.0]
    homogeneous = camera.intrinsics @ local[:3]
    np.testing.assert_allclose(camera.project([0.5, 0.1, 0.0])[0][0], homogeneous[:2] / local[2])
    assert depth_m[0] == pytest.approx(np.linalg.norm([0.4, 2, 0.9]))


@pytest.mark.parametrize("camera", [front_camera(), overhead_camera()])
def test_spatial_words_hold_in_the_image(camera: Camera) -> None:
    centre, right, near = camera.project([[0.5, 0, 0], [0.5, 0.1, 0], [0.6, 0, 0]])[0]
    assert right[0] > centre[0] + 10, "world +y is image right"
    assert near[1] > centre[1] + 10, "world +x is nearer to the user: lower in the image"


def test_the_placement_area_fills_the_front_image() -> None:
    corners = [[x, y, 0.0] for x in PLACEMENT_X_M for y in PLACEMENT_Y_M]
    pixels, _ = front_camera().project(corners)
    assert (pixels > 4).all()
    assert (pixels < 123).all()
    assert np.ptp(pixels[:, 0]) > 90
    assert np.ptp(pixels[:, 1]) > 50


def test_the_wrist_camera_sees_the_tcp_and_moves_with_the_hand() -> None:
    links = panda_link_poses(HOME)
    camera = wrist_camera(links[HAND])
    tcp = links[HAND, :3] - [0, 0, 0.105]
    pixels, depth_m = camera.project(np.stack([tcp, tcp - [0, 0, 0.2]]))
    assert (depth_m > 0).all()
    assert (pixels > 0).all()
    assert (pixels < 127).all()
    moved = links[HAND].copy()
    moved[:3] += [0.1, 0.2, 0.3]
    shift = wrist_camera(moved).world_from_camera[:3, 3] - camera.world_from_camera[:3, 3]
    np.testing.assert_allclose(shift, [0.1, 0.2, 0.3])


def test_impossible_cameras_are_refused() -> None:
    pose = np.eye(4)
    with pytest.raises(ValueError, match="at least 1"):
        Camera("front", 0, 10, 0.8, pose)
    with pytest.raises(ValueError, match="fov_y_rad"):
        Camera("front", 10, 10, 4.0, pose)
    with pytest.raises(ValueError, match="near_m"):
        Camera("front", 10, 10, 0.8, pose, near_m=1.0, far_m=0.5)
    with pytest.raises(ValueError, match=r"\(4, 4\)"):
        Camera("front", 10, 10, 0.8, np.eye(3))
    with pytest.raises(ValueError, match="target away from the eye"):
        Camera.look_at("x", (0, 0, 1), (0, 0, 0), fov_y_rad=0.8, width_px=8, height_px=8)


def test_moved_keeps_the_lens() -> None:
    camera = front_camera(32, 24).moved(np.eye(4))
    assert (camera.width_px, camera.height_px, camera.name) == (32, 24, "front")
    np.testing.assert_array_equal(camera.world_from_camera, np.eye(4))
