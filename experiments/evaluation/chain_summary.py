"""The figures of chains: how many instructions in a row are done (CALVIN, Mees et al. 2022)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from handeye.experiments.records.chain import ChainRecord
from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.statistics import Rate

RESAMPLES = 10_000


def chain_summary(
    records: Sequence[EpisodeRecord], rng: np.random.Generator
) -> dict[str, Any] | None:
    """Return SR@k, the average length with its interval, and each core task's part in it.

    Args:
        records: of an evaluation; lost ones do not count.
        rng: resamples whole chains for the interval.

    Returns:
        None where the records are of no chains.
    """
    chains = [r.chain for r in records if r.chain is not None and not r.worker_lost]
    if not chains:
        return None
    done = np.array([chain.done for chain in chains])
    most = max(len(chain.tasks) for chain in chains)
    return {
        "n": len(chains),
        "instructions": most,
        "success_at": [Rate.of((done >= k).tolist()).to_dict() for k in range(1, most + 1)],
        "average_length": float(done.mean()),
        "interval95": average_interval(done, rng),
        "per_task": _by_task(chains),
    }


def average_interval(
    done: Any, rng: np.random.Generator, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean length; chains are resampled whole."""
    values = np.asarray(done, float)
    draws = rng.integers(len(values), size=(RESAMPLES, len(values)))
    tail = 50 * (1 - confidence)
    low, high = np.percentile(values[draws].mean(axis=1), [tail, 100 - tail])
    return float(low), float(high)


def _by_task(chains: Sequence[ChainRecord]) -> dict[str, dict[str, Any]]:
    """Core task -> its rate where it was begun, and why it failed, commonest cause first."""
    begun = [subtask for chain in chains for subtask in chain.subtasks]
    return {
        task: {
            **Rate.of([s.success for s in begun if s.task == task]).to_dict(),
            "causes": dict(Counter(s.cause for s in begun if s.task == task and s.cause)),
            "events": dict(
                Counter(e for s in begun if s.task == task and not s.success for e in s.events)
            ),
        }
        for task in sorted({s.task for s in begun})
    }
