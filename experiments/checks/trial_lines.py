"""Trials of a check, kept as they end, so that a command goes on where it was stopped.

results/episodes/<check>.jsonl      while it runs: one line a trial, on disk when it is written
results/episodes/<check>.jsonl.gz   when all are there: what the figures are counted from
"""

import sys
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from handeye.base.json_reader import check_shape, parse_json
from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.records.episode_lines import episode_lines_path, packed, unpacked
from handeye.experiments.records.progress import tracked
from handeye.experiments.records.provenance import code_fingerprint
from handeye.experiments.records.run_folder import JsonLines, read_json_lines, write_bytes_atomic

DEADLINE_S = 600.0


class Outcome(Protocol):
    """What came of a trial: a dataclass of plain values.

    Attributes:
        trial: what was to be done.
        fingerprint: of the code that did it.
    """

    @property
    def trial(self) -> Hashable:
        """Return what was to be done."""

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of the code that did it."""


OutcomeT = TypeVar("OutcomeT", bound=Outcome)


class Finished(NamedTuple):
    """What came of all trials.

    Attributes:
        outcomes: in the order of the trials.
        lost: trials that no worker could do, twice.
    """

    outcomes: list[Any]
    lost: int


def finish_trials(
    kind: type[OutcomeT],
    do: Callable[[Any], OutcomeT],
    trials: Sequence[Any],
    result: Path,
    workers: int,
) -> Finished:
    """Do the trials that were not done with the code as it is now.

    Args:
        kind: of the outcomes.
        do: does one trial; module-level, since workers import it.
        trials: all of them.
        result: file of the figures; the outcomes are kept beside it.
        workers: processes; 0 does them in this one.

    Raises:
        ValueError: a kept file is damaged; the message names it.
    """
    kept = episode_lines_path(result)
    begun, fingerprint = kept.with_suffix(""), code_fingerprint()
    read = [*read_outcomes(kind, kept), *_as(kind, begun, read_json_lines(begun))]
    known = {one.trial: one for one in read if one.fingerprint == fingerprint}
    missing = [trial for trial in trials if trial not in known]
    with JsonLines(begun) as lines:
        done = run_jobs(do, missing, workers=workers, deadline_s=DEADLINE_S)
        for trial, outcome in tracked(done, "trials", len(missing)):
            if isinstance(outcome, WorkerLost):
                print(f"{trial} was lost: {outcome.cause}", file=sys.stderr)
                continue
            known[trial] = outcome
            lines.append(asdict(outcome))  # type: ignore[call-overload]
    outcomes: list[Any] = [known[trial] for trial in trials if trial in known]
    write_bytes_atomic(kept, packed(asdict(one) for one in outcomes))
    begun.unlink()
    return Finished(outcomes, len(trials) - len(outcomes))


def read_outcomes(kind: type[OutcomeT], path: Path) -> list[OutcomeT]:
    """Return the outcomes of a gzipped file; none where there is no file.

    Raises:
        ValueError: it is damaged, or a line is none of them.
    """
    if not path.exists():
        return []
    lines = unpacked(path).splitlines()
    parsed = (parse_json(line, dict, f"{path} line {n}") for n, line in enumerate(lines, 1))
    return _as(kind, path, parsed)


def _as(kind: type[OutcomeT], path: Path, lines: Any) -> list[OutcomeT]:
    found = []
    for number, line in enumerate(lines, 1):
        check_shape(line, kind, f"{path} line {number}")
        found.append(kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in line.items()}))
    return found
