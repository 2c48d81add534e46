"""Adversaries in tasks: what is played, recorded and judged."""

import dataclasses
import json
from pathlib import Path

import pytest

from handeye.base.names import UnknownName
from handeye.envs.suites import TABLETOP
from handeye.experiments.checks import adversaries
from handeye.experiments.checks.adversaries import AdversariesConfig, judged, run, trials
from handeye.experiments.checks.adversary_trials import Played, Trial, lines_of, play, read_played


def played(adversary: str, k: int, n: int) -> list[Played]:
    """Episodes of which the first `k` were won."""
    return [
        Played(
            "tabletop-core", 2, "reach", adversary, seed, "seen", seed < k, True, 0.25, (),
            "success", "terminate", "00", "code",
        )
        for seed in range(n)
    ]  # fmt: skip


def test_who_wins_more_than_chance_and_five_points_is_found() -> None:
    rows = judged(
        [*played("sweeper", 90, 200), *played("dumper", 60, 200), *played("idle", 0, 200)]
    )
    assert [row.verdict for row in rows] == ["beats chance", "within", "within"]
    first = rows[0]
    assert (first.k, first.reached, first.n, first.chance) == (90, 200, 200, 0.25)
    assert rows[0].p < 1e-4
    assert rows[1].p > 0.4  # 60 of 200 is what chance + 5 points gives
    assert rows[2].p == 1.0
    assert rows[0].p_holm == pytest.approx(3 * rows[0].p)


def test_tasks_that_say_everything_are_shown_and_not_tested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(TABLETOP.registry.tasks["reach"], "tests_words", False)
    (row,) = judged(played("sweeper", 200, 200))
    assert (row.verdict, row.p_holm) == ("shown", 1.0)


def test_every_adversary_with_something_to_do_plays_every_task() -> None:
    found = trials(AdversariesConfig(("stack", "go_back"), episodes=2, seed=7))
    assert len(set(found)) == len(found)
    assert {t.seed for t in found} == {7, 8}
    names = {task: {t.adversary for t in found if t.task == task} for task in ("stack", "go_back")}
    assert names["stack"] - names["go_back"] == {"dumper"}
    assert names["go_back"] - names["stack"] == {"tour"}
    assert {"blind", "random", "cannot"} <= names["stack"]
    with pytest.raises(UnknownName):
        trials(AdversariesConfig(("stak",)))


def test_a_run_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = AdversariesConfig(
        ("reach",), ("idle", "cannot"), episodes=2, seed=900_000, workers=0,
        result=tmp_path / "rows.json", record=tmp_path / "episodes" / "a.jsonl.gz",
    )  # fmt: skip
    asked: list[Trial] = []

    def counted(trial: Trial) -> Played:
        """Play, and remember what was asked for."""
        asked.append(trial)
        return play(trial)

    first = trials(config)[0]
    config.record.parent.mkdir()
    config.record.with_suffix("").write_text(lines_of([play(first)]) + '{"suite": "cut o')
    monkeypatch.setattr(adversaries, "play", counted)
    monkeypatch.setattr("handeye.envs.vector.worker._check_importable", lambda function: None)
    assert run(config) == 0
    assert asked == trials(config)[1:]
    assert run(config) == 0
    assert len(asked) == 3
    assert not config.record.with_suffix("").exists()
    rows = json.loads(config.result.read_text())["rows"]
    assert [(row["adversary"], row["k"], row["n"]) for row in rows] == [
        ("idle", 0, 2),
        ("cannot", 0, 2),
    ]
    assert "2 pairs of an adversary and a task, 0 beat chance" in capsys.readouterr().out
    content = config.record.read_bytes()
    assert [e.trial for e in read_played(config.record)] == trials(config)
    config.record.write_bytes(content[:-9])
    with pytest.raises(ValueError, match="is damaged"):
        read_played(config.record)


def test_a_line_that_is_no_episode_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert read_played(path) == []
    episode = played("idle", 0, 1)[0]
    path.write_text(lines_of([episode]) + "[]\n" + lines_of([episode]))
    with pytest.raises(ValueError, match="line 2: no episode"):
        read_played(path)
    assert dataclasses.replace(episode, seed=3).trial.seed == 3
