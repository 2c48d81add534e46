"""A language model that learns by adapters."""

import sys

import pytest
import torch

from handeye.experiments.training.adapters import add_adapters, without_adapters
from handeye.policies.families.config import FAMILY_PRESETS
from handeye.policies.families.model import FamilyPolicy


def policy(family: str) -> FamilyPolicy:
    torch.manual_seed(0)
    return FamilyPolicy(FAMILY_PRESETS["tiny"](family)).eval()


def seen(model: FamilyPolicy) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    frames = torch.rand(2, 2, 3, 32, 32, generator=generator)
    words = torch.tensor([[2, 270, 271, 0], [2, 272, 270, 271]]).clamp_max(
        model.config.vocabulary - 1
    )
    return model.family.prefix(frames, words).tokens


def test_adapters_start_at_nothing_learn_alone_and_become_part_of_the_weights() -> None:
    pytest.importorskip("peft")
    model, names = policy("llava"), [*policy("llava").state_dict()]
    before = seen(model).detach()
    add_adapters(model, 3)
    torch.testing.assert_close(seen(model), before)
    learning = [n for n, p in model.family.language.named_parameters() if p.requires_grad]
    assert learning
    assert all("lora_" in name for name in learning)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_()
    adapted = seen(model).detach()
    assert not torch.allclose(adapted, before)
    plain = without_adapters(model)
    assert [*plain.state_dict()] == names
    torch.testing.assert_close(seen(plain), adapted)
    torch.testing.assert_close(seen(model), adapted)  # which goes on learning
    assert without_adapters(plain) is plain


def test_what_cannot_be_adapted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="adapts a language model, and clip has none"):
        add_adapters(policy("clip"), 2)
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'handeye\[lora\]'"):
        add_adapters(policy("llava"), 2)
