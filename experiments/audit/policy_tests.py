"""Tests of a policy: does it read, has it memorised, do pictures or usual places carry it?"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from handeye.envs.suites import TABLETOP, world_of
from handeye.experiments.actors.load_policy import shipped_policies
from handeye.experiments.audit.config import AuditConfig
from handeye.experiments.audit.finding import ALPHA, Figure, Finding, differs, shown
from handeye.experiments.audit.tiny_renderer import tiny_episode
from handeye.experiments.evaluation.run_policy_episode import policy_episode
from handeye.experiments.records.episode import (
    CONDITIONS,
    EpisodeJob,
    EpisodeRecord,
    necessity_rows,
    plan_jobs,
    rate_of,
)
from handeye.experiments.records.percentages import percent
from handeye.experiments.records.significance import minimum_detectable_unpaired
from handeye.experiments.records.statistics import Rate

CLOSE = 0.10  # Within so much of the true words' rate, other words would do.
MOST_HIDDEN = 0.25  # A fall that does not show may be so great at most.
DEAF = ("blank", "shuffled")  # Conditions under which nobody can know the goal.
PLACEMENT = "placement"
FIRST_TRAINING_SEED = 0


@dataclass(frozen=True)
class TinyJob(EpisodeJob):
    """An episode whose frames PyBullet's TinyRenderer draws."""


def run_policy_job(job: EpisodeJob) -> EpisodeRecord:
    """Run an episode with the policy's own code's failures raised."""
    record = tiny_episode(job) if isinstance(job, TinyJob) else policy_episode(job)
    if isinstance(record, Exception):
        raise record
    return record


def policy_jobs(config: AuditConfig) -> dict[str, list[EpisodeJob]]:
    """Return the episodes of every test by its name."""
    world = world_of(config.suite)
    tasks = world.registry.tasks_of(config.suite, config.split)
    seeds = range(config.seed, config.seed + config.episodes)
    example = EpisodeJob(
        config.policy.path, config.suite, tasks[0], config.split, seeds[0],
        run_key=secrets.token_hex(16),
    )  # fmt: skip
    jobs: dict[str, list[EpisodeJob]] = {
        "words": plan_jobs(example, tasks, seeds, config.episodes),
        "training seeds": plan_jobs(
            example, tasks, range(FIRST_TRAINING_SEED, FIRST_TRAINING_SEED + config.episodes), 0
        ),
    }
    if PLACEMENT in world.registry.splits_of(config.suite) and config.split != PLACEMENT:
        elsewhere = replace(example, split=PLACEMENT)
        jobs["placement"] = plan_jobs(elsewhere, tasks, seeds, 0)
    if f"{config.policy.path}-blind" in shipped_policies():
        blind = replace(example, policy=f"{config.policy.path}-blind")
        jobs["blind probe"] = plan_jobs(blind, tasks, seeds, 0)
    if world is TABLETOP:
        plain = plan_jobs(example, tasks, seeds, 0)
        jobs["tiny renderer"] = [TinyJob(**vars(job)) for job in plain]
    return jobs


def policy_findings(found: dict[str, list[EpisodeRecord]]) -> list[Finding]:
    """Return what the tests of a policy say.

    Args:
        found: records by test, see `policy_jobs`.
    """
    true = [r for r in found["words"] if r.condition == "true"]
    findings = [reading(found["words"], found.get("blind probe"))]
    findings.append(
        same_rate(
            "Has it memorised episodes?", true, found["training seeds"],
            "seeds of training", "It does no better on the seeds that training draws from",
        )
    )  # fmt: skip
    if "placement" in found:
        findings.append(
            same_rate(
                "Does it live on where objects usually stand?", found["placement"], true,
                "usual places", "It does as well with objects placed over the whole workspace",
            )
        )  # fmt: skip
    if "tiny renderer" in found:
        findings.append(
            same_rate(
                "Does the renderer carry it?", found["tiny renderer"], true, "our rasterizer",
                "It does as well on frames that PyBullet's TinyRenderer draws",
            )
        )  # fmt: skip
    return findings


def reading(records: Sequence[EpisodeRecord], probe: Sequence[EpisodeRecord] | None) -> Finding:
    """Return whether the words decide.

    Args:
        records: with every condition, on the same seeds.
        probe: of the same network trained without a word, if there is one.
    """
    rows = necessity_rows(records)
    rates = {name: Rate(row["k"], row["n"], row["wilson95"]) for name, row in rows.items()}
    true, chance = rates["true"], rows["true"]["chance"]
    figures = [Figure(f"{name} words", rates[name]) for name in CONDITIONS if name in rates]
    figures[0] = replace(figures[0], note=f"chance without words {percent(chance)}")
    deaf: dict[str, Rate] = {n: rates[n] for n in CONDITIONS if n in DEAF and n in rates}
    if probe:
        deaf["blind probe"] = rate_of(probe)
        figures.append(Figure("blind probe", deaf["blind probe"]))
    near = [name for name, rate in deaf.items() if rate.rate > true.rate - CLOSE]
    obeys = [n for n in ("contradictory", "paraphrased") if n in rates]
    lost = [n for n in obeys if rates[n].rate < true.rate - CLOSE and _apart(rates[n], true)]
    question = "Does it read the instruction?"
    if near:
        words = f"Not shown: {', '.join(near)} within {percent(CLOSE)} of true words {shown(true)}."
        return Finding(question, "fail", words, tuple(figures))
    if lost:
        words = f"It reads, but less well: {', '.join(lost)} words against {shown(true)}."
        return Finding(question, "fail", words, tuple(figures))
    least = max(deaf.values(), key=lambda rate: rate.rate)
    words = f"{shown(true)} with true words, at most {shown(least)} without them"
    if not _apart(true, least):
        return Finding(question, "open", f"{words}: too few episodes to tell.", tuple(figures))
    return Finding(question, "pass", f"Yes: {words}.", tuple(figures))


def same_rate(
    question: str,
    records: Sequence[EpisodeRecord],
    usual: Sequence[EpisodeRecord],
    usually: str,
    answer: str,
) -> Finding:
    """Return whether success is no lower than under usual circumstances.

    Args:
        question: of the finding.
        records: under the circumstances in question.
        usual: under the others.
        usually: what those are called.
        answer: what is said where no difference shows.
    """
    here, there = rate_of(records), rate_of(usual)
    figures = (Figure("in question", here), Figure(usually, there))
    if there.rate > here.rate and _apart(here, there):
        gap = percent(there.rate - here.rate)
        words = f"Yes: {shown(here)} against {shown(there)} with {usually}, {gap} less."
        return Finding(question, "fail", words, figures)
    hidden = minimum_detectable_unpaired(there.rate, min(here.n, there.n))
    words = (
        f"{answer}: {shown(here)} and {shown(there)}; a fall below {percent(hidden)} "
        "would not show."
    )
    return Finding(question, "pass" if hidden < MOST_HIDDEN else "open", words, figures)


def _apart(a: Rate, b: Rate) -> bool:
    return differs(a, b) < ALPHA
