"""Pages of results and the headline table come from results/ and from nowhere else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handeye.experiments.evaluation.agent_summary import agent_summary
from handeye.experiments.evaluation.oracle_ladder import Attribution, ladder_summary
from handeye.experiments.records.markdown import insert
from handeye.experiments.records.schemas import EVALUATION_FORMAT
from handeye.experiments.records.statistics import Rate
from handeye.experiments.showcase import trust_page
from handeye.experiments.showcase.headline import headline_table
from handeye.experiments.showcase.result_pages import (
    BEGIN,
    END,
    PAGES,
    ResultPagesConfig,
    agents_page,
    apartments_page,
    load_results,
    run,
    speed_page,
    tabletop_page,
)
from handeye.experiments.showcase.result_tables import lenient_note
from tests.experiments.evaluation.test_agent_summary import AGENT, EPISODE

ROOT = Path(__file__).parents[3]
MOST_HEADLINES = 12


def evaluation(policy: str, split: str, solved: int) -> dict[str, Any]:
    outcomes = [True] * solved + [False] * (10 - solved)
    rate = Rate.of(outcomes).to_dict()
    necessity = {"true": {**rate, "chance": 0.2}} if policy == "nano" else {}
    return {
        "format": EVALUATION_FORMAT,
        "policy": policy,
        "suite": "tabletop-core",
        "split": split,
        "seed": 1_000_000,
        "macro_mean": {"mean": solved / 10, "interval95": [0.1, 0.9], "tasks": 1},
        "success": rate,
        "per_task": {"stack": rate},
        "instruction_necessity": necessity,
        "lost": 0,
        "commit": "abc",
    }


def navigation(policy: str, split: str) -> dict[str, Any]:
    mean = {"mean": 0.625, "interval95": [0.5, 0.75], "tasks": 1}
    row = {
        "n": 10,
        "success": mean,
        "oracle_success": mean,
        "spl": {**mean, "mean": 0.4375},
        "ndtw": None,
        "sdtw": None,
        "collisions_per_m": 0.25,
        "length_ratio": 1.5,
    }
    rate = Rate.of([True] * 5 + [False] * 3).to_dict()
    task = {**row, "success": rate, "oracle_success": rate}
    figures = {"per_task": {"object_goal": task}, "overall": row}
    return {**evaluation(policy, split, 5), "navigation": figures}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    bench = [{"name": "step", "ours": 1.234, "theirs": 30.0, "unit": "ms", "ratio": 24.31,
              "meaning": "one step", "machine": "2 cores", "commit": "abc"}]  # fmt: skip
    files = {
        "a_random": evaluation("random", "seen", 0),
        "b_nano_phrasing": evaluation("nano", "phrasing", 8),
        "c_nano": evaluation("nano", "seen", 9),
        "bench": bench,
        "kill_test": {"summary": "50 of 50 resumed", "seed": 0},
        "train_rl_reach": {"summary": "sac learns.", "seed": 0, "eval_seed": 1_000_000},
    }
    for stem, content in files.items():
        (folder / f"{stem}.json").write_text(json.dumps(content))
    return folder


def test_policies_come_before_baselines_and_seen_before_shifts(results: Path) -> None:
    text = tabletop_page(load_results(results))
    order = [
        text.index(part)
        for part in ("| `nano` | tabletop-core | seen", "core | phrasing", "| `random`")
    ]
    assert order == sorted(order)
    assert "stack 90.0 %" in text


def test_speed_says_what_it_measured(results: Path) -> None:
    text = speed_page(load_results(results))
    for part in ("| `step` | 1.23 ms | 30 ms | 24.3 × |", "one step", "50 of 50 resumed (seed 0)"):
        assert part in text


def test_every_table_says_its_seeds(results: Path) -> None:
    (results / "rooms.json").write_text(json.dumps(navigation("oracle", "unseen")))
    tabletop, homes = tabletop_page(load_results(results)), apartments_page(load_results(results))
    assert (
        "| `nano` | tabletop-core | seen | 90.0 % | 10.0–90.0 % | 10 | 1,000,000 | st" in tabletop
    )
    assert "43.8 % (50.0–75.0 %) | – | 10 | 1,000,000 |" in homes
    assert "(split seen, seeds from 1,000,000)" in tabletop
    assert "sac learns. Its episodes have the seeds from 1,000,000 on." in tabletop


def test_navigation_has_a_page_of_its_own(results: Path) -> None:
    tabletop = tabletop_page(load_results(results))
    for name, policy, split in (
        ("rooms_oracle", "oracle", "unseen"),
        ("rooms_phrasing", "rover", "phrasing"),
        ("rooms_unseen", "rover", "unseen"),
    ):
        (results / f"{name}.json").write_text(json.dumps(navigation(policy, split)))
    assert tabletop_page(load_results(results)) == tabletop  # nothing mixed in
    text = apartments_page(load_results(results))
    order = [
        text.index(
            f"| `{policy}` | tabletop-core | {split} | object_goal alone | "
            "62.5 % (50.0–75.0 %) | 43.8 % (50.0–75.0 %) | – | 10 |"
        )
        for policy, split in (("rover", "unseen"), ("rover", "phrasing"), ("oracle", "unseen"))
    ]
    assert order == sorted(order)
    assert "object_goal | 10 | 62.5 % (30.6–86.3 %)" in text


def test_agents_have_a_page_of_their_own(results: Path) -> None:
    before = tabletop_page(load_results(results))
    other = replace(EPISODE, agent=replace(AGENT, length="long"))
    figures = agent_summary([EPISODE, other])
    found = [Attribution("a", "plan", ("plan",)), Attribution("b", "environment", (), "rain")]
    info = {**evaluation("react, told, truth", "seen", 5), "agent": figures}
    (results / "agent.json").write_text(json.dumps({**info, "ladder": ladder_summary(found, 4)}))
    text = agents_page(load_results(results))
    assert "| `react, told, truth` | tabletop-core | seen | 2 | 100.0 % (34.2–100.0 %) |" in text
    assert "| seen | length short | 1 | 100.0 % (20.7–100.0 %) |" in text
    assert (
        "| seen | 2 | 0 | 0 + 0 | 0 + 0 | 1 + 0 | 0 + 0 | 0 + 0 | 1 | 100.0 % | 50.0 % (15.0–"
        in text
    )
    assert tabletop_page(load_results(results)) == before  # policies keep theirs


def test_rows_per_task_and_kind_are_folded(results: Path) -> None:
    text = tabletop_page(load_results(results))
    assert text.index("<details><summary>Per task") < text.index("| stack | 9 / 10 |")


def test_rows_from_before_strict_success_are_marked() -> None:
    new, old = evaluation("nano", "seen", 9), evaluation("random", "seen", 0)
    assert lenient_note([new]) == ""
    old["format"] = "handeye-evaluation-1"
    assert "**1 of 2 rows were judged leniently" in lenient_note([new, old])


def test_the_headline_shows_figures_beside_their_baselines(results: Path) -> None:
    nano = evaluation("nano", "seen", 9)
    nano["instruction_necessity"]["blank"] = {**Rate.of([True, False]).to_dict(), "chance": 0.2}
    files = {"nano_seen": nano, "random_seen": evaluation("random", "seen", 0)}
    row = headline_table(files).splitlines()[-1].replace("\u00a0", " ")
    assert "90.0 % | 10.0–90.0 % | 10 | random 0.0 %, without words 50.0 % |" in row
    assert headline_table({}).count("\n") == 1


def test_pages_and_headline_are_written_and_written_again(results: Path, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"# Title\n\n{BEGIN}\nold\n{END}\n\nAfter.\n")
    trust = tmp_path / "trust.md"
    trust.write_text(f"# Trust\n{trust_page.BEGIN}\nold\n{trust_page.END}\n")
    for _ in range(2):  # writing again changes nothing
        assert run(ResultPagesConfig(results, readme, tmp_path / "pages", trust)) == 0
        text = readme.read_text()
    assert text == insert(text, headline_table(load_results(results).files), BEGIN, END)
    assert "old" not in text + trust.read_text()
    assert text.startswith("# Title\n")
    assert text.endswith("After.\n")
    assert sorted(path.name for path in (tmp_path / "pages").iterdir()) == sorted(PAGES)


def test_a_readme_without_markers_is_refused_and_no_page_written(
    results: Path, tmp_path: Path
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("# Title")
    with pytest.raises(ValueError, match="needs the lines"):
        run(ResultPagesConfig(results, readme, tmp_path / "pages"))
    assert not (tmp_path / "pages").exists()


def test_no_results_is_said(tmp_path: Path) -> None:
    for page in PAGES.values():
        assert "Nothing has been measured yet." in page(load_results(tmp_path))


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_show_what_results_hold(name: str) -> None:
    page = ROOT / "docs" / "results" / name
    assert page.read_text() == PAGES[name](load_results(ROOT / "results")), "run `make tables`"


def test_the_readme_shows_what_results_hold() -> None:
    text = (ROOT / "README.md").read_text()
    table = headline_table(load_results(ROOT / "results").files)
    assert text == insert(text, table, BEGIN, END), "run `make tables`"
    assert sum(line.startswith("|") for line in table.splitlines()) - 2 <= MOST_HEADLINES


def test_what_was_measured_on_seeds_that_choose_is_in_no_table(tmp_path: Path) -> None:
    chosen = {**evaluation("nano", "seen", 8), "seeds": "selection"}
    (tmp_path / "chosen.json").write_text(json.dumps(chosen))
    with pytest.raises(ValueError, match=r"chosen.json .* selection; .*1000000 and above"):
        load_results(tmp_path)
