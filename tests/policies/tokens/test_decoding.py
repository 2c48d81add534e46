import pytest
import torch

from handeye.policies.tokens.action_tokenizer import ActionTokenizer
from handeye.policies.tokens.decoding import (
    ActionGrammar,
    choose,
    decode_autoregressive,
    decode_parallel,
)

TOKENIZER = ActionTokenizer.for_mode("ee_pose")
GRAMMAR = ActionGrammar(TOKENIZER)


@pytest.mark.parametrize("temperature", [0.0, 1.0, 50.0])
def test_every_sampled_sequence_decodes(temperature: float) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = 10 * torch.randn(64, TOKENIZER.slots, TOKENIZER.vocabulary, generator=generator)
    for ids in decode_parallel(logits, GRAMMAR, temperature, generator).numpy():
        TOKENIZER.decode(ids)


def test_one_slot_after_another_sees_what_was_chosen() -> None:
    seen = []

    def step(previous: torch.Tensor, slot: int) -> torch.Tensor:
        seen.append((slot, previous.tolist()))
        logits = torch.zeros(2, TOKENIZER.vocabulary)
        logits[:, TOKENIZER.slot_range(slot)[1]] = 5.0
        return logits

    tokens = decode_autoregressive(step, 2, GRAMMAR)
    assert tokens[0].tolist() == [TOKENIZER.slot_range(slot)[1] for slot in range(8)]
    assert seen[0] == (0, [0, 0])
    assert seen[3][1] == tokens[:, 2].tolist()


def test_sampling_repeats_with_its_seed_and_varies_with_temperature() -> None:
    logits = torch.randn(200, 30, generator=torch.Generator().manual_seed(1))
    first = choose(logits, 1.0, torch.Generator().manual_seed(2))
    assert torch.equal(first, choose(logits, 1.0, torch.Generator().manual_seed(2)))
    assert not torch.equal(first, logits.argmax(-1))
    assert torch.equal(choose(logits, 0.0, None), logits.argmax(-1))


def test_logits_that_are_not_numbers_are_an_error() -> None:
    logits = torch.zeros(1, TOKENIZER.slots, TOKENIZER.vocabulary)
    logits[0, 3, TOKENIZER.slot_range(3)[7]] = torch.nan
    with pytest.raises(ValueError, match="not finite"):
        decode_parallel(logits, GRAMMAR)
