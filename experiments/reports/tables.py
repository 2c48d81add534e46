"""The README's result tables, written from `results/*.json`: `make tables`.

Three kinds of files are known by their shape: an evaluation (`handeye evaluate --result`), of a
policy on the tabletop, of navigation or of an agent, a list of measured ratios (`handeye bench`),
and any other object with a "summary" sentence.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.experiments.records.percentages import percent, span
from handeye.experiments.records.run_folder import read_json, write_text_atomic
from handeye.experiments.reports.agent_report import (
    AGENT_COLUMNS,
    LADDER_COLUMNS,
    OVERALL,
    agent_rows,
    ladder_cells,
)
from handeye.experiments.reports.report import NAVIGATION_COLUMNS, navigation_cells

BEGIN = "<!-- results: written by `make tables` from results/*.json -->"
END = "<!-- end of results -->"
SPLIT_ORDER = ("seen", "unseen", "combination", "phrasing", "distractors", "appearance")
SEEDS = "Each task's episodes have the seeds from the first one on."
BASELINES_LAST = ("oracle", "frontier", "blind", "random")


@dataclass(frozen=True)
class TablesConfig:
    """Where the figures are and where they go.

    Attributes:
        results: folder of JSON files.
        readme: Markdown file with the markers.
    """

    results: Path = Path("results")
    readme: Path = Path("README.md")


def run(config: TablesConfig) -> int:
    """Rewrite what stands between the markers."""
    text = config.readme.read_text()
    write_text_atomic(config.readme, insert(text, render(config.results)))
    return 0


def insert(text: str, tables: str, begin: str = BEGIN, end: str = END) -> str:
    """The text with what stands between two markers, by default its result tables, replaced.

    Raises:
        ValueError: a marker is missing.
    """
    if begin not in text or end not in text:
        raise ValueError(f"the file needs the lines {begin!r} and {end!r} around its tables")
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    return f"{before}{begin}\n\n{tables.strip()}\n\n{end}{after}"


def render(results: Path) -> str:
    """All tables as Markdown."""
    files = {path.stem: read_json(path) for path in sorted(results.glob("*.json"))}
    evaluations = sorted(
        (f for f in files.values() if isinstance(f, dict) and "per_task" in f), key=_order
    )
    agents = [info for info in evaluations if "agent" in info]
    walked = [info for info in evaluations if "navigation" in info]
    tabletop = [info for info in evaluations if "navigation" not in info and "agent" not in info]
    parts = []
    if tabletop:
        parts += [success_table(tabletop), task_table(tabletop)]
        parts += [necessity_table(e) for e in tabletop if e["instruction_necessity"]]
    if walked:
        parts += [navigation_table(walked), navigation_task_table(walked)]
        parts += [necessity_table(e) for e in walked if e["instruction_necessity"]]
    if agents:
        parts += [agent_table(agents), agent_group_table(agents)]
    explained = [info for info in agents if "ladder" in info]
    if explained:
        parts.append(ladder_table(explained))
    parts += [bench_table(files["bench"])] if "bench" in files else []
    notes = [
        f"- `results/{stem}.json`: {content['summary']}{_seeds_of(content)}"
        for stem, content in files.items()
        if isinstance(content, dict) and "summary" in content
    ]
    if notes:
        parts.append("Other measurements:\n\n" + "\n".join(notes))
    return "\n\n".join(parts) or "Nothing has been measured yet."


def success_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Macro success per policy and split, with the weakest task."""
    rows = []
    for info in evaluations:
        weakest = min(info["per_task"], key=lambda task: info["per_task"][task]["rate"] or 0.0)
        macro = info["macro_mean"]
        rows.append(
            (
                f"`{info['policy']}`",
                info["suite"],
                info["split"],
                percent(macro["mean"]),
                span(macro["interval95"]),
                str(info["success"]["n"]),
                f"{info['seed']:,}",
                f"{weakest} {percent(info['per_task'][weakest]['rate'])}",
                str(info["lost"]),
                f"`{info['commit']}`",
            )
        )
    caption = (
        "Success is final (held after release and 0.5 s of settling); macro mean over the tasks "
        f"with a 95 % bootstrap clustered by task. {SEEDS}"
    )
    header = ("policy", "suite", "split", "macro success", "95 % interval", "episodes",
              "first seed", "weakest task", "lost", "commit")  # fmt: skip
    return f"{caption}\n\n{markdown(header, rows)}"


def task_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Success per task with Wilson intervals, one row per policy on the `seen` split."""
    seen = [info for info in evaluations if info["split"] == "seen"] or list(evaluations)
    rows = []
    for info in seen:
        for task, rate in info["per_task"].items():
            rows.append(
                (
                    f"`{info['policy']}`",
                    info["suite"],
                    task,
                    f"{rate['k']} / {rate['n']}",
                    percent(rate["rate"]),
                    span(rate["wilson95"]),
                )
            )
    table = markdown(("policy", "suite", "task", "solved", "rate", "Wilson 95 %"), rows)
    return f"<details><summary>Per task</summary>\n\n{table}\n\n</details>"


def navigation_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Macro means of success, SPL and SDTW per policy, suite and split."""
    rows = []
    for info in evaluations:
        overall = info["navigation"]["overall"]
        rows.append(
            (
                f"`{info['policy']}`",
                info["suite"],
                info["split"],
                _tasks_of(info),
                *(_mean_and_span(overall[name]) for name in ("success", "spl", "sdtw")),
                str(overall["n"]),
                f"{info['seed']:,}",
                str(info["lost"]),
                f"`{info['commit']}`",
            )
        )
    caption = (
        "Navigation in apartments: success (SR) is final (held where the robot stopped), SPL "
        "weighs it by shortest path / path taken, SDTW by the likeness to the described path, "
        "over the tasks that describe one; macro means over the tasks with a 95 % bootstrap "
        "clustered by task. Rows about one task alone are not comparable with rows about all. The "
        f"split `unseen` has floor plans that no training apartment has. {SEEDS}"
    )
    header = ("policy", "suite", "split", "tasks", "SR", "SPL", "SDTW", "episodes", "first seed",
              "lost", "commit")  # fmt: skip
    return f"{caption}\n\n{markdown(header, rows)}"


def navigation_task_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """All figures of navigation per policy, suite, split and task."""
    rows = [
        (f"`{info['policy']}`", info["suite"], info["split"], task, *navigation_cells(row))
        for info in evaluations
        for task, row in info["navigation"]["per_task"].items()
    ]
    table = markdown(("policy", "suite", "split", "task", *NAVIGATION_COLUMNS), rows)
    return f"<details><summary>Navigation per task</summary>\n\n{table}\n\n</details>"


def agent_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """All figures of planning per agent, suite and split."""
    rows = [
        (
            f"`{info['policy']}`",
            info["suite"],
            info["split"],
            *agent_rows(info["agent"])[OVERALL],
            f"{info['seed']:,}",
            str(info["lost"]),
            f"`{info['commit']}`",
        )
        for info in evaluations
    ]
    caption = (
        "Agents: planner style, language model, what its tools see with, perturbation. `truth` is "
        "an oracle; `scripted`, `voyager-templates` and `random-valid` are no language models, "
        "`palm-e` is a decoder of its own. Success is judged at the planner's last word; of an "
        "infeasible instruction it is to say that it cannot be done. What the columns mean stands "
        f"in docs/evaluation.md. {SEEDS}"
    )
    header = ("agent", "suite", "split", *AGENT_COLUMNS, "first seed", "lost", "commit")
    return f"{caption}\n\n{markdown(header, rows)}"


def agent_group_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """The same per length, vagueness and kind of instruction."""
    rows = [
        (f"`{info['policy']}`", info["suite"], info["split"], name, *cells)
        for info in evaluations
        for name, cells in agent_rows(info["agent"]).items()
        if name != OVERALL
    ]
    table = markdown(("agent", "suite", "split", "of", *AGENT_COLUMNS), rows)
    return f"<details><summary>Agents by kind of instruction</summary>\n\n{table}\n\n</details>"


def ladder_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Which part of an agent failed, per agent, suite and split."""
    rows = [
        (f"`{info['policy']}`", info["suite"], info["split"], *ladder_cells(info["ladder"]))
        for info in evaluations
    ]
    caption = (
        "Which part failed: every failed episode is run again with parts replaced by oracles; the "
        "first whose oracle restores success counts, alone + only together with those to its left. "
        "`environment`: no oracle restored it. `plan right`: solved, or restored without an oracle "
        "of plans (SayCan's plan success; its execution success is SR above)."
    )
    return f"{caption}\n\n{markdown(('agent', 'suite', 'split', *LADDER_COLUMNS), rows)}"


def necessity_table(info: Mapping[str, Any]) -> str:
    """Does the policy read? One row per kind of instruction."""
    rows = [
        (
            condition,
            f"{row['k']} / {row['n']}",
            percent(row["rate"]),
            span(row["wilson95"]),
            percent(row["chance"]),
        )
        for condition, row in info["instruction_necessity"].items()
    ]
    header = ("instruction", "solved", "rate", "Wilson 95 %", "random choice")
    return (
        f"Does `{info['policy']}` read the instruction (split {info['split']}, "
        f"seeds from {info['seed']:,})? "
        f"Under contradictory words, reaching the *named* goal counts.\n\n{markdown(header, rows)}"
    )


def bench_table(measured: Sequence[Mapping[str, Any]]) -> str:
    """Ratios of `handeye bench`."""
    rows = [
        (
            f"`{row['name']}`",
            f"{_short(row['ours'])} {row['unit']}",
            f"{_short(row['theirs'])} {row['unit']}",
            f"{_short(row['ratio'])} ×",
            f"`{row['commit']}`",
        )
        for row in measured
    ]
    machines = sorted({row["machine"] for row in measured})
    header = ("measured", "ours", "theirs", "ratio", "commit")
    return f"Speed on {'; '.join(machines)}.\n\n{markdown(header, rows)}"


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _seeds_of(content: Mapping[str, Any]) -> str:
    """Which seeds a sentence is about, where its file says."""
    if "eval_seed" in content:
        return f" Its episodes have the seeds from {content['eval_seed']:,} on."
    return f" (seed {content['seed']:,})" if "seed" in content else ""


def _tasks_of(info: Mapping[str, Any]) -> str:
    """How many tasks an evaluation of navigation is about, or which one alone."""
    tasks = list(info["navigation"]["per_task"])
    return f"{tasks[0]} alone" if len(tasks) == 1 else str(len(tasks))


def _mean_and_span(mean: Mapping[str, Any] | None) -> str:
    return f"{percent(mean['mean'])} ({span(mean['interval95'])})" if mean else "–"


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _order(info: Mapping[str, Any]) -> tuple[str, int, str, int]:
    policy, split = info["policy"], info["split"]
    last = BASELINES_LAST.index(policy) + 1 if policy in BASELINES_LAST else 0
    shift = SPLIT_ORDER.index(split) if split in SPLIT_ORDER else len(SPLIT_ORDER)
    return info["suite"], last, policy, shift


if __name__ == "__main__":
    import tyro

    sys.exit(run(tyro.cli(TablesConfig, use_underscores=True)))
