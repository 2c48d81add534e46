import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from handeye.experiments.data.training_set import Scored
from handeye.experiments.records.run_folder import read_json_lines
from handeye.experiments.training.data_parallel import Team
from handeye.experiments.training.learner import Learner, Schedule, usual_optimizers
from handeye.experiments.training.train_palm_e import OneCycle
from handeye.experiments.training.trainer import INTERRUPTED, fit, run_training
from handeye.perception.losses.total import counted


@dataclass(frozen=True)
class Config:
    output_dir: Path
    steps: int = 4
    batch_size: int = 2
    log_every: int = 2
    save_every: int = 2
    keep: int = 5
    resume: bool = False
    overwrite: bool = False
    learning_rate: float = 0.1


def score(model: Any, batch: Tensor) -> Scored:
    return Scored({"square": counted(model(batch).square())}, {})


class Line:
    """Learns a line, is measured at step 3, and may be told to stop."""

    def __init__(self, config: Config, stop_at: int = 0, broken_at: int = 0) -> None:
        torch.manual_seed(0)
        model: Any = torch.nn.Linear(3, 1)
        model.get_input_embeddings = model.get_output_embeddings = lambda: None
        self.learner = Learner(
            model, Schedule(config.learning_rate, 1, config.steps),
            usual_optimizers(model, config.learning_rate, 0.1),
            clip_norm=1.0, average_decay=0.9, precision="float32", score=score,
            weights={"square": 1.0},
        )  # fmt: skip
        self._stop_at, self._broken_at, self.asked = stop_at, broken_at, list[int]()

    def batches(self, step: int) -> list[Tensor]:
        self.asked.append(step)
        if step == self._stop_at:
            os.kill(os.getpid(), signal.SIGTERM)
        batch = torch.randn(2, 3, generator=torch.Generator().manual_seed(step))
        return [batch * float("nan") if step == self._broken_at else batch]

    def evaluate(self, step: int) -> dict[str, float] | None:
        return {"left": 0.5, "right": 1.0} if step == 3 else None

    def write(self, folder: Path, summary: dict[str, Any]) -> None:
        folder.mkdir(parents=True)
        (folder / "README.md").write_text(str(summary["evaluation"]))


def weights(root: Path) -> dict[str, Tensor]:
    return load_file(root / "checkpoints" / "last" / "training_state" / "learner.safetensors")


def test_a_run_is_updates_measurements_and_checkpoints(tmp_path: Path) -> None:
    config = Config(tmp_path)
    line = Line(config)
    assert fit(Team(0, 1), config, line) == 0
    assert line.asked == [1, 2, 3, 4]
    names = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    assert names == ["000002", "000004", "last"]
    (told,) = read_json_lines(tmp_path / "evaluations.jsonl")
    assert told == {"step": 3, "success_rate": 0.75, "per_task": {"left": 0.5, "right": 1.0}}
    assert "0.75" in (tmp_path / "checkpoints/last/pretrained_model/README.md").read_text()


def test_what_was_stopped_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    whole, parts = Config(tmp_path / "whole"), Config(tmp_path / "parts", resume=True)
    assert fit(Team(0, 1), whole, Line(whole)) == 0
    assert fit(Team(0, 1), parts, Line(parts, stop_at=3)) == INTERRUPTED
    rest = Line(parts)
    assert fit(Team(0, 1), parts, rest) == 0
    assert rest.asked == [4]
    ours, theirs = weights(parts.output_dir), weights(whole.output_dir)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    again = Line(parts)
    assert fit(Team(0, 1), parts, again) == 0
    assert again.asked == []


def test_a_run_may_be_made_longer(tmp_path: Path) -> None:
    config = Config(tmp_path / "run", steps=2)
    assert fit(Team(0, 1), config, Line(config)) == 0
    longer = Config(tmp_path / "run", steps=5, resume=True)
    line = Line(longer)
    assert fit(Team(0, 1), longer, line) == 0
    assert line.asked == [3, 4, 5]


def test_a_gradient_that_is_not_finite_ends_it_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    config = Config(tmp_path)
    with pytest.raises(ValueError, match="step 3 is not finite; lower --learning_rate"):
        fit(Team(0, 1), config, Line(config, broken_at=3))
    assert all(bool(torch.isfinite(values).all()) for values in weights(tmp_path).values())


def begun(team: Team, config: Config) -> int:
    """Importable by name, as `run_training` asks."""
    return fit(team, config, Line(config))


def test_a_run_is_continued_with_more_steps_and_no_other_settings(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert run_training(begun, Config(folder, steps=2), "train.json", 1) == 0
    with pytest.raises(FileExistsError, match="--resume"):
        run_training(begun, Config(folder), "train.json", 1)
    changed = Config(folder, resume=True, learning_rate=0.2)
    with pytest.raises(ValueError, match=r"--learning_rate was 0\.1, is 0\.2"):
        run_training(begun, changed, "train.json", 1)
    assert run_training(begun, Config(folder, steps=3, resume=True), "train.json", 1) == 0
    with pytest.raises(ValueError, match="--steps was 3, is 2"):
        run_training(begun, Config(folder, steps=2, resume=True), "train.json", 1)


def test_one_cycle_is_that_of_torch() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    steps, share = 40, 0.3
    optimizer = torch.optim.SGD([weight], 0.7)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.7, steps, pct_start=share, cycle_momentum=False
    )
    ours = OneCycle(0.7, share * steps, steps)
    for step in range(1, steps + 1):
        assert ours.scaled(0.7, step) == optimizer.param_groups[0]["lr"]
        optimizer.step()
        theirs.step()
