"""Tables of recorded results as Markdown, one function each.

An evaluation is what `handeye evaluate --result` wrote, of a policy on the tabletop, of navigation
or of an agent; a measurement is what `handeye bench` or a check wrote.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from handeye.experiments.records.markdown import folded, markdown
from handeye.experiments.records.percentages import percent, span
from handeye.experiments.records.schemas import EVALUATION_FORMAT
from handeye.experiments.reports.agent_report import (
    AGENT_COLUMNS,
    LADDER_COLUMNS,
    OVERALL,
    agent_rows,
    ladder_cells,
)
from handeye.experiments.reports.report import NAVIGATION_COLUMNS, navigation_cells

LENIENT = (
    "side effects cost nothing then, the environment ended an episode as soon as the goal held, "
    "and agents were solved whatever they claimed."
)
SEEDS = "Each task's episodes have the seeds from the first one on."
CHIEF_AGENT_COLUMNS = (0, 1, 2, 3, 8, 9, 10, 12, 14, 16)  # of `AGENT_COLUMNS`, shown unfolded


def lenient_note(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Return what to know of evaluations from before success was strict; "" if there are none."""
    old = sum(info.get("format") != EVALUATION_FORMAT for info in evaluations)
    if not old:
        return ""
    rows = "All rows" if old == len(evaluations) else f"{old} of {len(evaluations)} rows"
    return (
        f"\n\n**{rows} were judged leniently, by the rules before strict success, and are to be "
        f"recorded again:** {LENIENT}"
    )


def told_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Return folded what the actor of each row was told; "" if no row says it."""
    rows = [
        (
            f"`{info['policy']}`",
            info["suite"],
            info["split"],
            "; ".join(f"{what}: {how}" for what, how in info["told"].items()),
        )
        for info in evaluations
        if info.get("told")
    ]
    if not rows:
        return ""
    table = markdown(("policy", "suite", "split", "told besides the words"), rows)
    return folded("What each actor was told", table)


def success_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Return macro success per policy and split, with the weakest task."""
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
        "Success is strict (the goal holds half a second after the end, nothing else was changed, "
        "and the actor ended the episode itself); macro mean over the tasks with its 95 % "
        f"interval. {SEEDS}{lenient_note(evaluations)}"
    )
    header = ("policy", "suite", "split", "macro success", "95 % interval", "episodes",
              "first seed", "weakest task", "lost", "commit")  # fmt: skip
    return f"{caption}\n\n{markdown(header, rows)}"


def task_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Return success per task with Wilson intervals, one row per policy on the `seen` split."""
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
    return folded("Per task", table)


def navigation_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Return macro means of success, SPL and SDTW per policy, suite and split."""
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
        "Navigation in apartments: success (SR) is strict (it holds where the robot has stopped "
        "itself, by a way that is not too long), SPL "
        "weighs it by shortest path / path taken, SDTW by the likeness to the described path, "
        "over the tasks that describe one; macro means over the tasks with their 95 % "
        "intervals. Rows about one task alone are not comparable with rows about all. The "
        f"split `unseen` has floor plans that no training apartment has. {SEEDS}"
        f"{lenient_note(evaluations)}"
    )
    header = ("policy", "suite", "split", "tasks", "SR", "SPL", "SDTW", "episodes", "first seed",
              "lost", "commit")  # fmt: skip
    return f"{caption}\n\n{markdown(header, rows)}"


def navigation_task_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Return all figures of navigation per policy, suite, split and task."""
    rows = [
        (f"`{info['policy']}`", info["suite"], info["split"], task, *navigation_cells(row))
        for info in evaluations
        for task, row in info["navigation"]["per_task"].items()
    ]
    table = markdown(("policy", "suite", "split", "task", *NAVIGATION_COLUMNS), rows)
    return folded("Navigation per task", table)


def agent_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Return the chief figures of planning per agent, suite and split, and folded all of them."""
    chief, whole = [], []
    for info in evaluations:
        who = (f"`{info['policy']}`", info["suite"], info["split"])
        source = (f"{info['seed']:,}", str(info["lost"]), f"`{info['commit']}`")
        cells = agent_rows(info["agent"])[OVERALL]
        chief.append((*who, *(cells[number] for number in CHIEF_AGENT_COLUMNS)))
        whole.append((*who, *cells, *source))
    caption = (
        "Agents: planner style, language model, what its tools see with, perturbation. `truth` is "
        "an oracle; `scripted`, `voyager-templates` and `random-valid` are no language models, "
        "`palm-e` is a decoder of its own. Success is judged at the planner's last word; of an "
        "infeasible instruction it is to say that it cannot be done. What the columns mean stands "
        f"in [evaluation](../evaluation.md#agents). {SEEDS}{lenient_note(evaluations)}"
    )
    names = tuple(AGENT_COLUMNS[number] for number in CHIEF_AGENT_COLUMNS)
    short = markdown(("agent", "suite", "split", *names), chief)
    header = ("agent", "suite", "split", *AGENT_COLUMNS, "first seed", "lost", "commit")
    return f"{caption}\n\n{short}\n\n{folded('All figures', markdown(header, whole))}"


def agent_group_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Return the same per length, vagueness and kind of instruction."""
    rows = [
        (f"`{info['policy']}`", info["suite"], info["split"], name, *cells)
        for info in evaluations
        for name, cells in agent_rows(info["agent"]).items()
        if name != OVERALL
    ]
    table = markdown(("agent", "suite", "split", "of", *AGENT_COLUMNS), rows)
    return folded("Agents by kind of instruction", table)


def ladder_table(evaluations: Sequence[Mapping[str, Any]]) -> str:
    """Return which part of an agent failed, per agent, suite and split."""
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
    """Return success under each kind of instruction: does the policy read?"""
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
    """Return the ratios of `handeye bench`, and folded what each of them measures."""
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
    meant = "\n".join(f"- `{row['name']}`: {row['meaning']}" for row in measured)
    table = markdown(header, rows)
    return f"Speed on {'; '.join(machines)}.\n\n{table}\n\n{folded('What is measured', meant)}"


def eyes_tables(measured: Mapping[str, Any]) -> str:
    """Return how well eyes find and answer, beside the same questions without a picture."""
    caption = (
        f"`{measured['eyes']}` on {measured['frames']} frames of each kind, seeds from "
        f"{measured['first_seed']:,}, commit `{measured['commit']}`. Without a picture the same "
        "questions are answered from the words alone."
    )
    parts = [caption]
    for name, figures in measured["figures"].items():
        times = figures["ms_per_image_and_question"]
        blind = figures["blind"]["rates"]
        rows = [
            (
                what,
                f"{rate['k']} / {rate['n']}",
                percent(rate["rate"]),
                span(rate["wilson95"]),
                percent(blind[what]["rate"] if what in blind else None),
            )
            for what, rate in figures["eyes"]["rates"].items()
        ]
        header = ("asked", "right", "rate", "Wilson 95 %", "without a picture")
        others = "\n".join(f"- {k}: {v:.3f}" for k, v in figures["eyes"]["numbers"].items())
        told = (
            f"A look with its first question took {times['p50']:.0f} ms, p95 {times['p95']:.0f} ms."
        )
        parts += [f"## {name.capitalize()}", told, markdown(header, rows)]
        parts.append(folded("Other figures", others))
    return "\n\n".join(parts)


def measurement_notes(files: Mapping[str, Mapping[str, Any]]) -> str:
    """Return measurements that are one sentence each, by the name of their file."""
    return "\n".join(
        f"- `results/{stem}.json`: {content['summary']}{_seeds_of(content)}"
        for stem, content in files.items()
    )


def _seeds_of(content: Mapping[str, Any]) -> str:
    """Return which seeds a sentence is about, where its file says."""
    if "eval_seed" in content:
        return f" Its episodes have the seeds from {content['eval_seed']:,} on."
    return f" (seed {content['seed']:,})" if "seed" in content else ""


def _tasks_of(info: Mapping[str, Any]) -> str:
    """Return how many tasks an evaluation of navigation is about, or which one alone."""
    tasks = list(info["navigation"]["per_task"])
    return f"{tasks[0]} alone" if len(tasks) == 1 else str(len(tasks))


def _mean_and_span(mean: Mapping[str, Any] | None) -> str:
    return f"{percent(mean['mean'])} ({span(mean['interval95'])})" if mean else "–"


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
