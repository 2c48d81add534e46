"""Each thing cut out of its frame, enlarged to one size: small things are told by their outline."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.eyes.pixels import STRIDE_PX

CROP_PX = 32
CROP_CHANNELS = 4  # shading, height over the thing's mean, whether known, the thing's mask
MARGIN = 1.1  # of a window over the thing's longer side
HEIGHT_GAIN = 2.0
DARK = 0.05  # brightness below which shading is not blown up further


def covers(owners: Tensor, count: int) -> Tensor:
    """Share of each cell of 4 x 4 px that each thing covers, (B, N, H / 4, W / 4).

    Args:
        owners: (B, H, W) int64, 1 + the thing whose pixel it is, 0 for none.
        count: N.
    """
    batch, height, width = owners.shape
    rows, columns = height // STRIDE_PX, width // STRIDE_PX
    row = torch.arange(height, device=owners.device)[:, None] // STRIDE_PX
    cell = row * columns + torch.arange(width, device=owners.device) // STRIDE_PX
    place = (owners * (rows * columns) + cell).flatten(1)
    ones = torch.full_like(place, 1 / STRIDE_PX**2, dtype=torch.float32)
    summed = ones.new_zeros(batch, (1 + count) * rows * columns).scatter_add_(1, place, ones)
    return summed.view(batch, 1 + count, rows, columns)[:, 1:]


def windows(cover: Tensor) -> Tensor:
    """Squares around things: (B, N, 3) column and row of the middle, side, in pixels."""
    edges = []
    for seen in (cover.amax(2) > 0, cover.amax(3) > 0):  # across, down
        count = seen.shape[-1]
        first = seen.float().argmax(-1)
        last = count - 1 - seen.flip(-1).float().argmax(-1)
        edges.append((STRIDE_PX * first.float(), STRIDE_PX * (last + 1).float()))
    (left, right), (top, bottom) = edges
    side = MARGIN * torch.maximum(right - left, bottom - top)
    return torch.stack([(left + right) / 2, (top + bottom) / 2, side], dim=-1)


def crops(frames: Tensor, owners: Tensor, cover: Tensor, height: Tensor) -> Tensor:
    """Things enlarged, (B, N, CROP_CHANNELS, CROP_PX, CROP_PX), without their colours.

    Shading is brightness over the thing's own mean, so that yellow looks like blue.

    Args:
        frames: (B, 7, H, W).
        owners: (B, H, W).
        cover: (B, N, h, w) as `covers` gives it.
        height: (B, N) mean scaled z of each thing.
    """
    batch, count = cover.shape[:2]
    rows, columns = owners.shape[1:]
    window = windows(cover)
    steps = (torch.arange(CROP_PX, device=frames.device) + 0.5) / CROP_PX - 0.5
    x = (window[..., 0:1] + window[..., 2:3] * steps).long().clamp(0, columns - 1)
    y = (window[..., 1:2] + window[..., 2:3] * steps).long().clamp(0, rows - 1)
    place = (y[..., :, None] * columns + x[..., None, :]).flatten(1)  # (B, N CROP_PX CROP_PX)
    channels = torch.cat([frames[:, :3].mean(1, keepdim=True), frames[:, 5:7]], dim=1).flatten(2)
    picked = channels.gather(2, place[:, None].expand(-1, 3, -1))
    picked = picked.view(batch, 3, count, CROP_PX, CROP_PX).transpose(1, 2)
    own = owners.flatten(1).gather(1, place).view(batch, count, CROP_PX, CROP_PX)
    mask = (own == torch.arange(1, count + 1, device=own.device)[:, None, None]).float()
    light, above, known = picked.unbind(2)
    usual = (light * mask).sum((-2, -1)) / mask.sum((-2, -1)).clamp_min(1.0)
    shading = light / usual.clamp_min(DARK)[..., None, None] - 1.0
    above = HEIGHT_GAIN * (above - height[..., None, None]) * known
    return torch.stack([shading.clamp_max(2.0), above, known, mask], dim=2)


class CropNet(nn.Module):
    """Enlarged things (B, N, 4, 32, 32) -> features (B, N, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(CROP_CHANNELS, 16, 3, stride=2, padding=1)
        self.second = nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.third = nn.Conv2d(32, 64, 3, padding=1)
        self.norms = nn.ModuleList(nn.GroupNorm(4, channels) for channels in (16, 32, 64))
        self.out = nn.Linear(64 * 16, width)

    def forward(self, pictures: Tensor) -> Tensor:
        """See the class."""
        batch, count = pictures.shape[:2]
        maps = pictures.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        for conv, norm in zip((self.first, self.second, self.third), self.norms, strict=True):
            maps = F.relu(norm(conv(maps)))
        small = F.avg_pool2d(maps, 2)
        return self.out(small.reshape(len(small), self.out.in_features)).unflatten(
            0, (batch, count)
        )
