import pytest
import torch
import torch.nn.functional as F

from handeye.perception.towers.convolution import ConvolutionTower
from handeye.perception.towers.divided_attention import DividedVideo
from handeye.perception.towers.patch_vit import PatchViT
from handeye.perception.towers.slow_fast import SlowFast
from handeye.perception.towers.tubelets import TubeletVideo, tubelets
from handeye.perception.towers.video import VideoTower

FRAMES, PX = 4, 16


def divided() -> DividedVideo:
    return DividedVideo(PatchViT(PX, 8, 16, 1, 2), FRAMES, 1, 2)


TOWERS = {
    "divided": (divided, 4, 2),
    "tubelets": (lambda: TubeletVideo(PX, 8, FRAMES, 2, 16, 1, 2), 2, 2),
    "slow-fast": (lambda: SlowFast(FRAMES, 16, alpha=2), 2, 2),
}


@pytest.fixture(params=TOWERS)
def tower(request: pytest.FixtureRequest) -> VideoTower:
    return TOWERS[request.param][0]()


@pytest.mark.parametrize("name", TOWERS)
def test_tokens_stand_in_time_order(name: str) -> None:
    make, steps, side = TOWERS[name]
    seen = make()(torch.rand(2, FRAMES, 3, PX, PX))
    assert (seen.steps, seen.rows, seen.columns) == (steps, side, side)
    assert seen.tokens.shape == (2, steps * side * side, 16)


def test_every_weight_learns(tower: torch.nn.Module) -> None:
    tower(torch.rand(2, FRAMES, 3, PX, PX)).tokens.square().mean().backward()
    assert [name for name, p in tower.named_parameters() if p.grad is None] == []


def test_the_order_of_frames_matters(tower: torch.nn.Module) -> None:
    if isinstance(tower, DividedVideo):
        torch.nn.init.normal_(tower.time)
        torch.nn.init.normal_(tower.blocks[0].time.out.weight)
    video = torch.rand(1, FRAMES, 3, PX, PX)
    last_first = video[:, [3, 1, 2, 0]]
    ahead, back = tower(video).tokens, tower(last_first).tokens
    assert not torch.allclose(ahead.mean(1), back.mean(1), atol=1e-5)


def test_divided_attention_starts_as_the_tower_of_single_frames() -> None:
    tower, video = divided(), torch.rand(1, FRAMES, 3, PX, PX)
    tokens = tower(video).tokens.view(1, FRAMES, 4, 16)
    changed = video.clone()
    changed[:, 0] = 0.0
    again = tower(changed).tokens.view(1, FRAMES, 4, 16)
    torch.testing.assert_close(tokens[:, 1:], again[:, 1:])
    torch.nn.init.normal_(tower.blocks[0].time.out.weight)
    moved = tower(changed).tokens.view(1, FRAMES, 4, 16)
    assert not torch.allclose(tokens[:, 1:], moved[:, 1:], atol=1e-3)


def test_the_text_reaches_every_frame_of_its_own_video() -> None:
    inner = ConvolutionTower(8, 16, 2, text_width=4)
    torch.nn.init.normal_(inner.trunk.film[0].film.weight)
    tower, video = DividedVideo(inner, FRAMES, 1, 2), torch.rand(2, FRAMES, 3, PX, PX)
    text = torch.randn(2, 4)
    both = tower(video, text).tokens
    torch.testing.assert_close(both[1:], tower(video[1:], text[1:]).tokens, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(both[1:], tower(video[1:], text[:1]).tokens, atol=1e-3)


def test_tubelets_are_the_3d_convolution_of_the_paper() -> None:
    video, weight = torch.rand(2, 4, 3, 8, 8), torch.randn(5, 3, 2, 4, 4)
    ours = F.linear(tubelets(video, 2, 4), weight.flatten(1))
    theirs = F.conv3d(video.transpose(1, 2), weight, stride=(2, 4, 4)).flatten(2).transpose(1, 2)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_each_slow_step_hears_of_the_fast_frames_before_it() -> None:
    tower, video = SlowFast(FRAMES, 16, alpha=2), torch.rand(1, FRAMES, 3, PX, PX)
    changed = video.clone()
    changed[:, 2] = 0.0  # a frame that only the fast path sees
    steps, again = (tower(v).tokens.view(1, 2, 4, 16) for v in (video, changed))
    assert not torch.allclose(steps[:, 1], again[:, 1], atol=1e-5)


def test_numbers_that_do_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 4, the width of 8"):
        SlowFast(6, 16)
    with pytest.raises(ValueError, match="tubelets of 2 frames"):
        TubeletVideo(16, 8, 5, 2, 16, 1, 2)
    with pytest.raises(ValueError, match="frames of 16 px, not 32"):
        TubeletVideo(16, 8, 4, 2, 16, 1, 2)(torch.rand(1, 4, 3, 32, 32))
    with pytest.raises(ValueError, match="videos of 4 frames"):
        divided()(torch.rand(1, 3, 3, 16, 16))
