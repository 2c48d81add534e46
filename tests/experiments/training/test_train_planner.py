from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from handeye.agents.core.conversation import Message
from handeye.agents.core.planner import DONE
from handeye.agents.embedded.handeye_planner import HandeyePlanner
from handeye.experiments.records.run_folder import read_json_lines
from handeye.experiments.training.config import TrainPlannerConfig
from handeye.experiments.training.train_planner import run
from tests.agents.builders import PLANNER_TOOLS

SMALL = {
    "steps": 4, "batch_size": 800, "width": 32, "layers": 1, "vocabulary": 700,
    "tokenizer_traces": 20, "evaluate_every": 4, "evaluate_traces": 1, "save_every": 2,
    "log_every": 2,
}  # fmt: skip


@pytest.mark.slow
def test_it_trains_saves_and_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert run(TrainPlannerConfig(folder, **SMALL)) == 0
    (evaluation,) = read_json_lines(folder / "evaluations.jsonl")
    assert set(evaluation["per_task"]) == {"seen", "combination", "phrasing", "kind"}
    saved = folder / "checkpoints" / "last" / "pretrained_model"
    assert "| steps | 4 of 4 |" in (saved / "README.md").read_text()
    planner = HandeyePlanner.load(saved)
    reply = planner.reply([Message("user", ("go",))], (*PLANNER_TOOLS, DONE.spec))
    assert reply.calls or reply.stop == "length"
    assert run(TrainPlannerConfig(folder, **SMALL, resume=True)) == 0  # nothing is left to do
    with pytest.raises(ValueError, match="other settings"):
        run(TrainPlannerConfig(folder, **{**SMALL, "width": 64}, resume=True))
    with pytest.raises(FileExistsError, match="--resume"):
        run(TrainPlannerConfig(folder, **SMALL))


@pytest.mark.slow
def test_it_starts_from_a_trained_one_whatever_its_shape(tmp_path: Path) -> None:
    assert run(TrainPlannerConfig(tmp_path / "first", **{**SMALL, "steps": 2})) == 0
    start = tmp_path / "first" / "checkpoints" / "last" / "pretrained_model"
    still = {"learning_rate": 0.0, "muon_rate": 0.0, "width": 64, "steps": 2}
    assert run(TrainPlannerConfig(tmp_path / "next", start=start, **{**SMALL, **still})) == 0
    saved = tmp_path / "next" / "checkpoints" / "last" / "pretrained_model"
    first, after = (load_file(folder / "model.safetensors") for folder in (start, saved))
    assert set(first) == set(after)
    assert all(torch.allclose(first[name], after[name], atol=1e-6) for name in first)
    assert (start / "tokenizer.json").read_text() == (saved / "tokenizer.json").read_text()
    assert f"| started from | {start} |" in (saved / "README.md").read_text()


def test_what_is_no_planner_is_nothing_to_start_from(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no planner"):
        run(TrainPlannerConfig(tmp_path / "run", start=tmp_path, **SMALL))
    assert not (tmp_path / "run").exists()


def test_sizes_that_make_no_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        run(TrainPlannerConfig(tmp_path, width=100))


@pytest.mark.heavy  # Sharing an update is tested with a policy.
def test_two_processes_share_a_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert run(TrainPlannerConfig(folder, **SMALL, workers=2)) == 0
    card = (folder / "checkpoints" / "last" / "pretrained_model" / "README.md").read_text()
    assert "| tokens an update | 1600 |" in card
