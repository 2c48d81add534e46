"""From records of agents to the figures of planning: claims, calls, checks, abstention, latency.

Success is the environment's verdict at the planner's last word; what a planner claims never counts
as success.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from handeye.experiments.records.agent import AgentRecord, Confusion
from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.statistics import Rate, wilson_interval

Planned = tuple[EpisodeRecord, AgentRecord]
GROUPS = ("length", "vagueness", "kind")
LENGTHS = ("short", "medium", "long")


def agent_summary(records: Sequence[EpisodeRecord]) -> dict[str, Any]:
    """Figures overall and by group; episodes that were lost or got other words count nowhere.

    Args:
        records: of an evaluation; those without an agent are left out.

    Returns:
        Nothing if no record is of an agent, else `{overall: row, by: {group: {value: row}}}`, see
        `row_of`. Groups in which all episodes are alike are left out.
    """
    planned = [
        (record, record.agent)
        for record in records
        if record.condition == "true" and not record.worker_lost and record.agent is not None
    ]
    if not planned:
        return {}
    by: dict[str, dict[str, Any]] = {}
    for group in GROUPS:
        values = {str(getattr(agent, group)) for _, agent in planned}
        if len(values) > 1:
            by[group] = {
                value: row_of([pair for pair in planned if getattr(pair[1], group) == value])
                for value in sorted(values, key=_order)
            }
    return {"overall": row_of(planned), "by": by}


def row_of(planned: Sequence[Planned]) -> dict[str, Any]:
    """The figures of some episodes; rates as `{k, n, rate, wilson95}`, nothing measured is None.

    `conditions` is the share of goal conditions met, `steps_ratio` the mean of steps / oracle's
    steps over solved episodes, `valid_calls` the calls that could be carried out as written,
    `raw_valid_calls` those that could have been without constraints; `violations` and
    `hallucinated` count against the calls that reached a tool; `abstention` is about "cannot" where
    the instruction is infeasible, `false_done` the episodes that end in "success" where the goal
    does not hold, `missed_done` those that end in "failure" or no claim where it does, `loops`
    those ended by a loop, `recovered` success after a perturbation, `checks` what success checks
    said against the truth, `latency_s` real seconds a decision.
    """
    records, agents = [r for r, _ in planned], [a for _, a in planned]
    calls = sum(agent.calls for agent in agents)
    met = sum(r.goal_conditions[0] for r in records)
    conditions = sum(r.goal_conditions[1] for r in records)
    carried_out = sum(agent.carried_out for agent in agents)
    raw = [a.raw for a in agents if a.raw is not None]
    replies = sum(count for _, count in raw)
    return {
        "n": len(planned),
        "success": Rate.of([r.success for r in records]).to_dict(),
        "conditions": met / conditions if conditions else None,
        "steps_ratio": _steps_ratio(records),
        "valid_calls": _share(calls - sum(a.mistakes for a in agents), calls),
        "raw_valid_calls": (
            _share(replies - sum(wrong for wrong, _ in raw), replies)
            if len(raw) == len(agents)
            else None
        ),
        "violations": _share(sum(a.violations for a in agents), carried_out),
        "hallucinated": _share(sum(a.hallucinated for a in agents), carried_out),
        "denials": dict(sum((Counter(a.denials) for a in agents), Counter[str]())),
        "abstention": scores(abstention(agents)),
        "false_done": Rate.of([a.claim == "success" and not r.holds for r, a in planned]).to_dict(),
        "missed_done": Rate.of(
            [a.claim in ("failure", "") and r.holds for r, a in planned]
        ).to_dict(),
        "loops": Rate.of([a.ended_by == "loop" for a in agents]).to_dict(),
        "recovered": Rate.of([r.success for r, a in planned if a.disturbed]).to_dict(),
        "checks": check_scores(_added([a.checks for a in agents])),
        "ended_by": dict(Counter(a.ended_by for a in agents).most_common()),
        "calls": _mean([a.calls for a in agents]),
        "input_tokens": _mean([a.input_tokens for a in agents]),
        "output_tokens": _mean([a.output_tokens for a in agents]),
        "latency_s": _quantiles([s for a in agents for s in a.planned_s]),
        "sim_s": _mean([r.sim_s for r in records]),
        "wall_s": _mean([r.wall_s for r in records]),
    }


def abstention(agents: Sequence[AgentRecord]) -> Confusion:
    """Who said "cannot" against what is infeasible."""
    return _added([Confusion.of(a.claim == "cannot", not a.feasible) for a in agents])


def scores(counts: Confusion) -> dict[str, Any]:
    """Counts with precision, recall and F1; None where there is nothing to divide by."""
    tp, fp, fn, _ = counts
    return {
        **counts._asdict(),
        "precision": tp / (tp + fp) if tp + fp else None,
        "recall": tp / (tp + fn) if tp + fn else None,
        "f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else None,
    }


def check_scores(counts: Confusion) -> dict[str, Any]:
    """Counts with the rates of false alarms and of misses."""
    tp, fp, fn, tn = counts
    return {
        **counts._asdict(),
        "false_positive_rate": fp / (fp + tn) if fp + tn else None,
        "false_negative_rate": fn / (fn + tp) if fn + tp else None,
    }


def _added(counts: Sequence[Confusion]) -> Confusion:
    total = Confusion()
    for one in counts:
        total = total.plus(one)
    return total


def _share(k: int, n: int) -> dict[str, Any]:
    return Rate(k, n, wilson_interval(k, n)).to_dict()


def _steps_ratio(records: Sequence[EpisodeRecord]) -> float | None:
    return _mean([r.steps / r.oracle_steps for r in records if r.success and r.oracle_steps])


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _quantiles(seconds: Sequence[float]) -> dict[str, float] | None:
    if not seconds:
        return None
    p50, p95 = np.quantile(np.array(seconds), [0.5, 0.95])
    return {"p50": round(float(p50), 5), "p95": round(float(p95), 5)}


def _order(value: str) -> tuple[int, str]:
    return LENGTHS.index(value) if value in LENGTHS else len(LENGTHS), value
