"""Which part of an agent failed: the failed episode is run again with parts replaced by oracles.

    failure -> the same agent once more, all objects up to 1 mm elsewhere -> "placebo": it was luck
            -> one oracle at a time, in the order of `RUNGS` -> the first that restores success
            -> else more and more of them together          -> the last one that was added
            -> else all of them                             -> "environment", with its cause

Every failure is attributed; what no oracle restores is said to be so, with the events of the last
try. Each run is a pure function of its job, so the ladder is as repeatable as the agent.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.evaluation.run_agent_episode import run_agent_episode
from handeye.experiments.records.agent import RUNGS, AgentFlags, AgentRecord, Rung
from handeye.experiments.records.episode import AgentJob, EpisodeRecord
from handeye.experiments.records.run_folder import JsonLines, read_json_lines
from handeye.experiments.records.statistics import Rate, wilson_interval

ENVIRONMENT = "environment"
PLACEBO: Rung = "placebo"
SEEING: tuple[Rung, ...] = ("perception", "grounding")


@dataclass(frozen=True)
class Attribution:
    """Why one episode failed.

    Attributes:
        episode_id: which.
        rung: the part at fault, or "environment".
        together: the oracles that restored success; all that there are where none did.
        cause: of an episode that no oracle solves: how the last try ended.
    """

    episode_id: str
    rung: str
    together: tuple[Rung, ...]
    cause: str = ""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Attribution":
        """Read a JSON line back."""
        return cls(**{**data, "together": tuple(data["together"])})


@dataclass(frozen=True)
class Failure:
    """A failed episode to be explained."""

    job: AgentJob
    rungs: tuple[Rung, ...]


def rungs_for(flags: AgentFlags, suite: str, agent: AgentRecord) -> tuple[Rung, ...]:
    """What oracles can stand in for: not what is one already, nor a check that was never made."""
    tool_set = tool_set_of(suite)
    able: dict[Rung, bool] = {
        "placebo": True,
        "perception": flags.tools != "truth",
        "grounding": flags.tools != "truth",
        "plan": tool_set.expert is not None,
        "skill": tool_set.skill_oracle is not None,
        "check": any(agent.checks),
    }
    return tuple(rung for rung in RUNGS if able[rung])


def tries(rungs: Sequence[Rung]) -> list[tuple[Rung, ...]]:
    """One rung at a time, then the first two, three, ... oracles together."""
    alone = [(rung,) for rung in rungs]
    oracles = [rung for rung in rungs if rung != PLACEBO]
    return [*alone, *(tuple(oracles[:count]) for count in range(2, len(oracles) + 1))]


def climb(failure: Failure) -> Attribution:
    """Run the episode again until it succeeds."""
    job, record = failure.job, None
    for together in tries(failure.rungs):
        setting = replace(job.agent, oracles=together, transcripts="")
        record = run_agent_episode(replace(job, agent=setting))
        if record.success:
            return Attribution(job.episode_id, together[-1], together)
    return Attribution(job.episode_id, ENVIRONMENT, failure.rungs, _cause(record))


def _cause(record: EpisodeRecord | None) -> str:
    if record is None or record.agent is None:
        return "nothing of it can be replaced by an oracle"
    ended = f"claimed {record.agent.claim}" if record.agent.claim else record.agent.ended_by
    met, conditions = record.goal_conditions
    events = ", ".join(record.events) or "no event"
    return f"with every oracle: {ended}, {met} of {conditions} conditions met, {events}"


def explain(
    folder: Path,
    jobs: Sequence[AgentJob],
    records: Sequence[EpisodeRecord],
    *,
    workers: int,
    deadline_s: float,
) -> list[Attribution]:
    """Attribute every failure under true words; `ladder.jsonl` keeps what is known already.

    Args:
        folder: of the run.
        jobs: of the evaluation.
        records: their outcomes, in the same order.
        workers: processes.
        deadline_s: real seconds for all tries of one episode.

    Raises:
        ValueError: an episode could not be run again; its cause is in the message.
    """
    failures = [
        Failure(job, rungs_for(job.agent.flags, job.suite, record.agent))
        for job, record in zip(jobs, records, strict=True)
        if record.agent is not None and _failed(record)
    ]
    path = folder / "ladder.jsonl"
    known = {
        a.episode_id: a for a in map(Attribution.from_dict, read_json_lines(path, Attribution))
    }
    missing = [f for f in failures if f.job.episode_id not in known]
    with JsonLines(path) as lines:
        for failure, result in run_jobs(climb, missing, workers=workers, deadline_s=deadline_s):
            if isinstance(result, WorkerLost):
                raise ValueError(
                    f"{failure.job.episode_id} could not be run again: "
                    f"{result.detail.strip().splitlines()[-1]}. Use --resume to go on."
                )
            lines.append(asdict(result))
            known[result.episode_id] = result
    return [known[failure.job.episode_id] for failure in failures]


def _failed(record: EpisodeRecord) -> bool:
    return record.condition == "true" and not (record.worker_lost or record.success)


def ladder_summary(attributions: Sequence[Attribution], judged: int) -> dict[str, Any]:
    """How many failures each rung explains: alone, and only together with those before it.

    Args:
        attributions: of all failures.
        judged: episodes in all, solved ones included.

    Returns:
        `{failures, attributed, rungs: {rung: {alone, together}}, causes: {cause: count}}`; all
        are attributed, those that no oracle restores to the environment. `plan_success` is the
        share of episodes whose plan was right, whatever came of it (SayCan, Ahn et al. 2022):
        solved, or restored by oracles none of which planned.
    """
    rungs = {
        rung: {
            "alone": sum(a.rung == rung and len(a.together) == 1 for a in attributions),
            "together": sum(a.rung == rung and len(a.together) > 1 for a in attributions),
        }
        for rung in RUNGS
    }
    unrestored = [a.cause for a in attributions if a.rung == ENVIRONMENT]
    misplanned = sum(a.rung == ENVIRONMENT or "plan" in a.together for a in attributions)
    planned = judged - misplanned
    return {
        "failures": len(attributions),
        "attributed": sum(sum(row.values()) for row in rungs.values()) + len(unrestored),
        "rungs": rungs,
        ENVIRONMENT: len(unrestored),
        "causes": dict(Counter(unrestored).most_common()),
        "plan_success": Rate(planned, judged, wilson_interval(planned, judged)).to_dict(),
    }
