"""The kill test must itself notice what it looks for."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from handeye.envs.core.episode_file import episode_path
from handeye.envs.rooms.env import RoomsEnv
from handeye.experiments.checks import crash_recovery as kill_test
from handeye.experiments.checks.crash_recovery import (
    Damage,
    KillTestConfig,
    Victim,
    collecting,
    committed_checkpoints,
    committed_episodes,
    complete,
    count_orphans,
    kill_repeatedly,
    recorded_content,
    training,
)
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.records.run_folder import write_bytes_atomic

WRITER = """
import pathlib, sys, time, os
root = pathlib.Path(sys.argv[1]); root.mkdir(exist_ok=True)
for n in range(len(list(root.glob("*.txt"))), int(sys.argv[2])):
    (root / "part").write_text("x"); time.sleep(0.02)
    if sys.argv[3] == "careless" and n: (root / "0.txt").write_text(f"again {n}")
    os.replace(root / "part", root / f"{n}.txt")
"""


@dataclass(frozen=True)
class Writer(Victim):
    """Writes small files, carefully or not."""

    count: int = 10_000
    manner: str = "careful"

    def command(self) -> list[str]:
        return [sys.executable, "-c", WRITER, str(self.folder), str(self.count), self.manner]


def texts(root: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in root.glob("*.txt")}


def writer(folder: Path, **changes: object) -> Writer:
    return Writer(
        [],
        folder,
        began=lambda root: len(list(root.glob("*.txt"))),
        window_s=0.1,
        committed=texts,
        content=texts,
        half_written=lambda root: (root / "part").exists(),
        **changes,  # type: ignore[arg-type]
    )


@pytest.mark.slow
def test_a_careful_writer_survives(tmp_path: Path) -> None:
    victim = writer(tmp_path / "run")
    damage = kill_repeatedly(victim, 4, np.random.default_rng(0), "writer")
    assert damage.kills == 4
    assert damage.none


@pytest.mark.slow
def test_a_careless_writer_is_found_out(tmp_path: Path) -> None:
    victim = writer(tmp_path / "run", manner="careless")
    damage = kill_repeatedly(victim, 4, np.random.default_rng(0), "writer")
    assert "0.txt" in damage.changed
    assert not damage.none


def test_a_command_that_ends_is_not_counted_as_killed(tmp_path: Path) -> None:
    victim = writer(tmp_path / "run", count=1)
    complete(victim)
    assert kill_repeatedly(victim, 3, np.random.default_rng(0), "writer").kills == 0


def test_unreadable_things_are_named(tmp_path: Path) -> None:
    def committed(root: Path) -> dict[str, str]:
        raise ValueError(f"{root}/0.txt is damaged")

    victim = replace(writer(tmp_path / "run"), committed=committed)
    damage = kill_repeatedly(victim, 2, np.random.default_rng(0), "writer")
    assert len(damage.unreadable) == 2
    assert "0.txt is damaged" in damage.unreadable[0]


@pytest.mark.heavy
def test_a_failing_command_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="failed"):
        complete(collecting(KillTestConfig(episodes=-1), tmp_path / "data"))


def test_episodes_are_counted_over_all_tasks(tmp_path: Path) -> None:
    for suite, per_task in (("reach", "20"), ("rooms", "3"), ("go_back", "20")):
        victim = collecting(KillTestConfig(suite=suite, episodes=20), tmp_path)
        arguments = list(victim.arguments)
        assert arguments[arguments.index("--suite") + 1] == suite
        assert arguments[arguments.index("--episodes") + 1] == per_task


def test_episodes_of_rooms_are_read_and_compared(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text('{"format": "handeye-dataset-1", "settings": {}}')
    env = RoomsEnv("room_goal", cameras=(), max_steps=3)
    first, other = (record_episode(env, "room_goal", seed) for seed in (1, 2))
    content = []
    for episode in (first, first, other):
        write_bytes_atomic(episode_path(tmp_path, 0), episode.to_bytes())
        assert committed_episodes(tmp_path).keys() == {"0000000.safetensors"}
        content.append(recorded_content(tmp_path))
    assert content[0] == content[1] != content[2]


def test_orphans_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr(kill_test, "ORPHAN_GRACE_S", 0.1)
    assert count_orphans({os.getpid()}) == 1
    assert count_orphans(set()) == 0


def test_damaged_data_and_checkpoints_are_noticed(tmp_path: Path) -> None:
    assert committed_episodes(tmp_path) == {}
    (tmp_path / "dataset.json").write_text('{"format": "handeye-dataset-1", "settings": {}}')
    episodes = tmp_path / "episodes" / "0000"
    episodes.mkdir(parents=True)
    (episodes / "0000000.safetensors").write_bytes(b"half")
    with pytest.raises(ValueError, match=r"0000000\.safetensors"):
        committed_episodes(tmp_path)
    (tmp_path / "checkpoints" / "000001").mkdir(parents=True)
    with pytest.raises(ValueError, match="000001"):
        committed_checkpoints(tmp_path)


def test_the_commands_resume_in_their_folder(tmp_path: Path) -> None:
    config = KillTestConfig(workers=1)
    for victim in (
        collecting(config, tmp_path / "data"),
        training(config, tmp_path / "run", tmp_path / "data"),
    ):
        assert victim.command()[-1] == "--resume"
        assert str(victim.folder) in victim.command()
        assert not victim.half_written(victim.folder)
    assert Damage().none
