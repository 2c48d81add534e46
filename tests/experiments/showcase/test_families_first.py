"""Rows of the record of all families: what a user would type, and what is made of it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import tyro

from handeye.experiments.evaluation.config import EvaluateConfig
from handeye.experiments.scores.config import ScoreConfig
from handeye.experiments.showcase import families_first
from handeye.experiments.showcase.families_first import (
    ACTIONS,
    ALONE,
    BLIND,
    FamiliesFirstConfig,
    commands,
    once,
    row_names,
    rows_in,
    table,
)
from handeye.experiments.training.config import TrainConfig
from handeye.perception.families.registry import FAMILIES

CONFIG = FamiliesFirstConfig()
TYPES: dict[str, Any] = {"train": TrainConfig, "evaluate": EvaluateConfig, "score": ScoreConfig}


def test_every_family_has_a_row_and_the_blind_one_comes_first() -> None:
    names = list(row_names())
    assert names == [BLIND, *FAMILIES, *(name + ACTIONS for name in ALONE)]


@pytest.mark.parametrize("name", [*row_names()])
def test_a_rows_commands_are_what_a_user_can_type(name: str) -> None:
    for command, words in commands(CONFIG, name).items():
        read = tyro.cli(TYPES[command], args=words[1:], use_underscores=True)
        if command == "train":
            assert 30_000 <= read.steps * read.batch_size <= 30_100
            assert read.blind == (name == BLIND)
            assert read.grounded == (not name.endswith(ACTIONS))
            assert (len(read.parts) > 1) == (name in FAMILIES)
    assert ("score" in commands(CONFIG, name)) == (name in FAMILIES)


def test_what_was_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "true")
    config = FamiliesFirstConfig(output_dir=tmp_path, result=tmp_path / "rows.json")
    assert once(config, "clip train", ["train"]) == 0
    monkeypatch.setattr(sys, "executable", "false")
    assert once(config, "clip train", ["train"]) == 0
    assert once(config, "clip evaluate", ["evaluate"]) == 1
    assert rows_in(config.result) == {}


def test_a_row_says_how_it_stands_beside_the_blind_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solved = {"clip": [True] * 9 + [False], BLIND: [False] * 9 + [True]}

    def found(config: FamiliesFirstConfig, name: str) -> dict[str, bool]:
        return {str(number): won for number, won in enumerate(solved[name])}

    monkeypatch.setattr(families_first, "outcomes", found)
    rate = {"k": 1, "n": 2, "rate": 0.5, "wilson95": [0.1, 0.9]}
    row = {"success": rate, "goal_reached": rate, "curve": [], "train_s": 60, "scores": {}}
    rows = families_first.compared(CONFIG, {BLIND: dict(row), "clip": dict(row)})
    assert rows["clip"]["beside_blind"]["verdict"] == "better"
    assert table(rows[BLIND])["beside the blind one"] == "it is the blind one"
    assert json.dumps(rows)
