"""Rows of the report's tables, and for each failed episode its cause in words."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.failure import ENDINGS
from handeye.experiments.records.percentages import percent, span

TIMEOUT = "timeout"  # Told as the ending "ran out of steps".
NO_EVENT = "no event recorded"
NAMED = {TIMEOUT: ENDINGS["limit"]}
Row = tuple[str, ...]


def failed_first(records: Iterable[EpisodeRecord]) -> list[EpisodeRecord]:
    """Return the episodes, failed ones first, lost ones after them, else in their order."""
    return sorted(records, key=lambda r: (r.success, r.worker_lost))


def cause_of(record: EpisodeRecord) -> str:
    """Return why a failed episode failed: side effects, how far the goal is, how it ended."""
    ending = record.ended_by
    planned = record.agent
    claimed = f"claimed {planned.claim}" if planned is not None and planned.claim else ""
    if record.failure is not None:
        said = record.failure.sentence("" if claimed else ending)
    else:
        met, all_of_them = record.goal_conditions
        said = f"{met} of {all_of_them} conditions met"
        said += f"; {ENDINGS[ending]}" if ending in ENDINGS and not claimed else ""
    if record.side_effects and record.holds:
        said = ENDINGS.get(ending, "") if not claimed else ""
    said = "; ".join(filter(None, [*record.side_effects, said, claimed]))
    return said[:1].upper() + said[1:]


def shown_events(record: EpisodeRecord) -> str:
    """Return the events of an episode that its cause does not tell already."""
    return ", ".join(event for event in record.events if event != TIMEOUT)


def task_rows(info: Mapping[str, Any]) -> list[Row]:
    """Return each task with its bar, solved episodes, rate and interval."""
    return [
        (task, scale(rate), f"{rate['k']} / {rate['n']}", percent(rate["rate"]),
         span(rate["wilson95"]))
        for task, rate in info["per_task"].items()
    ]  # fmt: skip


def necessity_rows(info: Mapping[str, Any]) -> list[Row]:
    """Return each kind of instruction with its bar, and what choosing at random would reach."""
    return [
        (condition, scale(row, row["chance"]), f"{row['k']} / {row['n']}", percent(row["rate"]),
         span(row["wilson95"]), percent(row["chance"]))
        for condition, row in info["instruction_necessity"].items()
    ]  # fmt: skip


def event_rows(failed: Sequence[EpisodeRecord]) -> list[Row]:
    """Return each event with the number of failed episodes that show it, by task."""
    return [
        (event, str(sum(tasks.values())), ", ".join(f"{task} {n}" for task, n in tasks.items()))
        for event, tasks in count_events(failed).items()
    ]


def episode_rows(records: Sequence[EpisodeRecord]) -> list[Row]:
    """Return every episode, failed ones first."""
    return [
        (
            r.episode_id,
            r.instruction or "–",
            "lost" if r.worker_lost else ("yes" if r.success else "no"),
            f"{r.goal_conditions[0]} / {r.goal_conditions[1]}",
            str(r.steps),
            ENDINGS.get(r.ended_by, r.ended_by) if not r.success else r.ended_by,
            shown_events(r),
            r.state_hash[:12],
        )
        for r in failed_first(records)
    ]


def count_events(failed: Sequence[EpisodeRecord]) -> dict[str, dict[str, int]]:
    """Return event -> task -> failed episodes that show it, most frequent event first."""
    counts = Counter(
        (event, record.task)
        for record in failed
        for event in {NAMED.get(name, name) for name in record.events or (NO_EVENT,)}
    )
    totals = Counter[str]()
    for (event, _), count in counts.items():
        totals[event] += count
    return {
        event: {task: n for (e, task), n in sorted(counts.items()) if e == event}
        for event, _ in totals.most_common()
    }


def scale(rate: Mapping[str, Any], chance: float | None = None) -> Markup:
    """Return a bar with its interval on it and a mark at `chance`, and all of it in words."""
    low, high = (100 * bound for bound in rate["wilson95"])
    parts = [
        f'<i style="width:{100 * (rate["rate"] or 0):.2f}%"></i>',
        f'<u style="left:{low:.2f}%;width:{high - low:.2f}%"></u>',
    ]
    told = f"{percent(rate['rate'])}, interval {span(rate['wilson95'])}"
    if chance is not None:
        parts.append(f'<s style="left:{100 * chance:.2f}%"></s>')
        told += f", random choice {percent(chance)}"
    bar = Markup('<span class="scale" role="img" aria-label="{}">{}</span>')
    return bar.format(told, Markup("").join(map(Markup, parts)))
