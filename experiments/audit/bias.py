"""Whether success depends on what nobody asked about: colour, kind, size, wording, place.

Records name scenes by their seeds, so what stood where is sampled anew, without a simulator.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.suites import make_suite_env
from handeye.experiments.audit.finding import Figure, Finding, odd_ones, shown
from handeye.experiments.records.episode import EpisodeRecord, rate_of
from handeye.experiments.records.percentages import span

LEAST = 8  # Episodes of a group that is looked at.
NEAR_M = 0.5  # Of the table's two halves, along x, the one at the robot ends here.

Trait = Callable[[InstructedEnv], str]


def bias_findings(records: Sequence[EpisodeRecord]) -> list[Finding]:
    """Return one finding for each trait of what the words are about.

    Args:
        records: of one suite and split, with true words.
    """
    judged = [r for r in records if r.condition == "true" and not r.worker_lost]
    groups: dict[str, dict[str, list[EpisodeRecord]]] = defaultdict(lambda: defaultdict(list))
    for record in judged:
        env = _sampled(record.suite, record.split)
        env.sample_episode(seed=record.seed, options={"task": record.task})
        for trait, of in TRAITS.items():
            value = of(env)
            if value:
                groups[trait][value].append(record)
    return [_finding(trait, found) for trait, found in groups.items()]


def _finding(trait: str, groups: dict[str, list[EpisodeRecord]]) -> Finding:
    rates = {name: rate_of(rows) for name, rows in sorted(groups.items()) if len(rows) >= LEAST}
    question = f"Does success depend on the {trait} of what is named?"
    figures = tuple(Figure(name, rate) for name, rate in rates.items())
    if len(rates) < 2:
        few = f"Too few episodes: no two groups have {LEAST} or more."
        return Finding(question, "open", few, figures)
    odd = odd_ones(rates)
    if not odd:
        alike = "No group differs from the others (Barnard's test, Holm, 5 %)."
        return Finding(question, "pass", alike, figures)
    worst = min(odd, key=lambda name: rates[name].rate)
    told = f"{worst}: {shown(rates[worst])}, {span(rates[worst].wilson95)}"
    return Finding(question, "fail", f"Groups differ: {', '.join(odd)}. Least: {told}.", figures)


def _named(env: InstructedEnv) -> Any:
    """Return the object that the words name first, or None."""
    referred, objects = env.goal.referred, getattr(env.scene, "objects", ())
    if not referred:
        return None
    if objects and isinstance(referred[0], int):
        return objects[referred[0]]
    return getattr(env.scene, "things", {}).get(referred[0])


def _trait(name: str) -> Trait:
    return lambda env: str(getattr(_named(env), name, ""))


def _region(env: InstructedEnv) -> str:
    """Return in which quarter of the table the named object stands."""
    thing = _named(env)
    if thing is None or not hasattr(thing, "position_m"):
        return ""
    x, y = thing.position_m[:2]
    return f"{'near' if x < NEAR_M else 'far'} {'left' if y < 0 else 'right'}"


def _verb(env: InstructedEnv) -> str:
    """Return the first word of the instruction."""
    return env.instruction.split()[0].lower().strip(":,") if env.instruction.split() else ""


TRAITS: dict[str, Trait] = {
    "colour": _trait("colour"),
    "kind": _trait("kind"),
    "size": _trait("size"),
    "region": _region,
    "first word": _verb,
}


@cache
def _sampled(suite: str, split: str) -> InstructedEnv:
    return make_suite_env(suite, split=split, cameras=())
