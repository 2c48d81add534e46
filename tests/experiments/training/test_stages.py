"""Which weights learn when."""

import pytest
import torch

from handeye.base.names import UnknownName
from handeye.experiments.training.stages import StagedTraining, read_stages
from handeye.policies.families.config import FAMILY_PRESETS
from handeye.policies.families.model import FamilyPolicy

USUAL = {"act": 0.5, "vqa": 0.5}


def policy(family: str) -> FamilyPolicy:
    torch.manual_seed(0)
    return FamilyPolicy(FAMILY_PRESETS["tiny"](family))


def learning(model: FamilyPolicy) -> set[str]:
    return {name for name, p in model.named_parameters() if p.requires_grad}


def test_the_connector_learns_first_and_the_tower_never() -> None:
    model = policy("llava")
    everything = learning(model)
    staged = StagedTraining(model, read_stages(" align, instruct"), 5, USUAL)
    assert [staged.enter(step) for step in (1, 2, 3)] == [{"caption": 1.0}] * 3
    assert learning(model)
    assert all(name.startswith("family.connector.") for name in learning(model))
    assert staged.enter(4) == USUAL
    rest = everything - learning(model)
    assert rest
    assert all(name.startswith("family.frames.tower.") for name in rest)
    staged.enter(1)  # as a run that starts over
    assert all(name.startswith("family.connector.") for name in learning(model))


def test_what_is_frozen_stays_frozen() -> None:
    model = policy("llava")
    model.family.language.requires_grad_(False)
    StagedTraining(model, read_stages("instruct"), 3, USUAL).enter(2)
    assert not any(name.startswith("family.language.") for name in learning(model))


def test_stages_that_cannot_be_are_told() -> None:
    with pytest.raises(UnknownName, match="align"):
        read_stages("allign")
    with pytest.raises(ValueError, match="names a stage twice"):
        read_stages("align,align")
    with pytest.raises(ValueError, match="2 stages and --steps is 1"):
        StagedTraining(policy("llava"), read_stages("align,instruct"), 1, USUAL)
    with pytest.raises(ValueError, match="speak to a language model, and clip has none"):
        StagedTraining(policy("clip"), read_stages("align,instruct"), 4, USUAL)
