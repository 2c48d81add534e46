"""What is asked of a policy in one episode, and what is kept of the answer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import blake2b
from typing import Any, Literal, TypeVar, get_args

import numpy as np

from handeye.base.json_reader import check_shape
from handeye.envs.core.verdict import SIDE_EFFECTS
from handeye.experiments.records.agent import AgentRecord, AgentSetting
from handeye.experiments.records.chain import ChainRecord, SubtaskRecord
from handeye.experiments.records.failure import FailureRecord
from handeye.experiments.records.sensor_noise import SensorNoise
from handeye.experiments.records.statistics import Rate

# How the policy's instruction relates to the episode's goal.
Condition = Literal["true", "blank", "shuffled", "contradictory", "paraphrased"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
SCHEMA = 2  # Of records; in the first, success meant what `goal_reached` does.


@dataclass(frozen=True)
class EpisodeJob:
    """One episode to be run by a policy; it depends on nothing but these fields.

    A job may be run in any process, so it names the policy; each process opens a policy once.

    Attributes:
        policy: what `open_policy` finds; of an agent's job how tables name the agent.
        condition: "true" words; "blank" ones; "shuffled", the words of the donor's episode;
            "contradictory", another goal of the same scene in its own words; "paraphrased", the
            same goal in other words of the split.
        donor: (task, seed) whose instruction is given under "shuffled".
        noise: of the sensors.
        run_key: of the evaluation, see `policy_seed`.
        device: where a trained policy computes.
    """

    policy: str
    suite: str
    task: str
    split: str
    seed: int
    condition: Condition = "true"
    donor: tuple[str, int] | None = None
    noise: SensorNoise = SensorNoise()  # noqa: RUF009 - it is frozen
    run_key: str = ""
    device: str = "cpu"

    @property
    def episode_id(self) -> str:
        """Return a name that is unique within an evaluation."""
        return f"{self.task}/{self.seed}/{self.condition}"

    @property
    def policy_seed(self) -> int:
        """Return the seed of the policy's sampling, 63 bits keyed by the run.

        Nobody who lacks the key can find the scene's seed, and with it the scene, from this one.
        """
        text = f"{self.run_key}/{self.episode_id}".encode()
        return int.from_bytes(blake2b(text, digest_size=8).digest()) >> 1


@dataclass(frozen=True)
class AgentJob(EpisodeJob):
    """One episode to be run by an agent with tools.

    Attributes:
        agent: who plans.
    """

    agent: AgentSetting = field(kw_only=True)


Job = TypeVar("Job", bound=EpisodeJob)


@dataclass(frozen=True)
class NavigationRecord:
    """How an episode of navigation went, as far as its figures and its map need it.

    Attributes:
        shortest_m: geodesic length of the shortest path from the start to the goal.
        path_xy: x and y of the base in m, to a centimetre, at the start and after every decision.
        collisions: control ticks in contact with a wall or a piece of furniture.
        ndtw: likeness to the reference path, 0 to 1; None where the task has no such path.
        oracle_success: the goal was satisfied at some time, whether or not the robot stopped.
    """

    shortest_m: float
    path_xy: tuple[tuple[float, float], ...]
    collisions: int
    ndtw: float | None
    oracle_success: bool

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "NavigationRecord":
        """Read it back out of an episode's record, whose fields have been checked."""
        path = tuple((float(x), float(y)) for x, y in data["path_xy"])
        return cls(**{**data, "path_xy": path})


@dataclass(frozen=True)
class EpisodeRecord:
    """One line of `episodes.jsonl`.

    Attributes:
        suite_version: of the suite; 0 of a task that is no suite.
        instruction: the words that the policy got.
        success: strict, what tables count: the goal holds half a second after the end, nothing else
            was changed, and the actor ended the episode itself.
        goal_reached: lenient: the goal held at some step, whoever ended the episode.
        goal_conditions: (met at the end, all).
        side_effects: what was changed besides, in words.
        claim: what the actor said at the end; "" where nobody said anything.
        ended_by: "terminate" (a policy said so), "claim" (an agent did), "still", "limit" or
            "success".
        steps: decisions of the policy.
        oracle_steps: the oracle's decisions on the same seed, where they were counted.
        path_length_m: of the tcp; in navigation of the base.
        events: what went wrong, for attribution.
        wall_s: real seconds; of fields outside of `agent` the only one that differs between equal
            runs.
        sim_s: simulated seconds.
        state_hash: over all body poses at every control step.
        told: what the actor was told besides the words, by name: cameras, depth, odometry.
        n_choices: goals that this scene offers for the task.
        chance: share of them that the best deed reaches without the words.
        worker_lost: the episode could not be run (twice); it counts nowhere.
        lost_reason: why.
        navigation: what navigation records besides; None for other suites.
        agent: what is recorded of an agent besides; None for policies.
        failure: what the last state says of why it failed; None where it did not.
        chain: how far a chain of instructions went; None for single ones. Success means that all
            of them were carried out, `goal_conditions` counts them.
    """

    episode_id: str
    suite: str
    task: str
    split: str
    seed: int
    condition: Condition
    policy_id: str
    suite_version: int = 0
    instruction: str = ""
    success: bool = False
    goal_reached: bool = False
    goal_conditions: tuple[int, int] = (0, 0)
    side_effects: tuple[str, ...] = ()
    claim: str = ""
    ended_by: str = "lost"
    steps: int = 0
    oracle_steps: int | None = None
    path_length_m: float = 0.0
    events: tuple[str, ...] = ()
    wall_s: float = 0.0
    sim_s: float = 0.0
    state_hash: str = ""
    renderer_fingerprint: str = ""
    told: dict[str, str] = field(default_factory=dict)
    n_choices: int = 1
    chance: float = 1.0
    worker_lost: bool = False
    lost_reason: str = ""
    navigation: NavigationRecord | None = None
    agent: AgentRecord | None = None
    failure: FailureRecord | None = None
    chain: ChainRecord | None = None

    @classmethod
    def lost(cls, job: EpisodeJob, reason: str) -> "EpisodeRecord":
        """The record of an episode that no worker could finish."""
        return cls(
            job.episode_id, job.suite, job.task, job.split, job.seed, job.condition, job.policy,
            worker_lost=True, lost_reason=reason,
        )  # fmt: skip

    @classmethod
    def from_dict(cls, data: dict[str, Any], where: str = "an episode record") -> "EpisodeRecord":
        """Read a JSON line back; `where` is what messages call it.

        Raises:
            ValueError: fields are missing, unknown or of another shape.
        """
        data = dict(data)
        _check_schema(data.pop("schema", 1), where)
        _check_version(data, {one.name for one in fields(cls)}, where)
        walked, planned, missed = data["navigation"], data["agent"], data["failure"]
        if isinstance(planned, dict):
            _check_version(planned, AgentRecord.field_names(), where)
        if isinstance(walked, dict):
            _check_version(walked, {one.name for one in fields(NavigationRecord)}, where)
        if isinstance(missed, dict):
            _check_version(missed, {one.name for one in fields(FailureRecord)}, where)
        chained = data["chain"]
        if isinstance(chained, dict):
            _check_version(chained, {one.name for one in fields(ChainRecord)}, where)
            for subtask in chained["subtasks"]:
                _check_version(subtask, {one.name for one in fields(SubtaskRecord)}, where)
        check_shape(data, cls, where)
        met, conditions = data["goal_conditions"]
        parts = {
            "events": tuple(data["events"]),
            "side_effects": tuple(data["side_effects"]),
            "goal_conditions": (met, conditions),
            "navigation": None if walked is None else NavigationRecord.from_dict(walked),
            "failure": None if missed is None else FailureRecord.from_dict(missed),
            "chain": None if chained is None else ChainRecord.from_dict(chained),
            "agent": None if planned is None else AgentRecord.from_dict(planned),
        }
        return cls(**{**data, **parts})

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"schema": SCHEMA, **asdict(self)}

    @property
    def holds(self) -> bool:
        """Return whether every condition of the goal held at the end."""
        met, conditions = self.goal_conditions
        return met == conditions > 0


def _check_schema(schema: object, where: str) -> None:
    if schema != SCHEMA:
        older = ", where success meant that the goal held at some step" if schema == 1 else ""
        raise ValueError(
            f"{where} is of schema {schema}{older}; records are of schema {SCHEMA} now. "
            "Evaluate anew with --overwrite."
        )


def _check_version(data: dict[str, Any], names: set[str], where: str) -> None:
    if set(data) != names:
        wrong = ", ".join(sorted(set(data) ^ names))
        raise ValueError(
            f"{where} is of another version (fields {wrong:.200}). Evaluate anew with --overwrite."
        )


def plan_jobs(
    example: Job, tasks: Sequence[str], seeds: range, necessity_episodes: int
) -> list[Job]:
    """Return every episode of an evaluation: seed by seed the tasks, then the necessity rows.

    A shuffled episode gets the words of the same task's next seed: the skill is right and the
    objects are wrong, which is the sternest form. With one seed it gets another task's words.

    Args:
        example: says who acts, the suite and the split.
        tasks: of the suite.
        seeds: of the episodes of each task.
        necessity_episodes: of each task, in every row of the instruction test.
    """
    jobs = [replace(example, task=task, seed=seed) for seed in seeds for task in tasks]
    subset = jobs[: necessity_episodes * len(tasks)]
    shift = len(tasks) if len(subset) > len(tasks) else 1
    for condition in CONDITIONS[1:]:
        for job, donor in zip(subset, subset[shift:] + subset[:shift], strict=True):
            if condition != "shuffled":
                jobs.append(replace(job, condition=condition))
            elif donor != job:
                words_from = (donor.task, donor.seed)
                jobs.append(replace(job, condition=condition, donor=words_from))
    return jobs


def rate_of(records: Iterable[EpisodeRecord]) -> Rate:
    """Strict success of the episodes that were not lost."""
    return Rate.of([record.success for record in records if not record.worker_lost])


def side_effect_counts(records: Iterable[EpisodeRecord]) -> dict[str, int]:
    """Return in how many episodes each side effect was found, by its name, the commonest first."""
    found = (name for record in records for name in set(record.events) if name in SIDE_EFFECTS)
    return dict(Counter(found).most_common())


def necessity_rows(records: Sequence[EpisodeRecord]) -> dict[str, dict[str, Any]]:
    """Success per condition on the same episodes, and what choosing at random would reach.

    Returns:
        condition -> {k, n, rate, wilson95, chance}; empty if only true instructions were given.
    """
    others = [r for r in records if r.condition != "true" and not r.worker_lost]
    shared = {(r.task, r.seed) for r in others}
    rows: dict[str, dict[str, Any]] = {}
    for condition in CONDITIONS:
        row = [
            r
            for r in records
            if r.condition == condition and (r.task, r.seed) in shared and not r.worker_lost
        ]
        if row:
            chance = float(np.mean([r.chance for r in row]))
            rows[condition] = {**rate_of(row).to_dict(), "chance": chance}
    return rows
