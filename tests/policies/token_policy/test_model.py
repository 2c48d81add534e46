from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModel, AutoProcessor

from handeye.policies.token_policy.config import PRESETS
from handeye.policies.token_policy.model import TokenPolicy, quadratic
from tests.policies.builders import observation, processor, tiny_policy

WORDS = "pick up the red block"


@pytest.mark.parametrize(("preset", "millions"), [("nano", 3.0), ("small", 25.0)])
def test_presets_keep_their_size(preset: str, millions: float) -> None:
    config = PRESETS[preset](vocabulary=150, kinds=["k"] * 16, colours=["c"] * 8)
    with torch.device("meta"):
        model = TokenPolicy(config)
    assert sum(p.numel() for p in model.parameters()) <= millions * 1e6


@pytest.mark.parametrize("decoding", ["parallel", "autoregressive"])
def test_saved_and_loaded_it_decides_the_same(tmp_path: Path, decoding: str) -> None:
    model, ours = tiny_policy(decoding=decoding), processor()
    model.save_pretrained(tmp_path)
    ours.save_pretrained(tmp_path)
    loaded, theirs = AutoModel.from_pretrained(tmp_path), AutoProcessor.from_pretrained(tmp_path)
    assert AutoConfig.from_pretrained(tmp_path).decoding == decoding
    assert theirs.words == ours.words
    tokens, seen = model.decide(**ours(observation(), WORDS))
    again, seen_again = loaded.eval().decide(**theirs(observation(), WORDS))
    assert torch.equal(tokens, again)
    torch.testing.assert_close(seen.logits, seen_again.logits, atol=1e-5, rtol=1e-5)


def test_the_cache_gives_the_logits_of_teacher_forcing() -> None:
    model = tiny_policy(decoding="autoregressive", layers=2)
    inputs = processor()(observation(), WORDS)
    tokens, seen = model.decide(**inputs)
    forced = model(**inputs, action_tokens=tokens)
    torch.testing.assert_close(forced.logits, seen.logits, atol=1e-4, rtol=1e-4)


def test_an_autoregressive_slot_does_not_see_later_ones() -> None:
    model = tiny_policy(decoding="autoregressive")
    inputs = processor()(observation(), WORDS)
    tokens, _ = model.decide(**inputs)
    changed = tokens.clone()
    changed[0, 5] = model.tokenizer.slot_range(5)[9]
    before, after = model(**inputs, action_tokens=tokens), model(**inputs, action_tokens=changed)
    assert torch.equal(before.logits[:, :6], after.logits[:, :6])
    assert not torch.equal(before.logits[:, 6], after.logits[:, 6])


def test_padding_words_changes_nothing() -> None:
    model = tiny_policy()
    short = processor()(observation(), WORDS)
    long = processor()(observation(), WORDS + " and then the red block")
    both = {key: torch.cat([short[key], long[key]]) for key in short}
    alone, beside_longer = model(**short).logits, model(**both).logits[:1]
    torch.testing.assert_close(alone, beside_longer, atol=1e-4, rtol=1e-4)


def test_words_read_beforehand_decide_the_same() -> None:
    model = tiny_policy()
    inputs = processor()(observation(), WORDS)
    tokens, seen = model.decide(**inputs)
    read, seen_read = model.decide(**{**inputs, "words": model.read(inputs["words"])})
    assert torch.equal(tokens, read)
    assert torch.equal(seen.logits, seen_read.logits)


@pytest.mark.slow
def test_any_sampled_sequence_is_an_action() -> None:
    model = tiny_policy()
    inputs = processor()(observation(), WORDS)
    generator = torch.Generator().manual_seed(3)
    for _ in range(20):
        tokens, _ = model.decide(**inputs, temperature=3.0, generator=generator)
        values, _ = model.tokenizer.decode(tokens[0].numpy())
        assert values.shape == (7,)


def test_every_weight_is_trained() -> None:
    model = tiny_policy(decoding="autoregressive").train()
    inputs = processor()(observation(), WORDS)
    tokens, _ = model.decide(**inputs)
    output = model(**inputs, action_tokens=tokens)
    parts = (output.logits, output.front_logits, output.wrist_logits, output.referred_xyz)
    parts += (
        output.aims_xyz,
        output.named_classes,
        output.relation,
        output.front_classes,
        output.wrist_classes,
    )
    sum(part.square().mean() for part in parts).backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


def test_an_unknown_decoding_is_refused() -> None:
    with pytest.raises(ValueError, match="'parallel' or 'autoregressive'"):
        tiny_policy(decoding="diffusion")


def test_told_places_move_the_action_and_untold_ones_do_not() -> None:
    model = tiny_policy()
    inputs = processor()(observation(), WORDS)
    untold = torch.full((1, 2, 3), torch.nan)
    own = model(**inputs)
    assert torch.equal(model(**inputs, places=untold).logits, own.logits)
    told = untold.clone()
    told[:, 0] = torch.tensor([0.5, 0.2, 0.05])
    seen = model(**inputs, places=told)
    assert not torch.equal(seen.logits, own.logits)
    assert torch.equal(seen.referred_xyz, own.referred_xyz)  # what is judged as grounding


def test_pixels_start_where_least_squares_put_them() -> None:
    model = tiny_policy()
    xy = torch.rand(50, 2, generator=torch.Generator().manual_seed(0))
    xyz = quadratic(xy) @ torch.tensor(
        [[0.1, 0, 0], [0, 0.3, 0], [0, 0, 0.1], [0.1, 0, 0], [0] * 3]
    )
    model.fit_pixels(xy, xyz + 0.2)
    torch.testing.assert_close(model.xyz_from_pixels(quadratic(xy)), xyz + 0.2, atol=1e-5, rtol=0)


def aiming_policy() -> TokenPolicy:
    """Aims beside the second place: the first aim 10 cm left of it, the other 10 cm further on."""
    model = tiny_policy()
    bias = torch.zeros(2, 6)  # x y z, along, which of two places
    bias[:, 5] = 50.0
    bias[0, 1] = -1.0
    bias[1, 3] = 1.0
    with torch.no_grad():
        model.aim.bias.copy_(bias.flatten())
    return model


def test_aims_stand_beside_the_places_they_choose() -> None:
    told = torch.tensor([[[0.4, 0.0, 0.05], [0.6, 0.0, 0.05]]])
    aims = aiming_policy()(**processor()(observation(), WORDS), places=told).aims_xyz
    torch.testing.assert_close(aims[0, 0], torch.tensor([0.6, -0.1, 0.05]))
    torch.testing.assert_close(aims[0, 1], torch.tensor([0.7, 0.0, 0.05]))


def test_two_places_on_one_spot_have_no_way_between_them() -> None:
    told = torch.full((1, 2, 3), 0.4)
    aims = aiming_policy()(**processor()(observation(), WORDS), places=told).aims_xyz
    torch.testing.assert_close(aims[0, 1], told[0, 1])


def test_the_action_follows_its_aims_and_teaches_them() -> None:
    told = torch.tensor([[[0.4, 0.0, 0.05], [0.6, 0.0, 0.05]]])
    inputs = processor()(observation(), WORDS)
    model, other = tiny_policy(), aiming_policy()
    assert not torch.equal(model(**inputs, places=told).logits, other(**inputs, places=told).logits)
    model(**inputs, places=told).logits[0, 1].log_softmax(-1)[-1].backward()
    assert model.aim.bias.grad is not None
    assert (model.aim.bias.grad != 0).any()
