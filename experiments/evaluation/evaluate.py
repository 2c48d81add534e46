"""`handeye evaluate`: run a policy or an agent over a suite; how often it succeeds, why it fails.

    jobs -> run_jobs(judge) -> episodes.jsonl -> eval_info.json, plots, films -> report.html

Every episode is written when it is known and depends on its seed alone, so a run may be killed and
resumed, and gives the same records for any number of workers.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from handeye.envs.suites import check_split, tasks_of
from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.actors.load_policy import open_policy
from handeye.experiments.evaluation.agent_summary import agent_summary
from handeye.experiments.evaluation.config import EvaluateConfig
from handeye.experiments.evaluation.navigation_episode import draw_map
from handeye.experiments.evaluation.navigation_summary import navigation_summary
from handeye.experiments.evaluation.oracle_ladder import explain, ladder_summary
from handeye.experiments.evaluation.run_agent_episode import check_agent, run_agent_episode
from handeye.experiments.evaluation.run_policy_episode import film, run_policy_episode
from handeye.experiments.pictures.film import EpisodeMap, Film
from handeye.experiments.records import settings as settings_of_run
from handeye.experiments.records.agent import AgentSetting
from handeye.experiments.records.episode import (
    EpisodeJob,
    EpisodeRecord,
    check_seeds,
    necessity_rows,
    plan_jobs,
    rate_of,
)
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import (
    JsonLines,
    open_run_folder,
    read_json_lines,
    write_bytes_atomic,
    write_json_atomic,
    write_text_atomic,
)
from handeye.experiments.records.statistics import macro_mean
from handeye.experiments.reports.report import (
    plot_rates,
    print_table,
    render_report,
)

NECESSITY_EPISODES = 10
MOST_MAPS = 12
LADDER = 10  # as many times an episode's deadline: so many tries one failure may take
TABLETOP_RULE = "final: held after release and 0.5 s of settling"
AGENT_RULE = (
    "final: held at the planner's last word; where the instruction is infeasible, it said so"
)
NAVIGATION_RULE = "final: held where the robot stopped"
# Settings that may change when a run is continued: they decide nothing about an episode.
FREE_ON_RESUME = {"workers", "deadline_s", "films", "result", "resume", "overwrite", "output_dir",
                  "ladder"}  # fmt: skip


@dataclass(frozen=True)
class Evaluation:
    """The outcome: contents of `eval_info.json`, every record, and where the report is."""

    info: dict[str, Any]
    records: list[EpisodeRecord] = field(repr=False)
    report: Path


def run(config: EvaluateConfig) -> int:
    """Evaluate, print the table; exit code 0."""
    evaluation = evaluate(config)
    print_table(evaluation.info, evaluation.report, Console())
    return 0


def evaluate(config: EvaluateConfig) -> Evaluation:
    """Run every episode that is still missing and write the folder.

    Raises:
        ValueError: an unknown suite or split, seeds of training data, settings that differ from
            those of the run to resume, or no episode that could be run at all.
    """
    started = time.perf_counter()
    jobs = planned_jobs(config)
    with open_run_folder(
        config.output_dir, resume=config.resume, overwrite=config.overwrite
    ) as folder:
        remember_settings(folder, config, jobs[0].policy)
        records = finish_episodes(folder, jobs, config)
        info = summarize(config, records, wall_s=time.perf_counter() - started)
        if config.ladder:
            explained = explain(
                folder, jobs, records, workers=config.workers, deadline_s=LADDER * config.deadline_s
            )
            info["ladder"] = ladder_summary(explained, info["success"]["n"])
        films = shoot_films(folder, jobs, records, config)
        plot_rates(folder / "plots" / "success.png", info)
        info["wall_s"] = round(time.perf_counter() - started, 1)
        maps = draw_maps(jobs, records)
        write_text_atomic(folder / "report.html", render_report(info, records, films, maps))
        write_json_atomic(folder / "eval_info.json", info)  # last: its presence means a whole run
        if config.result is not None:
            write_json_atomic(config.result, info)
        return Evaluation(info, records, folder / "report.html")


def planned_jobs(config: EvaluateConfig) -> list[EpisodeJob]:
    """Check the settings and lay out every episode, before anything is written."""
    check_split(config.suite, config.split)
    seeds = check_seeds(config.seed, config.episodes)
    tasks = tasks_of(config.suite)
    if bool(config.policy.path) == bool(config.agent.agent):
        raise ValueError(
            "give either --policy.path, for a policy, or --agent, for an agent with tools; "
            "`handeye list` names both"
        )
    if config.ladder and not config.agent.agent:
        raise ValueError("--ladder explains the failures of agents; give --agent too")
    necessity = config.necessity_episodes
    if config.agent.agent:
        check_agent(config.agent, config.suite)
        jobs = plan_jobs(config.label, config.suite, tasks, config.split, seeds, necessity or 0)
        setting = AgentSetting(config.agent, str(config.output_dir / "transcripts"))
        return [replace(job, agent=setting) for job in jobs]
    source = open_policy(config.policy.path)
    source.check_suite(config.suite)
    if necessity is None:
        necessity = NECESSITY_EPISODES if source.reads else 0
    necessity = min(necessity, config.episodes)
    return plan_jobs(source.path, config.suite, tasks, config.split, seeds, necessity)


def remember_settings(folder: Path, config: EvaluateConfig, policy: str) -> None:
    """Write `config.json`, or compare with the one of the run that is resumed.

    Of the policy, what was found is kept rather than what was said: the `last` checkpoint of a
    training may be another one by the time the run is resumed.
    """
    settings = {k: v for k, v in asdict(config).items() if k not in FREE_ON_RESUME}
    settings["policy"] = policy
    if not config.agent.agent:
        del settings["agent"]
    settings_of_run.remember_settings(folder / "config.json", settings)


def finish_episodes(
    folder: Path, jobs: Sequence[EpisodeJob], config: EvaluateConfig
) -> list[EpisodeRecord]:
    """Run what `episodes.jsonl` lacks, appending each record; all records in the jobs' order."""
    path = folder / "episodes.jsonl"
    known = {record.episode_id: record for record in read_records(path)}
    missing = [
        job for job in jobs if job.episode_id not in known or known[job.episode_id].worker_lost
    ]
    with JsonLines(path) as lines, progress_bar() as bar:
        ticker = bar.add_task("episodes", total=len(jobs), completed=len(jobs) - len(missing))
        results = run_jobs(
            run_agent_episode if config.agent.agent else run_policy_episode,
            missing,
            workers=config.workers,
            deadline_s=config.deadline_s,
        )
        for job, result in results:
            record = (
                EpisodeRecord.lost(job, str(result)) if isinstance(result, WorkerLost) else result
            )
            lines.append(record.to_dict())
            known[job.episode_id] = record
            bar.advance(ticker)
    records = [known[job.episode_id] for job in jobs]
    if all(record.worker_lost for record in records):
        cause = records[0].lost_reason.strip().splitlines()[-1]
        raise ValueError(f"no episode could be run: {cause}. See lost_reason in {path}.")
    return records


def read_records(path: Path) -> Iterator[EpisodeRecord]:
    """Records of an `episodes.jsonl`; of an episode that was run again, the last one counts."""
    yield from map(EpisodeRecord.from_dict, read_json_lines(path))


def summarize(
    config: EvaluateConfig, records: Sequence[EpisodeRecord], wall_s: float
) -> dict[str, Any]:
    """Contents of `eval_info.json`; rates count final success under true instructions."""
    judged = [r for r in records if r.condition == "true" and not r.worker_lost]
    outcomes: dict[str, list[bool]] = {r.task: [] for r in records}
    for record in judged:
        outcomes[record.task].append(record.success_final)
    macro = macro_mean(outcomes, np.random.default_rng(config.seed))
    walked = navigation_summary(records, np.random.default_rng(config.seed))
    planned = agent_summary(records)
    return {
        "policy": config.label,
        "policy_id": records[0].policy_id,
        "suite": config.suite,
        "split": config.split,
        "seed": config.seed,
        "episodes_per_task": config.episodes,
        "success_rule": AGENT_RULE if planned else NAVIGATION_RULE if walked else TABLETOP_RULE,
        **measured_with(),
        "renderer_fingerprint": judged[0].renderer_fingerprint if judged else "",
        "success": rate_of(judged).to_dict(),
        "macro_mean": macro.to_dict(),
        "per_task": {
            task: rate_of([r for r in judged if r.task == task]).to_dict() for task in outcomes
        },
        **({"navigation": walked} if walked else {}),
        **({"agent": planned, "setting": asdict(config.agent)} if planned else {}),
        "instruction_necessity": necessity_rows(records),
        "lost": sum(record.worker_lost for record in records),
        "wall_s": round(wall_s, 1),
    }


def shoot_films(
    folder: Path,
    jobs: Sequence[EpisodeJob],
    records: Sequence[EpisodeRecord],
    config: EvaluateConfig,
) -> list[Film]:
    """Run the first successes and failures of each task again with the camera on.

    A film that does not repeat its record shows something else, so it is left out with a warning.
    """
    hashes = {record.episode_id: record.state_hash for record in records}
    chosen = [] if config.agent.agent else choose_films(jobs, records, config.films)
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
            verdict = "success" if result.record.success_final else "failure"
            name = f"{job.task}_{job.seed}_{verdict}.mp4"
            write_bytes_atomic(folder / "videos" / name, result.mp4)
            films.append(result)
    return films


def choose_films(
    jobs: Sequence[EpisodeJob], records: Sequence[EpisodeRecord], each: int
) -> list[EpisodeJob]:
    """The first `each` failures and successes of every task under true instructions."""
    taken: dict[tuple[str, bool], int] = {}
    chosen = []
    for job, record in zip(jobs, records, strict=True):
        kind = (job.task, record.success_final)
        if job.condition == "true" and not record.worker_lost and taken.get(kind, 0) < each:
            taken[kind] = taken.get(kind, 0) + 1
            chosen.append((job.task, record.success_final, job))
    return [job for _, _, job in sorted(chosen, key=lambda item: item[:2])]


def draw_maps(jobs: Sequence[EpisodeJob], records: Sequence[EpisodeRecord]) -> list[EpisodeMap]:
    """Up to `MOST_MAPS` episodes of navigation under true instructions, failures first."""
    walked = [
        (job, record)
        for job, record in zip(jobs, records, strict=True)
        if record.navigation is not None and record.condition == "true" and not record.worker_lost
    ]
    walked.sort(key=lambda pair: pair[1].success_final)  # stable: all tasks' first seeds come first
    return [EpisodeMap(record, draw_map(job, record)) for job, record in walked[:MOST_MAPS]]


def progress_bar() -> Progress:
    """A bar on stderr, so that stdout holds the result alone."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
