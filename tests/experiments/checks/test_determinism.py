"""The determinism check must itself notice what it looks for."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from handeye.experiments.checks import determinism
from handeye.experiments.checks.determinism import (
    DeterminismConfig,
    count_replayed,
    repeat,
    run,
)
from tests.experiments.checks.light_jobs import fault, process_of, twice
from tests.experiments.recordings import recordings


@pytest.mark.slow
def test_what_depends_on_the_worker_differs() -> None:
    runs = repeat(process_of, [1], str)
    assert len(set(map(tuple, runs))) > 1


@pytest.mark.slow
def test_what_does_not_is_the_same_and_in_order() -> None:
    assert repeat(twice, [3, 1, 2], lambda value: value) == [[6, 2, 4]] * 3


@pytest.mark.slow
def test_a_lost_job_is_not_a_difference_but_an_error() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        repeat(fault, [1], str)


@pytest.mark.slow
def test_an_altered_episode_does_not_replay(tmp_path: Path) -> None:
    episode = recordings()[0]
    altered = replace(episode, actions=episode.actions + 0.01)
    assert count_replayed(tmp_path, [episode.to_bytes(), altered.to_bytes()]) == 1


@pytest.mark.heavy
@pytest.mark.parametrize(("suite", "policy"), [("reach", "oracle"), ("room_goal", None)])
def test_the_outcome_is_written_with_its_command(
    tmp_path: Path, suite: str, policy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(determinism, "WORKERS", (0, 1))
    output = tmp_path / "determinism.json"
    config = DeterminismConfig(output, policy=policy, suite=suite, recorded=2, judged=1)
    assert run(config) == 0
    outcome = json.loads(output.read_text())
    assert outcome["recorded"] == outcome["replayed"] == {"k": 2, "n": 2}
    assert outcome["judged"] == {"k": 1, "n": 1}
    assert "2 of 2 recorded" in outcome["summary"]
    assert "of oracle the same state hash" in outcome["summary"]
    assert outcome["command"]
