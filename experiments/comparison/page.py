"""A comparison shown: tables in the terminal, and `compare.html`, which opens offline."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from rich.console import Console
from rich.table import Table

from handeye.experiments.comparison.contrast import Contrast, Row
from handeye.experiments.comparison.sequential import Duel
from handeye.experiments.comparison.side import Episode, Side
from handeye.experiments.records.percentages import percent, span
from handeye.experiments.records.statistics import Rate, macro_mean

TEMPLATES = Path(__file__).parents[1] / "templates"
MOST_FILMS = 8  # Pairs of films in a page.
SIDE_COLUMNS = ("side", "solved", "macro mean", "95 % interval", "lost", "read from")
OVERALL = "macro mean, all episodes"


def render_page(
    sides: Sequence[Side],
    counted: Sequence[str],
    contrasts: Sequence[Contrast],
    duel: Duel | None,
    alpha: float,
) -> str:
    """Return the page as HTML.

    Args:
        sides: those compared, with their films.
        counted: tasks of the macro mean.
        contrasts: every pair.
        duel: of two sides that were run pair after pair, instead of contrasts.
        alpha: chance of a difference that is none.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    differing = differences(contrasts, duel)
    facts = next((side.facts for side in sides), {})
    shown = [one for one in contrasts if one.tasks]
    return environment.get_template("compare.html").render(
        title=" against ".join(side.name for side in sides),
        told=", ".join(f"{fact} {value[:60]}" for fact, value in facts.items() if value),
        verdicts=verdicts(contrasts, duel, alpha),
        side_columns=SIDE_COLUMNS,
        side_rows=side_rows(sides, counted),
        contrasts=[
            {
                "title": f"{one.b.name} against {one.a.name}",
                "caption": caption(one),
                "columns": columns(one),
                "rows": contrast_rows(one),
                "note": note(one),
            }
            for one in shown
        ],
        differ_rows=[(task, str(seed), won, lost) for (task, seed), won, lost in differing],
        films=_films(sides, [episode for episode, _, _ in differing]),
        paired=duel is not None or any(one.paired for one in contrasts),
    )


def verdicts(contrasts: Sequence[Contrast], duel: Duel | None, alpha: float) -> list[str]:
    """Return what was found, a sentence for each pair."""
    return [duel.verdict] if duel else [one.verdict(alpha) for one in contrasts]


def differences(contrasts: Sequence[Contrast], duel: Duel | None) -> list[tuple[Episode, str, str]]:
    """Return each episode that one side of a pair alone solved, with its name and the other's."""
    pairs = [duel] if duel else list(contrasts)
    return [
        (episode, won.name, lost.name)
        for one in pairs
        for episodes, won, lost in ((one.only_a, one.a, one.b), (one.only_b, one.b, one.a))
        for episode in episodes
    ]


def side_rows(sides: Sequence[Side], counted: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the cells of `SIDE_COLUMNS`."""
    rows: list[tuple[str, ...]] = []
    for side in sides:
        every = Rate.of([won for row in side.outcomes.values() for won in row])
        macro = macro_mean({task: side.outcomes[task] for task in counted if task in side.outcomes})
        rows.append(
            (side.name, f"{every.k} / {every.n}", percent(macro.mean), span(macro.interval95),
             str(len(side.lost)), side.where)
        )  # fmt: skip
    return rows


def columns(one: Contrast) -> tuple[str, ...]:
    """Return the heads of `contrast_rows`."""
    only = (f"only {one.a.name}", f"only {one.b.name}") if one.paired else ()
    return ("task", one.a.name, one.b.name, "difference, points", "95 % interval", *only, "p")


def contrast_rows(one: Contrast) -> list[tuple[str, ...]]:
    """Return a row for each task and one for all, as text."""
    return [
        *(_cells(task, row, row.p_value) for task, row in one.tasks.items()),
        _cells(OVERALL, one.overall, one.adjusted),
    ]


def caption(one: Contrast) -> str:
    """Return how a pair was compared."""
    if one.paired:
        return (
            f"The same {one.overall.n[0]} episodes: exact McNemar test, Newcombe's intervals of "
            "differences."
        )
    n, m = one.overall.n
    return (
        f"Unpaired, {n} and {m} episodes: Barnard's exact test, Newcombe's intervals of "
        "differences. The same seeds would tell more."
    )


def note(one: Contrast) -> str:
    """Return what a pair's number of episodes can and cannot tell."""
    found = f"differences from {100 * one.detectable:.1f} points on are found"
    parts = [f"With as many episodes, {found} four times in five."]
    if one.further:
        parts.append(
            f"To find one as large as here so often takes {one.further} further episodes a side."
        )
    if one.left_out:
        parts.append(f"{one.left_out} episodes that one side alone has are left out.")
    if one.lost:
        parts.append(f"{one.lost} episodes were lost to faults of the machine and are left out.")
    if one.adjusted != one.overall.p_value:
        parts.append("The last p-value is adjusted by Holm's method for the number of pairs.")
    return " ".join(parts)


def print_comparison(
    contrasts: Sequence[Contrast], duel: Duel | None, alpha: float, page: Path, console: Console
) -> None:
    """Print every pair's table, its verdict, and where the page lies."""
    for one in contrasts:
        table = Table(title=f"{one.b.name} against {one.a.name}")
        for number, title in enumerate(columns(one)):
            table.add_column(title, justify="right" if number else "left")
        for row in contrast_rows(one):
            table.add_row(*row)
        console.print(table)
        console.print(f"{caption(one)} {note(one)}", highlight=False)
    for verdict in verdicts(contrasts, duel, alpha):
        console.print(verdict, style="bold", highlight=False, markup=False)
    console.print(f"page: {page}", soft_wrap=True, highlight=False)


def _cells(name: str, row: Row, p_value: float) -> tuple[str, ...]:
    low, high = row.difference.interval95
    only = () if row.only_a is None else (str(row.only_a), str(row.only_b))
    return (
        name, percent(row.a), percent(row.b), f"{100 * row.difference.value:+.1f}",
        f"{100 * low:+.1f} to {100 * high:+.1f}", *only, f"{p_value:.3g}",
    )  # fmt: skip


def _films(sides: Sequence[Side], differing: Sequence[Episode]) -> list[Mapping[str, Any]]:
    """Return the first episodes that differ of which films are kept, of every side that has one."""
    shown: list[Mapping[str, Any]] = []
    for episode in dict.fromkeys(differing):
        films = [
            {
                "name": side.name,
                "solved": side.solved[episode],
                "mp4": base64.b64encode(side.films[episode].read_bytes()).decode(),
            }
            for side in sides
            if episode in side.films
        ]
        if films:
            shown.append({"episode": f"{episode[0]}, seed {episode[1]}", "films": films})
        if len(shown) == MOST_FILMS:
            break
    return shown
