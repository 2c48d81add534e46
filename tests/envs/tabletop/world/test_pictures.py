import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from handeye.envs.base.colours import COLOURS
from handeye.envs.rendering.camera import Camera
from handeye.envs.robots.inverse_kinematics import solve_ik
from handeye.envs.tabletop.world.appearance import (
    DEFAULT_APPEARANCE,
    sample_appearance,
    small_motion,
)
from handeye.envs.tabletop.world.cameras import CAMERA_NAMES
from handeye.envs.tabletop.world.pictures import (
    RENDERER_FINGERPRINT,
    Configuration,
    SceneRenderer,
    render_states,
    standing_camera,
)
from handeye.envs.tabletop.world.scene import Scene, SceneObject
from handeye.envs.tabletop.world.simulator import Simulator

HOME = np.array([0.0, -0.55, 0.0, -2.35, 0.0, 1.8, 0.785, 0.04, 0.04])


def thing(kind: str, colour: str, size: str, x: float, y: float, yaw: float = 0.0) -> SceneObject:
    return SceneObject(f"{colour}_{kind}", kind, colour, size, (x, y, 0.0), yaw)


SCENE = Scene(
    (
        thing("drawer", "purple", "", 0.36, 0.12),
        thing("block", "red", "large", 0.50, 0.03, 0.3),
        thing("star", "orange", "large", 0.60, -0.04, 0.1),
        thing("bowl", "blue", "", 0.45, -0.14),
        thing("cup", "green", "", 0.62, 0.17),
        thing("button", "cyan", "", 0.62, 0.07),
        thing("cylinder", "yellow", "large", 0.57, -0.15),
    )
)


def configuration(scene: Scene = SCENE, joints: NDArray[np.float64] = HOME) -> Configuration:
    poses = np.zeros((scene.body_count, 7))
    poses[:, 6] = 1.0
    for index, each in enumerate(scene.objects):
        half = each.yaw_rad / 2
        poses[2 + index] = (*each.position_m, 0, 0, np.sin(half), np.cos(half))
    positions = np.zeros(scene.joint_count)
    positions[:9] = joints
    return Configuration(poses, positions)


def test_the_front_camera_sees_every_object_and_the_home_arm_hides_none() -> None:
    ids = SceneRenderer(SCENE, DEFAULT_APPEARANCE).render(configuration(), ["front"]).segmentation
    pixels = [int((ids == SCENE.body(i)).sum()) for i in range(len(SCENE.objects))]
    assert min(pixels) > 60
    robot = (ids == 0).mean()
    assert robot < 0.15


def test_objects_show_their_colour() -> None:
    frames = SceneRenderer(SCENE, DEFAULT_APPEARANCE).render(configuration(), ["front"])
    names = list(COLOURS)
    directions = np.array([COLOURS[name] for name in names])
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for index, each in enumerate(SCENE.objects):
        seen = frames.rgb[frames.segmentation == SCENE.body(index)].astype(float)
        vivid = seen[np.ptp(seen, axis=1) > 40]  # leaves out grey handles and housings
        mean = vivid.mean(axis=0) / np.linalg.norm(vivid.mean(axis=0))
        assert names[int((directions @ mean).argmax())] == each.colour


def test_the_wrist_camera_sees_both_fingers_and_what_is_under_them() -> None:
    # The tcp 12 cm above the table over the block, fingers open.
    below = SceneObject("b", "block", "red", "large", (0.5, 0.0, 0.0), 0.0)
    scene = Scene((below,))
    joints = HOME.copy()
    assert solve_ik(np.array([0.5, 0, 0.12, 1, 0, 0, 0]), HOME[:7], joints[:7]) < 1e-3
    frames = SceneRenderer(scene, DEFAULT_APPEARANCE).render(
        configuration(scene, joints), ["wrist"]
    )
    ids = frames.segmentation[0]
    assert (ids == 2).sum() > 250
    assert (ids[90:, :50] == 0).sum() > 40
    assert (ids[90:, 78:] == 0).sum() > 40
    assert (ids == 0).mean() < 0.35


def test_the_tray_and_the_cap_move_with_their_joints() -> None:
    renderer, shut = SceneRenderer(SCENE, DEFAULT_APPEARANCE), configuration()
    opened = Configuration(shut.body_poses, shut.joint_positions.copy())
    opened.joint_positions[SCENE.joint(0)] = 0.08
    opened.joint_positions[SCENE.joint(5)] = -0.01
    before, after = (renderer.render(state, ["front"]) for state in (shut, opened))
    drawer, button = SCENE.body(0), SCENE.body(5)
    assert (after.segmentation == drawer).sum() > 1.2 * (before.segmentation == drawer).sum()
    cap = before.depth_m[0][before.segmentation[0] == button].min()
    pressed = after.depth_m[0][after.segmentation[0] == button].min()
    assert 0.003 < pressed - cap < 0.012


def test_many_states_in_one_call_equal_single_calls() -> None:
    rng = np.random.default_rng(0)
    renderers = [SceneRenderer(SCENE, sample_appearance(rng)) for _ in range(3)]
    states = []
    for _ in renderers:
        state = configuration(joints=HOME + rng.uniform(-0.1, 0.1, 9) * ([1] * 7 + [0] * 2))
        state.body_poses[3:, :2] += rng.uniform(-0.02, 0.02, (SCENE.body_count - 3, 2))
        states.append(state)
    frames = render_states(renderers, states, ["front", "wrist"], 96, 64)
    assert frames["front"].rgb.shape == (3, 96, 64, 3)
    for index, (renderer, state) in enumerate(zip(renderers, states, strict=True)):
        alone = renderer.render(state, ["wrist"], (96, 64))
        np.testing.assert_array_equal(alone.rgb[0], frames["wrist"].rgb[index])
        np.testing.assert_array_equal(alone.depth_m[0], frames["wrist"].depth_m[index])


def test_float32_states_as_episodes_store_them_are_drawn() -> None:
    renderer, state = SceneRenderer(SCENE, DEFAULT_APPEARANCE), configuration()
    stored = Configuration(
        state.body_poses.astype(np.float32), state.joint_positions.astype(np.float32)
    )
    one, two = renderer.render(state, ["front"]), renderer.render(stored, ["front"])
    assert (one.segmentation == two.segmentation).mean() > 0.999


def test_bad_input_is_named() -> None:
    renderer, state = SceneRenderer(SCENE, DEFAULT_APPEARANCE), configuration()
    with pytest.raises(ValueError, match="known: front, wrist, overhead"):
        renderer.render(state, ["rear"])
    with pytest.raises(ValueError, match=r"joint_positions \(11,\)"):
        renderer.render(Configuration(state.body_poses, HOME), ["front"])
    with pytest.raises(ValueError, match="one each"):
        render_states([renderer], [state, state], ["front"])


@pytest.mark.slow
def test_the_fingerprint_is_the_same_in_another_process() -> None:
    code = "from handeye.envs.tabletop.world.pictures import RENDERER_FINGERPRINT as f; print(f)"
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert other.stdout.strip() == RENDERER_FINGERPRINT
    assert len(RENDERER_FINGERPRINT) == 16


# ------------------------------------------------- parity with PyBullet's TinyRenderer


def half_pixel_back(camera: Camera) -> Camera:
    """TinyRenderer samples pixels at their corners; look half a pixel up and left to meet it."""
    turn = 0.5 / camera.focal_px
    return camera.moved(camera.world_from_camera @ small_motion((0, 0, 0, -turn, -turn, 0)))


def overlap(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("name", [name for name in CAMERA_NAMES if name != "wrist"])
def test_segmentation_and_depth_agree_with_tiny_renderer(name: str) -> None:
    simulator = Simulator(SCENE, HOME)
    try:
        state = simulator.state()
        camera = standing_camera(name, 192, 192)
        _, tiny_depth_m, tiny_ids = simulator.tiny_render(camera)
    finally:
        simulator.close()
    renderer = SceneRenderer(SCENE, DEFAULT_APPEARANCE)
    frames = renderer.render_from(state, [camera, half_pixel_back(camera)])
    ids, outside = frames.segmentation[1], (tiny_ids != 0) & (frames.segmentation[1] != 0)
    assert (ids == tiny_ids)[outside].mean() > 0.99  # its robot is drawn as a few boxes
    for index, each in enumerate(SCENE.objects):
        body = SCENE.body(index)
        round_wall = each.kind in ("bowl", "cup", "cylinder")  # collision walls are straight
        mine, theirs = (ids == body) & outside, (tiny_ids == body) & outside
        assert overlap(mine, theirs) > (0.93 if round_wall else 0.96), each.name
    both = (ids == tiny_ids) & (ids > 0)
    assert np.median(np.abs(frames.depth_m[1] - tiny_depth_m)[both]) < 1.5e-3
    if name == "overhead":  # the table is level: half a pixel makes no difference
        table = (frames.segmentation[0] == 1) & (tiny_ids == 1)
        assert np.abs(frames.depth_m[0] - tiny_depth_m)[table].max() < 1e-4
