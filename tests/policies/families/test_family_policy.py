"""Every family as a policy: learns, saves, loads and acts on the table."""

from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoProcessor

from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.records.checkpoints import save_policy
from handeye.perception.families.registry import FAMILIES
from handeye.perception.families.vocabulary import Vocabulary
from handeye.policies.families.config import FAMILY_PRESETS, tiny
from handeye.policies.families.model import FamilyPolicy
from handeye.policies.families.processor import FamilyPolicyProcessor
from handeye.policies.families.runner import FamilyPolicyRunner
from handeye.policies.rollout import rollout
from handeye.policies.trained import RUNNERS, load_trained

WORDS = Vocabulary.train(["put the red block in the blue bowl"]).words


ACTION = torch.tensor([[1, *(3 + 256 * slot for slot in range(7))]] * 2)  # on, all lowest


def made(name: str, **changes: Any) -> tuple[FamilyPolicy, FamilyPolicyProcessor]:
    torch.manual_seed(0)
    config = tiny(name, vocabulary=len(WORDS), **changes)
    model = resolve_name(RUNNERS[config.model_type]).model_class(config).eval()
    return model, FamilyPolicyProcessor(WORDS, 31, config.px, config.px)


def inputs(batch: int = 2, px: int = 32) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    front, wrist = torch.rand(2, batch, 3, px, px, generator=generator)
    words = torch.tensor([[2, 266, 267, 268, 0]] * batch)
    return {"front": front, "wrist": wrist, "words": words, "proprio": torch.zeros(batch, 14)}


@pytest.mark.parametrize("grounded", [True, False])
@pytest.mark.parametrize("name", FAMILIES)
def test_any_family_gives_actions(name: str, grounded: bool) -> None:
    model, _ = made(name, grounded=grounded)
    tokens, output = model.decide(**inputs())
    assert model.grammar.allowed.gather(1, tokens.T).all()
    assert (output.placed is not None) == (grounded and name != "rt2")
    if output.placed is not None:
        assert output.placed.logits.shape == (2, 2, 2, 16)
        assert output.placed.aims_xyz.shape == (2, 2, 3)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_checkpoint_comes_back_and_acts_on_the_table(name: str, tmp_path: Path) -> None:
    model, processor = made(name)
    save_policy(tmp_path, model, processor, "card")
    loaded = load_trained(tmp_path)
    assert isinstance(loaded, FamilyPolicyRunner)
    with torch.no_grad():
        said = [m(**inputs(), action_tokens=ACTION).logits for m in (loaded.model, model)]
    assert torch.equal(*said)
    env = TabletopEnv("put_in", action_mode="ee_pose", max_steps=2)
    try:
        result = rollout(env, loaded, seed=1_000_000)
    finally:
        env.close()
    assert result.steps <= 2


def test_transformers_finds_model_and_processor_by_folder(tmp_path: Path) -> None:
    model, processor = made("clip")
    save_policy(tmp_path, model, processor, "card")
    found = AutoModel.from_pretrained(tmp_path).eval()
    assert isinstance(found, FamilyPolicy)
    assert found.dtype == torch.float32
    with torch.no_grad():
        assert torch.equal(found(**inputs()).logits, model(**inputs()).logits)
    assert isinstance(AutoProcessor.from_pretrained(tmp_path), FamilyPolicyProcessor)


def test_actions_stand_on_places_that_are_told() -> None:
    model, _ = made("llava")
    told = torch.full((2, 2, 3), 0.3)
    with torch.no_grad():
        output = model(**inputs(), places=told)
    assert output.placed is not None
    # Untrained, an aim is the mean of the known places.
    assert torch.allclose(output.placed.aims_xyz, torch.full((2, 2, 3), 0.3), atol=1e-5)


@pytest.mark.parametrize(("preset", "millions"), [("nano", 3.0), ("small", 55.0)])
@pytest.mark.parametrize("name", FAMILIES)
def test_presets_keep_their_size(name: str, preset: str, millions: float) -> None:
    with torch.device("meta"):
        config = FAMILY_PRESETS[preset](name, vocabulary=600)
        model = resolve_name(RUNNERS[config.model_type]).model_class(config)
    assert sum(p.numel() for p in model.parameters()) <= millions * 1e6


def test_an_observation_is_reset_first() -> None:
    runner = FamilyPolicyRunner(*made("clip"))
    with pytest.raises(RuntimeError, match="reset"):
        runner.act({"proprio": np.zeros(14)})
