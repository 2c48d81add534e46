"""A few recorded episodes for tests of datasets and training."""

from functools import cache
from pathlib import Path

from handeye.envs.core.episode_file import episode_path
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.episode import Episode
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.records.run_folder import write_bytes_atomic, write_json_atomic


@cache
def recordings() -> tuple[Episode, ...]:
    """Three short episodes of two tasks."""
    env = TabletopEnv("tabletop-core", action_mode="ee_pose", cameras=())
    try:
        jobs = [("reach", 1), ("press_button", 2), ("put_in", 3)]
        return tuple(record_episode(env, task, seed, goals=2) for task, seed in jobs)
    finally:
        env.close()


def write_dataset(root: Path) -> Path:
    """The recordings as `handeye collect` would leave them."""
    write_json_atomic(root / "dataset.json", {"format": "handeye-dataset-1", "settings": {}})
    for number, episode in enumerate(recordings()):
        write_bytes_atomic(episode_path(root, number), episode.to_bytes())
    return root
