"""The report is one file, honest about what is missing, safe to open."""

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from handeye.experiments.evaluation.agent_summary import agent_summary
from handeye.experiments.evaluation.navigation_summary import navigation_summary
from handeye.experiments.pictures.film import EpisodeMap, Film, PolicyDecision
from handeye.experiments.pictures.video import encode_jpeg, encode_mp4
from handeye.experiments.records.episode import EpisodeRecord, NavigationRecord
from handeye.experiments.records.failure import FailureRecord
from handeye.experiments.records.percentages import percent, span
from handeye.experiments.records.statistics import Rate
from handeye.experiments.reports.report import (
    navigation_rows,
    plot_rates,
    print_table,
    render_report,
)
from handeye.experiments.reports.report_rows import cause_of, count_events, scale
from tests.experiments.evaluation.test_agent_summary import AGENT, EPISODE

FAILED = EpisodeRecord(
    "stack/1000000/true", "tabletop-core", "stack", "seen", 1_000_000, "true", "nano",
    instruction="stack <b>the</b> red block", events=("missed_grasp",), ended_by="limit",
)  # fmt: skip
SOLVED = replace(FAILED, episode_id="stack/1000001/true", success=True, events=())
WALKED = replace(
    SOLVED, path_length_m=8.0, navigation=NavigationRecord(4.0, ((0.0, 0.0),), 2, 0.75, True)
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><text>kitchen</text></svg>'
LOST = replace(FAILED, worker_lost=True, instruction="", ended_by="lost")


@pytest.fixture
def info() -> dict[str, Any]:
    row = {**Rate.of([True, False]).to_dict(), "chance": 0.25}
    return {
        "policy": "nano",
        "suite": "tabletop-core",
        "split": "seen",
        "seed": 1_000_000,
        "commit": "abc",
        "machine": "2 cores",
        "renderer_fingerprint": "f00",
        "success": Rate.of([True, False]).to_dict(),
        "goal_reached": Rate.of([True, True]).to_dict(),
        "side_effects": {"bystander_moved": 1},
        "macro_mean": {"mean": 0.5, "interval95": [0.1, 0.9], "tasks": 1},
        "per_task": {"stack": Rate.of([True, False]).to_dict(), "reach": Rate.of([]).to_dict()},
        "instruction_necessity": {"true": row, "blank": row},
        "lost": 1,
        "wall_s": 12.3,
    }


def test_report_holds_everything_itself(info: dict[str, Any]) -> None:
    frame = np.full((32, 32, 3), 90, np.uint8)
    decision = PolicyDecision(7, encode_jpeg(frame), "x +0.50", "0 12 13")
    film = Film(FAILED, encode_mp4([frame] * 3, fps=10), (decision,))
    page = render_report(info, [FAILED, SOLVED, LOST], [film])
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", page)
    assert "http" not in page
    assert "data:video/mp4;base64," in page
    assert "data:image/jpeg;base64," in page
    for part in ("missed_grasp", "7. x +0.50", "0 12 13", "blank", "25.0 %", "9.5–90.5 %", "lost"):
        assert part in page


def test_report_of_navigation_holds_its_maps(info: dict[str, Any]) -> None:
    info["navigation"] = navigation_summary([WALKED], ("stack", "object_goal"))
    frame = np.full((32, 32, 3), 90, np.uint8)
    film = Film(WALKED, encode_mp4([frame] * 3, fps=10), (), SVG)
    page = render_report(info, [WALKED], [film], [EpisodeMap(WALKED, SVG)])
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", page)
    assert "http" not in page
    pictures = re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)
    assert [base64.b64decode(picture).decode() for picture in pictures] == [SVG, SVG]
    for part in (
        "Episodes from above",
        "oracle SR",
        "75.0 %",
        "2.00",
        "where the robot stopped",
        "double speed",
    ):
        assert part in page
    assert "&lt;b&gt;the&lt;/b&gt;" in page


def test_report_without_navigation_says_nothing_of_it(info: dict[str, Any]) -> None:
    page = render_report(info, [FAILED], [])
    for part in ("Navigation", "from above", "SPL", "svg", "double speed"):
        assert part not in page


def test_report_escapes_instructions(info: dict[str, Any]) -> None:
    page = render_report(info, [FAILED], [])
    assert "<b>the</b>" not in page
    assert "stack &lt;b&gt;the&lt;/b&gt; red block" in page


def test_report_without_rows_films_or_failures(info: dict[str, Any]) -> None:
    page = render_report({**info, "instruction_necessity": {}}, [SOLVED], [])
    assert "Does it read" not in page
    assert "No episode failed." in page


def test_a_missing_figure_is_an_error_not_a_blank(info: dict[str, Any]) -> None:
    del info["macro_mean"]
    with pytest.raises(Exception, match="macro_mean"):
        render_report(info, [SOLVED], [])


def test_events_are_counted_per_episode_and_task() -> None:
    twice = replace(FAILED, events=("missed_grasp", "missed_grasp", "timeout"))
    silent = replace(FAILED, task="reach", events=())
    assert count_events([FAILED, twice, silent]) == {
        "missed_grasp": {"stack": 2},
        "ran out of steps": {"stack": 1},
        "no event recorded": {"reach": 1},
    }


def test_numbers_as_text() -> None:
    assert percent(0.934) == "93.4 %"
    assert percent(None) == percent(float("nan")) == "–"
    assert span((0.05, 1.0)) == "5.0–100.0 %"
    assert "left:25.00%" in scale(Rate.of([True]).to_dict(), 0.25)


@pytest.mark.slow
def test_plot_and_table(info: dict[str, Any], tmp_path: Path) -> None:
    plot_rates(tmp_path / "plots" / "success.png", info)
    assert (tmp_path / "plots" / "success.png").read_bytes()[:4] == b"\x89PNG"
    console = Console(record=True, width=100)
    print_table(info, tmp_path / "report.html", console)
    text = console.export_text()
    for part in ("stack", "1 / 2", "macro mean", "words blank (chance 25.0 %)", "1 episodes lost"):
        assert part in text


def test_figures_of_navigation_as_text(info: dict[str, Any], tmp_path: Path) -> None:
    bare = replace(WALKED, task="object_goal", success=False, path_length_m=0.0)
    way = NavigationRecord(4.0, ((0.0, 0.0),), 0, None, False)
    records = [WALKED, replace(bare, navigation=way)]
    info["navigation"] = navigation_summary(records, ("stack", "object_goal"))
    rows = navigation_rows(info["navigation"])
    assert list(rows) == ["stack", "object_goal", "macro mean"]
    assert rows["stack"][1:6] == (
        "100.0 % (20.7–100.0 %)", "50.0 % (5.5–94.5 %)", "100.0 %", "75.0 %", "75.0 %",
    )  # fmt: skip
    assert rows["object_goal"][4:] == ("–", "–", "–", "0.00")
    console = Console(record=True, width=80)
    print_table(info, tmp_path / "report.html", console)
    text = console.export_text()
    assert "…" not in text
    for part in ("navigation", "object_goal", "collisions", "0.25", "5.5–94.5 %", "macro mean"):
        assert part in text


WRONG = FailureRecord(
    ("inside",), ("blue star", "pink bowl"), ("red star",), "", 0.213
)  # fmt: skip


def test_failures_come_first_with_their_cause(info: dict[str, Any]) -> None:
    page = render_report(info, [SOLVED, replace(FAILED, failure=WRONG)], [])
    cause = (
        "Moved the red star instead of the blue star; the blue star is 21 cm from the pink bowl; "
        "ran out of steps"
    )
    assert cause in page
    assert page.index(cause) < page.index("Success per task")
    episodes = page[page.index("Every episode") :]
    assert episodes.index(FAILED.episode_id) < episodes.index(SOLVED.episode_id)


@pytest.mark.parametrize("ending", ["limit", "terminate"])
@pytest.mark.parametrize("known", [None, FailureRecord(), WRONG])
def test_no_cause_is_a_bare_timeout(
    info: dict[str, Any], known: FailureRecord | None, ending: str
) -> None:
    record = replace(FAILED, events=("timeout",), ended_by=ending, failure=known)
    assert len(cause_of(record).split("; ")) >= 2
    assert "timeout" not in render_report(info, [record], [])


def test_a_cause_says_where_a_robot_stands_and_what_an_agent_claimed() -> None:
    lost = FailureRecord(("at",), ("chair",), (), "kitchen", 4.23)
    record = replace(FAILED, failure=lost, agent=replace(AGENT, claim="success"))
    assert cause_of(record) == "Stands in the kitchen; 4.2 m from the goal; claimed success"


def test_side_effects_are_the_cause_where_the_goal_holds() -> None:
    moved = replace(FAILED, side_effects=("moved red star 9 cm",), ended_by="terminate")
    met = replace(moved, goal_conditions=(2, 2))
    assert cause_of(met) == "Moved red star 9 cm; said that it was done"
    assert cause_of(replace(moved, failure=WRONG)).startswith("Moved red star 9 cm; moved the red")


def test_tables_can_be_read_without_seeing_them(info: dict[str, Any]) -> None:
    info["navigation"] = navigation_summary([WALKED], ("stack", "object_goal"))
    info["agent"] = agent_summary([EPISODE, replace(EPISODE, agent=replace(AGENT, length="long"))])
    page = render_report(info, [FAILED, SOLVED], [])
    for head in re.findall(r"<th[ >][^>]*", page):
        assert 'scope="col"' in head or 'scope="row"' in head, head
    bars = re.findall(r'<span class="scale"[^>]*>', page)
    assert len(bars) == len(info["per_task"]) + len(info["instruction_necessity"])
    assert all('role="img" aria-label="' in bar for bar in bars)
    assert all("alt=" in picture for picture in re.findall(r"<img[^>]*>", page))
    assert '<html lang="en">' in page
    assert 'href="#failures"' in page
    assert 'id="failures"' in page


def test_narrow_and_dark_screens_are_provided_for(info: dict[str, Any]) -> None:
    page = render_report(info, [FAILED, SOLVED], [])
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    style = page[page.index("<style>") : page.index("</style>")]
    for part in ("prefers-color-scheme:dark", "max-width:720px", ":focus-visible", "data-label"):
        assert part in style, part
    labelled = re.findall(r"<td([^>]*)>", page)
    assert labelled
    assert all("data-label=" in cell for cell in labelled)  # a stacked cell says what it is
    fixed = [
        int(px)
        for px in re.findall(r"[{; ](?:min-)?width:(\d+)px", re.sub(r"@media[^{]+", "", style))
    ]
    assert max(fixed) <= 320
