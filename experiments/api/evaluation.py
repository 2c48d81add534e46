"""Policies judged, by name or as objects."""

import secrets
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
    run_key: str = "",
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
        run_key: what seeds the policy's own sampling; "" for a random one, see `info["run_key"]`.
        workers: processes; None: 2 where policy and suite are names, else 0, this process.
        necessity_episodes: of each task in each row of the instruction test; None for 10, or as
            many as there are episodes.
        films: successes and failures to film, each, of each task.
        output_dir: folder that gets every record and the report; None for a temporary one.
        overwrite: start over in `output_dir`.

    Raises:
        ValueError: a wrong name, seeds of training, an object with workers, or a broken policy.
    """
    by_name = isinstance(policy, (str, Path))
    anywhere = by_name and isinstance(suite, str)
    if workers and not anywhere:
        raise ValueError(
            "objects and classes of this process are not known to workers; give workers=0, or "
            "name the policy, 'module:Class' or 'file.py:Class', and offer the task as an entry "
            "point, see docs/extending.md"
        )
    run = f"handeye-{secrets.token_hex(4)}"
    config = EvaluateConfig(
        PolicyFlags(str(policy)) if by_name else PolicyFlags(),
        Path(output_dir or Path(tempfile.gettempdir(), run)),
        suite=suite_name(suite),
        split=split,
        episodes=episodes,
        seed=seed,
        run_key=run_key,
        workers=(2 if anywhere else 0) if workers is None else workers,
        necessity_episodes=necessity_episodes,
        films=films,
        overwrite=overwrite,
    )
    if by_name:
        return run_evaluation(config)
    with lent(policy) as source:
        return run_evaluation(config.of_policy(source.path))
