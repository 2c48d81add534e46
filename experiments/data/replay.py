"""`handeye replay`: simulate recorded episodes again and compare the hash of every state."""

from pathlib import Path

from rich.console import Console

from handeye.envs.core.episode_file import list_episodes
from handeye.envs.suites import load_episode, make_suite_env
from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.data.collect import most_steps
from handeye.experiments.data.config import ReplayConfig
from handeye.experiments.records.progress import tracked


def run(config: ReplayConfig) -> int:
    """Replay and print the count; exit code 1 if any episode came out differently."""
    paths = list_episodes(config.dataset.root)
    if not paths:
        raise ValueError(f"{config.dataset.root} holds no episode yet. Collect some first.")
    count = min(config.episodes or len(paths), len(paths))
    chosen = [paths[i * len(paths) // count] for i in range(count)]
    results = run_jobs(replays, chosen, workers=config.workers, deadline_s=config.deadline_s)
    console, same = Console(), 0
    for path, outcome in tracked(results, "replaying", count):
        if outcome is True:
            same += 1
        else:
            cause = (
                outcome if isinstance(outcome, WorkerLost) else "its states came out differently"
            )
            console.print(f"{path}: {cause}", markup=False)
    print(f"{same} of {count} episodes replayed bit for bit")
    return 0 if same == count else 1


def replays(path: Path) -> bool:
    """Whether an episode's actions lead through the same states again.

    Raises:
        ValueError: the file is no whole episode.
    """
    episode = load_episode(path)
    env = make_suite_env(
        episode.task,
        split=episode.split,
        action_mode=episode.action_mode,
        cameras=(),
        max_steps=most_steps(episode.task, episode.action_mode),
    )
    _, info = env.reset(seed=episode.seed, options={"goal": episode.goals[0].index})
    ended = False
    for action in episode.actions:
        _, _, terminated, truncated, info = env.step(action)
        ended = terminated or truncated
    if not ended:
        said = env.oracle_action()  # what the expert said when it was recorded
        info = env.finish(said.answer, said.claim)
    env.close()
    return bool(info["state_hash"] == episode.state_hash)
