"""How long pictures, control steps and resets take, beside PyBullet's own renderer and panda-gym.

Every function here runs in a fresh process with one thread per library.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import gymnasium
import numpy as np

from handeye.envs.core.physics import Physics
from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.rasterizer import View, rasterize
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.world import shapes
from handeye.envs.vector.suite_vector import make_vector_env
from handeye.experiments.bench.measurement import Measurement, interleaved_ms
from handeye.experiments.data.recorder import record_episode

SIZE_PX = 128
SEED = 1_000_000
PHYSICS_STEPS = 20  # of panda-gym's control step, 2 ms each
EPISODE_TASKS = "tabletop-core"
VECTOR_ENVS = 8
BURST = 6  # repetitions in a turn


def measure_simulation(rounds: int) -> list[Measurement]:
    """Rasterizer, control steps, resets."""
    theirs = panda_gym_env()
    theirs.reset(seed=0)
    swing = Swing(theirs)
    ours = period_env(("front",))
    bare = period_env(())
    two = TabletopEnv("put_in", action_mode="ee_delta", cameras=("front", "wrist"))
    two.reset(seed=SEED)
    view, stock = whole_view(ours), StockScene(ours)
    actions: dict[str, Callable[[], object]] = {
        "draw": lambda: rasterize([view]),
        "tiny": partial(stock.draw, view.camera),
        "step": Swing(ours).step,
        "bare step": Swing(bare).step,
        "step of two cameras": Swing(two).step,
        "their step": swing.step,
        "their frame": theirs.render,
    }
    ms = interleaved_ms(actions, max(rounds // BURST, 3), BURST)
    resets = interleaved_ms(
        {"ours": Resets(TabletopEnv()).next, "theirs": Resets(theirs).next}, max(rounds // 2, 3)
    )
    layers = layers_figure(bare, theirs, rounds)  # last: it leaves its clocks in place
    return [*step_figures(ms), layers, reset_figure(resets)]


def step_figures(ms: dict[str, float]) -> Iterator[Measurement]:
    """From the medians to what is compared."""
    their_step = ms["their step"] + ms["their frame"]
    yield Measurement.of_costs(
        "rasterizer_vs_tiny_128", ms["draw"], ms["tiny"], "ms",
        "colour, depth and segmentation, 128 x 128, of the full tabletop: our rasterizer, and "
        "PyBullet's TinyRenderer without shadow on the stock meshes",
    )  # fmt: skip
    yield Measurement.of_costs(
        "step_vs_panda_gym", ms["step"], their_step, "ms",
        "a control step of 20 physics steps with one 128 x 128 camera: ours with colour, depth "
        "and segmentation; panda-gym's PickAndPlace with its colour frame as shipped",
    )  # fmt: skip
    yield Measurement.of_costs(
        "step_vs_tiny_renderer", ms["step"], ms["bare step"] + ms["tiny"], "ms",
        "the same control step, drawn by our rasterizer and by TinyRenderer without shadow",
    )  # fmt: skip
    yield Measurement.of_costs(
        "step_10hz_two_cameras_vs_panda_gym", ms["step of two cameras"], their_step, "ms",
        "our 10 Hz ee_delta step (24 physics steps, two cameras); panda-gym's step as above",
    )  # fmt: skip
    yield Measurement.of_costs(
        "rendering_share", 1 - ms["bare step"] / ms["step"], ms["their frame"] / their_step,
        "of a step", "share of a control step with one camera that goes into the frame",
    )  # fmt: skip


def layers_figure(ours: TabletopEnv, theirs: gymnasium.Env[Any, Any], bursts: int) -> Measurement:
    """A control step without frames, outside of the physics engine's own step."""
    layers = (
        Layers(Swing(ours).step, Physics),
        Layers(Swing(theirs).step, theirs.unwrapped.sim),  # type: ignore[attr-defined]
    )
    taken_ms = np.array(
        [[[side.outside_ms() for _ in range(BURST)] for side in layers] for _ in range(bursts)]
    )
    mine, other = np.median(taken_ms, axis=(0, 2))
    meaning = (
        "a control step without frames, less the time inside the physics engine's steps: ours and "
        "panda-gym's, motor commands and the reading of the state counted"
    )
    return Measurement.of_costs("python_layers_ms", float(mine), float(other), "ms", meaning)


def reset_figure(ms: dict[str, float]) -> Measurement:
    """Resets of a random task with two cameras, and of panda-gym's PickAndPlace."""
    meaning = (
        "a reset: ours draws a scene, loads it and draws two frames; panda-gym moves its one cube"
    )
    return Measurement.of_costs("reset_ms", ms["ours"], ms["theirs"], "ms", meaning)


def measure_episode_size(episodes: int) -> list[Measurement]:
    """Bytes of a recorded episode against the pictures it stands for."""
    env = TabletopEnv(EPISODE_TASKS, cameras=(), action_mode="ee_pose")
    tasks = TABLETOP.tasks_of(EPISODE_TASKS)
    recorded = [record_episode(env, tasks[n % len(tasks)], n) for n in range(episodes)]
    size = float(np.mean([len(episode.to_bytes()) for episode in recorded]))
    frames = float(np.mean([len(episode.proprio) for episode in recorded]))
    pixels = frames * 2 * SIZE_PX * SIZE_PX * 3
    meaning = "one recorded episode as states, and its two cameras' 128 x 128 frames as plain bytes"
    return [Measurement.of_costs("episode_bytes", size, pixels, "bytes", meaning, frames=frames)]


def measure_workers(steps: int) -> list[Measurement]:
    """Steps a second of eight tabletops over two workers and over one."""
    envs = {
        workers: make_vector_env("put_in", VECTOR_ENVS, workers=workers, action_mode="ee_delta")
        for workers in (1, 2)
    }
    still = np.zeros((VECTOR_ENVS, 7), np.float32)
    try:
        for env in envs.values():
            env.reset(seed=SEED)
        ms = interleaved_ms(
            {str(workers): partial(env.step, still) for workers, env in envs.items()}, steps
        )
    finally:
        for env in envs.values():
            env.close()
    rate = {workers: 1e3 * VECTOR_ENVS / time_ms for workers, time_ms in ms.items()}
    meaning = (
        "environment steps a second (10 Hz, two cameras, frames through shared memory): "
        "two worker processes, and one"
    )
    return [Measurement.of_rates("workers_2_vs_1", rate["2"], rate["1"], "steps/s", meaning)]


def whole_view(env: TabletopEnv) -> View:
    """The env's scene from where the whole arm and all objects are in the picture."""
    poses, joints = env.state.body_poses, env.state.joint_positions
    view = env.renderer.views(poses, joints, ["front"], (SIZE_PX, SIZE_PX))[0]
    camera = Camera.look_at(
        "bench",
        (1.45, 0.0, 0.85),
        (0.25, 0.0, 0.28),
        fov_y_rad=float(np.radians(50)),
        width_px=SIZE_PX,
        height_px=SIZE_PX,
    )
    return replace(view, camera=camera)


def period_env(cameras: tuple[str, ...]) -> TabletopEnv:
    """Our environment with panda-gym's number of physics steps in a control step."""
    env = TabletopEnv(
        "put_in",
        action_mode="ee_delta",
        cameras=cameras,
        depth=True,
        segmentation=True,
        physics_hz=10 * PHYSICS_STEPS,
    )
    env.reset(seed=SEED)
    return env


def panda_gym_env() -> gymnasium.Env[Any, Any]:
    """panda-gym's PickAndPlace as shipped, frames of 128 x 128.

    Raises:
        ModuleNotFoundError: the bench extra is not installed.
    """
    try:
        import panda_gym  # noqa: F401  (registers its environments)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "panda-gym, which the bench compares with, is missing: pip install 'handeye[bench]'"
        ) from error
    return gymnasium.make(
        "PandaPickAndPlace-v3",
        render_mode="rgb_array",
        renderer="Tiny",
        render_width=SIZE_PX,
        render_height=SIZE_PX,
    )


class Swing:
    """Steps an environment with small random actions, resetting when an episode ends."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        self._env = env
        self._rng = np.random.default_rng(0)

    def step(self) -> None:
        """One step."""
        shape = self._env.action_space.shape
        action = self._rng.uniform(-0.3, 0.3, shape).astype(np.float32)
        _, _, terminated, truncated, _ = self._env.step(action)
        if terminated or truncated:
            self._env.reset()


class Layers:
    """What is left of a step when the time inside `physics.step` is taken out.

    `physics` owns a method `step` that advances the physics: a class, or one object.
    """

    def __init__(self, step: Callable[[], object], physics: Any) -> None:
        self._step, self._inside_s = step, 0.0
        advance = physics.step

        def timed(*args: Any) -> None:
            """Step the physics and add up its seconds."""
            started = time.perf_counter()
            advance(*args)
            self._inside_s += time.perf_counter() - started

        physics.step = timed

    def outside_ms(self) -> float:
        """Run one step."""
        self._inside_s, started = 0.0, time.perf_counter()
        self._step()
        return 1e3 * (time.perf_counter() - started - self._inside_s)


class Resets:
    """Resets an environment with one seed after another."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        self._env, self._seed = env, SEED

    def next(self) -> None:
        """Reset with the next seed."""
        self._seed += 1
        self._env.reset(seed=self._seed)


class StockScene:
    """The scene of an environment with PyBullet's stock Panda, for its own renderer to draw.

    Objects are stood in for by boxes of their size, which cost TinyRenderer little beside the
    103,000 triangles of the arm.
    """

    def __init__(self, env: TabletopEnv) -> None:
        from panda_gym.pybullet import PyBullet

        self._stage = PyBullet(render_mode="rgb_array", renderer="Tiny")
        client = self._client = self._stage.physics_client
        robot = client.loadURDF("franka_panda/panda.urdf", useFixedBase=True)
        movable = [
            j for j in range(client.getNumJoints(robot))
            if client.getJointInfo(robot, j)[2] != client.JOINT_FIXED
        ]  # fmt: skip
        for joint, position in zip(movable, env.state.joint_positions[:9], strict=True):
            client.resetJointState(robot, joint, position)
        half = np.array([*shapes.TABLE_HALF_SIZE_M, shapes.TABLE_THICKNESS_M / 2])
        centre = np.array([*shapes.TABLE_CENTRE_M, -half[2]])
        self._stage.create_box("table", half, 0.0, centre, np.full(4, 0.6))
        for thing in env.scene.objects:
            x, y, _ = thing.position_m
            half = np.array([0.02, 0.02, thing.height_m / 2])
            self._stage.create_box(thing.name, half, 0.1, np.array([x, y, half[2]]), np.ones(4))

    def draw(self, camera: Camera) -> object:
        """PyBullet's colour, depth and segmentation buffers, without shadow."""
        view = np.linalg.inv(camera.world_from_camera @ np.diag([1.0, -1.0, -1.0, 1.0]))
        lens = self._client.computeProjectionMatrixFOV(
            float(np.degrees(camera.fov_y_rad)),
            camera.width_px / camera.height_px,
            camera.near_m,
            camera.far_m,
        )
        return self._client.getCameraImage(
            camera.width_px,
            camera.height_px,
            view.T.ravel().tolist(),
            lens,
            shadow=0,
            renderer=self._client.ER_TINY_RENDERER,
        )
