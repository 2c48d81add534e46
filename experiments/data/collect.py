"""`handeye collect`: record episodes of the scripted oracles into a dataset of states.

    data/core/dataset.json                          what was asked for
    data/core/episodes/0000/0000000.safetensors     one whole episode each, a few kB
    data/core/unsolved.jsonl                        seeds whose episode missed its goal, left out
    data/core/README.md                             the dataset card, written last

Episode number n has seed `seed + n` and the suite's n-th task in turn, so the files are the same
whatever the number of workers and however often the run was interrupted.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye import __version__
from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.core.dataset_file import DATASET_FORMAT, read_dataset
from handeye.envs.core.episode_file import episode_path, list_episodes
from handeye.envs.suites import (
    TABLETOP,
    action_mode_of,
    check_split,
    make_suite_env,
    tasks_of,
    world_of,
)
from handeye.envs.tabletop.long.task import LONG, LONG_TASKS
from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.data.config import CollectConfig
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.records.progress import tracked
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import (
    JsonLines,
    open_run_folder,
    read_json_lines,
    write_bytes_atomic,
    write_json_atomic,
    write_text_atomic,
)
from handeye.experiments.records.schemas import UnsolvedLine
from handeye.experiments.records.seeds import check_training_seeds
from handeye.experiments.records.settings import check_same

# Noise makes episodes longer than in evaluation.
MAX_STEPS = {"ee_pose": 24, "ee_delta": 300, "base_discrete": 500, "base_velocity": 1500}
FREE_ON_RESUME = ("workers", "deadline_s", "output_dir", "resume", "overwrite", "episodes")


@dataclass(frozen=True)
class RecordJob:
    """One episode to record."""

    number: int
    task: str
    seed: int
    suite: str
    split: str
    action_mode: str
    goals: int
    noise: float


@dataclass(frozen=True)
class Recording:
    """A recorded episode as the bytes of its file."""

    content: bytes
    success: bool


def run(config: CollectConfig) -> int:
    """Record what is missing; exit code 0, or 1 if episodes were lost to faults."""
    jobs = plan(config)
    with open_run_folder(
        config.output_dir, resume=config.resume, overwrite=config.overwrite
    ) as root:
        _remember(root, config)
        lost = record_missing(root, jobs, config)
        write_text_atomic(root / "README.md", dataset_card(root, config))
        kept = len(list_episodes(root))
    print(f"{kept} episodes in {root}, {len(jobs) - kept - lost} unsolved, {lost} lost to faults")
    return 1 if lost else 0


def record_missing(root: Path, jobs: list[RecordJob], config: CollectConfig) -> int:
    """Record the episodes that the folder lacks; return how many were lost to faults."""
    unsolved = {line["number"] for line in read_json_lines(root / "unsolved.jsonl", UnsolvedLine)}
    missing = [
        j for j in jobs if j.number not in unsolved and not episode_path(root, j.number).exists()
    ]
    lost = 0
    with JsonLines(root / "unsolved.jsonl") as log:
        for job, outcome in _record_all(missing, config):
            if isinstance(outcome, WorkerLost):
                lost += 1
                Console(stderr=True).print(
                    f"episode {job.number} lost: {outcome.cause}", markup=False, soft_wrap=True
                )
            elif outcome.success:
                write_bytes_atomic(episode_path(root, job.number), outcome.content)
            else:
                log.append({"number": job.number, "task": job.task, "seed": job.seed})
    return lost


def plan(config: CollectConfig) -> list[RecordJob]:
    """Every episode of the dataset.

    Raises:
        ValueError: an unknown name, or seeds that are not of training.
    """
    check_split(config.suite, config.split)
    action_mode = action_mode_of(config.suite, config.action_mode)
    tasks = tasks_of(config.suite, config.split)
    count = config.episodes * len(tasks)
    if config.episodes < 1 or config.goals < 1 or config.noise < 0:
        raise ValueError("--episodes and --goals must be at least 1, --noise at least 0.")
    seeds = check_training_seeds(config.seed, count)
    return [
        RecordJob(
            n,
            tasks[n % len(tasks)],
            seeds[n],
            config.suite,
            config.split,
            action_mode,
            config.goals,
            config.noise,
        )
        for n in range(count)
    ]


def record(job: RecordJob) -> Recording:
    """Record one episode; runs in a worker."""
    env = _environment(job.suite, job.split, job.action_mode)
    episode = record_episode(env, job.task, job.seed, goals=job.goals, noise=job.noise)
    return Recording(episode.to_bytes(), episode.success)


@lru_cache(maxsize=1)
def _environment(suite: str, split: str, action_mode: str) -> InstructedEnv:
    return make_suite_env(
        suite,
        split=split,
        action_mode=action_mode,
        cameras=(),
        max_steps=most_steps(suite, action_mode),
    )


def most_steps(suite: str, action_mode: str) -> int | None:
    """Actions that a recorded episode of a suite or task may take.

    None: the environment's own limit, which grows with a long instruction and leaves room.
    """
    return None if suite in (LONG.name, *LONG_TASKS) else MAX_STEPS[action_mode]


def _record_all(
    jobs: list[RecordJob], config: CollectConfig
) -> Iterator[tuple[RecordJob, Recording | WorkerLost]]:
    results = run_jobs(record, jobs, workers=config.workers, deadline_s=config.deadline_s)
    yield from tracked(results, "recording", len(jobs))


def _remember(root: Path, config: CollectConfig) -> None:
    """Write the settings, or refuse to continue under others."""
    settings = {k: v for k, v in asdict(config).items() if k not in FREE_ON_RESUME}
    settings["action_mode"] = action_mode_of(config.suite, config.action_mode)
    path = root / "dataset.json"
    if path.exists():
        check_same(root, read_dataset(root)["settings"], settings)
        return
    write_json_atomic(path, {"format": DATASET_FORMAT, "settings": settings, **provenance()})


def provenance() -> dict[str, Any]:
    """Who made a dataset: generator version, command, commit, machine, renderer, licence."""
    return {
        "generator": f"handeye {__version__}",
        **measured_with(),
        "licence": "Apache-2.0",
    }


def dataset_card(root: Path, config: CollectConfig) -> str:
    """The dataset's README."""
    paths = list_episodes(root)
    size = sum(p.stat().st_size for p in paths)
    unsolved = len(list(read_json_lines(root / "unsolved.jsonl", UnsolvedLine)))
    facts = {**read_dataset(root)["settings"], **provenance()}
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    arm = world_of(config.suite) is TABLETOP
    geometry = " beyond the Franka Panda's geometry\n(franka_ros, Apache-2.0)" if arm else ""
    return f"""# Recorded episodes of handeye's scripted oracles

{len(paths)} episodes of the suite `{config.suite}`, {size / max(len(paths), 1) / 1000:.1f} kB each.
{unsolved} more missed their goal under noise and were left out; their seeds are in
`unsolved.jsonl`. States are stored, not pictures: frames are drawn from them when they are needed.
Everything is simulated; no person, place or third-party asset{geometry} is in the data.

| | |
|---|---|
{rows}
"""
