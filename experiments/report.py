"""An evaluation shown: a table in the terminal, a plot, and `report.html`, which opens offline."""

import base64
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from rich.console import Console
from rich.table import Table

from handeye.experiments.episode_record import EpisodeRecord

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Decision:
    """One step of a film: what the policy saw, with its grounding drawn in.

    Attributes:
        png: the picture.
        words: the action in words.
        tokens: the decoded action tokens, "" for policies without.
    """

    png: bytes
    words: str
    tokens: str = ""


@dataclass(frozen=True)
class Film:
    """One episode run again with the camera on: its record, an MP4 and its decisions."""

    record: EpisodeRecord
    mp4: bytes
    decisions: tuple[Decision, ...]


def render_report(
    info: Mapping[str, Any], records: Sequence[EpisodeRecord], films: Sequence[Film]
) -> str:
    """The page as HTML.

    Args:
        info: contents of `eval_info.json`.
        records: every episode, lost ones included.
        films: episodes to show.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters.update(percent=percent, span=span)
    environment.globals["scale"] = scale
    failed = [
        r for r in records if not (r.success_final or r.worker_lost) and r.condition == "true"
    ]
    return environment.get_template("report.html").render(
        title=f"{info['policy']} on {info['suite']}",
        info=info,
        records=records,
        failures=len(failed),
        failure_events=count_events(failed),
        films=[_as_base64(film) for film in films],
    )


def count_events(failed: Sequence[EpisodeRecord]) -> dict[str, dict[str, int]]:
    """Event -> task -> failed episodes that show it, most frequent event first."""
    counts = Counter(
        (event, record.task)
        for record in failed
        for event in set(record.events or ("no event recorded",))
    )
    totals = Counter[str]()
    for (event, _), count in counts.items():
        totals[event] += count
    return {
        event: {task: n for (e, task), n in sorted(counts.items()) if e == event}
        for event, _ in totals.most_common()
    }


def percent(share: float | None) -> str:
    """0.934 as "93.4 %"; nothing measured is a dash."""
    return "–" if share is None or math.isnan(share) else f"{100 * share:.1f} %"


def span(interval: Sequence[float]) -> str:
    """(0.91, 0.96) as "91.0–96.0 %"."""
    return f"{100 * interval[0]:.1f}–{100 * interval[1]:.1f} %"


def scale(rate: Mapping[str, Any], chance: float | None = None) -> Markup:
    """A bar from 0 to 100 % with the interval on it and a mark at `chance`."""
    low, high = (100 * bound for bound in rate["wilson95"])
    parts = [
        f'<i style="width:{100 * (rate["rate"] or 0):.2f}%"></i>',
        f'<u style="left:{low:.2f}%;width:{high - low:.2f}%"></u>',
    ]
    if chance is not None:
        parts.append(f'<s style="left:{100 * chance:.2f}%"></s>')
    return Markup('<div class="scale">{}</div>').format(Markup("").join(map(Markup, parts)))


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
    if info["instruction_necessity"]:
        table.add_section()
        for condition, row in info["instruction_necessity"].items():
            chance = f" (chance {percent(row['chance'])})" if condition != "true" else ""
            table.add_row(f"words {condition}{chance}", *_rate_cells(row))
    console.print(table)
    if info["lost"]:
        console.print(f"{info['lost']} episodes lost and not counted", style="yellow")
    console.print(f"report: {report}", soft_wrap=True, highlight=False)


def _rate_cells(rate: Mapping[str, Any]) -> tuple[str, str, str]:
    return f"{rate['k']} / {rate['n']}", percent(rate["rate"]), span(rate["wilson95"])


def _as_base64(film: Film) -> dict[str, Any]:
    return {
        "record": film.record,
        "video": base64.b64encode(film.mp4).decode(),
        "decisions": [
            {
                "picture": base64.b64encode(decision.png).decode(),
                "words": decision.words,
                "tokens": decision.tokens,
            }
            for decision in film.decisions
        ],
    }
