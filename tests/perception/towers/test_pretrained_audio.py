from pathlib import Path

import pytest
import torch

from handeye.perception.towers.log_mel import log_mel
from handeye.perception.towers.pretrained_audio import PretrainedAudio
from tests.perception.towers.test_log_mel import speech
from tests.perception.towers.tiny_checkpoints import bert, whisper


@pytest.mark.slow
def test_tokens_are_whispers_own(tmp_path: Path) -> None:
    model = whisper().eval()
    model.save_pretrained(tmp_path)
    tower = PretrainedAudio.load(tmp_path)
    sound = log_mel([speech(0.4), speech(1.01)], 16_000, tower.bands, pad_to_s=30)
    tokens, mask = tower(sound)
    assert tokens.shape == (2, 51, 16)
    assert tower.width == 16
    assert mask.sum(1).tolist() == [20, 51]
    with torch.no_grad():
        theirs = model.get_encoder()(sound.bands).last_hidden_state
    torch.testing.assert_close(tokens, theirs[:, :51], atol=1e-5, rtol=1e-5)


def test_shorter_pictures_and_other_models_are_refused(tmp_path: Path) -> None:
    whisper().save_pretrained(tmp_path)
    tower = PretrainedAudio.load(tmp_path)
    with pytest.raises(ValueError, match=r"bands=80, pad_to_s=30"):
        tower(log_mel([speech(0.2)], 16_000))
    bert().save_pretrained(tmp_path / "words")
    with pytest.raises(ValueError, match="'bert', which hears nothing"):
        PretrainedAudio.load(tmp_path / "words")
