"""Episode files: round trip, damage, and replay."""

from pathlib import Path

import numpy as np
import pytest

from handeye.envs.core.episode_file import episode_path, list_episodes
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.episode import Episode
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.data.replay import replays


@pytest.fixture(scope="module")
def episode() -> Episode:
    env = TabletopEnv("put_in", action_mode="ee_pose", cameras=(), max_steps=24)
    return record_episode(env, "put_in", 3)


@pytest.mark.slow
def test_round_trip_size_and_shapes(episode: Episode, tmp_path: Path) -> None:
    path = tmp_path / "e.safetensors"
    path.write_bytes(episode.to_bytes())
    assert path.stat().st_size < 20_000
    again = Episode.load(path)
    for name in Episode.tensors:
        np.testing.assert_array_equal(getattr(again, name), getattr(episode, name))
    assert (again.scene, again.goals, again.state_hash) == (
        episode.scene,
        episode.goals,
        episode.state_hash,
    )
    steps = len(episode.actions)
    assert episode.labels.shape == (len(episode.goals), steps + 1, 7)
    assert len(episode.subgoals) == len(episode.proprio) == steps + 1
    assert episode.success
    assert episode.terminate[0, -1]


def test_one_state_serves_several_instructions(episode: Episode) -> None:
    assert len(episode.goals) == 4
    words = [set(g.instructions) for g in episode.goals]
    assert all(not a & b for i, a in enumerate(words) for b in words[i + 1 :])
    assert len({episode.labels[g, 0].tobytes() for g in range(4)}) > 1


@pytest.mark.parametrize("damage", ["truncate", "flip", "foreign", "empty"])
def test_damaged_files_are_refused_by_name(episode: Episode, tmp_path: Path, damage: str) -> None:
    content = episode.to_bytes()
    broken = {
        "truncate": content[: len(content) // 2],
        "flip": content[:20] + b"\xff" + content[21:],
        "foreign": b"PK\x03\x04" + content,
        "empty": b"",
    }[damage]
    path = tmp_path / "broken.safetensors"
    path.write_bytes(broken)
    with pytest.raises(ValueError, match=r"broken\.safetensors is no whole episode"):
        Episode.load(path)


@pytest.mark.slow
def test_replay_reproduces_and_notices_a_change(episode: Episode, tmp_path: Path) -> None:
    path = tmp_path / "e.safetensors"
    path.write_bytes(episode.to_bytes())
    assert replays(path)
    episode.actions[0, 0] += 0.01
    path.write_bytes(episode.to_bytes())
    episode.actions[0, 0] -= 0.01
    assert not replays(path)


def test_dataset_layout(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="handeye collect"):
        list_episodes(tmp_path)
    assert episode_path(tmp_path, 12345).relative_to(tmp_path).as_posix() == (
        "episodes/0012/0012345.safetensors"
    )
