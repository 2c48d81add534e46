import pytest
import torch

from handeye.perception.budgets.tiling import tile, zoom


def test_tiles_are_the_parts_of_the_frame() -> None:
    frames = torch.rand(2, 3, 32, 48)
    seen, boxes = tile(frames, 16, 2, 3)
    assert seen.shape == (2, 7, 3, 16, 16)
    assert torch.equal(seen[:, 4], frames[:, :, 16:, :16])
    torch.testing.assert_close(boxes[0], torch.tensor([0.0, 0.0, 1.0, 1.0]))
    torch.testing.assert_close(boxes[6], torch.tensor([2 / 3, 0.5, 1.0, 1.0]))


def test_the_overview_is_an_average_of_the_frame() -> None:
    seen, _ = tile(torch.rand(1, 3, 64, 64), 8, 1, 1)
    assert torch.equal(seen[:, 0], seen[:, 1])
    noise = torch.rand(1, 3, 256, 256)
    assert tile(noise, 8, 1, 1)[0].std() < 0.3 * noise.std()


def test_a_zoom_of_the_whole_frame_is_the_frame() -> None:
    frames = torch.rand(2, 3, 16, 16)
    seen, boxes = zoom(frames, torch.rand(2, 2), 1.0, 16)
    torch.testing.assert_close(seen, frames, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(boxes, torch.tensor([0.0, 0.0, 1.0, 1.0]).expand(2, 4))


def test_a_zoom_shows_its_box_and_stays_in_the_frame() -> None:
    frames = torch.rand(1, 3, 16, 16)
    seen, boxes = zoom(frames, torch.tensor([[0.75, 0.0]]), 0.5, 8)
    torch.testing.assert_close(boxes, torch.tensor([[0.5, 0.0, 1.0, 0.5]]))
    torch.testing.assert_close(seen, frames[:, :, :8, 8:], atol=1e-5, rtol=1e-5)


def test_the_place_of_a_zoom_learns() -> None:
    places = torch.full((1, 2), 0.4, requires_grad=True)
    zoom(torch.rand(1, 3, 16, 16), places, 0.5, 8)[0].square().sum().backward()
    assert places.grad is not None
    assert places.grad.abs().sum() > 0


def test_impossible_cuts_are_refused() -> None:
    with pytest.raises(ValueError, match="square tiles"):
        tile(torch.rand(1, 3, 32, 48), 16, 2, 2)
    with pytest.raises(ValueError, match="at least one"):
        tile(torch.rand(1, 3, 32, 32), 16, 0, 2)
    with pytest.raises(ValueError, match=r"\(B, 3, H, W\)"):
        tile(torch.rand(3, 32, 32), 16, 1, 1)
    with pytest.raises(ValueError, match=r"take \(0, 1\]"):
        zoom(torch.rand(1, 3, 8, 8), torch.rand(1, 2), 1.5, 8)
    with pytest.raises(ValueError, match=r"places are \(1, 2\)"):
        zoom(torch.rand(1, 3, 8, 8), torch.rand(2, 2), 0.5, 8)
