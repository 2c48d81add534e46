"""`handeye demo`: judge the shipped policy on a few episodes of every task, in minutes.

Then one episode of navigation is filmed, so that the other suite is seen too, and an agent carries
out one long instruction with the planner and the eyes that come with handeye.
"""

from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from handeye.experiments import run_agent
from handeye.experiments.actors.load_policy import shipped_policies
from handeye.experiments.evaluation.evaluate import EvaluateConfig, PolicyFlags, evaluate
from handeye.experiments.evaluation.run_policy_episode import film
from handeye.experiments.records.episode import FIRST_EVALUATION_SEED, EpisodeJob
from handeye.experiments.records.run_folder import write_bytes_atomic
from handeye.experiments.reports.report import print_table
from handeye.experiments.run_agent import AgentConfig

SHIPPED_POLICY = "handeye-nano"
ROOMS_POLICY = "handeye-rooms-nano"  # acts in the clip where it is shipped, else the oracle
CLIP_SEED = FIRST_EVALUATION_SEED
AGENT_TASK = "sequence"  # of the suite tabletop-long
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
    """Evaluate, film, and print the table and where the report and the clips are."""
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
    console = Console()
    print_table(evaluation.info, evaluation.report, console)
    Console(stderr=True).print("filming navigation; compiling its renderer once takes a minute")
    console.print(navigation_clip(config.output_dir), soft_wrap=True, highlight=False)
    console.print("an agent:", end=" ")
    run_agent.run(AgentConfig(output_dir=config.output_dir / "agent", task=AGENT_TASK,
                              seed=CLIP_SEED, overwrite=True))  # fmt: skip
    return 0


def navigation_clip(folder: Path) -> str:
    """Film one episode of the suite `rooms` into the folder's videos; says what it shows, where."""
    policy = ROOMS_POLICY if ROOMS_POLICY in shipped_policies() else "oracle"
    shot = film(EpisodeJob(policy, "rooms", "object_goal", "unseen", CLIP_SEED))
    path = folder / "videos" / f"rooms_object_goal_{CLIP_SEED}.mp4"
    write_bytes_atomic(path, shot.mp4)
    verdict = "solved" if shot.record.success_final else "failed"
    words = shot.record.instruction
    return f'navigation, "{words}" ({policy}: {verdict}, double speed): {path}'
