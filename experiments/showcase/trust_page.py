"""The tables of docs/trust.md, written from `results/*.json` by `make tables`."""

from collections.abc import Mapping, Sequence
from typing import Any

from handeye.experiments.adversaries.registry import ADVERSARIES
from handeye.experiments.records.markdown import insert, markdown
from handeye.experiments.records.percentages import percent

BEGIN = "<!-- adversaries: written by `make tables` from results/adversaries.json -->"
END = "<!-- end of adversaries -->"
COLUMNS = (*ADVERSARIES, "blind", "random")


def trust_page(text: str, files: Mapping[str, Any]) -> str:
    """Return the page with its tables as the recorded files have them.

    Args:
        text: the page as it is.
        files: name without suffix -> content, of the folder `results`.

    Raises:
        ValueError: a marker is missing.
    """
    measured = files.get("adversaries")
    tables = adversaries_tables(measured) if measured else "Nothing has been measured yet."
    return insert(text, tables, BEGIN, END)


def adversaries_tables(measured: Mapping[str, Any]) -> str:
    """Return a table for each suite and what they come to: a row a task, a column an adversary."""
    rows: Sequence[Mapping[str, Any]] = measured["rows"]
    suites = dict.fromkeys(str(row["suite"]) for row in rows)
    parts = [_verdict(rows)]
    parts += [
        f"**{suite}**\n\n{_table([row for row in rows if row['suite'] == suite])}"
        for suite in suites
    ]
    return "\n\n".join([*parts, f"`{measured['command']}`, commit {measured['commit']}."])


def _verdict(rows: Sequence[Mapping[str, Any]]) -> str:
    wins = [row for row in rows if row["verdict"] == "beats chance"]
    shown = dict.fromkeys(str(row["task"]) for row in rows if row["verdict"] == "shown")
    tested = len(rows) - sum(row["verdict"] == "shown" for row in rows)
    told = (
        f"Of {tested} pairs of an adversary and a task that tests words, {len(wins)} beat chance "
        "by more than 5 points (binomial, one-sided, 5 %, Holm over all of them)."
    )
    if wins:
        names = ", ".join(f"{row['adversary']} in {row['task']}" for row in wins)
        told += f" Not to be reported until they are mended: {names}."
    if shown:
        told += f" Outside of means, since their words say everything: {', '.join(shown)}."
    return told


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Successes of each adversary in each task; bold where it beats chance."""
    played = {(row["task"], row["adversary"]): row for row in rows}
    columns = [name for name in COLUMNS if any(row["adversary"] == name for row in rows)]
    lines = []
    for task in dict.fromkeys(str(row["task"]) for row in rows):
        own = [played[task, name] for name in columns if (task, name) in played]
        cells = [_cell(played.get((task, name))) for name in columns]
        lines.append((task, str(own[0]["n"]), percent(own[0]["chance"]), *cells))
    return markdown(("task", "n", "chance", *columns), lines)


def _cell(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    share = percent(row["k"] / row["n"]) if row["n"] else ""
    return f"**{share}**" if row["verdict"] == "beats chance" else share
