"""The pages docs/results/*.md and the README's headline table: `make tables`.

Both are written from `results/*.json` and from nowhere else; a test fails when a page is no longer
what this module would write. What a file holds is known by its shape, see `result_tables`.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from handeye.base.json_reader import read_json
from handeye.experiments.records.markdown import insert
from handeye.experiments.records.run_folder import write_text_atomic
from handeye.experiments.records.schemas import EVALUATION_FORMAT
from handeye.experiments.records.seeds import said
from handeye.experiments.safety.summary import safety_tables
from handeye.experiments.showcase.headline import headline_table
from handeye.experiments.showcase.result_tables import (
    agent_group_table,
    agent_table,
    bench_table,
    eyes_tables,
    ladder_table,
    measurement_notes,
    navigation_table,
    navigation_task_table,
    necessity_table,
    success_table,
    task_table,
    told_table,
)
from handeye.experiments.showcase.trust_page import trust_page

BEGIN = "<!-- headline: written by `make tables` from results/*.json -->"
END = "<!-- end of headline -->"
SPLIT_ORDER = ("seen", "unseen", "combination", "phrasing", "distractors", "appearance")
BASELINES_LAST = ("oracle", "frontier", "blind", "random")

Evaluation = Mapping[str, Any]


@dataclass(frozen=True)
class ResultPagesConfig:
    """Where the figures are and where they go.

    Attributes:
        results: folder of JSON files.
        readme: Markdown file with the markers of the headline table.
        pages: folder of the pages.
        trust: Markdown file with the markers of what shows that figures can be believed.
    """

    results: Path = Path("results")
    readme: Path = Path("README.md")
    pages: Path = Path("docs/results")
    trust: Path = Path("docs/trust.md")


class Results(NamedTuple):
    """Recorded files by what they are; each list in the order in which it is shown.

    Attributes:
        files: name without suffix -> content.
        tabletop: evaluations of policies at the table.
        navigation: evaluations of policies in apartments.
        agents: evaluations of agents in both worlds.
    """

    files: Mapping[str, Any]
    tabletop: Sequence[Evaluation]
    navigation: Sequence[Evaluation]
    agents: Sequence[Evaluation]

    def notes(self, *stems: str) -> list[str]:
        """Return the named measurements as a list in Markdown; empty if none is recorded."""
        found = {stem: self.files[stem] for stem in stems if stem in self.files}
        return [measurement_notes(found)] if found else []


def run(config: ResultPagesConfig) -> int:
    """Write the headline table between the README's markers, and every page."""
    results = load_results(config.results)
    readme = insert(config.readme.read_text(), headline_table(results.files), BEGIN, END)
    trust = trust_page(config.trust.read_text(), results.files)
    config.pages.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        write_text_atomic(config.pages / name, page(results))
    write_text_atomic(config.trust, trust)
    write_text_atomic(config.readme, readme)
    return 0


def load_results(folder: Path) -> Results:
    """Return all recorded files of a folder.

    Raises:
        ValueError: one was measured on seeds that choose, not judge.
    """
    files = {path.stem: read_json(path, object) for path in sorted(folder.glob("*.json"))}
    for stem, info in files.items():
        if isinstance(info, dict) and info.get("seeds", "evaluation") != "evaluation":
            raise ValueError(
                f"{folder / stem}.json was measured on seeds of {info['seeds']}; tables take those "
                f"of evaluation ({said('evaluation')})"
            )
    evaluations = sorted(
        (f for f in files.values() if isinstance(f, dict) and "per_task" in f), key=_order
    )
    _check_one_schema(folder, files)
    agents = [info for info in evaluations if "agent" in info]
    walked = [info for info in evaluations if "navigation" in info]
    tabletop = [info for info in evaluations if "navigation" not in info and "agent" not in info]
    return Results(files, tabletop, walked, agents)


def _check_one_schema(folder: Path, files: Mapping[str, Any]) -> None:
    """Refuse rows of which some were judged by other rules than the others."""
    rows = {n: f for n, f in files.items() if isinstance(f, dict) and "per_task" in f}
    old = sorted(name for name, info in rows.items() if info.get("format") != EVALUATION_FORMAT)
    if old and len(old) < len(rows):
        raise ValueError(
            f"{folder}/{old[0]}.json and {len(old) - 1} more rows are of an older schema than the "
            f"other {len(rows) - len(old)} ({EVALUATION_FORMAT}), so no table can hold them "
            "together; record them anew: make results"
        )


def tabletop_page(results: Results) -> str:
    """Return the page of policies at the table."""
    parts = [success_table(results.tabletop), task_table(results.tabletop)]
    parts += filter(None, [told_table(results.tabletop)])
    read = [necessity_table(e) for e in results.tabletop if e["instruction_necessity"]]
    if read:
        parts += ["## Does it read the instruction?", *read]
    if notes := results.notes("reproduction", "train_rl_reach"):
        parts += ["## Training", *notes]
    return _page("Policies at the table", parts if results.tabletop else [])


def apartments_page(results: Results) -> str:
    """Return the page of policies in apartments."""
    parts = [navigation_table(results.navigation), navigation_task_table(results.navigation)]
    parts += filter(None, [told_table(results.navigation)])
    read = [necessity_table(e) for e in results.navigation if e["instruction_necessity"]]
    if read:
        parts += ["## Does it read the instruction?", *read]
    if notes := results.notes("rooms_route_check"):
        parts += ["## Described routes", *notes]
    return _page("Policies in apartments", parts if results.navigation else [])


def agents_page(results: Results) -> str:
    """Return the page of agents, and of which of their parts failed."""
    if not results.agents:
        return _page("Agents", [])
    parts = [agent_table(results.agents), agent_group_table(results.agents)]
    parts += filter(None, [told_table(results.agents)])
    explained = [info for info in results.agents if "ladder" in info]
    if explained:
        parts += ["## Which part failed", ladder_table(explained)]
    return _page("Agents", parts)


def eyes_page(results: Results) -> str:
    """Return the page of what an agent sees with."""
    eyes = results.files.get("eyes")
    return _page("Eyes", [eyes_tables(eyes)] if eyes else [])


def safety_page(results: Results) -> str:
    """Return the page of the gate between a planner and the robot."""
    safety = results.files.get("safety")
    about = "How the gate works, and what these figures do not say: [safety](../safety.md)."
    return _page("Safety", [about, safety_tables(safety)] if safety else [])


def speed_page(results: Results) -> str:
    """Return the page of speed, of repeated seeds and of killed runs."""
    bench = results.files.get("bench")
    parts = [bench_table(bench)] if bench else []
    checks = ("determinism", "rooms_determinism", "kill_test", "rooms_kill_test")
    if notes := results.notes(*checks):
        parts += ["## Repeated and killed", *notes]
    return _page("Speed and repeatability", parts)


PAGES: dict[str, Callable[[Results], str]] = {
    "tabletop.md": tabletop_page,
    "apartments.md": apartments_page,
    "agents.md": agents_page,
    "eyes.md": eyes_page,
    "safety.md": safety_page,
    "speed.md": speed_page,
}


def _page(title: str, parts: Sequence[str]) -> str:
    about = "<!-- written by `make tables` from results/*.json -->"
    links = (
        "How results are measured: [evaluation](../evaluation.md). All pages: [docs](../index.md)."
    )
    content = "\n\n".join(parts) or "Nothing has been measured yet."
    return f"{about}\n\n# {title}\n\n{content}\n\n{links}\n"


def _order(info: Evaluation) -> tuple[str, int, str, int]:
    policy, split = info["policy"], info["split"]
    last = BASELINES_LAST.index(policy) + 1 if policy in BASELINES_LAST else 0
    shift = SPLIT_ORDER.index(split) if split in SPLIT_ORDER else len(SPLIT_ORDER)
    return info["suite"], last, policy, shift


if __name__ == "__main__":
    import tyro

    sys.exit(run(tyro.cli(ResultPagesConfig, use_underscores=True)))
