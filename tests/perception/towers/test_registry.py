from pathlib import Path

import pytest
import torch

from handeye.base.names import look_up
from handeye.perception.towers.registry import VIDEO_TOWERS, VISION_TOWERS
from tests.perception.towers.tiny_checkpoints import save_vision


def test_towers_are_made_by_name_from_numbers(tmp_path: Path) -> None:
    save_vision("vit", tmp_path)
    numbers = {
        "patch-vit": {"px": 32, "patch": 8, "width": 16, "layers": 1, "heads": 2},
        "convolution": {"stem": 8, "width": 16, "layers": 2, "text_width": 4},
        "pretrained": {"folder": tmp_path},
    }
    assert VISION_TOWERS.keys() == numbers.keys() | {"efficientnet-lite0"}
    for name, told in numbers.items():
        tower = VISION_TOWERS[name](**told)
        patches = tower(torch.rand(1, 3, 32, 32), torch.randn(1, 4))
        assert patches.tokens.shape == (1, patches.rows * patches.columns, tower.width)


def test_a_name_slightly_wrong_is_answered_with_the_right_one() -> None:
    with pytest.raises(ValueError, match="Did you mean 'patch-vit'"):
        look_up("vision tower", "patch_vitt", VISION_TOWERS)
    assert look_up("video tower", "slow-fast", VIDEO_TOWERS)


@pytest.mark.slow
def test_towers_can_be_exported(tmp_path: Path) -> None:
    save_vision("vit", tmp_path)
    frames = torch.rand(2, 3, 32, 32)
    patches = VISION_TOWERS["patch-vit"](px=32, patch=8, width=16, layers=1, heads=2)
    for tower in (patches, VISION_TOWERS["pretrained"](folder=tmp_path)):
        assert isinstance(tower, torch.nn.Module)
        exported = torch.export.export(tower.eval(), (frames,)).module()
        torch.testing.assert_close(exported(frames).tokens, tower(frames).tokens)
