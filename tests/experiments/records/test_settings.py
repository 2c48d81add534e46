"""Settings that a run remembers."""

from pathlib import Path

import pytest

from handeye.experiments.data.config import Augmentation
from handeye.experiments.records.settings import remember_settings
from handeye.experiments.training import config as training

BEGUN = {"steps": 10, "seed": 0, "start": Path("a/b"), "only": ("x", "y"), "note": None}


def test_the_same_settings_continue_a_run(tmp_path: Path) -> None:
    for _ in range(2):
        remember_settings(tmp_path / "train.json", BEGUN)


@pytest.mark.parametrize(
    "changed", [{"seed": 1}, {"steps": 9}, {"start": None}, {"only": ()}, {"new": 1}]
)
def test_others_are_refused_by_name(tmp_path: Path, changed: dict[str, object]) -> None:
    remember_settings(tmp_path / "train.json", BEGUN)
    with pytest.raises(ValueError, match=rf"other settings \(--{next(iter(changed))} was"):
        remember_settings(tmp_path / "train.json", BEGUN | changed, may_rise=("steps",))


def test_a_training_goes_on_with_more_steps_and_other_workers(tmp_path: Path) -> None:
    def config(steps: int, workers: int) -> training.TrainConfig:
        return training.TrainConfig(
            training.DatasetFlags(Path("data")), tmp_path, steps=steps, workers=workers,
            augmentation=Augmentation(),
        )  # fmt: skip

    training.remember_settings(config(10, 2), tmp_path)
    training.remember_settings(config(10, 1), tmp_path)
    training.remember_settings(config(20, 4), tmp_path)
    with pytest.raises(ValueError, match="--steps was 20, is 10"):
        training.remember_settings(config(10, 2), tmp_path)
