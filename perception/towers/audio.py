"""An audio tower of any small size: Whisper's encoder on our blocks."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.encoders.attention import Block
from handeye.perception.towers.log_mel import Spectrogram


class AudioTower(nn.Module):
    """Log-mel pictures -> tokens of 20 ms (Radford et al. 2022, section 2.2).

        bands (B, 80, F) -> convolution 3, stride 1 -> convolution 3, stride 2 -> + sinusoids
                         -> blocks -> norm -> tokens (B, F / 2, width)

    Padding is held at zero before each convolution and out of attention's sight, so that a sound
    has the same tokens beside a longer one.

    Args:
        width: of the tokens, even.
        layers: blocks.
        heads: of attention.
        bands: of the pictures.
    """

    def __init__(self, width: int, layers: int, heads: int, bands: int = 80) -> None:
        super().__init__()
        self.width, self.bands = width, bands
        self.first = nn.Conv1d(bands, width, 3, padding=1)
        self.second = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, sound: Spectrogram) -> tuple[Tensor, Tensor]:
        """Bands (B, bands, F) -> tokens (B, ceil(F / 2), width) and their mask."""
        if sound.bands.shape[1] != self.bands:
            raise ValueError(
                f"the pictures have {sound.bands.shape[1]} bands, this tower takes {self.bands}; "
                f"make them with `log_mel(..., bands={self.bands})`"
            )
        heard = sound.mask[:, None]
        maps = F.gelu(self.first(sound.bands * heard)) * heard
        tokens = F.gelu(self.second(maps)).transpose(1, 2)  # (B, N, width)
        tokens = tokens + sinusoids(tokens.shape[1], self.width).to(tokens)
        mask = sound.mask[:, ::2]
        for block in self.blocks:
            tokens, _ = block(tokens, mask[:, None, None, :])
        return self.norm(tokens), mask


def sinusoids(length: int, width: int) -> Tensor:
    """Positions (length, width): sines then cosines of wavelengths from 2 pi to 20,000 pi."""
    rates = torch.exp(torch.arange(width // 2) * (-math.log(10_000) / max(width // 2 - 1, 1)))
    angles = torch.arange(length)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)
