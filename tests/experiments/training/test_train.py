import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from handeye.experiments.data.config import DatasetFlags
from handeye.experiments.records.checkpoints import last_checkpoint
from handeye.experiments.records.run_folder import read_json_lines
from handeye.experiments.training import train as train_module
from handeye.experiments.training.config import DaggerFlags, TrainConfig
from handeye.experiments.training.learner import Learner
from handeye.experiments.training.train import run
from handeye.policies.checkpoint_files import load_runner
from handeye.policies.token_policy.config import PRESETS, TokenPolicyConfig
from handeye.policies.token_policy.runner import TokenPolicyRunner
from tests.experiments.recordings import write_dataset
from tests.policies.builders import TINY


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(PRESETS, "tiny", lambda **c: TokenPolicyConfig(**(TINY | c)))
    flags = DatasetFlags(write_dataset(tmp_path / "data"))

    def make(name: str, **changes: Any) -> TrainConfig:
        settings: dict[str, Any] = {"steps": 4, "batch_size": 4, "workers": 1, "warmup_steps": 2}
        settings |= {"preset": "tiny", "evaluate_every": 0, "log_every": 2, "save_every": 2}
        return TrainConfig(flags, tmp_path / name, **(settings | changes))

    return make


def saved(config: TrainConfig) -> bytes:
    checkpoint = last_checkpoint(config.output_dir)
    assert checkpoint is not None
    return (checkpoint / "training_state" / "learner.safetensors").read_bytes()


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C while `step` is under way."""
    whole = Learner.step

    def pressed(learner: Learner, *args: Any) -> Any:
        if learner.step_number + 1 == step:
            os.kill(os.getpid(), signal.SIGINT)
        return whole(learner, *args)

    monkeypatch.setattr(Learner, "step", pressed)


@pytest.mark.slow
def test_an_interrupted_run_ends_with_the_same_bytes(config: Any, monkeypatch: Any) -> None:
    straight = config("straight", steps=6)
    assert run(straight) == 0
    broken = config("broken", steps=6, save_every=100)
    with monkeypatch.context() as patch:
        interrupt_at(2, patch)
        asked = run(broken)
    assert asked == 130
    stopped_at = last_checkpoint(broken.output_dir)
    assert stopped_at is not None
    assert stopped_at.name == "000003"  # there is something left to do
    assert run(config("broken", steps=6, save_every=100, resume=True)) == 0
    assert saved(broken) == saved(straight)
    assert {p.name for p in (straight.output_dir / "checkpoints").iterdir()} == {"000006", "last"}


@pytest.mark.slow
def test_a_checkpoint_keeps_the_weights_beside_their_average(config: Any) -> None:
    settings = config("run")
    run(settings)
    folder = settings.output_dir / "checkpoints" / "last" / "training_state"
    state = load_file(folder / "learner.safetensors")
    kinds = ("weight.head.weight", "average.head.weight")
    trained, averaged = (state[kind] for kind in kinds)
    assert not trained.equal(averaged)


@pytest.mark.slow
def test_the_checkpoint_holds_the_average_and_acts(config: Any) -> None:
    settings = config("run", average_decay=0.5)
    run(settings)
    folder = settings.output_dir / "checkpoints" / "last"
    runner = load_runner(folder / "pretrained_model", TokenPolicyRunner)
    state = load_file(folder / "training_state" / "learner.safetensors")
    for name, parameter in runner.model.named_parameters():
        assert (parameter == state[f"average.{name}"]).all()
    card = (folder / "pretrained_model" / "README.md").read_text()
    assert "license: apache-2.0" in card
    assert "4 of 4" in card


@pytest.mark.slow
def test_the_policy_drives_and_the_oracle_labels(config: Any) -> None:
    dagger = DaggerFlags(every=2, start=2, episodes=2, share=0.5)
    settings = config("run", dagger=dagger, evaluate_every=4, evaluate_episodes=1)
    run(settings)
    assert len(list(settings.output_dir.glob("dagger/round_000/episodes/*/*.safetensors"))) == 2
    (line,) = read_json_lines(settings.output_dir / "evaluations.jsonl")
    assert set(line["per_task"]) == {"reach", "press_button", "put_in"}


@pytest.mark.slow
def test_training_goes_on_from_another_run(config: Any) -> None:
    first = config("first")
    run(first)
    folder = first.output_dir / "checkpoints" / "last" / "pretrained_model"
    second = config("second", start=folder, steps=1, learning_rate=0.0, warmup_steps=0)
    run(second)
    weights = load_runner(folder, TokenPolicyRunner).model.state_dict()
    path = second.output_dir / "checkpoints" / "last" / "pretrained_model"
    for name, tensor in load_runner(path, TokenPolicyRunner).model.state_dict().items():
        assert (tensor == weights[name]).all()


@pytest.mark.heavy
def test_two_processes_share_a_batch_and_repeat(config: Any) -> None:
    runs = [config(name, workers=2, preset="nano", steps=2) for name in ("one", "two")]
    for settings in runs:
        assert run(settings) == 0
    assert saved(runs[0]) == saved(runs[1])


@pytest.mark.slow
def test_gradients_accumulate_over_passes(config: Any) -> None:
    assert run(config("run", accumulate=2, decoding="autoregressive")) == 0


@pytest.mark.slow
def test_other_settings_do_not_continue_a_run(config: Any) -> None:
    run(config("run", steps=2))
    with pytest.raises(ValueError, match="learning_rate"):
        run(config("run", steps=2, learning_rate=0.1, resume=True))
    with pytest.raises(FileExistsError, match="--resume"):
        run(config("run", steps=2))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 0}, "--batch_size 0"),
        ({"preset": "nanno"}, "nano"),
        ({"batch_size": 5, "workers": 2}, "not a multiple"),
        ({"workers": 0}, "at least 1"),
    ],
)
def test_bad_settings_are_named(config: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(config("run", **changes))


@pytest.mark.slow
def test_a_damaged_training_state_is_named(config: Any) -> None:
    settings = config("run")
    run(settings)
    checkpoint = last_checkpoint(settings.output_dir)
    assert checkpoint is not None
    path = checkpoint / "training_state" / "learner.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match="damaged"):
        run(config("run", resume=True))


def test_precision_is_chosen_by_the_processor() -> None:
    cpu, other = torch.device("cpu"), torch.device("meta")
    assert train_module.resolved_precision("float32", cpu) == "float32"
    assert train_module.resolved_precision("auto", cpu) in ("float32", "bfloat16")
    assert train_module.resolved_precision("auto", other) == "float32"


def test_a_blind_probe_learns_from_the_same_episodes_without_a_word(config: Any) -> None:
    blind = config("blind", steps=2, blind=True)
    assert run(blind) == 0
    checkpoint = last_checkpoint(blind.output_dir)
    assert checkpoint is not None
    runner = load_runner(checkpoint / "pretrained_model", TokenPolicyRunner)
    assert runner.processor.instructions.blind
    with pytest.raises(ValueError, match="--blind starts from nothing"):
        run(config("other", blind=True, start=checkpoint))
