"""Policies judged, by name or as objects."""

import tempfile
from pathlib import Path
from typing import Any

from handeye.experiments.actors.load_policy import lent
from handeye.experiments.api.environments import suite_name
from handeye.experiments.evaluation.config import EvaluateConfig, PolicyFlags
from handeye.experiments.evaluation.evaluate import Evaluation
from handeye.experiments.evaluation.evaluate import evaluate as run_evaluation
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED

__all__ = ["Evaluation", "evaluate"]


def evaluate(
    policy: str | Path | Any,
    *,
    suite: str | type[Any] = "tabletop-core",
    split: str = "seen",
    episodes: int = 25,
    seed: int = FIRST_EVALUATION_SEED,
    workers: int | None = None,
    necessity_episodes: int | None = None,
    films: int = 0,
    output_dir: str | Path | None = None,
    overwrite: bool = False,
) -> Evaluation:
    """Judge a policy as `handeye evaluate` does: the same episodes, figures and report.

    Args:
        policy: what `load_policy` takes, or an object with `reset(instruction, seed)` or
            `reset(instruction)` and `act(observation)`, which returns an array or an `Action`.
        suite: a suite or a single task; or a task of your own, a class.
        split: how the episodes differ from training.
        episodes: of each task.
        seed: of the first episode; 1000000 or more.
        workers: processes; None: 2 where policy and suite are names, else 0, this process.
        necessity_episodes: of each task in each row of the instruction test; None for 10, or as
            many as there are episodes.
        films: successes and failures to film, each, of each task.
        output_dir: folder that gets every record and the report; None for a temporary one.
        overwrite: start over in `output_dir`.

    Raises:
        ValueError: an unknown name, seeds of training data, an object with workers, or code of a
            policy that does not work.
    """
    by_name, here = isinstance(policy, (str, Path)), not isinstance(suite, str)
    if not by_name and workers:
        raise ValueError(
            "an object acts in the process that holds it; give workers=0, or the policy as "
            "'module:Class' or 'file.py:Class'"
        )
    if here and workers:
        raise ValueError(
            "a task given as a class is known to this process alone; give workers=0, or offer the "
            "task as an entry point of a package, see docs/extending.md"
        )
    folder = Path(output_dir) if output_dir else Path(tempfile.mkdtemp(prefix="handeye-")) / "run"
    config = EvaluateConfig(
        PolicyFlags(str(policy)) if by_name else PolicyFlags(),
        folder,
        suite=suite_name(suite),
        split=split,
        episodes=episodes,
        seed=seed,
        workers=(2 if by_name and not here else 0) if workers is None else workers,
        necessity_episodes=necessity_episodes,
        films=films,
        overwrite=overwrite,
    )
    if by_name:
        return run_evaluation(config)
    with lent(policy) as source:
        return run_evaluation(config.of_policy(source.path))
