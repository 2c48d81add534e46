"""`handeye replay` as a command: 0 on a sound dataset, 1 on a changed one, an error on none."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.envs.core.episode_file import episode_path
from handeye.envs.suites import make_suite_env
from handeye.envs.tabletop.episode import Episode
from handeye.experiments.data.collect import most_steps
from handeye.experiments.data.config import DatasetFlags, ReplayConfig
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.data.replay import differences, replays, run
from handeye.experiments.records.run_folder import write_bytes_atomic, write_json_atomic
from tests.experiments.recordings import write_dataset


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "data")


def config(root: Path, **more: int) -> ReplayConfig:
    return ReplayConfig(DatasetFlags(root), **{"workers": 0, **more})  # type: ignore[arg-type]


def rewrite(path: Path, **changes: object) -> None:
    path.write_bytes(replace(Episode.load(path), **changes).to_bytes())  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_sound_dataset_replays_bit_for_bit(root: Path, capsys: pytest.CaptureFixture) -> None:
    assert run(config(root)) == 0
    assert "3 of 3 episodes replayed bit for bit" in capsys.readouterr().out


@pytest.mark.slow
def test_a_changed_action_is_noticed_and_named(root: Path, capsys: pytest.CaptureFixture) -> None:
    path = episode_path(root, 1)
    actions = Episode.load(path).actions.copy()
    actions[0, 0] += 0.02
    rewrite(path, actions=actions)
    assert run(config(root)) == 1
    out = capsys.readouterr().out
    assert "2 of 3 episodes" in out
    assert path.name in out.replace("\n", "")
    assert "came out differently" in " ".join(out.split())


@pytest.mark.parametrize("what", ["hash", "seed", "missing action"])
def test_every_kind_of_tampering_is_noticed(root: Path, what: str) -> None:
    path = episode_path(root, 0)
    episode = Episode.load(path)
    assert replays(path)
    if what == "hash":
        rewrite(path, state_hash="0" * len(episode.state_hash))
    elif what == "seed":
        rewrite(path, seed=episode.seed + 1)
    else:
        rewrite(path, actions=np.ascontiguousarray(episode.actions[:-1]))
    assert not replays(path)


def altered(episode: Episode, name: str) -> Any:
    value = getattr(episode, name)
    if isinstance(value, np.ndarray):
        changed = value.copy()
        flat = changed.reshape(-1)
        flat[-1] = not flat[-1] if changed.dtype == bool else np.nextafter(flat[-1], 9)
        return changed
    if name == "goals":
        return (replace(value[0], instructions=("do nothing",)), *value[1:])
    return (*value[:-1], "another")


@pytest.mark.parametrize(
    "name", ["body_poses", "joint_positions", "proprio", "labels", "terminate", "goals", "subgoals"]
)
def test_every_field_is_compared(root: Path, name: str) -> None:
    path = episode_path(root, 0)
    rewrite(path, **{name: altered(Episode.load(path), name)})
    assert differences(path) == [name]


@pytest.mark.slow
def test_a_damaged_file_is_told_in_one_line(root: Path, capsys: pytest.CaptureFixture) -> None:
    flipped, cut = episode_path(root, 0), episode_path(root, 1)
    content = bytearray(flipped.read_bytes())
    content[-20] ^= 4
    flipped.write_bytes(content)
    cut.write_bytes(cut.read_bytes()[:-9])
    assert run(config(root)) == 1
    out = capsys.readouterr().out
    assert "Traceback" not in out
    assert f"{flipped} is no whole episode (its checksum does not fit" in out
    assert f"{cut} is no whole episode" in out
    assert "1 of 3 episodes" in out


@pytest.mark.slow
def test_a_sample_is_spread_over_the_dataset(root: Path, capsys: pytest.CaptureFixture) -> None:
    rewrite(episode_path(root, 2), state_hash="")
    assert run(config(root, episodes=1)) == 0  # the first one alone
    assert "1 of 1" in capsys.readouterr().out
    assert run(config(root, episodes=0)) == 1  # all of them
    assert "2 of 3" in capsys.readouterr().out
    assert run(config(root, episodes=50)) == 1  # no more than there are
    assert "2 of 3" in capsys.readouterr().out


def test_a_missing_dataset_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="handeye collect --output_dir"):
        run(config(tmp_path / "nowhere"))


def test_an_empty_dataset_is_an_error(tmp_path: Path) -> None:
    info = {"format": "handeye-dataset-1", "settings": {}}
    write_json_atomic(tmp_path / "dataset.json", info)
    with pytest.raises(ValueError, match="holds no episode yet"):
        run(config(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("task", ["buttons", "impossible"])
def test_long_instructions_are_recorded_and_replayed(task: str, tmp_path: Path) -> None:
    env = make_suite_env(task, cameras=(), max_steps=most_steps(task, "ee_pose"))
    episode = record_episode(env, task, seed=4, goals=2, noise=0.0)
    env.close()
    assert episode.success
    write_bytes_atomic(tmp_path / "episode.safetensors", episode.to_bytes())
    assert replays(tmp_path / "episode.safetensors")
