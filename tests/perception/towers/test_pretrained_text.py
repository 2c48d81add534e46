from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel

from handeye.perception.towers.pretrained_text import PretrainedText
from tests.perception.towers.tiny_checkpoints import TEXTS, save_vision, t5, tokenizer

SENTENCES = ["put the red block", "in the bowl"]


def saved(name: str, folder: Path, **options: object) -> PreTrainedModel:
    torch.manual_seed(0)
    model = TEXTS[name]().eval()
    model.save_pretrained(folder)
    tokenizer(**options).save_pretrained(folder)  # type: ignore[arg-type]
    return model


@pytest.mark.parametrize("name", TEXTS)
def test_sentences_become_tokens(name: str, tmp_path: Path) -> None:
    saved(name, tmp_path)
    tower = PretrainedText.load(tmp_path)
    words = tower.words(SENTENCES)
    assert words.mask.tolist() == [[True] * 4, [True] * 3 + [False]]
    tokens, mask = tower(words)
    assert tokens.shape == (2, 4, 16)
    assert tower.width == 16
    assert torch.equal(mask, words.mask)
    assert not tokens.requires_grad


@pytest.mark.parametrize("name", TEXTS)
def test_tokens_are_those_of_transformers_itself(name: str, tmp_path: Path) -> None:
    model = saved(name, tmp_path)
    tower = PretrainedText.load(tmp_path)
    words = tower.words(SENTENCES)
    part = model.get_encoder() if name == "t5" else getattr(model, "text_model", model)
    with torch.no_grad():
        theirs = part(input_ids=words.ids, attention_mask=words.mask.long()).last_hidden_state
    torch.testing.assert_close(tower(words)[0], theirs, atol=1e-6, rtol=1e-5)


def test_a_sentence_is_read_the_same_beside_a_longer_one(tmp_path: Path) -> None:
    saved("bert", tmp_path)
    tower = PretrainedText.load(tmp_path)
    alone, _ = tower(tower.words(SENTENCES[1:]))
    beside, _ = tower(tower.words(SENTENCES))
    torch.testing.assert_close(alone[0], beside[1, :3], atol=1e-5, rtol=1e-5)


def test_a_tokenizer_without_masks_pads_to_the_full_length(tmp_path: Path) -> None:
    saved("siglip", tmp_path, model_input_names=["input_ids"])
    tower = PretrainedText.load(tmp_path)
    words = tower.words(SENTENCES)
    assert words.ids.shape == (2, 12)
    assert words.mask.sum(1).tolist() == [4, 3]
    with torch.no_grad():
        theirs = tower.model(input_ids=words.ids).last_hidden_state
    torch.testing.assert_close(tower(words)[0], theirs, atol=1e-6, rtol=1e-5)


def test_trainable_it_learns(tmp_path: Path) -> None:
    saved("bert", tmp_path)
    tower = PretrainedText.load(tmp_path, frozen=False)
    tower(tower.words(SENTENCES))[0].square().mean().backward()
    assert any(p.grad is not None and p.grad.any() for p in tower.parameters())


def test_sentences_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    saved("bert", tmp_path)
    tower = PretrainedText.load(tmp_path)
    assert tower.max_length == 12
    with pytest.raises(ValueError, match="has 15 tokens; this encoder reads at most 12"):
        tower.words(["block " * 15, "bowl"])
    for sentences in ([], ["put", " "], "put the block"):
        with pytest.raises(ValueError, match="a list of sentences"):
            tower.words(sentences)


def test_another_script_is_unknown_words_and_control_characters_are_read_over(
    tmp_path: Path,
) -> None:
    saved("bert", tmp_path)
    tower = PretrainedText.load(tmp_path)
    tokens, _ = tower(tower.words(["赤い ブロック", "put\x00\x07 the"]))
    assert tokens.isfinite().all()


def test_folders_that_hold_no_encoder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no text encoder"):
        PretrainedText.load(tmp_path)
    save_vision("vit", tmp_path / "sight")
    with pytest.raises(ValueError, match="'vit', which is no text encoder"):
        PretrainedText.load(tmp_path / "sight")
    t5().save_pretrained(tmp_path / "mute")
    with pytest.raises(ValueError, match="no tokenizer"):
        PretrainedText.load(tmp_path / "mute")


def test_a_tokenizer_of_more_words_than_the_model_is_refused(tmp_path: Path) -> None:
    saved("bert", tmp_path)
    larger = tokenizer()
    larger.add_tokens(["table", "lamp"])
    larger.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="knows 12 tokens, its model 10"):
        PretrainedText.load(tmp_path)
