"""`handeye audit` as a user types it."""

import json
from pathlib import Path

import pytest

from handeye.experiments.audit.command import run_findings
from handeye.experiments.audit.policy_tests import reading, same_rate
from handeye.experiments.cli import main
from handeye.experiments.records.episode import CONDITIONS, EpisodeRecord


def episodes(successes: int, condition: str = "true", count: int = 40) -> list[EpisodeRecord]:
    return [
        EpisodeRecord(
            f"reach/{seed}/{condition}", "reach", "reach", "seen", 1_000_000 + seed,
            condition, "made up", success=seed < successes, n_choices=5,
        )  # type: ignore[arg-type]
        for seed in range(count)
    ]  # fmt: skip


def with_words(**successes: int) -> list[EpisodeRecord]:
    usual = {"true": 36, "blank": 6, "shuffled": 5, "contradictory": 35, "paraphrased": 34}
    rows = usual | successes
    return [r for condition in CONDITIONS for r in episodes(rows[condition], condition)]


def test_who_reads_passes_and_who_does_not_fails() -> None:
    assert reading(with_words(), None).verdict == "pass"
    deaf = reading(with_words(shuffled=34), None)
    assert deaf.verdict == "fail"
    assert "shuffled" in deaf.words
    probed = reading(with_words(), episodes(35))
    assert probed.verdict == "fail"
    assert "blind probe" in probed.words
    by_heart = reading(with_words(paraphrased=12), None)
    assert by_heart.verdict == "fail"
    assert "paraphrased" in by_heart.words


def test_a_fall_is_told_and_chance_is_not() -> None:
    fell = same_rate("Falls it?", episodes(10), episodes(36), "usual", "No")
    assert fell.verdict == "fail"
    assert "65.0 % less" in fell.words
    assert same_rate("Falls it?", episodes(34), episodes(36), "usual", "No").verdict == "pass"


def test_what_so_few_episodes_cannot_tell_is_open() -> None:
    few = [r for r in with_words(blank=0, shuffled=0) if r.seed < 1_000_002]
    assert reading(few, None).verdict == "open"
    same = same_rate("Falls it?", episodes(3, count=4), episodes(4, count=4), "usual", "No")
    assert same.verdict == "open"
    assert "would not show" in same.words


def test_a_run_without_episodes_is_refused() -> None:
    with pytest.raises(ValueError, match="holds no episode"):
        run_findings([], Path("empty"))


@pytest.mark.slow
def test_a_suite_is_audited(tmp_path: Path) -> None:
    flags = ["--suite", "press_button", "--episodes", "2", "--workers", "0"]
    folder = tmp_path / "audit"
    assert main(["audit", *flags, "--output_dir", str(folder)]) == 0
    info = json.loads((folder / "audit.json").read_text())
    assert info["holds"]
    assert [f["verdict"] for f in info["findings"]] == ["pass", "open"]
    page = (folder / "audit.html").read_text()
    assert "Can anybody win without reading?" in page
    assert "http" not in page


def test_questions_that_exclude_each_other_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--output_dir", str(tmp_path / "a")]
    assert main(["audit", "--run", str(tmp_path), "--certificate", *flags]) == 2
    assert "give one of them" in capsys.readouterr().err
    assert main(["audit", "--certificate", *flags]) == 2
    assert "needs --dataset.root" in capsys.readouterr().err
    assert main(["audit", "--run", str(tmp_path / "none"), *flags]) == 2
    assert "no episodes.jsonl" in capsys.readouterr().err
    assert main(["audit", "--suite", "reach", "--episodes", "0", *flags]) == 2
    assert "at least one of each task" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
