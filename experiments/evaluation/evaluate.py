"""`handeye evaluate`: run a policy or an agent over a suite; how often it succeeds, why it fails.

    plan -> run_jobs -> episodes.jsonl -> eval_info.json, plots, films -> report.html

Every episode is written when it is known and depends on its seed alone, so a run may be killed and
resumed, and gives the same records for any number of workers.
"""

import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from handeye.base.json_reader import read_json
from handeye.envs.suites import worded_tasks
from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.actors.foreign_policy import PolicyFailure
from handeye.experiments.evaluation.agent_summary import agent_summary
from handeye.experiments.evaluation.chain_summary import chain_summary
from handeye.experiments.evaluation.config import EvaluateConfig
from handeye.experiments.evaluation.navigation_summary import navigation_summary
from handeye.experiments.evaluation.oracle_ladder import explain, ladder_summary
from handeye.experiments.evaluation.plan import EvaluationPlan, plan_evaluation
from handeye.experiments.evaluation.shown_episodes import draw_maps, progress_bar, shoot_films
from handeye.experiments.records import settings as settings_of_run
from handeye.experiments.records.episode import (
    AgentJob,
    EpisodeRecord,
    necessity_rows,
    rate_of,
    side_effect_counts,
)
from handeye.experiments.records.episode_lines import episode_lines_path, write_episode_lines
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import (
    JsonLines,
    open_run_folder,
    read_json_lines,
    write_json_atomic,
    write_text_atomic,
)
from handeye.experiments.records.schemas import EVALUATION_FORMAT
from handeye.experiments.records.seeds import use_of
from handeye.experiments.records.statistics import Rate, macro_mean
from handeye.experiments.reports.chain_report import plot_survival
from handeye.experiments.reports.report import plot_rates, print_table, render_report

SETTINGS = "config.json"  # In the run's folder.
LADDER = 10  # Deadline of all tries of one failure, in deadlines of an episode.
SUCCESS_RULE = (
    "strict: the goal holds half a second after the end, nothing else was changed, and the actor "
    "ended the episode itself, with the right claim"
)
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
    config = keyed(config)
    plan = plan_evaluation(config)
    with open_run_folder(
        config.output_dir, resume=config.resume, overwrite=config.overwrite
    ) as folder:
        remember_settings(folder, config, plan.policy)
        records = finish_episodes(folder, plan, config)
        info = summarize(config, records, wall_s=time.perf_counter() - started)
        if config.ladder:
            info["ladder"] = climb_ladder(folder, plan, records, config)
        films = shoot_films(folder, plan.jobs, records, config) if plan.filmed else []
        plot_rates(folder / "plots" / "success.png", info)
        if "chains" in info:
            plot_survival(folder / "plots" / "survival.png", info)
        info["wall_s"] = round(time.perf_counter() - started, 1)
        maps = draw_maps(plan.jobs, records)
        write_text_atomic(folder / "report.html", render_report(info, records, films, maps))
        write_json_atomic(folder / "eval_info.json", info)  # Last: its presence means a whole run.
        if config.result is not None:
            write_episode_lines(episode_lines_path(config.result), records)
            write_json_atomic(config.result, info)
        return Evaluation(info, records, folder / "report.html")


def keyed(config: EvaluateConfig) -> EvaluateConfig:
    """Return the settings with a run key: as given, that of the run to resume, or a new one."""
    if config.run_key:
        return config
    path = config.output_dir / SETTINGS
    before = read_json(path, dict[str, Any]) if config.resume and path.exists() else {}
    return replace(config, run_key=before.get("run_key") or secrets.token_hex(16))


def remember_settings(folder: Path, config: EvaluateConfig, policy: str) -> None:
    """Write `config.json`, or compare with the one of the run that is resumed.

    Of the policy, what was found is kept rather than what was said: the `last` checkpoint of a
    training may be another one by the time the run is resumed.
    """
    settings = {k: v for k, v in asdict(config).items() if k not in FREE_ON_RESUME}
    settings["policy"] = policy
    if not config.agent.agent:
        del settings["agent"]
    settings_of_run.remember_settings(folder / SETTINGS, settings)


def finish_episodes(
    folder: Path, plan: EvaluationPlan, config: EvaluateConfig
) -> list[EpisodeRecord]:
    """Run what `episodes.jsonl` lacks, appending each record; all records in the jobs' order.

    Raises:
        ValueError: a policy's own code failed, or no episode could be run at all.
    """
    jobs = plan.jobs
    path = folder / "episodes.jsonl"
    known = {record.episode_id: record for record in read_records(path)}
    missing = [
        job for job in jobs if job.episode_id not in known or known[job.episode_id].worker_lost
    ]
    with JsonLines(path) as lines, progress_bar() as bar:
        ticker = bar.add_task("episodes", total=len(jobs), completed=len(jobs) - len(missing))
        results = run_jobs(
            plan.run_episode,
            missing,
            workers=config.workers,
            deadline_s=config.deadline_s,
        )
        for job, result in results:
            if isinstance(result, PolicyFailure):
                raise PolicyFailure(f"{job.episode_id}: {result}")
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


def climb_ladder(
    folder: Path, plan: EvaluationPlan, records: Sequence[EpisodeRecord], config: EvaluateConfig
) -> dict[str, Any]:
    """Return which parts of an agent failed, see `oracle_ladder`."""
    attributions = explain(
        folder,
        [job for job in plan.jobs if isinstance(job, AgentJob)],
        records,
        workers=config.workers,
        deadline_s=LADDER * config.deadline_s,
    )
    judged = sum(record.condition == "true" and not record.worker_lost for record in records)
    return ladder_summary(attributions, judged)


def read_records(path: Path) -> Iterator[EpisodeRecord]:
    """Records of an `episodes.jsonl`; of an episode that was run again, the last one counts."""
    for number, data in enumerate(read_json_lines(path), 1):
        yield EpisodeRecord.from_dict(data, f"{path} line {number}")


def summarize(
    config: EvaluateConfig, records: Sequence[EpisodeRecord], wall_s: float
) -> dict[str, Any]:
    """Contents of `eval_info.json`; rates count strict success under true instructions."""
    judged = [r for r in records if r.condition == "true" and not r.worker_lost]
    outcomes: dict[str, list[bool]] = {r.task: [] for r in records}
    for record in judged:
        outcomes[record.task].append(record.success)
    worded = worded_tasks(config.suite, config.split)
    macro = macro_mean({task: outcomes[task] for task in worded if task in outcomes})
    walked = navigation_summary(records, worded)
    planned = agent_summary(records)
    chained = chain_summary(records, np.random.default_rng(config.seed))
    return {
        "format": EVALUATION_FORMAT,
        "policy": config.label,
        "policy_id": records[0].policy_id,
        "suite": config.suite,
        "split": config.split,
        "seed": config.seed,
        "run_key": config.run_key,
        "seeds": use_of(config.seed),
        "episodes_per_task": config.episodes,
        "success_rule": SUCCESS_RULE,
        **measured_with(),
        "renderer_fingerprint": judged[0].renderer_fingerprint if judged else "",
        "told": judged[0].told if judged else {},
        "success": rate_of(judged).to_dict(),
        "goal_reached": Rate.of([record.goal_reached for record in judged]).to_dict(),
        "side_effects": side_effect_counts(judged),
        "ended_by": dict(Counter(record.ended_by for record in judged).most_common()),
        "macro_mean": macro.to_dict(),
        "per_task": {
            task: rate_of([r for r in judged if r.task == task]).to_dict() for task in outcomes
        },
        **({"navigation": walked} if walked else {}),
        **({"chains": chained} if chained else {}),
        **({"agent": planned, "setting": asdict(config.agent)} if planned else {}),
        "instruction_necessity": necessity_rows(records),
        "lost": sum(record.worker_lost for record in records),
        "wall_s": round(wall_s, 1),
    }
