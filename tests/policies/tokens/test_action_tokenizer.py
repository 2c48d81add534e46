import numpy as np
import pytest

from handeye.policies.tokens.action_tokenizer import (
    ACTION_BOUNDS,
    BEGIN_ID,
    CONTINUE_ID,
    TERMINATE_ID,
    ActionTokenizer,
)


@pytest.mark.parametrize("mode", ACTION_BOUNDS)
def test_a_decoded_action_is_within_half_a_bin(mode: str) -> None:
    tokenizer = ActionTokenizer.for_mode(mode)
    low, high = np.array(tokenizer.low), np.array(tokenizer.high)
    values = np.random.default_rng(0).uniform(low, high, (500, len(low)))
    for row, ids in zip(values, tokenizer.encode(values, np.zeros(500, bool)), strict=True):
        decoded, terminate = tokenizer.decode(ids)
        assert not terminate
        assert (np.abs(decoded - row) <= (high - low) / 512 + 1e-6).all()


def test_slots_share_one_vocabulary_without_overlap() -> None:
    tokenizer = ActionTokenizer.for_mode("ee_pose")
    ids = [token for slot in range(tokenizer.slots) for token in tokenizer.slot_range(slot)]
    assert sorted(ids) == list(range(BEGIN_ID + 1, tokenizer.vocabulary))
    assert tokenizer.vocabulary == 3 + 7 * 256


def test_values_beyond_the_bounds_go_to_the_outermost_bins() -> None:
    tokenizer = ActionTokenizer.for_mode("ee_pose")
    ids = tokenizer.encode(np.full(7, 99.0), True)
    assert ids[0] == TERMINATE_ID
    assert [int(i) for i in ids[1:]] == [tokenizer.slot_range(s)[-1] for s in range(1, 8)]


def test_a_sequence_outside_the_grammar_is_refused_not_decoded_to_zero() -> None:
    tokenizer = ActionTokenizer.for_mode("ee_pose")
    good = tokenizer.encode(np.array([0.5, 0, 0.1, 0, 0, 0, 1]), False)
    with pytest.raises(ValueError, match=r"slot 2 \(y\)"):
        tokenizer.decode([*good[:2], CONTINUE_ID, *good[3:]])
    with pytest.raises(ValueError, match="8 tokens"):
        tokenizer.decode(good[:5])


@pytest.mark.parametrize("values", [np.full(7, np.nan), np.zeros(6)])
def test_what_is_no_action_is_not_encoded(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="7 finite numbers"):
        ActionTokenizer.for_mode("ee_delta").encode(values, False)


def test_an_unknown_mode_is_named() -> None:
    with pytest.raises(ValueError, match="known: ee_delta, ee_pose"):
        ActionTokenizer.for_mode("ee_speed")
