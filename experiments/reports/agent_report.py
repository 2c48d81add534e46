"""Figures of agents shown: cells of tables for the terminal, the report and the README."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from handeye.experiments.records.agent import RUNGS
from handeye.experiments.records.percentages import percent, span

AGENT_COLUMNS = (
    "n", "SR (Wilson 95 %)", "conditions", "steps / oracle", "valid calls", "raw", "against state",
    "not there", "abstention F1 (P, R)", "false done", "missed done", "loops", "recovered",
    "check FP, FN", "calls", "tokens in + out", "s a decision p50, p95", "s simulated, real",
)  # fmt: skip
LADDER_COLUMNS = ("failures", *RUNGS, "environment", "attributed", "plan right (Wilson 95 %)")
OVERALL = "all episodes"
SHORT_COLUMNS = (1, 2, 4, 8, 9, 10, 14)  # of `AGENT_COLUMNS`, what a terminal has room for


def agent_rows(summary: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """A summary of agents as text: group and value -> cells of `AGENT_COLUMNS`; all come first."""
    rows = {OVERALL: agent_cells(summary["overall"])}
    for group, values in summary["by"].items():
        rows |= {f"{group} {value}": agent_cells(row) for value, row in values.items()}
    return rows


def agent_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """One row of `agent_summary` as text."""
    abstained, checked, latency = row["abstention"], row["checks"], row["latency_s"]
    return (
        str(row["n"]),
        f"{percent(row['success']['rate'])} ({span(row['success']['wilson95'])})",
        percent(row["conditions"]),
        _number(row["steps_ratio"], 2),
        percent(row["valid_calls"]["rate"]),
        percent(row["raw_valid_calls"] and row["raw_valid_calls"]["rate"]),
        percent(row["violations"]["rate"]),
        percent(row["hallucinated"]["rate"]),
        _with_parts(abstained["f1"], abstained["precision"], abstained["recall"]),
        percent(row["false_done"]["rate"]),
        percent(row["missed_done"]["rate"] if "missed_done" in row else None),
        percent(row["loops"]["rate"]),
        percent(row["recovered"]["rate"]),
        f"{percent(checked['false_positive_rate'])}, {percent(checked['false_negative_rate'])}",
        _number(row["calls"], 1),
        f"{_number(row['input_tokens'], 0)} + {_number(row['output_tokens'], 0)}",
        f"{latency['p50']:.3f}, {latency['p95']:.3f}" if latency else "–",
        f"{_number(row['sim_s'], 0)}, {_number(row['wall_s'], 1)}",
    )


def ladder_cells(ladder: Mapping[str, Any]) -> tuple[str, ...]:
    """A summary of the ladder as text, cells of `LADDER_COLUMNS`: alone + together."""
    rungs = ladder["rungs"]
    placebo = str(rungs["placebo"]["alone"]) if "placebo" in rungs else "–"
    others = [row for rung, row in rungs.items() if rung != "placebo"]
    parts = [placebo, *(f"{row['alone']} + {row['together']}" for row in others)]
    share = ladder["attributed"] / ladder["failures"] if ladder["failures"] else None
    planned = ladder["plan_success"]
    right = f"{percent(planned['rate'])} ({span(planned['wilson95'])})"
    return str(ladder["failures"]), *parts, str(ladder["environment"]), percent(share), right


def print_agent(info: Mapping[str, Any], console: Console) -> None:
    """Print the most telling figures of an agent, kinds of instruction left out, in 80 columns."""
    table = Table(title="agent", box=box.SIMPLE_HEAD, padding=0)
    table.add_column("")
    for number in SHORT_COLUMNS:
        table.add_column(AGENT_COLUMNS[number].replace(" ", "\n", 1), justify="right")
    for name, cells in agent_rows(info["agent"]).items():
        if not name.startswith("kind "):
            shown = [cells[number].replace(" (", "\n(", 1) for number in SHORT_COLUMNS]
            table.add_row(name, *shown)
    console.print(table)
    if "ladder" in info:
        parts = zip(LADDER_COLUMNS, ladder_cells(info["ladder"]), strict=True)
        console.print(", ".join(f"{column} {cell}" for column, cell in parts), highlight=False)


def _with_parts(whole: float | None, *parts: float | None) -> str:
    return f"{percent(whole)} ({', '.join(map(percent, parts))})" if whole is not None else "–"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
