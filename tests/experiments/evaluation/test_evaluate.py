"""Whole evaluations: the folder, resuming, worker counts, lost episodes, bad settings."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handeye.experiments.evaluation import plan as plan_module
from handeye.experiments.evaluation import shown_episodes
from handeye.experiments.evaluation.config import EvaluateConfig, PolicyFlags
from handeye.experiments.evaluation.episode_video import film
from handeye.experiments.evaluation.evaluate import evaluate, read_records, run
from handeye.experiments.evaluation.plan import plan_evaluation
from handeye.experiments.evaluation.run_policy_episode import run_policy_episode
from handeye.experiments.evaluation.shown_episodes import choose_films, draw_maps
from handeye.experiments.pictures.film import Film
from handeye.experiments.records.episode import (
    CONDITIONS,
    EpisodeJob,
    EpisodeRecord,
    NavigationRecord,
)

KEYS = {
    "policy", "suite", "split", "seed", "commit", "renderer_fingerprint", "success", "per_task",
    "instruction_necessity", "lost", "wall_s",
}  # fmt: skip


def config(folder: Path, policy: str = "oracle", **changes: Any) -> EvaluateConfig:
    few = EvaluateConfig(
        PolicyFlags(policy), folder / "run", suite="reach", episodes=3, workers=0, films=0
    )
    return replace(few, **changes)


def lines(folder: Path) -> list[dict[str, Any]]:
    """Records without their wall time, the one field that differs between equal runs."""
    text = (folder / "run" / "episodes.jsonl").read_text().splitlines()
    return [{**json.loads(line), "wall_s": 0} for line in text]


@pytest.mark.slow
def test_a_run_leaves_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config(tmp_path, necessity_episodes=2, films=1)) == 0
    folder = tmp_path / "run"
    info = json.loads((folder / "eval_info.json").read_text())
    assert set(info) >= KEYS
    assert info["success"]["k"] == info["success"]["n"] == 3
    assert set(info["per_task"]["reach"]) == {"k", "n", "rate", "wilson95"}
    assert set(info["instruction_necessity"]) == {*CONDITIONS}
    assert len(lines(tmp_path)) == 3 + 4 * 2
    assert len(list((folder / "videos").glob("reach_*_success.mp4"))) == 1
    assert "data:video/mp4" in (folder / "report.html").read_text()
    assert (folder / "plots" / "success.png").exists()
    printed = capsys.readouterr().out
    assert "macro mean" in printed
    assert "report.html" in printed


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_records(tmp_path: Path) -> None:
    evaluate(config(tmp_path / "whole"))
    evaluate(config(tmp_path / "cut"))
    path = tmp_path / "cut" / "run" / "episodes.jsonl"
    path.write_bytes(path.read_bytes()[:-40])  # the last record is torn
    (tmp_path / "cut" / "run" / "eval_info.json").unlink()
    evaluate(config(tmp_path / "cut", resume=True))
    assert lines(tmp_path / "cut") == lines(tmp_path / "whole")


@pytest.mark.slow
def test_resume_runs_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate(config(tmp_path))
    monkeypatch.setattr(plan_module, "policy_episode", never_judge)
    assert evaluate(config(tmp_path, resume=True)).info["success"]["n"] == 3


@pytest.mark.slow
def test_resume_with_other_settings_is_refused(tmp_path: Path) -> None:
    evaluate(config(tmp_path))
    with pytest.raises(ValueError, match="episodes was 3"):
        evaluate(config(tmp_path, resume=True, episodes=4))


@pytest.mark.slow
def test_an_existing_run_is_refused(tmp_path: Path) -> None:
    evaluate(config(tmp_path))
    with pytest.raises(FileExistsError, match="--resume"):
        evaluate(config(tmp_path))
    evaluate(config(tmp_path, overwrite=True))


@pytest.mark.slow
def test_records_do_not_depend_on_the_workers(tmp_path: Path) -> None:
    for workers in (0, 2):
        evaluate(config(tmp_path / str(workers), "blind", suite="pick_up", workers=workers))
    assert lines(tmp_path / "0") == lines(tmp_path / "2")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 899_999}, "belongs to training"),
        ({"suite": "tabletop-cor"}, "Did you mean 'tabletop-core'"),
        ({"split": "sen"}, "Did you mean 'seen'"),
        ({"split": "kind"}, r"unknown split of reach 'kind'. .*synonym"),
        ({"episodes": 0}, "at least one episode"),
        ({"policy": "orakle"}, "Did you mean 'oracle'"),
    ],
)
def test_bad_settings_are_refused_before_anything_is_written(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        evaluate(config(tmp_path, **changes))
    assert not (tmp_path / "run").exists()


def never_judge(job: EpisodeJob) -> EpisodeRecord:
    raise RuntimeError("nothing is left to judge")


def fragile_judge(job: EpisodeJob) -> EpisodeRecord:
    if job.seed % 2:
        raise RuntimeError("the machine hiccuped")
    return run_policy_episode(job)


@pytest.mark.slow
def test_lost_episodes_are_counted_apart_and_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_module, "policy_episode", fragile_judge)
    info = evaluate(config(tmp_path)).info
    assert (info["lost"], info["success"]["k"], info["success"]["n"]) == (1, 2, 2)
    assert "hiccuped" in lines(tmp_path)[1]["lost_reason"]
    monkeypatch.setattr(plan_module, "policy_episode", run_policy_episode)
    info = evaluate(config(tmp_path, resume=True)).info
    assert (info["lost"], info["success"]["n"]) == (0, 3)
    records = list(read_records(tmp_path / "run" / "episodes.jsonl"))
    assert len(records) == 4  # the lost line stays as history


def test_nothing_judged_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "policy_episode", never_judge)
    with pytest.raises(ValueError, match="no episode could be run: RuntimeError: nothing is left"):
        evaluate(config(tmp_path))
    assert not (tmp_path / "run" / "eval_info.json").exists()


def test_films_show_both_outcomes_of_every_task(tmp_path: Path) -> None:
    jobs = plan_evaluation(config(tmp_path, episodes=4, necessity_episodes=1)).jobs
    records = [
        replace(EpisodeRecord.lost(job, ""), success=job.seed % 2 == 0, worker_lost=False)
        for job in jobs
    ]
    chosen = choose_films(jobs, records, each=1)
    assert [job.seed for job in chosen] == [1_000_001, 1_000_000]  # the failure first
    assert choose_films(jobs, records, each=0) == []


def walking_judge(job: EpisodeJob) -> EpisodeRecord:
    """Odd seeds fail; every way is half as long again as it must be."""
    way = NavigationRecord(2.0, ((0.0, 0.0), (3.0, 0.0)), 1, None, True)
    solved = job.seed % 2 == 0
    return replace(run_policy_episode(job), success=solved, path_length_m=3.0, navigation=way)


@pytest.mark.slow
def test_navigation_is_summed_up_and_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plan_module, "policy_episode", walking_judge)
    monkeypatch.setattr(shown_episodes, "draw_map", lambda job, _: f"<svg>{job.seed}</svg>")
    assert run(config(tmp_path)) == 0
    folder = tmp_path / "run"
    info = json.loads((folder / "eval_info.json").read_text())
    row = info["navigation"]["per_task"]["reach"]
    assert row["spl"]["mean"] == pytest.approx(2 / 3 * 2 / 3)
    assert row["collisions_per_m"] == pytest.approx(1 / 3)
    assert info["navigation"]["overall"]["success"] == info["macro_mean"]
    assert (folder / "report.html").read_text().count("data:image/svg+xml") == 3
    assert "SPL" in capsys.readouterr().out
    assert all(record.navigation for record in read_records(folder / "episodes.jsonl"))


def test_maps_show_failures_first_and_not_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_episodes, "draw_map", lambda job, _: job.episode_id)
    jobs = plan_evaluation(config(tmp_path, episodes=20, necessity_episodes=5)).jobs
    way = NavigationRecord(2.0, ((0.0, 0.0),), 0, None, False)
    records = [
        replace(
            EpisodeRecord.lost(job, ""),
            success=job.seed % 2 == 0,
            worker_lost=job.seed == 1_000_003,
            navigation=way,
        )
        for job in jobs
    ]
    maps = draw_maps(jobs, records)
    shown = [one.record.seed - 1_000_000 for one in maps]
    assert shown == [1, 5, 7, 9, 11, 13, 15, 17, 19, 0, 2, 4]
    assert all(one.svg.endswith("/true") for one in maps)
    assert draw_maps(jobs, [replace(record, navigation=None) for record in records]) == []


@pytest.mark.heavy
def test_ctrl_c_keeps_finished_episodes(tmp_path: Path) -> None:
    flags = ["--policy.path", "oracle", "--suite", "pick_up", "--episodes", "500", "--films", "0"]
    command = [sys.executable, "-m", "handeye.experiments.cli", "evaluate", *flags]
    command += ["--workers", "1", "--output_dir", str(tmp_path / "run")]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    path = tmp_path / "run" / "episodes.jsonl"
    while running.poll() is None and (not path.exists() or path.stat().st_size == 0):
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "finished episodes" in said
    assert "Traceback" not in said
    assert len(list(read_records(path))) >= 1
    assert not (tmp_path / "run" / "eval_info.json").exists()


def film_of_another_policy(job: EpisodeJob) -> Film:
    shot = film(job)
    return replace(shot, record=replace(shot.record, state_hash="0" * 32))


@pytest.mark.slow
def test_a_film_that_shows_another_episode_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shown_episodes, "film", film_of_another_policy)
    evaluate(config(tmp_path, episodes=1, films=1))
    assert "went differently when filmed" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "run" / "videos").exists()
