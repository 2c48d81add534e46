"""`handeye replay`: simulate recorded episodes again, and compare all of them bit for bit.

Compared are poses, proprio, labels, words, scene and the hash of every state at every control tick;
a file whose checksum does not fit is told as damaged.
"""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from handeye.envs.core.episode import RecordedEpisode
from handeye.envs.core.episode_file import list_episodes
from handeye.envs.suites import load_episode, make_suite_env
from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.data.collect import most_steps
from handeye.experiments.data.config import ReplayConfig
from handeye.experiments.data.recorder import EpisodeRecording
from handeye.experiments.records.progress import tracked


def run(config: ReplayConfig) -> int:
    """Replay and print the count; exit code 1 if any episode came out differently."""
    paths = list_episodes(config.dataset.root)
    if not paths:
        raise ValueError(f"{config.dataset.root} holds no episode yet. Collect some first.")
    count = min(config.episodes or len(paths), len(paths))
    chosen = [paths[i * len(paths) // count] for i in range(count)]
    results = run_jobs(differences, chosen, workers=config.workers, deadline_s=config.deadline_s)
    console, same = Console(), 0
    for path, outcome in tracked(results, "replaying", count):
        if isinstance(outcome, WorkerLost):
            console.print(f"{path}: {outcome.cause}", markup=False, soft_wrap=True)
        elif outcome:
            told = f"{', '.join(outcome)} came out differently"
            console.print(f"{path}: {told}", markup=False, soft_wrap=True)
        else:
            same += 1
    print(f"{same} of {count} episodes replayed bit for bit")
    return 0 if same == count else 1


def differences(path: Path) -> list[str]:
    """Simulate an episode's actions again; return the names of its fields that come out otherwise.

    Raises:
        ValueError: the file is no whole episode.
    """
    episode = load_episode(path)
    again = replace(simulated_again(episode), meta=episode.meta)
    if again.to_bytes() == episode.to_bytes():
        return []
    names = [one.name for one in fields(episode) if one.name != "meta"]
    differing = [n for n in names if not _same(getattr(episode, n), getattr(again, n))]
    return differing or ["the file"]


def simulated_again(episode: RecordedEpisode[Any, Any]) -> RecordedEpisode[Any, Any]:
    """Record the actions of an episode anew, from its seed and its goals on."""
    env = make_suite_env(
        episode.task,
        split=episode.split,
        action_mode=episode.action_mode,
        cameras=(),
        max_steps=most_steps(episode.task, episode.action_mode),
    )
    options = {"goal": episode.goals[0].index, "can_terminate": True}
    _, info = env.reset(seed=episode.seed, options=options)
    recording = EpisodeRecording(env, [goal.index for goal in episode.goals])
    ended, label = False, recording.note()
    for action in episode.actions:
        _, _, terminated, truncated, info = env.step(action)
        recording.actions.append(action)
        label, ended = recording.note(), terminated or truncated
    if not ended:
        info = env.finish(label.answer, label.claim)  # what the expert said when it was recorded
    again = recording.episode(info)
    env.close()
    return again


def replays(path: Path) -> bool:
    """Return whether an episode comes out as it was recorded.

    Raises:
        ValueError: the file is no whole episode.
    """
    return not differences(path)


def _same(recorded: Any, again: Any) -> bool:
    if isinstance(recorded, np.ndarray):
        return recorded.dtype == again.dtype and np.array_equal(recorded, again)
    return bool(recorded == again)
