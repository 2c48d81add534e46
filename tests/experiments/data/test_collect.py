"""`handeye collect` of rooms: resumed, extended and replayed, the same whatever the workers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from handeye.envs.core.episode_file import episode_path, list_episodes
from handeye.envs.rooms.scene.mobile_base import BASE_MODES
from handeye.envs.rooms.tasks import ROOM_TASKS
from handeye.experiments import cli
from handeye.experiments.data.collect import dataset_card, plan, run
from handeye.experiments.data.config import CollectConfig, DatasetFlags, ReplayConfig
from handeye.experiments.data.replay import load_episode
from handeye.experiments.data.replay import run as run_replay
from handeye.experiments.records.run_folder import read_json_lines

COUNT = len(ROOM_TASKS)


def files(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in list_episodes(root)}


def config(root: Path, **more: object) -> CollectConfig:
    settings = {"suite": "room_goal", "episodes": 2, "workers": 0, "output_dir": root, **more}
    return CollectConfig(**settings)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the command, one episode of each task."""
    root = tmp_path_factory.mktemp("rooms") / "data"
    arguments = ["collect", "--suite", "rooms", "--episodes", "1", "--workers", "0"]
    assert cli.main([*arguments, "--output_dir", str(root)]) == 0
    return root


@pytest.mark.slow
def test_every_task_is_recorded_or_noted_as_unsolved(dataset: Path) -> None:
    unsolved = list(read_json_lines(dataset / "unsolved.jsonl"))
    assert len(list_episodes(dataset)) + len(unsolved) == COUNT
    assert len(list_episodes(dataset)) >= COUNT - 2
    for path in list_episodes(dataset):
        episode = load_episode(path)
        assert episode.task == tuple(ROOM_TASKS)[episode.seed]
        assert episode.action_mode == "base_discrete"
        assert len(episode.goals) > 1
    settings = json.loads((dataset / "dataset.json").read_text())["settings"]
    assert (settings["suite"], settings["action_mode"]) == ("rooms", "base_discrete")


@pytest.mark.slow
def test_the_card_names_what_is_in_it(dataset: Path) -> None:
    card = (dataset / "README.md").read_text()
    assert "suite `rooms`" in card
    assert "Panda" not in card
    assert "Panda" in dataset_card(dataset, replace(config(dataset), suite="reach"))


@pytest.mark.slow
def test_it_replays_bit_for_bit(dataset: Path, capsys: pytest.CaptureFixture) -> None:
    assert run_replay(ReplayConfig(DatasetFlags(dataset), workers=0)) == 0
    count = len(list_episodes(dataset))
    assert f"{count} of {count} episodes replayed bit for bit" in capsys.readouterr().out


def test_a_changed_goal_or_hash_does_not(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text('{"format": "handeye-dataset-1", "settings": {}}')
    episode = load_episode(list_episodes(dataset)[0])
    path = episode_path(tmp_path, 0)
    path.parent.mkdir(parents=True)
    path.write_bytes(replace(episode, state_hash="0" * 32).to_bytes())  # type: ignore[type-var]
    assert run_replay(ReplayConfig(DatasetFlags(tmp_path), workers=0)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("mode", BASE_MODES)
def test_resuming_fills_gaps_and_extends(tmp_path: Path, mode: str) -> None:
    root = tmp_path / "data"
    assert run(config(root, action_mode=mode)) == 0
    whole = files(root)
    first = list_episodes(root)[0]
    first.unlink()
    with pytest.raises(FileExistsError):
        run(config(root, action_mode=mode))
    assert run(config(root, action_mode=mode, resume=True)) == 0
    assert files(root) == whole
    assert run(config(root, action_mode=mode, resume=True, episodes=3)) == 0
    assert whole.items() <= files(root).items()
    assert len(plan(config(root, episodes=3))) == 3


def test_resuming_under_other_settings_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "data"
    assert run(config(root, episodes=1)) == 0
    with pytest.raises(ValueError, match="action_mode"):
        run(config(root, action_mode="base_velocity", resume=True))
    with pytest.raises(ValueError, match="suite"):
        run(config(root, suite="rooms", resume=True))


@pytest.mark.slow
def test_workers_make_the_same_files(tmp_path: Path) -> None:
    for workers in (0, 2):
        assert run(config(tmp_path / str(workers), workers=workers)) == 0
    assert files(tmp_path / "0") == files(tmp_path / "2")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"suite": "room"}, "room_goal"),
        ({"action_mode": "ee_pose"}, "base_discrete"),
        ({"split": "combination"}, "unknown split"),
        ({"seed": 899_999}, r"selection .900000 to 999999.\. Seeds of training are 0 to 899999"),
        ({"episodes": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_planned_is_named(tmp_path: Path, more: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan(config(tmp_path, **more))
