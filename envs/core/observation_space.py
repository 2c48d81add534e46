"""What an environment lets be seen: the space of it, and its frames by their keys."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

from handeye.envs.core.settings import EnvSettings
from handeye.envs.core.words_space import Words
from handeye.envs.rendering.rasterizer import Frames


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


def shown_frames(settings: EnvSettings, frames: Mapping[str, Frames]) -> dict[str, Any]:
    """Return the entries of an observation that are pictures.

    Args:
        settings: of the environment.
        frames: by camera, each a batch of one.
    """
    shown: dict[str, Any] = {}
    for camera, of_camera in frames.items():
        shown[f"rgb_{camera}"] = of_camera.rgb[0]
        if settings.depth:
            shown[f"depth_{camera}"] = of_camera.depth_m[0]
        if settings.segmentation:
            shown[f"segmentation_{camera}"] = of_camera.segmentation[0]
    return shown
