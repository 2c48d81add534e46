"""An evaluation shown: a table in the terminal, a plot, and `report.html`, which opens offline."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from rich import box
from rich.console import Console
from rich.table import Table

from handeye.experiments.pictures.film import MOST_DECISIONS, EpisodeMap, Film
from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.percentages import percent, span
from handeye.experiments.reports.agent_report import (
    AGENT_COLUMNS,
    LADDER_COLUMNS,
    OVERALL,
    agent_rows,
    ladder_cells,
    print_agent,
)
from handeye.experiments.reports.chain_report import (
    CHAIN_COLUMNS,
    STEP_COLUMNS,
    average,
    chain_rows,
    print_chains,
    step_rows,
    survival_curve,
)
from handeye.experiments.reports.report_rows import (
    cause_of,
    episode_rows,
    event_rows,
    necessity_rows,
    shown_events,
    task_rows,
)

MOST_FAILURES = 8  # Shown; the others are folded away.
TEMPLATES = Path(__file__).parents[1] / "templates"
NAVIGATION_COLUMNS = (
    "n", "SR", "SPL", "oracle SR", "nDTW", "SDTW", "collisions / m", "length / shortest",
)  # fmt: skip


def render_report(
    info: Mapping[str, Any],
    records: Sequence[EpisodeRecord],
    films: Sequence[Film],
    maps: Sequence[EpisodeMap] = (),
) -> str:
    """The page as HTML.

    Args:
        info: contents of `eval_info.json`.
        records: every episode, lost ones included.
        films: episodes to show.
        maps: episodes of navigation to show from above.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters.update(percent=percent, span=span, shown_events=shown_events)
    failed = [r for r in records if not (r.success or r.worker_lost) and r.condition == "true"]
    agent = agent_rows(info["agent"]) if "agent" in info else {}
    walked = navigation_rows(info["navigation"]) if "navigation" in info else {}
    ladder = ladder_cells(info["ladder"]) if "ladder" in info else ()
    shown = sorted(films, key=lambda film: film.record.success)
    return environment.get_template("report.html").render(
        title=f"{info['policy']} on {info['suite']}",
        info=info,
        failed=failed,
        most_failures=MOST_FAILURES,
        causes={r.episode_id: cause_of(r) for r in records if not r.success},
        event_rows=event_rows(failed),
        task_rows=task_rows(info),
        necessity_rows=necessity_rows(info),
        episode_rows=episode_rows(records),
        most_decisions=MOST_DECISIONS,
        films=[_as_base64(film) for film in shown],
        maps=[{"record": one.record, "svg": _base64(one.svg.encode())} for one in maps],
        navigation_columns=("task", *NAVIGATION_COLUMNS),
        navigation_rows=[(task, *cells) for task, cells in walked.items()],
        chain_columns=CHAIN_COLUMNS,
        chain_rows=chain_rows(info["chains"]) if "chains" in info else [],
        chain_average=average(info["chains"]) if "chains" in info else "",
        chain_curve=survival_curve(info) if "chains" in info else "",
        step_columns=STEP_COLUMNS,
        step_rows=step_rows(info["chains"]) if "chains" in info else [],
        agent_columns=("of", *AGENT_COLUMNS),
        agent_rows=[(name, *cells) for name, cells in agent.items()],
        agent_figures=list(zip(AGENT_COLUMNS, agent[OVERALL], strict=True)) if agent else [],
        ladder=list(zip(LADDER_COLUMNS, ladder, strict=True)) if ladder else [],
    )


def plot_rates(path: Path, info: Mapping[str, Any]) -> None:
    """Success per task with Wilson intervals as a picture (format by the path's suffix)."""
    from matplotlib.figure import Figure

    tasks = list(info["per_task"])
    rates = [info["per_task"][task]["rate"] or 0.0 for task in tasks]
    bounds = [info["per_task"][task]["wilson95"] for task in tasks]
    below = [rate - low for rate, (low, _) in zip(rates, bounds, strict=True)]
    above = [high - rate for rate, (_, high) in zip(rates, bounds, strict=True)]
    figure = Figure(figsize=(7, 1 + 0.4 * len(tasks)), layout="constrained")
    axes = figure.add_subplot()
    axes.barh(tasks, rates, xerr=[below, above], color="#3d7edb", ecolor="#16335c", capsize=3)
    axes.set(xlim=(0, 1), xlabel="success rate, Wilson 95 % interval")
    axes.set_title(f"{info['policy']} on {info['suite']}, split {info['split']}", fontsize=10)
    axes.invert_yaxis()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def navigation_rows(summary: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """A summary of navigation as text: task, or "macro mean", -> cells of `NAVIGATION_COLUMNS`."""
    rows = {task: navigation_cells(row) for task, row in summary["per_task"].items()}
    return {**rows, "macro mean": navigation_cells(summary["overall"])}


def navigation_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """One row of `navigation_summary` as text, of a task or overall."""
    rate, passed = row["success"], row["oracle_success"]
    return (
        str(row["n"]),
        _with_span(rate.get("rate", rate.get("mean")), rate.get("wilson95") or rate["interval95"]),
        _with_span(row["spl"]["mean"], row["spl"]["interval95"]),
        percent(passed.get("rate", passed.get("mean"))),
        percent(row["ndtw"] and row["ndtw"]["mean"]),
        percent(row["sdtw"] and row["sdtw"]["mean"]),
        "–" if row["collisions_per_m"] is None else f"{row['collisions_per_m']:.2f}",
        "–" if row["length_ratio"] is None else f"{row['length_ratio']:.2f}",
    )


def print_navigation(info: Mapping[str, Any], console: Console) -> None:
    """Print what the table of success rates does not say of navigation, in 80 columns."""
    table = Table(title="navigation; under SPL its 95 % interval", box=box.SIMPLE_HEAD, padding=0)
    table.add_column("task")
    for title in NAVIGATION_COLUMNS[2:]:
        table.add_column(title.replace(" ", "\n", 1), justify="right")
    for task, (_, _, spl, *others) in navigation_rows(info["navigation"]).items():
        if task == "macro mean":
            table.add_section()
        table.add_row(task, spl.replace(" (", "\n").rstrip(")"), *others)
    console.print(table)


def print_table(info: Mapping[str, Any], report: Path, console: Console) -> None:
    """Print the rates of `eval_info.json` and where the report lies."""
    table = Table(title=f"{info['policy']} on {info['suite']}, split {info['split']}")
    table.add_column("task")
    for title in ("solved", "rate", "Wilson 95 %"):
        table.add_column(title, justify="right")
    for task, rate in info["per_task"].items():
        table.add_row(task, *_rate_cells(rate))
    table.add_section()
    table.add_row("all episodes", *_rate_cells(info["success"]))
    macro = info["macro_mean"]
    table.add_row("macro mean", "", percent(macro["mean"]), span(macro["interval95"]))
    table.add_row("goal reached at some step", *_rate_cells(info["goal_reached"]))
    if info["instruction_necessity"]:
        table.add_section()
        for condition, row in info["instruction_necessity"].items():
            chance = f" (chance {percent(row['chance'])})" if condition != "true" else ""
            table.add_row(f"words {condition}{chance}", *_rate_cells(row))
    console.print(table)
    if "navigation" in info:
        print_navigation(info, console)
    if "chains" in info:
        print_chains(info, console)
    if "agent" in info:
        print_agent(info, console)
    if info["side_effects"]:
        found = ", ".join(f"{name} {count}" for name, count in info["side_effects"].items())
        console.print(f"side effects: {found}", soft_wrap=True, highlight=False)
    if info["lost"]:
        console.print(f"{info['lost']} episodes lost and not counted", style="yellow")
    console.print(f"report: {report}", soft_wrap=True, highlight=False)


def _rate_cells(rate: Mapping[str, Any]) -> tuple[str, str, str]:
    return f"{rate['k']} / {rate['n']}", percent(rate["rate"]), span(rate["wilson95"])


def _with_span(share: float | None, interval: Sequence[float]) -> str:
    return f"{percent(share)} ({span(interval)})"


def _as_base64(film: Film) -> dict[str, Any]:
    return {
        "record": film.record,
        "video": _base64(film.mp4),
        "map": _base64(film.map_svg.encode()) if film.map_svg else "",
        "decisions": [
            {
                "number": decision.number,
                "picture": _base64(decision.jpeg),
                "words": decision.words,
                "tokens": decision.tokens,
            }
            for decision in film.decisions
        ],
    }


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
