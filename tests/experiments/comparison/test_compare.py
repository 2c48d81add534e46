"""The command: files compared, what is missing run, pair after pair, errors with exit code 2."""

import json
from pathlib import Path

import pytest

from handeye.experiments.cli import main
from tests.experiments.comparison.runs import FIRST, records, write_run

WEAK = {"reach": [True] * 20, "stack": [True] * 5 + [False] * 15}
STRONG = {"reach": [True] * 20, "stack": [False] + [True] * 19}


@pytest.fixture
def runs(tmp_path: Path) -> tuple[str, str]:
    weak = write_run(tmp_path / "weak", records(WEAK))
    strong = write_run(tmp_path / "strong", records(STRONG))
    for folder, verdict in ((weak, "failure"), (strong, "success")):
        (folder / "videos").mkdir()
        (folder / "videos" / f"stack_{FIRST + 7}_{verdict}.mp4").write_bytes(b"a film")
    return str(weak), str(strong)


def test_two_runs_are_compared(
    runs: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["compare", *runs, "--output_dir", str(out)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "strong is better by 35.0 points" in printed
    data = json.loads((out / "compare.json").read_text())
    (contrast,) = data["contrasts"]
    assert (len(contrast["only_a"]), len(contrast["only_b"])) == (1, 15)
    assert [side["name"] for side in data["sides"]] == ["weak", "strong"]
    page = (out / "compare.html").read_text()
    assert page.count("data:video/mp4;base64,") == 2
    assert page.count("<th scope=") > 10
    assert 'name="viewport"' in page
    assert "://" not in page
    assert f"<td>{FIRST + 7}</td>" in page


def test_pair_after_pair_stops_when_the_answer_is_known(
    runs: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["compare", *runs, "--sequential", "--output_dir", str(out)]) == 0
    assert "strong is better" in capsys.readouterr().out
    played = json.loads((out / "compare.json").read_text())["sequential"]
    assert played["decided"]
    assert played["e_value"] >= 20
    assert played["pairs"] < played["most_pairs"] == 40
    assert "confidence sequence" in (out / "compare.html").read_text()


def test_three_runs_are_compared_pair_by_pair(runs: tuple[str, str], tmp_path: Path) -> None:
    third = write_run(tmp_path / "third", records(WEAK))
    out = tmp_path / "out"
    assert main(["compare", *runs, str(third), "--output_dir", str(out)]) == 0
    found = json.loads((out / "compare.json").read_text())["contrasts"]
    assert len(found) == 3
    assert found[0]["p_value_holm"] > found[0]["overall"]["p_value"]


def test_mistakes_end_in_one_line(
    runs: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_run(tmp_path / "other", records(WEAK, split="phrasing"))
    cut = write_run(tmp_path / "cut", records(WEAK))
    (cut / "episodes.jsonl").write_text((cut / "episodes.jsonl").read_text()[:-30])
    for arguments, message in (
        ([runs[0]], "give two or more"),
        ([runs[0], str(other)], "split 'seen' and 'phrasing'"),
        ([runs[0], str(cut)], "is cut off"),
        ([runs[0], str(tmp_path / "none.json")], "none.json"),
        ([*runs, str(other), "--sequential"], "--sequential compares two, not 3"),
        ([*runs, "--alpha", "2"], "--alpha 2.0 is a chance"),
        ([runs[0], "oracle", "--suite", "rooms"], "--suite rooms and weak"),
        ([runs[0], "orakel"], "orakel"),
    ):
        assert main(["compare", *arguments, "--output_dir", str(tmp_path / "out")]) == 2
        error = capsys.readouterr().err
        assert message in " ".join(error.split())
        assert error.count("error:") == 1
        assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_what_is_missing_is_run_on_the_same_seeds(tmp_path: Path) -> None:
    few = ["--suite", "reach", "--episodes", "2", "--workers", "0"]
    first = tmp_path / "first"
    assert (
        main(["compare", "oracle", "random", *few, "--films", "1", "--output_dir", str(first)]) == 0
    )
    (contrast,) = json.loads((first / "compare.json").read_text())["contrasts"]
    assert contrast["only_a"] == [["reach", FIRST], ["reach", FIRST + 1]]
    assert (first / "compare.html").read_text().count("data:video/mp4") == 2
    second = tmp_path / "second"
    again = [str(first / "runs" / "1_oracle"), "idle", "--sequential", "--workers", "0"]
    assert main(["compare", *again, "--output_dir", str(second)]) == 0
    played = json.loads((second / "compare.json").read_text())["sequential"]
    assert (played["pairs"], played["decided"]) == (2, False)
    assert played["only_a"] == contrast["only_a"]
    resumed = [*again, "--resume", "--output_dir", str(second)]
    kept = (second / "runs" / "2_idle" / "episodes.jsonl").read_bytes()
    assert main(["compare", *resumed]) == 0
    assert (second / "runs" / "2_idle" / "episodes.jsonl").read_bytes() == kept
