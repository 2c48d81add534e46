"""The contract of a vision tower: frames in, patch tokens that lie on a grid out."""

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

MAX_PX = 4096  # a larger frame is a mistake, or a case for tiles


class Patches(NamedTuple):
    """Tokens of a frame's cells, row by row from the top left.

    Attributes:
        tokens: (B, rows * columns, width), without class tokens.
        rows: of the grid.
        columns: of the grid.
    """

    tokens: Tensor
    rows: int
    columns: int

    @property
    def maps(self) -> Tensor:
        """The tokens as maps (B, width, rows, columns)."""
        return self.tokens.transpose(1, 2).unflatten(2, (self.rows, self.columns))


class VisionTower(Protocol):
    """A module that turns frames into tokens of one `width`."""

    width: int

    def forward(self, frames: Tensor, text: Tensor | None = None) -> Patches:
        """Frames (B, 3, px, px) in [0, 1]; `text` (B, text_width) is the pooled instruction.

        A tower without FiLM looks at the frames alone, whatever the text.

        Raises:
            ValueError: the frames are no such tensor, or of a size that the tower does not take.
        """

    def __call__(self, frames: Tensor, text: Tensor | None = None) -> Patches:
        """The same as `forward`."""


def flattened(maps: Tensor) -> Patches:
    """Maps (B, width, rows, columns) -> their cells, row by row."""
    rows, columns = maps.shape[2:]
    return Patches(maps.flatten(2).transpose(1, 2), rows, columns)


def check_frames(frames: Tensor, multiple: int = 1) -> None:
    """Check that frames are float (B, 3, px, px) in [0, 1].

    Values are looked at on the CPU alone: looking makes a GPU wait.

    Args:
        frames: what a caller gave.
        multiple: of pixels that the side must be.

    Raises:
        ValueError: they are not; the message says what they are and what to do.
    """
    shape = tuple(frames.shape)
    if len(shape) != 4 or shape[1] != 3:
        raise ValueError(f"frames are (B, 3, px, px), not {shape}; put colours before rows")
    if not frames.is_floating_point():
        raise ValueError(f"frames are float in [0, 1], not {frames.dtype}; divide uint8 by 255")
    side = shape[2]
    if shape[3] != side:
        raise ValueError(f"frames are square, these {side} x {shape[3]}; crop or pad them first")
    if not 0 < side <= MAX_PX:
        raise ValueError(f"frames have 1 to {MAX_PX} px a side, these {side}; cut larger ones up")
    if side % multiple:
        raise ValueError(
            f"frames of {side} px do not divide into cells of {multiple} px; render them at a "
            f"multiple of {multiple}"
        )
    if frames.device.type == "cpu" and not torch.compiler.is_compiling() and len(frames):
        low, high = (bound.item() for bound in torch.aminmax(frames.detach()))
        if not (low >= 0.0 and high <= 1.0):  # NaN compares with nothing
            raise ValueError(
                f"frames lie in [0, 1], these in [{low:.3g}, {high:.3g}]; divide by 255 or clip"
            )
