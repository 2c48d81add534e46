"""Strangers' policies under evaluation: the same figures as ours, and no folder for what fails."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from handeye.experiments.cli import main
from handeye.experiments.evaluation.run_policy_episode import run_policy_episode
from handeye.experiments.records.episode import CONDITIONS, EpisodeJob
from handeye.experiments.records.sensor_noise import SensorNoise

POLICY = """
import numpy as np
from handeye.policies.policy import Action

class Quick:
    def reset(self, instruction, seed):
        self.left = 2

    def act(self, observation):
        self.left -= 1
        values = np.array([0.45, 0.1, 0.2, 0.0, 0.0, 0.0, 1.0])
        return Action(values, terminate=self.left < 0)

class Late(Quick):
    def act(self, observation):
        if observation["proprio"].sum() and self.left == 0 and not observation["instruction"]:
            raise KeyError("word")
        return super().act(observation)

class Wrong(Quick):
    def act(self, observation):
        return np.zeros(3)

class Broken(Quick):
    def reset(self, instruction, seed):
        raise RuntimeError("weights are missing")
"""


def evaluate(folder: Path, name: str, *flags: str) -> int:
    """Evaluate a class of the file; the exit code."""
    file = folder / "strangers_policy.py"
    file.write_text(POLICY)
    return main([
        "evaluate", "--policy.path", f"{file}:{name}", "--suite", "reach", "--episodes", "2",
        "--output_dir", str(folder / "run"), *flags,
    ])  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_strangers_policy_gets_everything_that_ours_get(tmp_path: Path, workers: str) -> None:
    films = "1" if workers == "0" else "0"
    assert evaluate(tmp_path, "Quick", "--workers", workers, "--films", films) == 0
    info = json.loads((tmp_path / "run" / "eval_info.json").read_text())
    assert info["policy_id"].endswith("strangers_policy.py:Quick")
    assert info["success"]["n"] == 2
    assert len(info["success"]["wilson95"]) == 2
    assert set(info["instruction_necessity"]) == {*CONDITIONS}
    assert info["lost"] == 0
    assert ("<video" in (tmp_path / "run" / "report.html").read_text()) == (workers == "0")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Wrong", "an action of this environment is a finite array of shape (7,)"),
        ("Broken", "its reset raised RuntimeError: weights are missing"),
        ("Absent", "has no Absent"),
        ("Late", "reach/1000000/blank"),  # in an episode, long after it was tried
    ],
)
def test_a_policy_that_does_not_work_is_one_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    assert evaluate(tmp_path, name, "--workers", "0") == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not (tmp_path / "run" / "eval_info.json").exists()
    if name != "Late":
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--suite", "rooms", "--noise.depth_m", "nan"], "finite and 0 or more"),
        (["--suite", "rooms", "--noise.odometry", "-0.1"], "finite and 0 or more"),
        (["--suite", "reach", "--noise.odometry", "0.1"], "reach has no odometry"),
        (["--suite", "reach", "--noise.depth_m", "0.01"], "policies at the table see no depth"),
    ],
)
def test_noise_that_would_change_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], told: str
) -> None:
    folder = tmp_path / "run"
    asked = ["--policy.path", "idle", "--episodes", "1", "--output_dir", str(folder), *flags]
    assert main(["evaluate", *asked]) == 2
    assert told in capsys.readouterr().err
    assert not folder.exists()


def test_noise_reaches_the_sensors_and_the_record() -> None:
    exact = EpisodeJob("idle", "go_back", "go_back", "unseen", 1_000_000)
    noisy = replace(exact, noise=SensorNoise(depth_m=0.01, odometry=0.05))
    told = [run_policy_episode(job).told for job in (exact, noisy)]
    assert [one["depth"] for one in told] == ["exact", "10 mm noise"]
    assert [one["odometry"] for one in told] == ["exact", "5 % noise"]
