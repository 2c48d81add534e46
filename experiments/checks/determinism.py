r"""Run the same seeds with one worker and with two, and compare every state's hash.

    python -m handeye.experiments.checks.determinism --result results/determinism.json
    python -m handeye.experiments.checks.determinism --suite rooms \
        --result results/rooms_determinism.json

Episodes are recorded and judged with one worker, with two, and with two again; the recorded ones
are then replayed from their files.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import tyro

from handeye.envs.core.episode_file import episode_path
from handeye.envs.suites import TABLETOP, tasks_of, world_of
from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.actors.load_policy import open_policy
from handeye.experiments.data.collect import plan, record
from handeye.experiments.data.config import CollectConfig
from handeye.experiments.data.replay import replays
from handeye.experiments.evaluation.run_policy_episode import run_policy_episode
from handeye.experiments.records.episode import EpisodeJob, plan_jobs
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import write_bytes_atomic, write_json_atomic
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED, check_judged_seeds

WORKERS = (1, 2, 2)
DEADLINE_S = 300.0

Job = TypeVar("Job")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class DeterminismConfig:
    """What to repeat.

    Attributes:
        result: JSON file of the outcome.
        policy: whose episodes are judged; by default handeye-nano on the tabletop, oracle in rooms.
        suite: a suite or a single task, see `handeye list`.
        recorded: episodes of the oracle, over all tasks.
        judged: episodes of the policy per task.
    """

    result: Path = Path("results/determinism.json")
    policy: str | None = None
    suite: str = "tabletop-core"
    recorded: int = 100
    judged: int = 5


def run(config: DeterminismConfig) -> int:
    """Repeat, compare, write; exit code 0 if nothing differed."""
    tasks = tasks_of(config.suite)
    per_task = -(-config.recorded // len(tasks))
    recordings = plan(CollectConfig(Path(), suite=config.suite, episodes=per_task))
    recordings = recordings[: config.recorded]
    usual = "handeye-nano" if world_of(config.suite) is TABLETOP else "oracle"
    policy = config.policy or usual
    source = open_policy(policy)
    seeds = check_judged_seeds(FIRST_EVALUATION_SEED, config.judged)
    judgements = plan_jobs(
        EpisodeJob(source.path, config.suite, tasks[0], "seen", seeds[0]), tasks, seeds, 0
    )
    contents = repeat(record, recordings, lambda recording: recording.content)
    hashes = repeat(run_policy_episode, judgements, lambda verdict: verdict.state_hash)
    with tempfile.TemporaryDirectory(prefix="handeye-determinism-") as name:
        replayed = count_replayed(Path(name), contents[0])
    same_files = sum(len(set(repeated)) == 1 for repeated in zip(*contents, strict=True))
    same_hashes = sum(len(set(repeated)) == 1 for repeated in zip(*hashes, strict=True))
    summary = (
        f"With {', '.join(map(str, WORKERS))} workers: {same_files} of {len(recordings)} recorded "
        f"episodes the same to the byte, {same_hashes} of {len(judgements)} episodes of "
        f"{policy} the same state hash; {replayed} of {len(recordings)} replayed."
    )
    outcome = {
        "recorded": {"k": same_files, "n": len(recordings)},
        "judged": {"k": same_hashes, "n": len(judgements)},
        "replayed": {"k": replayed, "n": len(recordings)},
    }
    write_json_atomic(config.result, {"summary": summary, **outcome, **measured_with()})
    print(summary)
    return 0 if all(row["k"] == row["n"] for row in outcome.values()) else 1


def repeat(
    work: Callable[[Job], Outcome], jobs: Sequence[Job], essence: Callable[[Outcome], object]
) -> list[list[object]]:
    """What is essential of every job's outcome, once per entry of WORKERS."""
    runs = []
    for workers in WORKERS:
        found = []
        for job, outcome in run_jobs(work, jobs, workers=workers, deadline_s=DEADLINE_S):
            if isinstance(outcome, WorkerLost):
                raise RuntimeError(f"{job} was lost: {outcome}")
            found.append(essence(outcome))
        runs.append(found)
    return runs


def count_replayed(folder: Path, contents: Sequence[object]) -> int:
    """How many episodes, given as their files' bytes, replay to the same hash."""
    same = 0
    for number, content in enumerate(contents):
        assert isinstance(content, bytes)
        write_bytes_atomic(episode_path(folder, number), content)
        same += replays(episode_path(folder, number))
    return same


if __name__ == "__main__":
    sys.exit(run(tyro.cli(DeterminismConfig, use_underscores=True)))
