"""Episode files of rooms: round trip, size, damage, and that labels are the expert's."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.scene.mobile_base import BASE_MODES, FORWARD, RIGHT, BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.envs.rooms.tasks import ROOM_TASKS
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.episode import Episode
from handeye.experiments.data.recorder import PARAPHRASES, record_episode
from handeye.experiments.data.replay import load_episode, replays

SEED = 3
MEAN_BYTES = 24_000


def recorded(task: str, mode: str = "base_discrete", **more: Any) -> RoomEpisode:
    env = RoomsEnv(task, action_mode=mode, cameras=())
    try:
        episode = record_episode(env, task, SEED, **more)
    finally:
        env.close()
    assert isinstance(episode, RoomEpisode)
    return episode


@pytest.fixture(scope="module", params=BASE_MODES)
def episodes(request: pytest.FixtureRequest) -> list[RoomEpisode]:
    """One of each task in a mode."""
    return [recorded(task, request.param) for task in ROOM_TASKS]


@pytest.fixture(scope="module")
def episode() -> RoomEpisode:
    return recorded("object_goal")


@pytest.mark.slow
def test_round_trip(episodes: list[RoomEpisode], tmp_path: Path) -> None:
    for episode in episodes:
        path = tmp_path / f"{episode.task}.safetensors"
        path.write_bytes(episode.to_bytes())
        again = load_episode(path)
        assert isinstance(again, RoomEpisode)
        for name in RoomEpisode.tensors:
            np.testing.assert_array_equal(getattr(again, name), getattr(episode, name))
            assert getattr(again, name).dtype == getattr(episode, name).dtype
        blank = dict.fromkeys(RoomEpisode.tensors)
        assert replace(again, **blank) == replace(episode, **blank)
        assert again.to_bytes() == episode.to_bytes()


def test_a_scene_without_furniture_comes_back_too(episode: RoomEpisode, tmp_path: Path) -> None:
    bare = Apartment(episode.scene.apartment.rooms, episode.scene.apartment.doors)
    path = tmp_path / "e.safetensors"
    path.write_bytes(
        replace(episode, scene=RoomScene(bare, BasePose(1.0, 1.0, 0.0)), subgoals=()).to_bytes()
    )
    again = RoomEpisode.load(path)
    assert again.scene.apartment == bare
    assert again.subgoals == ()


@pytest.mark.slow
def test_files_are_small(episodes: list[RoomEpisode]) -> None:
    sizes = [len(episode.to_bytes()) for episode in episodes]
    assert len(sizes) == 8
    assert sum(sizes) / len(sizes) <= MEAN_BYTES, sizes


def test_shapes_and_ranges(episodes: list[RoomEpisode]) -> None:
    for episode in episodes:
        steps, count = len(episode.actions), len(episode.goals)
        width = () if episode.action_mode == "base_discrete" else (2,)
        assert episode.poses.shape == (steps + 1, 3)
        assert episode.proprio.shape == (steps + 1, 6)
        assert episode.actions.shape == (steps, *width)
        assert episode.labels.shape == (count, steps + 1, *width)
        assert episode.terminate.shape == (count, steps + 1)
        assert len(episode.subgoals) == steps + 1
        assert all(action in BASE_MODES[episode.action_mode] for action in episode.actions)
        assert episode.labels.dtype == BASE_MODES[episode.action_mode].dtype
        if episode.action_mode == "base_discrete":
            assert set(episode.actions.tolist()) <= set(range(FORWARD, RIGHT + 1))
        else:
            assert (np.abs(episode.labels) <= 1).all()
        assert np.isfinite(episode.poses).all()
        assert np.isfinite(episode.proprio).all()
        assert episode.success
        assert episode.terminate[0, -1]
        assert not episode.terminate[0, :-1].any()
        assert episode.subgoals[-1] == "stop"


def test_one_state_serves_several_instructions(episodes: list[RoomEpisode]) -> None:
    for episode in episodes:
        assert 1 < len(episode.goals) <= 4
        assert len({goal.index for goal in episode.goals}) == len(episode.goals)
        words = [set(goal.instructions) for goal in episode.goals]
        assert all(1 <= len(said) <= PARAPHRASES for said in words)
        assert all(not a & b for i, a in enumerate(words) for b in words[i + 1 :])
        assert len({episode.labels[g].tobytes() for g in range(len(episode.goals))}) > 1


@pytest.mark.slow
@pytest.mark.parametrize("mode", BASE_MODES)
@pytest.mark.parametrize("task", ["go_back", "object_goal"])
def test_labels_are_the_experts_where_actions_are_disturbed(task: str, mode: str) -> None:
    episode = recorded(task, mode, noise=2.0)
    steps = len(episode.actions)
    assert (episode.actions != episode.labels[0, :steps]).any()
    env = RoomsEnv(task, action_mode=mode, cameras=())
    env.reset(seed=SEED, options={"goal": episode.goals[0].index})
    assert env.scene == episode.scene
    experts = [env.expert(goal.index) for goal in episode.goals]
    for step in range(steps + 1):
        assert [env.goals[goal.index] for goal in episode.goals] == [g.goal for g in episode.goals]
        for g, expert in enumerate(experts):
            said = expert()
            np.testing.assert_array_equal(said.values, episode.labels[g, step])
            assert said.done == episode.terminate[g, step]
        np.testing.assert_array_equal(env.state.track[-1].astype(np.float32), episode.poses[step])
        np.testing.assert_array_equal(env.proprio(), episode.proprio[step])
        if step < steps:
            info = env.step(episode.actions[step])[4]
    assert info["state_hash"] == episode.state_hash
    env.close()


@pytest.mark.parametrize("mode", BASE_MODES)
def test_without_noise_the_actions_are_the_labels(mode: str) -> None:
    episode = recorded("room_goal", mode, noise=0.0, goals=1)
    np.testing.assert_array_equal(episode.actions, episode.labels[0, : len(episode.actions)])
    assert len(episode.goals) == 1


@pytest.mark.parametrize("mode", BASE_MODES)
def test_strong_noise_stays_within_the_mode(mode: str) -> None:
    env = RoomsEnv("room_goal", action_mode=mode, cameras=(), max_steps=40)
    episode = record_episode(env, "room_goal", SEED, noise=20.0)
    assert isinstance(episode, RoomEpisode)
    assert all(action in BASE_MODES[mode] for action in episode.actions)
    assert len(episode.poses) == len(episode.actions) + 1


# ------------------------------------------------------------------- damage


@pytest.mark.parametrize("damage", ["truncate", "flip", "foreign", "empty", "tabletop"])
def test_damaged_and_foreign_files_are_refused_by_name(
    episode: RoomEpisode, tmp_path: Path, damage: str
) -> None:
    content = episode.to_bytes()
    broken = {
        "truncate": content[: len(content) // 2],
        "flip": content[:20] + b"\xff" + content[21:],
        "foreign": b"PK\x03\x04" + content,
        "empty": b"",
        "tabletop": b"",
    }[damage]
    if damage == "tabletop":
        env = TabletopEnv("reach", action_mode="ee_pose", cameras=())
        broken = record_episode(env, "reach", SEED).to_bytes()
    path = tmp_path / "broken.safetensors"
    path.write_bytes(broken)
    with pytest.raises(ValueError, match=r"broken\.safetensors is no whole episode"):
        RoomEpisode.load(path)


def test_a_rooms_episode_is_none_of_the_tabletop(episode: RoomEpisode, tmp_path: Path) -> None:
    path = tmp_path / "e.safetensors"
    path.write_bytes(episode.to_bytes())
    with pytest.raises(ValueError, match="another format"):
        Episode.load(path)


def test_every_truncation_is_noticed(episode: RoomEpisode, tmp_path: Path) -> None:
    content, path = episode.to_bytes(), tmp_path / "e.safetensors"
    for length in range(0, len(content), 97):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match="no whole episode"):
            load_episode(path)


def test_changed_bytes_of_the_header_never_raise_anything_else(
    episode: RoomEpisode, tmp_path: Path
) -> None:
    content, path = bytearray(episode.to_bytes()), tmp_path / "e.safetensors"
    header = 8 + int.from_bytes(content[:8], "little")
    rng = np.random.default_rng(0)
    read = 0
    for _ in range(300):
        at, value = int(rng.integers(header)), int(rng.integers(256))
        kept, content[at] = content[at], value
        path.write_bytes(content)
        with suppress(ValueError):  # a changed name or number can still be read
            load_episode(path)
            read += 1
        content[at] = kept
    assert read < 200


# ------------------------------------------------------------------- replay


@pytest.mark.slow
def test_replay_reproduces_and_notices_a_change(
    episodes: list[RoomEpisode], tmp_path: Path
) -> None:
    path = tmp_path / "e.safetensors"
    for episode in episodes[:3]:
        path.write_bytes(episode.to_bytes())
        assert replays(path)
        actions = episode.actions.copy()
        if episode.action_mode == "base_discrete":
            actions[0] = RIGHT if actions[0] != RIGHT else FORWARD
        else:
            actions[0] *= 0.5
        path.write_bytes(replace(episode, actions=actions).to_bytes())
        assert not replays(path)
