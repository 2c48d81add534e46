"""Tests of a suite: does its judge tell who did it, and can anybody win without the words?"""

from collections.abc import Sequence

from handeye.envs.suites import world_of
from handeye.experiments.audit.config import AuditConfig
from handeye.experiments.audit.finding import ALPHA, Figure, Finding, shown
from handeye.experiments.audit.suite_probes import PROBES, ProbeJob
from handeye.experiments.checks.adversaries import MARGIN, AdversariesConfig, judged, trials
from handeye.experiments.checks.adversary_trials import Played, Trial
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord, plan_jobs, rate_of
from handeye.experiments.records.percentages import percent
from handeye.experiments.records.statistics import Rate

ORACLE_LEAST = 0.99
WRONGLY_MOST = {  # Of each probe that must fail, what may succeed: goals overlap now and then.
    "half": 0.05,
    "another": 0.05,
    "more": 0.05,
    "failure": 0.0,
    "idle": 0.05,
}


def probe_jobs(config: AuditConfig) -> dict[str, list[EpisodeJob]]:
    """Return the episodes of every probe by its name."""
    tasks = world_of(config.suite).registry.tasks_of(config.suite, config.split)
    seeds = range(config.seed, config.seed + config.episodes)
    found: dict[str, list[EpisodeJob]] = {}
    for probe in PROBES:
        example = ProbeJob("oracle", config.suite, tasks[0], config.split, seeds[0], probe=probe)
        found[probe] = [*plan_jobs(example, tasks, seeds, 0)]
    return found


def judge_finding(found: dict[str, list[EpisodeRecord]]) -> Finding:
    """Return whether success is given to who did it, and to nobody else.

    Args:
        found: records by probe.
    """
    rates = {probe: rate_of(records) for probe, records in found.items()}
    figures = tuple(Figure(f"{name}: {PROBES[name]}", rate) for name, rate in rates.items())
    question = "Does the judge tell success from what only looks like it?"
    wrong = [name for name, most in WRONGLY_MOST.items() if rates[name].rate > most]
    if rates["oracle"].rate < ORACLE_LEAST:
        missed = [f"{r.task}/{r.seed}" for r in found["oracle"] if not r.success][:5]
        words = f"The oracle fails ({shown(rates['oracle'])}): {', '.join(missed)}."
        return Finding(question, "fail", words, figures)
    if wrong:
        told = ", ".join(f"{name} succeeds {shown(rates[name])}" for name in wrong)
        return Finding(question, "fail", f"No: {told}.", figures)
    most = max((rates[name].rate for name in WRONGLY_MOST), default=0.0)
    words = (
        f"Yes: the oracle succeeds {shown(rates['oracle'])}; who stops half-way, does another "
        f"thing, does more, or says that it failed, at most {percent(most)}."
    )
    return Finding(question, "pass", words, figures)


def adversary_trials(config: AuditConfig) -> list[Trial]:
    """Return the episodes of every adversary that has something to do in the suite."""
    return trials(
        AdversariesConfig(
            suites=(config.suite,), episodes=config.episodes, seed=config.seed, split=config.split
        )
    )


def adversary_finding(played: Sequence[Played]) -> Finding:
    """Return whether anybody wins without reading."""
    rows = judged(played)
    wins = [row for row in rows if row.verdict == "beats chance"]
    names = dict.fromkeys(row.adversary for row in rows)
    figures = []
    for name in names:
        own = [episode for episode in played if episode.adversary == name]
        chance = sum(episode.chance for episode in own) / len(own)
        rate = Rate.of([episode.success for episode in own])
        figures.append(Figure(name, rate, f"chance {percent(chance)}"))
    question = "Can anybody win without reading?"
    if wins:
        told = ", ".join(f"{row.adversary} in {row.task} ({row.k} of {row.n})" for row in wins)
        words = f"Yes, beyond chance and {percent(MARGIN)}: {told}."
        return Finding(question, "fail", words, tuple(figures))
    test = f"chance and {percent(MARGIN)} on any task (binomial, one-sided, Holm)"
    if blunt := [row for row in rows if (row.chance + MARGIN) ** row.n * len(rows) > ALPHA]:
        words = (
            f"None of {len(names)} adversaries is significantly above {test}, but with "
            f"{blunt[0].n} episodes of {blunt[0].task} not even who won all would be: give more."
        )
        return Finding(question, "open", words, tuple(figures))
    words = f"No: none of {len(names)} adversaries is significantly above {test}."
    return Finding(question, "pass", words, tuple(figures))
