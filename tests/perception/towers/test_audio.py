import pytest
import torch
from transformers.models.whisper.modeling_whisper import sinusoids as whispers_sinusoids

from handeye.perception.towers.audio import AudioTower, sinusoids
from handeye.perception.towers.log_mel import log_mel
from tests.perception.towers.test_log_mel import speech


def test_a_token_stands_for_twenty_milliseconds() -> None:
    tokens, mask = AudioTower(16, 1, 2)(log_mel([speech(0.4), speech(1.01)], 16_000))
    assert tokens.shape == (2, 51, 16)
    assert mask.sum(1).tolist() == [20, 51]


def test_positions_are_whispers() -> None:
    torch.testing.assert_close(sinusoids(30, 16), whispers_sinusoids(30, 16))


def test_a_sound_has_the_same_tokens_beside_a_longer_one() -> None:
    tower = AudioTower(16, 2, 2)
    alone, _ = tower(log_mel([speech(0.45)], 16_000))
    beside, mask = tower(log_mel([speech(0.45), speech(1.0)], 16_000))
    torch.testing.assert_close(beside[0, mask[0]], alone[0], atol=1e-4, rtol=1e-4)


def test_every_weight_learns_from_the_tokens() -> None:
    tower = AudioTower(16, 1, 2)
    tower(log_mel([speech(0.2)], 16_000))[0].square().mean().backward()
    assert [name for name, p in tower.named_parameters() if p.grad is None] == []


def test_other_bands_are_refused() -> None:
    with pytest.raises(ValueError, match=r"log_mel\(..., bands=80\)"):
        AudioTower(16, 1, 2)(log_mel([speech(0.2)], 16_000, bands=128))
