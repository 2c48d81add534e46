"""A frame of high resolution as frames of the tower's side: an overview, tiles, a closer look."""

import torch
import torch.nn.functional as F
from torch import Tensor


def tile(frames: Tensor, px: int, rows: int, columns: int) -> tuple[Tensor, Tensor]:
    """An overview of each frame and rows x columns tiles of it, all of `px` pixels a side.

        (B, 3, H, W) -> [ overview | tile 1 1 | tile 1 2 | ... ]
                        (B, 1 + rows * columns, 3, px, px)

    as in LLaVA-NeXT's AnyRes (Liu et al. 2024). Everything is shrunk with antialiasing.

    Args:
        frames: (B, 3, H, W) in [0, 1]; H and W divide into the tiles.
        px: side of what a tower sees.
        rows: of tiles.
        columns: of tiles.

    Returns:
        The frames, and their boxes (1 + rows * columns, 4): left, top, right, bottom in [0, 1].

    Raises:
        ValueError: the frames do not divide into square tiles.
    """
    if frames.dim() != 4:
        raise ValueError(f"frames are (B, 3, H, W), not {tuple(frames.shape)}")
    if rows < 1 or columns < 1:
        raise ValueError(f"{rows} x {columns} tiles are none; take at least one row and column")
    height, width = frames.shape[2:]
    if height % rows or width % columns or height * columns != width * rows:
        raise ValueError(
            f"frames of {height} x {width} px do not divide into {rows} x {columns} square tiles; "
            "pad them, or choose rows and columns in the ratio of their sides"
        )
    side = height // rows
    tiles = frames.unflatten(3, (columns, side)).unflatten(2, (rows, side))
    tiles = tiles.permute(0, 2, 4, 1, 3, 5).flatten(1, 2)  # (B, rows * columns, 3, side, side)
    shrunk = _resized(tiles.flatten(0, 1), px).unflatten(0, (len(frames), -1))
    top, left = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    corners = torch.stack([left / columns, top / rows], dim=-1).flatten(0, 1)
    boxes = torch.cat([corners, corners + torch.tensor([1 / columns, 1 / rows])], dim=1)
    boxes = torch.cat([torch.tensor([[0.0, 0.0, 1.0, 1.0]]), boxes])
    together = torch.cat([_resized(frames, px)[:, None], shrunk], dim=1)
    return together, boxes.to(frames.device)


def zoom(frames: Tensor, places: Tensor, extent: float, px: int) -> tuple[Tensor, Tensor]:
    """A closer look at one place of each frame; bilinear, so gradients reach frames and places.

    The window is moved as far as it takes to lie inside the frame.

    Args:
        frames: (B, 3, H, W) in [0, 1].
        places: (B, 2), x to the right and y down in [0, 1].
        extent: side of the window as a share of the frame's, in (0, 1].
        px: side of the result.

    Returns:
        The windows (B, 3, px, px), and their boxes (B, 4): left, top, right, bottom in [0, 1].

    Raises:
        ValueError: the extent is not in (0, 1], or there is not one place for each frame.
    """
    if not 0.0 < extent <= 1.0:
        raise ValueError(f"a window of {extent} of a frame's side cannot be cut; take (0, 1]")
    if places.shape != (len(frames), 2):
        raise ValueError(f"places are ({len(frames)}, 2), not {tuple(places.shape)}")
    centre = places.clamp(extent / 2, 1 - extent / 2)
    steps = ((torch.arange(px, device=frames.device) + 0.5) / px - 0.5) * extent
    x, y = (centre[:, axis, None] + steps for axis in (0, 1))  # (B, px)
    grid = torch.stack([x[:, None, :].expand(-1, px, -1), y[:, :, None].expand(-1, -1, px)], dim=-1)
    seen = F.grid_sample(frames, 2 * grid - 1, padding_mode="border", align_corners=False)
    return seen, torch.cat([centre - extent / 2, centre + extent / 2], dim=1)


def _resized(frames: Tensor, px: int) -> Tensor:
    if frames.shape[2:] == (px, px):
        return frames
    resized = F.interpolate(frames, (px, px), mode="bilinear", antialias=True, align_corners=False)
    return resized.clamp(0.0, 1.0)
