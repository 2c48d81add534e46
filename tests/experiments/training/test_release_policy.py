"""Shipping a policy: what is written loads again, and the card says what was measured."""

from pathlib import Path

import pytest
import torch

from handeye.experiments.records.checkpoints import save_policy
from handeye.experiments.records.run_folder import write_json_atomic
from handeye.experiments.records.schemas import EVALUATION_FORMAT
from handeye.experiments.training import release_policy as ship
from handeye.policies.checkpoint_files import load_runner
from handeye.policies.token_policy.config import nano
from handeye.policies.token_policy.model import TokenPolicy
from handeye.policies.token_policy.processor import TokenPolicyProcessor
from handeye.policies.token_policy.runner import TokenPolicyRunner

WORDS = ["[pad]", "[unknown]", "[class]", "pick", "up", "the", "red", "block"]
RATE = {"k": 9, "n": 10, "rate": 0.9, "wilson95": [0.596, 0.982]}
INFO = {
    "format": EVALUATION_FORMAT,
    "suite": "reach",
    "split": "seen",
    "seed": 1_000_000,
    "commit": "abc",
    "success": RATE,
    "goal_reached": RATE,
    "macro_mean": {"mean": 0.9},
    "per_task": {"reach": RATE},
}


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    config = nano(kinds=["block"], colours=["red"], vocabulary=len(WORDS), width=32, layers=1)
    folder = tmp_path / "run" / "checkpoints" / "last" / "pretrained_model"
    save_policy(folder, TokenPolicy(config), TokenPolicyProcessor(words=WORDS), "# card\n")
    return tmp_path / "run"


@pytest.mark.slow
def test_a_shipped_policy_loads_in_half_the_size_with_its_card(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ship, "SHIPPED", tmp_path / "shipped")
    evaluation = tmp_path / "eval"
    evaluation.mkdir()
    write_json_atomic(evaluation / "eval_info.json", INFO)
    assert ship.run(ship.ShipConfig(trained, "tiny", evaluation)) == 0
    folder = tmp_path / "shipped" / "tiny"
    before = trained / "checkpoints" / "last" / "pretrained_model" / "model.safetensors"
    assert (folder / "model.safetensors").stat().st_size < 0.6 * before.stat().st_size
    assert "9/10 = 90% (60% to 98%)" in (folder / "README.md").read_text()
    policy = load_runner(folder, TokenPolicyRunner, "tiny")
    assert {p.dtype for p in policy.model.parameters()} == {torch.float32}


def test_a_policy_can_be_made_readier_to_end(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ship, "SHIPPED", tmp_path / "shipped")
    assert ship.run(ship.ShipConfig(trained, "tiny")) == 0
    assert ship.run(ship.ShipConfig(trained, "readier", terminate_logit=2.0)) == 0
    biases = [
        load_runner(tmp_path / "shipped" / name, TokenPolicyRunner, name).model.head.bias
        for name in ("readier", "tiny")
    ]
    raised = biases[0] - biases[1]
    assert float(raised[2]) == pytest.approx(2.0, abs=1e-2)
    assert float(raised.sum()) == pytest.approx(2.0, abs=1e-2)
    card = (tmp_path / "shipped" / "readier" / "README.md").read_text()
    assert "raised by 2 afterwards" in card


def test_shipping_again_renews_the_measured_section(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ship, "SHIPPED", tmp_path / "shipped")
    evaluation = tmp_path / "eval"
    evaluation.mkdir()
    write_json_atomic(evaluation / "eval_info.json", INFO)
    ship.run(ship.ShipConfig(trained, "tiny", evaluation))
    ship.run(ship.ShipConfig(tmp_path / "shipped" / "tiny", "tiny", evaluation))
    card = (tmp_path / "shipped" / "tiny" / "README.md").read_text()
    assert card.count(ship.MEASURED) == 1


def test_a_folder_without_a_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="not a handeye checkpoint"):
        ship.run(ship.ShipConfig(tmp_path, "tiny"))
