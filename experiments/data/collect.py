"""`handeye collect`: record episodes of the scripted oracles into a dataset of states.

    data/core/dataset.json                          what was asked for
    data/core/episodes/0000/0000000.safetensors     one whole episode each, a few kB
    data/core/unsolved.jsonl                        seeds whose episode missed its goal, left out
    data/core/README.md                             the dataset card, written last
    data/core/examples/0000/0000000.json            with `--data vl`: what is said about an episode

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
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.suites import (
    TABLETOP,
    action_mode_of,
    check_split,
    make_suite_env,
    tasks_of,
    world_of,
)
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.long.task import LONG, LONG_TASKS
from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.data.config import CollectConfig
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.data.vl.record import record_bytes
from handeye.experiments.data.vl.vl_card import vl_card
from handeye.experiments.data.vl.vl_dataset import record_path
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
from handeye.experiments.records.seeds import (
    FIRST_SELECTION_SEED,
    check_judged_seeds,
    check_training_seeds,
)
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
    frames: int  # that examples are about; 0 for none


@dataclass(frozen=True)
class Recording:
    """A recorded episode as the bytes of its file, and those of its examples, if it has any."""

    content: bytes
    success: bool
    examples: bytes = b""


def run(config: CollectConfig) -> int:
    """Record what is missing; exit code 0, or 1 if episodes were lost to faults."""
    jobs = plan(config)
    with open_run_folder(
        config.output_dir, resume=config.resume, overwrite=config.overwrite
    ) as root:
        _remember(root, config)
        lost = record_missing(root, jobs, config)
        card = vl_data_card if config.data == "vl" else dataset_card
        write_text_atomic(root / "README.md", card(root, config))
        kept = len(list_episodes(root))
    print(f"{kept} episodes in {root}, {len(jobs) - kept - lost} unsolved, {lost} lost to faults")
    return 1 if lost else 0


def record_missing(root: Path, jobs: list[RecordJob], config: CollectConfig) -> int:
    """Record the episodes that the folder lacks; return how many were lost to faults."""
    unsolved = {line["number"] for line in read_json_lines(root / "unsolved.jsonl", UnsolvedLine)}
    missing = [j for j in jobs if j.number not in unsolved and not _is_kept(root, j)]
    lost = 0
    with JsonLines(root / "unsolved.jsonl") as log:
        for job, outcome in _record_all(missing, config):
            if isinstance(outcome, WorkerLost):
                lost += 1
                Console(stderr=True).print(
                    f"episode {job.number} lost: {outcome.cause}", markup=False, soft_wrap=True
                )
            elif outcome.success:
                if job.frames:  # the episode comes last: once it is there, all is
                    write_bytes_atomic(record_path(root, job.number), outcome.examples)
                write_bytes_atomic(episode_path(root, job.number), outcome.content)
            else:
                log.append({"number": job.number, "task": job.task, "seed": job.seed})
    return lost


def _is_kept(root: Path, job: RecordJob) -> bool:
    """Return whether all that a job makes is there."""
    examples = not job.frames or record_path(root, job.number).exists()
    return examples and episode_path(root, job.number).exists()


def plan(config: CollectConfig) -> list[RecordJob]:
    """Every episode of the dataset.

    Raises:
        ValueError: an unknown name, or seeds that are not of training, nor of a held-out set.
    """
    check_split(config.suite, config.split)
    action_mode = action_mode_of(config.suite, config.action_mode)
    tasks = tasks_of(config.suite, config.split)
    count = config.episodes * len(tasks)
    if config.episodes < 1 or config.goals < 1 or config.noise < 0:
        raise ValueError("--episodes and --goals must be at least 1, --noise at least 0.")
    frames = config.frames if config.data == "vl" else 0
    if config.data == "vl" and frames < 2:
        raise ValueError(f"--frames {frames}: an episode's first and last are two; give 2 or more.")
    seeds = _seeds(config, count)
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
            frames,
        )
        for n in range(count)
    ]


def _seeds(config: CollectConfig, count: int) -> range:
    """Seeds of training; of examples also held-out ones, and no others where the split is."""
    held_out = config.seed >= FIRST_SELECTION_SEED
    if config.data == "episodes" or (config.split == "seen" and not held_out):
        return check_training_seeds(config.seed, count)
    if not held_out:
        raise ValueError(
            f"--split {config.split}: examples of this split are a held-out set, so they need "
            f"seeds that train nothing; add --seed {FIRST_SELECTION_SEED}."
        )
    return check_judged_seeds(config.seed, count)


def record(job: RecordJob) -> Recording:
    """Record one episode; runs in a worker."""
    env = _environment(job.suite, job.split, job.action_mode)
    episode = record_episode(env, job.task, job.seed, goals=job.goals, noise=job.noise)
    if not job.frames or not episode.success:
        return Recording(episode.to_bytes(), episode.success)
    assert isinstance(episode, Episode | RoomEpisode)
    examples = record_bytes(episode, job.number, job.frames)
    return Recording(episode.to_bytes(), episode.success, examples)


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
    if config.data == "episodes":  # as datasets of older versions have it
        del settings["data"], settings["frames"]
    path = root / "dataset.json"
    if path.exists():
        before = {"data": "episodes", **read_dataset(root)["settings"]}
        check_same(root, before, {**settings, "data": config.data})
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
    return f"""# Recorded episodes of handeye's scripted oracles

{len(paths)} episodes of the suite `{config.suite}`, {size / max(len(paths), 1) / 1000:.1f} kB each.
{unsolved} more missed their goal under noise and were left out; their seeds are in
`unsolved.jsonl`. States are stored, not pictures: frames are drawn from them when they are needed.
Everything is simulated; no person, place or third-party asset{_geometry(config)} is in the data.

| | |
|---|---|
{rows}
"""


def vl_data_card(root: Path, config: CollectConfig) -> str:
    """The README of a dataset with examples."""
    facts = {**read_dataset(root)["settings"], **provenance()}
    return vl_card(root, facts, f"No third-party asset{_geometry(config)} is in the frames.")


def _geometry(config: CollectConfig) -> str:
    """What others have made of what is drawn, and under which licence."""
    arm = world_of(config.suite) is TABLETOP
    return " beyond the Franka Panda's geometry\n(franka_ros, Apache-2.0)" if arm else ""
