"""How wrong the sensors of an evaluation measure, as flags and as part of its episodes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SensorNoise:
    """How wrong sensors measure.

    Attributes:
        depth_m: standard deviation of depth frames, m.
        odometry: standard deviation of odometry as a share of each motion; in apartments.
    """

    depth_m: float = 0.0
    odometry: float = 0.0

    def options(self) -> dict[str, float]:
        """Return the arguments of an environment; an exact sensor is its default."""
        wanted = {"depth_noise_m": self.depth_m, "odometry_noise": self.odometry}
        return {name: value for name, value in wanted.items() if value}
