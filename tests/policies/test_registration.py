"""transformers' Auto classes know handeye's models, whichever is imported first."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModel, AutoProcessor

import handeye.policies
from handeye.perception.families.registry import FAMILIES
from handeye.policies.families.model import FamilyPolicyOutput
from handeye.policies.token_policy.model import TokenPolicy
from tests.policies.families.test_family_policy import ACTION, inputs, made

SHIPPED = Path(handeye.policies.__file__).parent / "checkpoints"
LOAD = f"print(AutoModel.from_pretrained({str(SHIPPED / 'handeye-rooms-nano')!r}).dtype)"
QUICK = ("clip", "llava", "rt2")  # the others are alike
ORDERS = (
    "import handeye.policies; from transformers import AutoModel",
    "from transformers import AutoModel; import handeye.policies",
)


@pytest.mark.slow
@pytest.mark.parametrize("order", [ORDERS[0], pytest.param(ORDERS[1], marks=pytest.mark.heavy)])
def test_a_folder_is_enough_whatever_is_imported_first(order: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", f"{order}; {LOAD}"], capture_output=True, text=True, check=False
    )
    assert said.stdout.strip() == "torch.float32", said.stderr


def test_who_needs_no_transformers_does_not_import_it() -> None:
    code = "import sys, handeye.policies.policy; print('transformers' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_shipped_policies_are_found_and_exported() -> None:
    folder = SHIPPED / "handeye-nano"
    model = AutoModel.from_pretrained(folder).eval()
    assert isinstance(model, TokenPolicy)
    assert len(AutoProcessor.from_pretrained(folder).words) == model.config.vocabulary
    given = {
        "front": torch.rand(1, 3, 128, 128),
        "wrist": torch.rand(1, 3, 128, 128),
        "words": torch.tensor([[2, 5, 6, 7, 0]]),
        "proprio": torch.zeros(1, 14),
    }
    exported = torch.export.export(model, (), given).module()(**given)
    with torch.no_grad():
        said = model(**given)
    assert torch.equal(said["logits"], said[0])
    torch.testing.assert_close(exported["logits"], said["logits"], atol=1e-4, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.heavy) for n in FAMILIES]
)
def test_the_acting_pass_of_a_family_is_exported(name: str) -> None:
    model, _ = made(name)
    given = {**inputs(), "action_tokens": ACTION} if name == "rt2" else inputs()
    exported = torch.export.export(model, (), given).module()(**given)
    assert isinstance(exported, FamilyPolicyOutput)
    with torch.no_grad():
        torch.testing.assert_close(exported.logits, model(**given).logits, atol=1e-5, rtol=1e-5)
