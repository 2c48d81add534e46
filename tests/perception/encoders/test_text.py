import pytest
import torch

from handeye.perception.encoders.text import (
    CLASS_ID,
    PAD_ID,
    SPECIALS,
    UNKNOWN_ID,
    InstructionTokenizer,
    TextEncoder,
)

TOKENIZER = InstructionTokenizer.train(["put the red block in the bowl", "lift the block"], 8)


def test_the_vocabulary_is_the_words_of_the_instructions() -> None:
    assert TOKENIZER.words[:3] == SPECIALS
    assert set(TOKENIZER.words[3:]) == {"put", "the", "red", "block", "in", "bowl", "lift"}
    assert InstructionTokenizer(TOKENIZER.words, 8).words == TOKENIZER.words


def test_case_and_punctuation_do_not_matter() -> None:
    plain = TOKENIZER.encode("put the red block in the bowl")
    assert (TOKENIZER.encode("  PUT the red block, in the BOWL!! ") == plain).all()
    assert plain[0] == CLASS_ID
    assert plain[8] == PAD_ID


def test_a_new_word_becomes_the_unknown_one() -> None:
    ids = TOKENIZER.encode("zap the block")
    assert ids[1] == UNKNOWN_ID
    assert ids[2] not in (UNKNOWN_ID, PAD_ID)


def test_a_blank_instruction_has_ids_of_its_own() -> None:
    assert TOKENIZER.encode_words([]).tolist() == [CLASS_ID] + [PAD_ID] * 8
    with pytest.raises(ValueError, match="empty"):
        TOKENIZER.encode("...")


def test_too_many_words_are_refused() -> None:
    with pytest.raises(ValueError, match="9 words"):
        TOKENIZER.encode("the " * 9)


def test_a_foreign_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="starts with"):
        InstructionTokenizer(["the", "block"])


def test_padding_does_not_change_the_words() -> None:
    encoder = TextEncoder(len(TOKENIZER), 9, 16, 1, 2)
    ids = torch.from_numpy(TOKENIZER.encode("lift the block"))[None]
    whole, present = encoder(ids)
    short, _ = encoder(ids[:, :4])
    assert present.sum() == 4
    torch.testing.assert_close(whole[:, :4], short)


def test_who_knows_no_word_reads_all_instructions_alike() -> None:
    blind = InstructionTokenizer.train([])
    assert blind.blind
    told = [blind.encode("push the red block"), blind.encode("stop"), blind.encode_words([])]
    assert all((ids == told[0]).all() for ids in told)
    assert not InstructionTokenizer.train(["stop"]).blind
