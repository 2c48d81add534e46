import pytest
import torch

from handeye.perception.towers.vision import Patches, check_frames, flattened


def test_cells_are_read_row_by_row() -> None:
    maps = torch.arange(6.0).view(1, 1, 2, 3)
    patches = flattened(maps)
    assert patches.tokens[0, :, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert (patches.rows, patches.columns) == (2, 3)
    assert torch.equal(patches.maps, maps)
    assert torch.equal(Patches(patches.tokens, 2, 3).maps, maps)


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        (torch.rand(3, 16, 16), r"\(B, 3, px, px\)"),
        (torch.rand(1, 16, 16, 3), "colours before rows"),
        (torch.rand(1, 4, 16, 16), r"\(B, 3, px, px\)"),
        (torch.zeros(1, 3, 16, 16, dtype=torch.uint8), "divide uint8 by 255"),
        (torch.rand(1, 3, 16, 24), "square"),
        (torch.rand(1, 3, 0, 0), "1 to 4096 px"),
        (torch.empty(1, 3, 20_000, 20_000, device="meta"), "1 to 4096 px"),
        (torch.rand(1, 3, 12, 12), "multiple of 8"),
        (torch.rand(1, 3, 16, 16) * 255, "divide by 255"),
        (-torch.ones(1, 3, 16, 16), r"\[-1, -1\]"),
        (torch.full((1, 3, 16, 16), torch.nan), "divide by 255 or clip"),
    ],
)
def test_other_frames_are_refused(frames: torch.Tensor, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check_frames(frames, 8)


def test_frames_of_one_pixel_are_frames() -> None:
    check_frames(torch.rand(1, 3, 1, 1))
