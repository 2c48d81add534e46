"""The convolutional trunk as a vision tower, with or without FiLM by the instruction."""

from torch import Tensor, nn

from handeye.perception.encoders.image import FilmConvEncoder
from handeye.perception.towers.vision import Patches, check_frames, flattened

STRIDE = 8  # pixels of a cell's side


class ConvolutionTower(nn.Module):
    """`FilmConvEncoder` at stride 8, its cells as tokens.

        frames (B, 3, px, px) -> stem -> blocks -> FiLM blocks -> (B, width, px/8, px/8)
                                                     ^
                              text (B, text_width) --+

    With `text_width` this is the early fusion of RT-1 (Brohan et al. 2022, section 5.1): FiLM
    layers that start as the identity let the instruction choose what the trunk looks for.

    Args:
        stem: channels at stride 4.
        width: channels at stride 8, the width of the tokens.
        layers: residual blocks at stride 8; with text, all but the first are FiLM's.
        text_width: of the pooled instruction; None: the text is not looked at.
    """

    def __init__(self, stem: int, width: int, layers: int, text_width: int | None = None) -> None:
        super().__init__()
        self.width = width
        plain = layers if text_width is None else 1
        self.trunk = FilmConvEncoder(stem, width, text_width or 0, plain, layers - plain)

    def forward(self, frames: Tensor, text: Tensor | None = None) -> Patches:
        """Frames (B, 3, px, px) in [0, 1], px a multiple of 8; text (B, text_width) or None."""
        check_frames(frames, STRIDE)
        return flattened(self.trunk(frames, text).conditioned)
