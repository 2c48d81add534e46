"""What an environment is made with, as one value that can be compared, printed and passed on."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EnvSettings:
    """The arguments of an environment, by their names.

    Attributes:
        suite: a suite or task.
        action_mode: how actions are meant.
        split: distribution of scenes and words.
        cameras: whose frames an observation has.
        image_size_px: height and width of the frames.
        depth: whether there are depth frames.
        segmentation: whether there are segmentation frames (privileged).
        depth_noise_m: standard deviation of the depth frames' error (m); 0 is none.
        jitter: strength of the per-episode jitter of what is seen; 0 is none.
        max_steps: step budget of every episode; None: the task's own.
        render_mode: None or "rgb_array".
        terminate: whether the action has a last entry that ends the episode.
        end_at_success: whether the episode ends as soon as the goal has held for half a second.
    """

    suite: str
    action_mode: str
    split: str
    cameras: tuple[str, ...]
    image_size_px: int
    depth: bool
    segmentation: bool
    depth_noise_m: float
    jitter: float
    max_steps: int | None
    render_mode: str | None
    terminate: bool
    end_at_success: bool

    def __post_init__(self) -> None:
        """Check what no environment can be made with.

        Raises:
            ValueError: depth frames that have less than no noise.
        """
        if not 0 <= self.depth_noise_m < math.inf:
            raise ValueError(f"depth_noise_m {self.depth_noise_m}: give m, 0 or more")
