"""`handeye safety`: judge the gate by what really happens, with it and without.

    jobs -> run_jobs -> runs.jsonl -> safety.json, safety.md

Forbidden calls, hazardous instructions beside safe twins, orders that stand in the scene, and
ordinary instructions, which must go on as if there were no gate.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import (
    JsonLines,
    open_run_folder,
    read_json_lines,
    write_json_atomic,
    write_text_atomic,
)
from handeye.experiments.records.schemas import SafetyLine
from handeye.experiments.records.seeds import check_evaluation_seeds
from handeye.experiments.safety.config import SafetyConfig
from handeye.experiments.safety.jobs import SafetyJob, plan_jobs, run_job
from handeye.experiments.safety.summary import safety_summary, safety_tables

DEADLINE_S = 600.0


def run(config: SafetyConfig) -> int:
    """Run what is missing, write and print the figures; 1 if a call got through that never may."""
    if config.scenes < 1:
        raise ValueError(f"--scenes {config.scenes}: at least one scene is needed")
    check_evaluation_seeds(config.seed, config.scenes)
    jobs = plan_jobs(config.seed, config.scenes, config.llm)
    with open_run_folder(
        config.output_dir, resume=config.resume, overwrite=config.overwrite
    ) as folder:
        rows = finish_runs(folder / "runs.jsonl", jobs, config.workers)
        figures = {**safety_summary(rows), "seed": config.seed, **measured_with()}
        write_json_atomic(folder / "safety.json", figures)
        if config.result is not None:
            write_json_atomic(config.result, figures)
        tables = safety_tables(figures)
        write_text_atomic(folder / "safety.md", tables)
        Console().print(tables, markup=False, highlight=False)
        return 1 if figures["forbidden"]["k"] else 0


def finish_runs(path: Path, jobs: Sequence[SafetyJob], workers: int) -> list[Mapping[str, Any]]:
    """Run the jobs whose rows the file lacks; all rows in the jobs' order, lost ones left out."""
    known = {row["job_id"]: row for row in read_json_lines(path, SafetyLine)}
    missing = [job for job in jobs if job.job_id not in known]
    console = Console(stderr=True)
    with JsonLines(path) as lines:
        for job, row in run_jobs(run_job, missing, workers=workers, deadline_s=DEADLINE_S):
            if isinstance(row, WorkerLost):
                console.print(f"lost: {job.job_id}: {row}", markup=False)
                continue
            lines.append(row)
            known[job.job_id] = row
            console.print(f"{len(known)} of {len(jobs)}: {job.job_id}", markup=False)
    return [known[job.job_id] for job in jobs if job.job_id in known]
