"""What an environment lets be seen: the space of it, and its frames by their keys."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from handeye.envs.core.settings import EnvSettings
from handeye.envs.core.words_space import Words
from handeye.envs.rendering.rasterizer import Frames

LEAST_DEPTH_M = 0.01  # that a sensor measures


def observation_space(settings: EnvSettings, proprio: spaces.Box) -> spaces.Dict:
    """Return the space of observations of an environment.

    Args:
        settings: of the environment.
        proprio: space of what is felt.
    """
    size = (settings.image_size_px, settings.image_size_px)
    space: dict[str, spaces.Space[Any]] = {}
    for camera in settings.cameras:
        space[f"rgb_{camera}"] = spaces.Box(0, 255, (*size, 3), np.uint8)
        if settings.depth:
            space[f"depth_{camera}"] = spaces.Box(0.0, np.inf, size, np.float32)
        if settings.segmentation:
            space[f"segmentation_{camera}"] = spaces.Box(-1, 2**15, size, np.int32)
    space["proprio"] = proprio
    space["instruction"] = Words()
    return spaces.Dict(space)


def with_noise(
    depth_m: NDArray[np.float32], noise_m: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return depth (H, W) as a sensor with independent Gaussian errors measures it.

    Args:
        depth_m: exact; 0 where nothing is within reach, which stays so.
        noise_m: standard deviation.
        rng: source of the errors.
    """
    measured = depth_m + noise_m * rng.standard_normal(depth_m.shape, np.float32)
    return np.where(depth_m > 0, np.maximum(measured, LEAST_DEPTH_M), depth_m).astype(np.float32)


def shown_frames(
    settings: EnvSettings,
    frames: Mapping[str, Frames],
    sensed: Callable[[str, NDArray[np.float32]], NDArray[np.float32]],
) -> dict[str, Any]:
    """Return the entries of an observation that are pictures.

    Args:
        settings: of the environment.
        frames: by camera, each a batch of one.
        sensed: exact depth (H, W) of a camera -> what its sensor measures.
    """
    shown: dict[str, Any] = {}
    for camera, of_camera in frames.items():
        shown[f"rgb_{camera}"] = of_camera.rgb[0]
        if settings.depth:
            shown[f"depth_{camera}"] = sensed(camera, of_camera.depth_m[0])
        if settings.segmentation:
            shown[f"segmentation_{camera}"] = of_camera.segmentation[0]
    return shown
