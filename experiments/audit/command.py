"""`handeye audit`: can these figures be believed? Questions, figures and verdicts in plain words.

handeye audit --suite tabletop-core                      the suite: judge and adversaries
handeye audit --policy.path handeye-nano                 a policy's score on it
handeye audit --run outputs/eval/nano                    a run that is finished
handeye audit --certificate --dataset.root data/core --split phrasing
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from rich.console import Console
from rich.markup import escape

from handeye.envs.suites import check_split
from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.actors.load_policy import policy_source
from handeye.experiments.audit.bias import bias_findings
from handeye.experiments.audit.certificate import certificate_findings, certify
from handeye.experiments.audit.config import AuditConfig
from handeye.experiments.audit.finding import Finding
from handeye.experiments.audit.policy_tests import (
    policy_findings,
    policy_jobs,
    reading,
    run_policy_job,
)
from handeye.experiments.audit.suite_probes import run_probe
from handeye.experiments.audit.suite_tests import (
    adversary_finding,
    adversary_trials,
    judge_finding,
    probe_jobs,
)
from handeye.experiments.checks.adversary_trials import play
from handeye.experiments.evaluation.evaluate import read_records
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord
from handeye.experiments.records.percentages import percent, span
from handeye.experiments.records.progress import tracked
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import (
    open_run_folder,
    write_json_atomic,
    write_text_atomic,
)
from handeye.experiments.records.seeds import check_evaluation_seeds

AUDIT_FORMAT = "handeye-audit-1"
TEMPLATES = Path(__file__).parents[1] / "templates"
DEADLINE_S = 300.0
TAGS = {"pass": ("good", "holds"), "fail": ("", "does not hold"), "open": ("open", "open")}


def run(config: AuditConfig) -> int:
    """Audit, print, write the pages; exit code 1 if a finding does not hold."""
    asked = [config.run is not None, config.certificate, bool(config.policy.path)]
    if sum(asked) > 1:
        raise ValueError(
            "--run, --certificate and --policy.path ask different questions; give one of them, or "
            "none to audit the suite itself"
        )
    title, job = _asked(config)
    with open_run_folder(config.output_dir, overwrite=config.overwrite) as folder:
        findings = job()
        info = {
            "format": AUDIT_FORMAT,
            "title": title,
            "suite": config.suite,
            "split": config.split,
            "seed": config.seed,
            "episodes_per_task": config.episodes,
            "holds": all(f.verdict != "fail" for f in findings),
            "findings": [f.to_dict() for f in findings],
            **measured_with(),
        }
        page = render(title, findings, info)
        write_text_atomic(folder / "audit.html", page)
        write_json_atomic(folder / "audit.json", info)
        if config.result is not None:
            write_json_atomic(config.result, info)
        _print(findings, folder / "audit.html")
    return int(not info["holds"])


def _asked(config: AuditConfig) -> tuple[str, Any]:
    """Return a title and what finds the findings; every name is looked up before."""
    if config.run is not None:
        records = list(read_records(_records_of(config.run)))
        suite = f"{records[0].suite}, split {records[0].split}" if records else "nothing"
        return f"Audit of {config.run} on {suite}", lambda: run_findings(records, config.run)
    check_split(config.suite, config.split)
    if config.episodes < 1:
        raise ValueError(f"--episodes {config.episodes}: at least one of each task is compared")
    if config.certificate:
        root = config.dataset.root
        if root is None:
            raise ValueError("--certificate needs --dataset.root: a folder of recorded episodes")
        certificate = certify(root, config.suite, config.split, config.episodes)
        title = f"Certificate of {root} for {config.suite}, split {config.split}"
        return title, lambda: certificate_findings(certificate)
    check_evaluation_seeds(config.seed, config.episodes)
    if config.policy.path:
        policy_source(config.policy.path)
        title = f"Audit of {config.policy.path} on {config.suite}, split {config.split}"
        return title, lambda: _policy(config)
    return f"Audit of {config.suite}, split {config.split}", lambda: _suite(config)


def _policy(config: AuditConfig) -> list[Finding]:
    found = _run_named(run_policy_job, policy_jobs(config), config.workers)
    return [*policy_findings(found), *bias_findings(found["words"])]


def _suite(config: AuditConfig) -> list[Finding]:
    probes = _run_named(run_probe, probe_jobs(config), config.workers)
    deaf = _run(play, adversary_trials(config), config.workers)
    return [judge_finding(probes), adversary_finding(deaf)]


def run_findings(records: Sequence[EpisodeRecord], folder: Path | None) -> list[Finding]:
    """Return what the records of a finished run say; nothing is run.

    Raises:
        ValueError: there are none.
    """
    if not records:
        raise ValueError(f"{folder} holds no episode; give the folder of a finished evaluation")
    read = any(record.condition != "true" for record in records)
    words = [reading(records, None)] if read else []
    return [*words, *bias_findings(records)]


def _records_of(folder: Path) -> Path:
    path = folder / "episodes.jsonl"
    if not path.is_file():
        raise FileNotFoundError(
            f"{folder} has no episodes.jsonl; give the --output_dir of a `handeye evaluate`"
        )
    return path


def _run_named(
    function: Any, jobs: Mapping[str, Sequence[EpisodeJob]], workers: int
) -> dict[str, list[EpisodeRecord]]:
    """Run all jobs; their records under the same names."""
    flat = [(name, job) for name, listed in jobs.items() for job in listed]
    records = _run(function, [job for _, job in flat], workers)
    found: dict[str, list[EpisodeRecord]] = {name: [] for name in jobs}
    for (name, _), record in zip(flat, records, strict=True):
        found[name].append(record)
    return found


def _run(function: Any, jobs: Sequence[Any], workers: int) -> list[Any]:
    """Run all jobs in order.

    Raises:
        ValueError: an episode could not be run.
    """
    results = run_jobs(function, jobs, workers=workers, deadline_s=DEADLINE_S)
    found = []
    for job, result in tracked(results, "episodes", len(jobs)):
        if isinstance(result, WorkerLost):
            raise ValueError(f"{job.task}/{job.seed} could not be run: {result.cause}")
        found.append(result)
    return found


def render(title: str, findings: Sequence[Finding], info: Mapping[str, Any]) -> str:
    """Return the audit as a page that opens offline."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters.update(percent=percent, span=span)
    failed = [f for f in findings if f.verdict == "fail"]
    verdict = (
        f"{len(failed)} of {len(findings)} answers speak against the figures."
        if failed
        else f"None of {len(findings)} answers speaks against the figures."
    )
    told = f"{info['command']} · commit {info['commit']} · {info['machine']}"
    page = environment.get_template("audit.html")
    return page.render(title=title, told=told, verdict=verdict, findings=findings, tags=TAGS)


def _print(findings: Sequence[Finding], page: Path) -> None:
    console = Console()
    for finding in findings:
        colour = {"pass": "green", "fail": "red", "open": "yellow"}[finding.verdict]
        tag = TAGS[finding.verdict][1]
        console.print(f"[{colour}]{tag}[/] [bold]{escape(finding.question)}[/]")
        console.print(f"  {escape(finding.words)}", highlight=False, soft_wrap=True)
    console.print(f"page: {page}", highlight=False, soft_wrap=True)
