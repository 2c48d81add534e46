"""A suite many times over: vector environments whose workers draw all their frames at once."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.rendering.rasterizer import Frames
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.pictures.rendering import render_homes
from handeye.envs.rooms.scene.ego_camera import EGO_CAMERA
from handeye.envs.suites import TABLETOP, world_of
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.pictures import render_states
from handeye.envs.vector.vector_env import SupervisedVectorEnv


class TabletopWithoutFrames(TabletopEnv):
    """A `TabletopEnv` that leaves its frames to whoever hosts it: `draw` makes those of many."""

    def observe(self, *, render: bool = True) -> dict[str, Any]:
        """The observation now, always without frames."""
        return super().observe(render=False)

    @staticmethod
    def draw(envs: Sequence[TabletopEnv]) -> dict[str, NDArray[Any]]:
        """Frames of several environments with equal spaces in one call, (N, ...) by key."""
        first, size_px = envs[0], envs[0].image_size_px
        if not first.cameras:
            return {}
        renderers, states = [env.renderer for env in envs], [env.state for env in envs]
        return _wanted(envs, render_states(renderers, states, first.cameras, size_px, size_px))


class RoomsWithoutFrames(RoomsEnv):
    """The same for a `RoomsEnv`."""

    def observe(self, *, render: bool = True) -> dict[str, Any]:
        """The observation now, always without frames."""
        return super().observe(render=False)

    @staticmethod
    def draw(envs: Sequence[RoomsEnv]) -> dict[str, NDArray[Any]]:
        """Frames of several environments with equal spaces in one call, (N, ...) by key."""
        first, size_px = envs[0], envs[0].image_size_px
        if not first.cameras:
            return {}
        renderers, poses = [env.renderer for env in envs], [env.state.here for env in envs]
        return _wanted(envs, {EGO_CAMERA: render_homes(renderers, poses, size_px, size_px)})


def _wanted(envs: Sequence[InstructedEnv], frames: Mapping[str, Frames]) -> dict[str, NDArray[Any]]:
    """Those of the frames, by camera, that the environments' observations have, by key."""
    noisy = envs[0].settings.depth_noise_m > 0
    drawn: dict[str, NDArray[Any]] = {}
    for camera, of_camera in frames.items():
        drawn[f"rgb_{camera}"] = of_camera.rgb
        drawn[f"depth_{camera}"] = of_camera.depth_m
        if noisy:
            sensed = zip(envs, of_camera.depth_m, strict=True)
            drawn[f"depth_{camera}"] = np.stack([env.sensed_depth(camera, d) for env, d in sensed])
        drawn[f"segmentation_{camera}"] = of_camera.segmentation
    space = envs[0].observation_space
    wanted = space.spaces if isinstance(space, spaces.Dict) else {}
    return {key: drawn[key] for key in drawn if key in wanted}


def make_vector_env(
    suite: str = "tabletop-core",
    num_envs: int = 1,
    *,
    workers: int | None = None,
    deadline_s: float = 60.0,
    autoreset_mode: AutoresetMode = AutoresetMode.NEXT_STEP,
    **env_options: Any,
) -> SupervisedVectorEnv:
    """N environments of a suite or task over W workers.

    Args:
        suite: of every environment.
        num_envs: N.
        workers: W; None: one per usable processor.
        deadline_s: time a whole step or reset may take.
        autoreset_mode: see `SupervisedVectorEnv`.
        env_options: further arguments of `TabletopEnv` or `RoomsEnv`.

    Raises:
        UnknownName: there is no such suite.
    """
    tabletop = world_of(suite) is TABLETOP
    made_of = TabletopWithoutFrames if tabletop else RoomsWithoutFrames
    return SupervisedVectorEnv(
        [partial(made_of, suite, **env_options)] * num_envs,
        workers=workers or len(os.sched_getaffinity(0)),
        deadline_s=deadline_s,
        autoreset_mode=autoreset_mode,
    )
