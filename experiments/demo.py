"""`handeye demo`: judge the shipped policy on a few episodes of every task, in minutes."""

from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from handeye.experiments.episode_record import FIRST_EVALUATION_SEED
from handeye.experiments.evaluate import EvaluateConfig, PolicyFlags, evaluate
from handeye.experiments.report import print_table

SHIPPED_POLICY = "handeye-nano"
NECESSITY_EPISODES = 3


@dataclass(frozen=True)
class DemoConfig:
    """A small evaluation of the shipped policy.

    Attributes:
        policy: which policy to show.
        output_dir: folder of the run; an existing one is refused.
        suite: a suite or a single task, see `handeye list`.
        episodes: per task.
        workers: processes.
        resume: continue the run in output_dir.
        overwrite: start over in output_dir.
    """

    policy: PolicyFlags = field(default_factory=lambda: PolicyFlags(SHIPPED_POLICY))
    output_dir: Path = Path("outputs/demo")
    suite: str = "tabletop-core"
    episodes: int = 5
    workers: int = 2
    resume: bool = False
    overwrite: bool = False


def run(config: DemoConfig) -> int:
    """Evaluate and print the table and the report's path."""
    evaluation = evaluate(
        EvaluateConfig(
            config.policy,
            config.output_dir,
            suite=config.suite,
            episodes=config.episodes,
            seed=FIRST_EVALUATION_SEED,
            workers=config.workers,
            necessity_episodes=NECESSITY_EPISODES,
            resume=config.resume,
            overwrite=config.overwrite,
        )
    )
    print_table(evaluation.info, evaluation.report, Console())
    return 0
