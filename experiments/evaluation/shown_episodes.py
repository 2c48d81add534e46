"""Which episodes of an evaluation its report shows: films of policies, maps of navigation."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.evaluation.config import EvaluateConfig
from handeye.experiments.evaluation.episode_video import film
from handeye.experiments.evaluation.navigation_episode import draw_map
from handeye.experiments.pictures.film import EpisodeMap, Film
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord
from handeye.experiments.records.run_folder import write_bytes_atomic

MOST_MAPS = 12


def shoot_films(
    folder: Path,
    jobs: Sequence[EpisodeJob],
    records: Sequence[EpisodeRecord],
    config: EvaluateConfig,
) -> list[Film]:
    """Run the first successes and failures of each task again with the camera on."""
    return shoot(folder, choose_films(jobs, records, config.films), records, config)


def shoot(
    folder: Path,
    chosen: Sequence[EpisodeJob],
    records: Sequence[EpisodeRecord],
    config: EvaluateConfig,
) -> list[Film]:
    """Run chosen episodes again with the camera on.

    A film that does not repeat its record shows something else, so it is left out with a warning.
    """
    hashes = {record.episode_id: record.state_hash for record in records}
    films: list[Film] = []
    with progress_bar() as bar:
        ticker = bar.add_task("films", total=len(chosen))
        for job, result in run_jobs(
            film, chosen, workers=config.workers, deadline_s=config.deadline_s
        ):
            bar.advance(ticker)
            if isinstance(result, WorkerLost):
                continue  # its record stands; only the picture is missing
            if result.record.state_hash != hashes[job.episode_id]:
                bar.console.print(
                    f"{job.episode_id} went differently when filmed: the policy is not "
                    "deterministic, or its files were exchanged meanwhile",
                    style="yellow",
                )
                continue
            verdict = "success" if result.record.success else "failure"
            name = f"{job.task}_{job.seed}_{verdict}.mp4"
            write_bytes_atomic(folder / "videos" / name, result.mp4)
            films.append(result)
    return films


def choose_films(
    jobs: Sequence[EpisodeJob], records: Sequence[EpisodeRecord], each: int
) -> list[EpisodeJob]:
    """Return the first `each` failures and successes of every task under true instructions."""
    taken: dict[tuple[str, bool], int] = {}
    chosen = []
    for job, record in zip(jobs, records, strict=True):
        kind = (job.task, record.success)
        if job.condition == "true" and not record.worker_lost and taken.get(kind, 0) < each:
            taken[kind] = taken.get(kind, 0) + 1
            chosen.append((job.task, record.success, job))
    return [job for _, _, job in sorted(chosen, key=lambda item: item[:2])]


def draw_maps(jobs: Sequence[EpisodeJob], records: Sequence[EpisodeRecord]) -> list[EpisodeMap]:
    """Return up to `MOST_MAPS` episodes of navigation under true instructions, failures first."""
    walked = [
        (job, record)
        for job, record in zip(jobs, records, strict=True)
        if record.navigation is not None and record.condition == "true" and not record.worker_lost
    ]
    walked.sort(key=lambda pair: pair[1].success)  # stable: all tasks' first seeds come first
    return [EpisodeMap(record, draw_map(job, record)) for job, record in walked[:MOST_MAPS]]


def progress_bar() -> Progress:
    """Return a bar on stderr, so that stdout holds the result alone."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
