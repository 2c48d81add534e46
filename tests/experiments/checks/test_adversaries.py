"""Adversaries in tasks: what is played, recorded and judged."""

import dataclasses
import json
from pathlib import Path

import pytest

from handeye.base.names import UnknownName
from handeye.envs.suites import TABLETOP
from handeye.experiments.checks import adversaries
from handeye.experiments.checks.adversaries import AdversariesConfig, judged, run, trials
from handeye.experiments.checks.adversary_trials import Played, Trial, play
from handeye.experiments.checks.trial_lines import read_outcomes
from handeye.experiments.records.episode_lines import packed


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
        result=tmp_path / "rows.json",
    )  # fmt: skip
    kept = tmp_path / "episodes" / "rows.jsonl.gz"
    asked: list[Trial] = []

    def counted(trial: Trial) -> Played:
        """Play, and remember what was asked for."""
        asked.append(trial)
        return play(trial)

    first, second, *_ = trials(config)
    kept.parent.mkdir()
    known = dataclasses.asdict(play(first))
    older = {**dataclasses.asdict(play(second)), "fingerprint": "of other code"}
    begun = "".join(json.dumps(line) + "\n" for line in (known, older))
    kept.with_suffix("").write_text(begun + '{"suite": "cut o')
    monkeypatch.setattr(adversaries, "play", counted)
    monkeypatch.setattr("handeye.envs.vector.worker._check_importable", lambda function: None)
    assert run(config) == 0
    assert asked == trials(config)[1:]
    assert run(config) == 0
    assert len(asked) == 3
    assert not kept.with_suffix("").exists()
    found = json.loads(config.result.read_text())
    assert found["lost"] == 0
    assert [(row["adversary"], row["k"], row["n"]) for row in found["rows"]] == [
        ("idle", 0, 2),
        ("cannot", 0, 2),
    ]
    assert "2 pairs of an adversary and a task, 0 beat chance" in capsys.readouterr().out
    content = kept.read_bytes()
    assert [one.trial for one in read_outcomes(Played, kept)] == trials(config)
    kept.write_bytes(content[:-9])
    with pytest.raises(ValueError, match=r"rows\.jsonl\.gz is cut off or damaged"):
        run(config)


def test_a_line_that_is_no_episode_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    assert read_outcomes(Played, path) == []
    episode = played("idle", 0, 1)[0]
    path.write_bytes(packed([dataclasses.asdict(episode), []]))
    with pytest.raises(ValueError, match="line 2"):
        read_outcomes(Played, path)
