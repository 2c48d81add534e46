"""The README's one table: what comes with the repository, each figure beside its baselines."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from handeye.experiments.records.markdown import markdown
from handeye.experiments.records.percentages import percent, span
from handeye.experiments.showcase.result_tables import lenient_note


class Headline(NamedTuple):
    """One evaluation of the table.

    Attributes:
        what: who acted where, in words.
        stem: the name of its file.
        page: where all its figures are.
        beside: what a baseline is called -> the name of its file.
    """

    what: str
    stem: str
    page: str
    beside: Mapping[str, str]


TABLE = {"oracle": "oracle_seen", "blind": "blind_seen", "random": "random_seen"}
HOMES = {
    "oracle": "rooms_oracle_unseen",
    "frontier": "rooms_frontier_unseen",
    "blind": "rooms_blind_unseen",
    "random": "rooms_random_unseen",
}
LONG = {"expert": "agent_expert_long", "patterns": "agent_scripted_long"}
HEADLINES = (
    Headline("`handeye-nano`, 8 tasks of the arm", "nano_seen", "tabletop", TABLE),
    Headline("… objects never trained", "nano_combination", "tabletop", {}),
    Headline("… phrasings never trained", "nano_phrasing", "tabletop", {}),
    Headline("`handeye-rooms-nano`, 8 tasks in unseen apartments", "rooms_nano_unseen",
             "apartments", HOMES),
    Headline("… phrasings never trained", "rooms_nano_phrasing", "apartments", {}),
    Headline("agent with learned eyes, tasks of the arm", "agent_react_eyes_core", "agents",
             {"patterns": "agent_scripted_eyes_core", "random calls": "agent_random_core"}),
    Headline("agent with learned eyes, long instructions", "agent_react_eyes_long", "agents", LONG),
    Headline("… true perception, phrasings never trained", "agent_react_long_phrasing",
             "agents", {}),
    Headline("agent with learned eyes, long ways in unseen apartments",
             "agent_react_eyes_rooms_long", "agents", {"true eyes": "agent_react_rooms_long"}),
)  # fmt: skip
NO_BREAK = "\u00a0"  # A space at which no line ends.
STEP = "step_vs_panda_gym"


def headline_table(files: Mapping[str, Any]) -> str:
    """Return the table; rows whose file is missing are left out.

    Args:
        files: name without suffix -> content of all recorded files.
    """
    rows = [_row(one, files) for one in HEADLINES if one.stem in files]
    if "safety" in files:
        rows.append(_orders(files["safety"]))
    step = next((row for row in files.get("bench", ()) if row["name"] == STEP), None)
    if step:
        ours, theirs = (f"{step[key]:.1f} {step['unit']}" for key in ("ours", "theirs"))
        link = "[a control step with its picture](docs/results/speed.md)"
        rows.append((link, ours, "–", "–", f"panda-gym {theirs}"))
    table = markdown(("what", "result", "95 % interval", "episodes", "beside it"), rows)
    table += lenient_note([files[one.stem] for one in HEADLINES if one.stem in files])
    return re.sub(r"(?<=\d) (?=%|ms)", NO_BREAK, table)


def _row(one: Headline, files: Mapping[str, Any]) -> tuple[str, ...]:
    info = files[one.stem]
    macro = info["macro_mean"]
    beside = [
        f"{name} {percent(files[stem]['macro_mean']['mean'])}"
        for name, stem in one.beside.items()
        if stem in files
    ]
    wordless = info["instruction_necessity"].get("blank")
    if wordless:
        beside.append(f"without words {percent(wordless['rate'])}")
    return (
        f"[{one.what}](docs/results/{one.page}.md)",
        percent(macro["mean"]),
        span(macro["interval95"]),
        str(info["success"]["n"]),
        ", ".join(beside) or "–",
    )


def _orders(safety: Mapping[str, Any]) -> tuple[str, ...]:
    """Return how often orders found in the scene are carried out, with the gate and without."""
    attacks = {row["gate"]: row["target_reached"] for row in safety["injection"][:2]}
    gated, free = attacks["full"], attacks["off"]
    return (
        "[orders found in the scene that were carried out, with the gate](docs/results/safety.md)",
        percent(gated["rate"]),
        span(gated["wilson95"]),
        str(gated["n"]),
        f"without it {percent(free['rate'])}",
    )
