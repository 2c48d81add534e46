"""`handeye train-affordances`: how likely calls of skills come off, learned from random ones.

Logistic regression of the simulator's verdict on `affordance.features`, with its Brier score and
calibration error on scenes that it was not trained on. The result is one JSON file.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from handeye.agents.planners.affordance import Affordance
from handeye.envs.suites import TABLETOP, world_of
from handeye.experiments.evaluation.calibration import Calibration
from handeye.experiments.records.progress import tracked
from handeye.experiments.records.provenance import command_line, commit_id
from handeye.experiments.records.run_folder import write_text_atomic
from handeye.experiments.records.seeds import (
    FIRST_SELECTION_SEED,
    check_selection_seeds,
    check_training_seeds,
)
from handeye.experiments.traces.affordance_dataset import SkillOutcome, sample_outcomes
from handeye.experiments.training.config import TrainAffordancesConfig

LEAST_SEEN = 5  # a feature met less often is left out


def run(config: TrainAffordancesConfig) -> int:
    """Sample, fit, measure, write; exit code 0."""
    if world_of(config.suite) is not TABLETOP:
        raise ValueError(f"skills of {config.suite} are not learned; give a suite of the tabletop")
    learning = check_training_seeds(config.seed, config.episodes)
    measuring = check_selection_seeds(FIRST_SELECTION_SEED, config.held_out, "--held_out: seeds")
    seen = _outcomes(config.suite, learning, "learning scenes")
    new = _outcomes(config.suite, measuring, "held-out scenes")
    weights, bias = fit(seen, config.penalty)
    made = Affordance(weights, bias, {})
    whole = measure(made, new)
    card = {
        "command": command_line(),
        "commit": commit_id(),
        "suite": config.suite,
        "calls": len(seen),
        "held_out": whole,
        "by_tool": measure_by_tool(made, new),
    }
    write_text_atomic(config.result, replace(made, card=card).to_json())
    print(
        f"{config.result}: {len(weights)} weights from {len(seen)} calls; on {whole['n']} held-out "
        f"ones Brier {whole['brier']:.4f} (rate alone {whole['brier_of_rate']:.4f}), "
        f"ECE {whole['ece']:.4f}"
    )
    return 0


def _outcomes(suite: str, seeds: range, what: str) -> list[SkillOutcome]:
    shown = tracked(seeds, what, len(seeds))
    return [outcome for seed in shown for outcome in sample_outcomes(suite, seed)]


def fit(outcomes: Sequence[SkillOutcome], penalty: float) -> tuple[dict[str, float], float]:
    """Weights and bias of the logistic regression.

    Raises:
        ValueError: there is nothing to learn from.
    """
    counts: dict[str, int] = defaultdict(int)
    for outcome in outcomes:
        for name in outcome.features:
            counts[name] += 1
    names = sorted(name for name, count in counts.items() if count >= LEAST_SEEN)
    if not names:
        raise ValueError(f"{len(outcomes)} calls are too few to learn from; give more --episodes")
    column = {name: index for index, name in enumerate(names)}
    there = np.zeros((len(outcomes), len(names)))
    for row, outcome in enumerate(outcomes):
        there[row, [column[name] for name in outcome.features if name in column]] = 1.0
    came_off = np.array([outcome.came_off for outcome in outcomes], np.float64)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the penalised negative log-likelihood and its slope."""
        odds = there @ parameters[:-1] + parameters[-1]
        error = 1.0 / (1.0 + np.exp(-odds)) - came_off
        value = np.logaddexp(0.0, odds).sum() - came_off @ odds
        value += 0.5 * penalty * float(parameters[:-1] @ parameters[:-1])
        slope = np.append(there.T @ error + penalty * parameters[:-1], error.sum())
        return float(value), slope

    found = optimize.minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    weights = {name: round(float(w), 4) for name, w in zip(names, found[:-1], strict=True)}
    return weights, round(float(found[-1]), 4)


def measure(affordance: Affordance, outcomes: Sequence[SkillOutcome]) -> dict[str, Any]:
    """Calibration, and the rate at which calls came off."""
    stated = [affordance.probability_of(outcome.features) for outcome in outcomes]
    came_off = [outcome.came_off for outcome in outcomes]
    return {
        **Calibration.of(stated, came_off).to_dict(),
        "rate": sum(came_off) / max(1, len(came_off)),
    }


def measure_by_tool(affordance: Affordance, outcomes: Sequence[SkillOutcome]) -> dict[str, Any]:
    """`measure` of each tool's calls."""
    tools = sorted({outcome.tool for outcome in outcomes})
    return {t: measure(affordance, [o for o in outcomes if o.tool == t]) for t in tools}
