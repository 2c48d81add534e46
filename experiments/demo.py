"""`handeye demo`: judge the shipped policy on a few episodes of every task, in minutes.

Then one episode of navigation is filmed, so that the other suite is seen too, and an agent carries
out one long instruction with the planner and the eyes that come with handeye.
"""

from pathlib import Path

from rich.console import Console

from handeye.experiments import run_agent
from handeye.experiments.actors.load_policy import shipped_policies
from handeye.experiments.config import AgentConfig, DemoConfig
from handeye.experiments.evaluation.config import EvaluateConfig
from handeye.experiments.evaluation.episode_video import film
from handeye.experiments.evaluation.evaluate import evaluate
from handeye.experiments.records.episode import EpisodeJob
from handeye.experiments.records.run_folder import write_bytes_atomic
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED
from handeye.experiments.reports.report import print_table

ROOMS_POLICY = "handeye-rooms-nano"  # acts in the clip where it is shipped, else the oracle
CLIP_SEED = FIRST_EVALUATION_SEED
AGENT_TASK = "sequence"  # of the suite tabletop-long
NECESSITY_EPISODES = 3


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
    verdict = "solved" if shot.record.success else "failed"
    words = shot.record.instruction
    return f'navigation, "{words}" ({policy}: {verdict}, double speed): {path}'
