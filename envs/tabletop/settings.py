"""The arguments of a tabletop environment, and the bounds of what its arm feels."""

from dataclasses import dataclass

import numpy as np

from handeye.envs.core.settings import EnvSettings
from handeye.envs.rendering.camera import Camera

PROPRIO_LOW = np.array([-3.2] * 7 + [-1.5, -1.5, -1.0] + [-3.2] * 3 + [0.0], np.float32)
PROPRIO_HIGH = np.array([3.9] * 7 + [1.5, 1.5, 1.5] + [3.2] * 3 + [0.1], np.float32)


@dataclass(frozen=True, kw_only=True)
class TabletopSettings(EnvSettings):
    """The arguments of a `TabletopEnv`.

    Attributes:
        physics_hz: physics ticks a simulated second.
        own_cameras: that stand still, besides the tabletop's.
    """

    physics_hz: int
    own_cameras: tuple[Camera, ...]
