"""The contract of a video tower, and which frames of a long video it sees."""

from typing import NamedTuple, Protocol

from torch import Tensor

from handeye.perception.towers.vision import check_frames


class VideoTokens(NamedTuple):
    """Tokens of a video in time order, each step's cells row by row.

    Attributes:
        tokens: (B, steps * rows * columns, width).
        steps: of time, the last step last.
        rows: of a step's grid.
        columns: of a step's grid.
    """

    tokens: Tensor
    steps: int
    rows: int
    columns: int


class VideoTower(Protocol):
    """A module that turns videos of `frames` frames into tokens of one `width`."""

    width: int
    frames: int

    def forward(self, video: Tensor, text: Tensor | None = None) -> VideoTokens:
        """Video (B, frames, 3, px, px) in [0, 1]; text (B, text_width), for towers with FiLM.

        Raises:
            ValueError: the video is no such tensor, or of a size that the tower does not take.
        """

    def __call__(self, video: Tensor, text: Tensor | None = None) -> VideoTokens:
        """The same as `forward`."""


def sample_frames(count: int, wanted: int) -> list[int]:
    """Indices of `wanted` frames, evenly spread over `count`, the last always among them.

    Where there are fewer than wanted, some are seen twice; a single one is the last.

    Raises:
        ValueError: there is no frame, or none is wanted.
    """
    if count < 1 or wanted < 1:
        raise ValueError(f"{wanted} of {count} frames cannot be chosen; have and want at least one")
    if wanted == 1:
        return [count - 1]
    return [round(index * (count - 1) / (wanted - 1)) for index in range(wanted)]


def check_video(video: Tensor, frames: int, multiple: int = 1) -> None:
    """Check that a video is float (B, frames, 3, px, px) in [0, 1], px a multiple of `multiple`.

    Raises:
        ValueError: it is not; the message says what it is and what to do.
    """
    if video.dim() != 5:
        raise ValueError(f"a video is (B, T, 3, px, px), not {tuple(video.shape)}")
    if video.shape[1] != frames:
        raise ValueError(
            f"this tower takes videos of {frames} frames, not {video.shape[1]}; choose them by "
            "`sample_frames`"
        )
    check_frames(video.flatten(0, 1), multiple)
