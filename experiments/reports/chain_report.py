"""Chains in the terminal, as a plot, and in the report."""

import base64
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from handeye.experiments.records.percentages import percent, span

CHAIN_COLUMNS = ("instructions in a row", "chains", "share", "Wilson 95 %")
STEP_COLUMNS = ("instruction of", "carried out", "rate", "why not")


def chain_rows(summary: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a summary's rows of `CHAIN_COLUMNS`."""
    return [
        (str(k), f"{rate['k']} / {rate['n']}", percent(rate["rate"]), span(rate["wilson95"]))
        for k, rate in enumerate(summary["success_at"], 1)
    ]


def step_rows(summary: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a summary's rows of `STEP_COLUMNS`."""
    return [
        (
            task,
            f"{row['k']} / {row['n']}",
            percent(row["rate"]),
            ", ".join(f"{cause} {count}" for cause, count in row["causes"].items()),
        )
        for task, row in summary["per_task"].items()
    ]


def average(summary: Mapping[str, Any]) -> str:
    """Return the average length with its interval, in words."""
    low, high = summary["interval95"]
    return (
        f"{summary['average_length']:.2f} of {summary['instructions']} instructions in a row "
        f"({low:.2f}–{high:.2f}; {summary['n']} chains, resampled whole)"
    )


def print_chains(info: Mapping[str, Any], console: Console) -> None:
    """Print how far the chains went."""
    for columns, rows in (
        (CHAIN_COLUMNS, chain_rows(info["chains"])),
        (STEP_COLUMNS, step_rows(info["chains"])),
    ):
        table = Table(box=box.SIMPLE_HEAD)
        for number, title in enumerate(columns):
            table.add_column(title, justify="right" if number in (1, 2) else "left")
        for row in rows:
            table.add_row(*row)
        console.print(table)
    console.print(f"average: {average(info['chains'])}", highlight=False, soft_wrap=True)


def survival_curve(info: Mapping[str, Any]) -> str:
    """Return `plot_survival`'s picture as an SVG in base64."""
    content = io.BytesIO()
    plot_survival(content, info)
    return base64.b64encode(content.getvalue()).decode()


def plot_survival(target: Path | io.BytesIO, info: Mapping[str, Any]) -> None:
    """Share of the chains that are still going after each instruction, as a picture.

    Args:
        target: a file, whose suffix says its format, or where an SVG is written.
        info: contents of `eval_info.json`.
    """
    from matplotlib.figure import Figure

    rates = info["chains"]["success_at"]
    shares = [1.0, *(rate["rate"] for rate in rates)]
    lows = [1.0, *(rate["wilson95"][0] for rate in rates)]
    highs = [1.0, *(rate["wilson95"][1] for rate in rates)]
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.add_subplot()
    steps = range(len(shares))
    axes.fill_between(steps, lows, highs, color="#3d7edb", alpha=0.2, linewidth=0)
    axes.plot(steps, shares, color="#16335c", marker="o")
    axes.set(ylim=(0, 1.02), xticks=list(steps), xlabel="instructions carried out in a row")
    axes.set_ylabel("share of chains, Wilson 95 %")
    axes.set_title(f"{info['policy']}: {average(info['chains'])}", fontsize=9)
    if isinstance(target, Path):
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, dpi=120)
    else:
        figure.savefig(target, format="svg", metadata={"Date": None})
