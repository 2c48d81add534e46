"""Two rates of one video: few frames in many channels, all frames in few."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.towers.video import VideoTokens, check_video

STRIDE = 8  # pixels of a cell's side


class SlowFast(nn.Module):
    """SlowFast (Feichtenhofer et al. 2019, section 3) in two stages, strides 4 and 8.

        all T frames           -> fast, width / 8 channels -+-> fast ------+
                                                  lateral 1 |    lateral 2 |
        every alpha-th frame   -> slow, width channels -----+-> slow ------+-> tokens
                                                                (B, T / alpha * px^2 / 64, width)

    A lateral connection is a convolution over alpha frames, so each slow frame hears of the
    motion since the slow frame before it. The last frame is a slow one.

    Args:
        frames: T, a multiple of alpha.
        width: of the tokens and the slow path, a multiple of 8.
        alpha: fast frames for one slow frame.
    """

    def __init__(self, frames: int, width: int, alpha: int = 4) -> None:
        super().__init__()
        if frames % alpha or width % 8:
            raise ValueError(
                f"{frames} frames at width {width} do not divide; the frames are a multiple of "
                f"{alpha}, the width of 8"
            )
        self.width, self.frames, self.alpha = width, frames, alpha
        few = width // 8
        cell = (1, 4, 4)
        self.slow_stem = nn.Conv3d(3, width, cell, stride=cell)
        self.fast_stem = nn.Conv3d(3, few, cell, stride=cell)
        self.lateral_1 = nn.Conv3d(few, 2 * few, (alpha, 1, 1), stride=(alpha, 1, 1))
        halved = (1, 2, 2)
        self.slow = nn.Conv3d(width + 2 * few, width, (1, 3, 3), halved, padding=(0, 1, 1))
        self.fast = nn.Conv3d(few, few, 3, halved, padding=1)
        self.lateral_2 = nn.Conv3d(few, 2 * few, (alpha, 1, 1), stride=(alpha, 1, 1))
        self.out = nn.Linear(width + 2 * few, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, video: Tensor, text: Tensor | None = None) -> VideoTokens:
        """Video (B, frames, 3, px, px) in [0, 1], px a multiple of 8 -> tokens of slow steps."""
        check_video(video, self.frames, STRIDE)
        frames = 4.0 * (video.transpose(1, 2) - 0.5)  # (B, 3, T, px, px)
        fast = F.relu(self.fast_stem(frames))  # (B, width / 8, T, px / 4, px / 4)
        slow = F.relu(self.slow_stem(frames[:, :, self.alpha - 1 :: self.alpha]))
        slow = torch.cat([slow, self.lateral_1(fast)], dim=1)
        fast = F.relu(self.fast(fast))  # (B, width / 8, T, px / 8, px / 8)
        slow = F.relu(self.slow(slow))  # (B, width, T / alpha, px / 8, px / 8)
        both = torch.cat([slow, self.lateral_2(fast)], dim=1)
        steps, rows, columns = both.shape[2:]
        tokens = self.norm(self.out(both.flatten(2).transpose(1, 2)))
        return VideoTokens(tokens, steps, rows, columns)
