"""Batches of the suite `rooms`: frames, their truth, instructions and their programs."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.pictures.meshes import thing_body
from handeye.envs.rooms.pictures.rendering import HomeRenderer
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.experiments.data.config import Augmentation
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.data.rooms_dataset import (
    WEIGHTS,
    RoomTrainingSet,
    fitted_room_config,
    score_rooms,
)
from handeye.experiments.labels.room_cells import (
    COLOUR_NAMES,
    THING_KINDS,
    spot_classes,
)
from handeye.experiments.training.data_parallel import Team
from handeye.experiments.training.learner import Learner, Schedule, usual_optimizers
from handeye.perception.instructions.program_reader import program_tokenizer
from handeye.perception.mapping.ego_camera import STRIDE_PX
from handeye.policies.modular.model import RoomPolicy, RoomPolicyConfig
from handeye.policies.modular.processor import RoomPolicyProcessor

TASKS = ("object_goal", "point_goal", "route_following")


@cache
def episodes() -> tuple[RoomEpisode, ...]:
    env = RoomsEnv("rooms", cameras=())
    made = [record_episode(env, task, seed, goals=2) for seed, task in enumerate(TASKS)]
    env.close()
    return tuple(episode for episode in made if isinstance(episode, RoomEpisode))


@cache
def training_set() -> RoomTrainingSet:
    return RoomTrainingSet(episodes(), Augmentation())


def processor(data: RoomTrainingSet) -> RoomPolicyProcessor:
    return RoomPolicyProcessor(program_tokenizer(data.words()).words, px=64)


@pytest.mark.slow
def test_a_batch_is_a_function_of_its_generator() -> None:
    data = training_set()
    one, same, other = (
        data.draw(np.random.default_rng(seed), processor(data), 4) for seed in (1, 1, 2)
    )
    assert one.inputs["frames"].shape == (4, 4, 64, 64)
    assert torch.equal(one.inputs["frames"], same.inputs["frames"])
    assert torch.equal(one.inputs["words"], same.inputs["words"])
    assert torch.equal(one.targets.spots.rooms, same.targets.spots.rooms)
    assert torch.equal(one.inputs["signs"], same.inputs["signs"])
    assert len(one.targets.signs) == len(one.inputs["signs"])
    assert not torch.equal(one.inputs["frames"], other.inputs["frames"])


def test_spots_say_what_stands_there() -> None:
    scene = episodes()[0].scene
    pose = BasePose(*episodes()[0].poses[0].tolist())
    frames = HomeRenderer(scene).render([pose], (64, 64))
    bodies, depth = frames.segmentation[0], frames.depth_m[0]
    truth = spot_classes(scene, pose, depth, bodies)
    assert truth.kinds.shape == (64 // STRIDE_PX,) * 2
    half, checked = STRIDE_PX // 2, 0
    by_body = {thing_body(scene, name): thing for name, thing in scene.things.items()}
    for row in range(16):
        for column in range(16):
            body = int(bodies[row * STRIDE_PX + half, column * STRIDE_PX + half])
            thing = by_body.get(body)
            kind = 0 if thing is None else 1 + THING_KINDS.index(thing.kind)
            colour = 0 if thing is None else 1 + COLOUR_NAMES.index(thing.colour)
            assert (truth.kinds[row, column], truth.colours[row, column]) == (kind, colour)
            checked += thing is not None
    here = scene.apartment.room_at(pose.x_m, pose.y_m)
    kind_here = scene.apartment.rooms[here].kind
    assert (truth.rooms == 1 + ROOM_KINDS.index(kind_here)).any()


def test_evaluation_seeds_and_empty_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="empty"):
        RoomTrainingSet([], Augmentation())
    late = replace(episodes()[0], seed=1_000_000)
    with pytest.raises(ValueError, match="belongs to evaluation"):
        RoomTrainingSet([late], Augmentation())
    with pytest.raises(FileNotFoundError, match="holds no dataset"):
        RoomTrainingSet.load([tmp_path], Augmentation())


@pytest.mark.slow
def test_a_small_policy_learns_and_every_weight_has_a_gradient() -> None:
    data = training_set()
    ours = processor(data)
    torch.manual_seed(0)
    config = RoomPolicyConfig(
        px=64, width=32, heads=2, text_layers=1, step_layers=1, eye_stem=8, eye_width=16,
        eye_blocks=1,
    )  # fmt: skip
    model = RoomPolicy(fitted_room_config(config, len(ours.words)))
    learner = Learner(
        model, Schedule(3e-3, 2, 40), usual_optimizers(model, 3e-3, 0.0), clip_norm=1.0,
        average_decay=0.9, precision="float32", score=score_rooms, weights=WEIGHTS,
    )  # fmt: skip
    team, losses = Team(0, 1), []
    for step in range(25):
        batch = data.draw(np.random.default_rng(step), ours, 8)
        metrics, _ = learner.step([batch], team, False)
        losses.append(float(metrics["loss"]))
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:3])
    still = [name for name, p in model.named_parameters() if p.grad is None]
    assert still == []
