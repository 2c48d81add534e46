"""Every family, small: what it makes of frames and words, learns from, and says."""

from typing import Any

import pytest
import torch

from handeye.base.names import UnknownName
from handeye.perception.families.family import Exchange, Family, FamilyConfig
from handeye.perception.families.registry import FAMILIES, family_class, make_family
from handeye.perception.families.vocabulary import END_ID, FIRST_WORD_ID, MASK_ID

PX, WIDTH, WORDS = 32, 32, FIRST_WORD_ID + 40
SCORING = {"clip", "siglip"}
MASKING = {"vilbert", "visualbert"}
WRITING = {"perceiver", "flamingo", "llava"}  # the others write as llava does


def tiny(name: str, **changes: Any) -> Family:
    torch.manual_seed(0)
    sizes = {
        "px": PX, "patch": 8, "width": WIDTH, "heads": 2, "tower_layers": 1, "text_layers": 1,
        "fusion_layers": 1, "language_layers": 1, "frame_tokens": 4, "vocabulary": WORDS,
    }  # fmt: skip
    sizes |= {"family": name, **family_class(name).usual, **changes}
    return make_family(FamilyConfig(**sizes)).eval()


def frames(batch: int, cameras: int = 2) -> torch.Tensor:
    return torch.rand(batch, cameras, 3, PX, PX, generator=torch.Generator().manual_seed(1))


def words(batch: int, length: int = 5) -> torch.Tensor:
    """Rows of [class] and words, the last of which is shorter."""
    generator = torch.Generator().manual_seed(2)
    ids = torch.randint(FIRST_WORD_ID, WORDS, (batch, length), generator=generator)
    ids[:, 0] = 2
    ids[-1, length - 1 :] = 0
    return ids


def exchange(batch: int = 4) -> Exchange:
    answer = words(batch, 4)[:, 1:]
    answer[:, -1] = END_ID
    wrong = answer.clone()
    wrong[:, 0] = FIRST_WORD_ID
    return Exchange(frames(batch), words(batch), answer, wrong)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_prefix_has_tokens_words_and_patches(name: str) -> None:
    with torch.no_grad():
        seen = tiny(name).prefix(frames(3), words(3))
    assert seen.tokens.shape[::2] == (3, WIDTH)
    assert seen.mask.shape == seen.tokens.shape[:2]
    assert seen.text.shape == (3, 5, WIDTH)
    assert seen.present.tolist()[-1] == [True] * 4 + [False]
    assert seen.patches.shape == (3, 2, 16, WIDTH)  # 4 x 4 cells of 8 px


@pytest.mark.parametrize("name", FAMILIES)
def test_padding_changes_nothing(name: str) -> None:
    family = tiny(name)
    with torch.no_grad():
        short, padded = (family.prefix(frames(1), ids) for ids in (
            words(2)[:1], torch.cat([words(2)[:1], torch.zeros(1, 3, dtype=torch.int64)], dim=1)
        ))  # fmt: skip
    there = padded.tokens[padded.mask]
    assert torch.allclose(short.tokens[short.mask], there, atol=1e-5)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_weight_learns_from_the_familys_own_losses_and_its_prefix(name: str) -> None:
    family = tiny(name).train()
    terms = family.losses(exchange())
    assert all(term.count > 0 for term in terms.values())
    assert terms.keys() == set(family.terms)
    loss = sum(term.mean for term in terms.values())
    seen = family.prefix(frames(3), words(3), torch.randn(3, family.config.state_size))
    # Half of the tokens: the sum over all of a layer norm's output is constant.
    (loss + seen.tokens[..., ::2].sum() + seen.patches[..., ::2].sum()).backward()  # type: ignore[union-attr]
    idle = {n for n, p in family.named_parameters() if p.grad is None}
    assert not idle, idle


@pytest.mark.parametrize("name", FAMILIES)
def test_losses_depend_on_the_batch_alone(name: str) -> None:
    family = tiny(name)
    with torch.no_grad():
        one, two = family.losses(exchange()), family.losses(exchange())
    assert {n: float(t.total) for n, t in one.items()} == {
        n: float(t.total) for n, t in two.items()
    }


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_says_what_it_can(name: str) -> None:
    family = tiny(name)
    asked = words(3)
    asked[:, 2] = MASK_ID
    with torch.no_grad():
        said = family.answer(frames(3), asked)
    if name in SCORING:
        assert said.scores is not None
        assert said.scores.shape == (3, 3)
        return
    assert said.ids is not None
    assert len(said.ids) == 3
    if name in MASKING:
        assert (said.ids[:, 3] == asked[:, 3]).all()  # what was not masked stays
        assert (said.ids[:, 2] != MASK_ID).all()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in WRITING else pytest.mark.heavy)
        for name in sorted(set(FAMILIES) - SCORING - MASKING)
    ],
)
def test_what_is_written_is_what_the_loss_taught(name: str) -> None:
    family, batch = tiny(name).train(), exchange(2)
    optimizer = torch.optim.Adam(family.parameters(), 0.01)
    for _ in range(60):
        optimizer.zero_grad()
        sum(term.mean for term in family.losses(batch).values()).backward()  # type: ignore[union-attr]
        optimizer.step()
    said = family.eval().answer(batch.frames, batch.words).ids
    assert said is not None
    assert said[:, : batch.answer.shape[1]].tolist() == batch.answer.tolist()


def test_an_unknown_family_tower_or_connector_is_named() -> None:
    with pytest.raises(UnknownName, match="flamingo"):
        family_class("flaming")
    with pytest.raises(UnknownName, match="convolution"):
        tiny("clip", tower="convolutio")
    with pytest.raises(UnknownName, match="resampler"):
        tiny("llava", connector="resample")


def test_more_frames_than_cameras_are_refused() -> None:
    with pytest.raises(ValueError, match="3 frames for a model of 2 cameras"):
        tiny("clip").prefix(frames(1, 3), words(2)[:1])


def test_a_flamingo_starts_blind() -> None:
    family = tiny("flamingo")
    with torch.no_grad():
        one = family.prefix(frames(1), words(2)[:1]).tokens
        two = family.prefix(1 - frames(1), words(2)[:1]).tokens
    assert torch.equal(one, two)


@pytest.mark.parametrize("name", FAMILIES)
def test_one_example_is_a_batch_too(name: str) -> None:
    family = tiny(name).train()
    terms = family.losses(exchange(1)).values()
    assert all(torch.isfinite(term.mean) for term in terms)
    sum(term.mean for term in terms).backward()  # type: ignore[union-attr]
