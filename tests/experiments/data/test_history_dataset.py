"""Batches of the policy with a memory: stretches of episodes, their truth, training, driving."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from handeye.envs.core.episode_file import episode_path
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.tasks import RoomTask
from handeye.experiments.actors.load_policy import open_policy
from handeye.experiments.data.config import Augmentation, DatasetFlags
from handeye.experiments.data.history_dataset import HistoryTrainingSet, remembered
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.labels.history_labels import (
    NEAR_ENOUGH_M,
    WAYPOINT_M,
    decisions_of,
    intent_of,
)
from handeye.experiments.labels.program_labels import true_program
from handeye.experiments.records.checkpoints import last_checkpoint
from handeye.experiments.records.run_folder import write_bytes_atomic, write_json_atomic
from handeye.experiments.training.config import DaggerFlags, TrainConfig
from handeye.experiments.training.train import run
from handeye.perception.instructions.navigation_program import OPS
from handeye.perception.instructions.program_reader import program_tokenizer
from handeye.policies.history.config import HISTORY_PRESETS, HistoryPolicyConfig
from handeye.policies.history.processor import HistoryPolicyProcessor
from handeye.policies.rollout import rollout
from tests.policies.builders import TINY_HISTORY

TASKS = ("object_goal", "point_goal", "go_back", "count_things")


@cache
def episodes(mode: str = "base_discrete") -> tuple[RoomEpisode, ...]:
    env = RoomsEnv("rooms", cameras=(), action_mode=mode)
    made = [record_episode(env, task, seed, goals=2) for seed, task in enumerate(TASKS)]
    env.close()
    return tuple(episode for episode in made if isinstance(episode, RoomEpisode))


def sizes() -> HistoryPolicyConfig:
    return HistoryPolicyConfig(**TINY_HISTORY)


@pytest.mark.slow
def test_a_batch_is_a_function_of_its_generator() -> None:
    data = HistoryTrainingSet(episodes(), Augmentation(), sizes())
    processor = HistoryPolicyProcessor(program_tokenizer(data.words()).words, px=32)
    one, same, other = (data.draw(np.random.default_rng(seed), processor, 48) for seed in (1, 1, 2))
    assert one.inputs["frames"].shape[1:] == (4, 32, 32)
    assert len(one.inputs["past"]) == len(one.targets.terminate) == len(one.inputs["frames"]) <= 48
    for name, value in one.inputs.items():
        assert torch.equal(value, same.inputs[name]), name
    for value, twin in zip(one.targets, same.targets, strict=True):
        assert torch.equal(value, twin)
    assert not torch.equal(one.inputs["frames"][0], other.inputs["frames"][0])
    assert float(one.targets.referred.max()) <= 1.0


def test_a_decision_remembers_its_own_stretch_alone() -> None:
    assert remembered([3, 1], 2).tolist() == [[0, -1], [1, 0], [2, 1], [3, -1]]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["base_discrete", "base_velocity"])
def test_the_waypoint_leads_where_the_expert_goes(mode: str) -> None:
    for episode in episodes(mode):
        times = range(0, len(episode.poses), 3)
        truth = decisions_of(episode, 0, times)
        assert np.median([np.hypot(*one.waypoint_m) for one in truth]) <= WAYPOINT_M + 0.01
        for one, time in zip(truth, times, strict=True):
            ahead, left = one.waypoint_m
            here = episode.poses[time]
            cos, sin = np.cos(here[2]), np.sin(here[2])
            place = here[:2] + np.array([cos * ahead - sin * left, sin * ahead + cos * left])
            if episode.task in ("point_goal", "go_back"):  # others end by turning to a thing
                later = np.hypot(*(episode.poses[time:, :2] - place).T)
                assert later.min() < 0.5


def test_who_is_near_enough_may_stop() -> None:
    episode = next(e for e in episodes() if e.task == "point_goal")
    place = episode.goals[0].goal.place_m
    assert place is not None
    truth = decisions_of(episode, 0, range(len(episode.poses)))
    for one, row in zip(truth, episode.poses, strict=True):
        away = np.hypot(*(row[:2] - np.array(place)))
        assert one.terminate or away > NEAR_ENOUGH_M / 2
        assert not one.terminate or away <= 1.0
    assert truth[-1].terminate
    assert not truth[0].terminate


def test_the_intent_says_what_is_first_and_whether_to_come_back() -> None:
    found = {}
    for episode in episodes():
        goal = episode.goals[0]
        example = true_program(episode.task, episode.scene, goal.goal, goal.instructions[0])
        found[episode.task] = intent_of(example.spoken.steps)
    assert found["point_goal"] == OPS.index("point")
    assert found["count_things"] == OPS.index("count")
    assert found["go_back"] >= len(OPS) > found["object_goal"]


def settings(root: Path, name: str, mode: str, **changes: Any) -> TrainConfig:
    data = root / f"data_{mode}"
    if not data.exists():
        write_json_atomic(data / "dataset.json", {"format": "handeye-dataset-1", "settings": {}})
        for number, episode in enumerate(episodes(mode)[:2]):
            write_bytes_atomic(episode_path(data, number), episode.to_bytes())
    fixed: dict[str, Any] = {"steps": 4, "batch_size": 32, "workers": 1, "warmup_steps": 1}
    fixed |= {"preset": "history-nano", "evaluate_every": 0, "save_every": 2, "log_every": 2}
    return TrainConfig(DatasetFlags(data), root / name, **(fixed | changes))


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HISTORY_PRESETS, "history-nano", lambda **_: sizes())


def state_of(config: TrainConfig) -> bytes:
    checkpoint = last_checkpoint(config.output_dir)
    assert checkpoint is not None
    return (checkpoint / "training_state" / "learner.safetensors").read_bytes()


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("mode", ["base_discrete", "base_velocity"])
def test_what_was_trained_drives(mode: str, tmp_path: Path) -> None:
    config = settings(tmp_path, "run", mode)
    assert run(config) == 0
    source = open_policy(str(config.output_dir))
    env = RoomsEnv("object_goal", action_mode=mode, max_steps=12)
    result = rollout(env, source.build(env), seed=3)
    env.close()
    assert source.action_mode == mode
    assert result.steps <= 12


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_an_interrupted_run_with_driven_episodes_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RoomTask, "step_budget", {"base_discrete": 10})
    dagger = DaggerFlags(every=2, start=1, episodes=1, share=0.5)
    straight = settings(tmp_path, "straight", "base_discrete", dagger=dagger)
    assert run(straight) == 0
    assert len(list(straight.output_dir.glob("dagger/round_*/episodes/*/*.safetensors"))) == 2
    broken = settings(tmp_path, "broken", "base_discrete", dagger=dagger)
    assert run(broken) == 0
    checkpoints = broken.output_dir / "checkpoints"
    (checkpoints / "last").unlink()
    os.symlink("000002", checkpoints / "last")
    resumed = settings(tmp_path, "broken", "base_discrete", dagger=dagger, resume=True)
    assert run(resumed) == 0
    assert state_of(broken) == state_of(straight)


@pytest.mark.usefixtures("tiny")
def test_other_datasets_and_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leave --decoding"):
        run(settings(tmp_path, "run", "base_discrete", decoding="autoregressive"))
    with pytest.raises((ValueError, FileNotFoundError)):
        HistoryTrainingSet.load([tmp_path / "nothing"], Augmentation(), "history-nano")
