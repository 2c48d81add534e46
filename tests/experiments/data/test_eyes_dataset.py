"""Batches for eyes: frames of tables and homes, their facts, and nothing that is held out."""

from functools import cache

import numpy as np
import pytest
import torch

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.splits import HELD_OUT_FURNITURE
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.predicates import is_inside
from handeye.envs.tabletop.world.scene import ObjectSpec, place
from handeye.experiments.data.eyes_dataset import (
    KINDS,
    NAMELESS,
    QUESTIONS,
    ROOM_TURN,
    TIERS,
    EyesBatch,
    EyesTrainingSet,
    fitted_eyes_config,
    vocabulary,
)
from handeye.experiments.data.eyes_train_frames import (
    ROOM_WORDS,
    TABLE_WORDS,
    laid_out,
    mixed_scene,
    room_shots,
    standing,
    table_shots,
)
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.labels.scene_nouns import draw_absent
from handeye.experiments.labels.scene_questions import ANSWERS
from handeye.experiments.training.eyes_loss import WEIGHTS, score_eyes
from handeye.perception.eyes.config import eyes_nano
from handeye.perception.eyes.eyes import Eyes
from handeye.perception.eyes.processor import EyesProcessor
from tests.experiments.recordings import recordings


@cache
def homes() -> tuple[RoomEpisode, ...]:
    env = RoomsEnv("rooms", cameras=())
    made = record_episode(env, "object_goal", 4, goals=1)
    env.close()
    assert isinstance(made, RoomEpisode)
    return (made,)


@cache
def training_set() -> EyesTrainingSet:
    return EyesTrainingSet(recordings(), homes())


@cache
def processor() -> EyesProcessor:
    return EyesProcessor(vocabulary(31).words)


def drawn(seed: int, step: int = 1) -> EyesBatch:
    return training_set().draw(np.random.default_rng(seed), processor(), 2, step)


@pytest.mark.slow
def test_a_batch_is_a_function_of_its_generator() -> None:
    one, same, other = drawn(1), drawn(1), drawn(2)
    assert all(torch.equal(one.inputs[name], same.inputs[name]) for name in one.inputs)
    assert not torch.equal(one.inputs["frames"], other.inputs["frames"])


@pytest.mark.parametrize("step", [1, ROOM_TURN])
def test_the_truth_fits_the_frames(step: int) -> None:
    batch = drawn(3, step)
    targets, count = batch.targets, batch.inputs["present"].shape[1]
    assert batch.inputs["owners"].max() <= count
    assert (targets.tiers.amax(dim=(1, 2)) >= 1).all()
    assert ((targets.kinds == 0).sum(1) == NAMELESS).all()
    named = targets.kinds > 0
    assert (targets.colours[named] >= 0).all()
    assert targets.match.shape[:2] == (len(named), QUESTIONS)
    middles = (targets.centres > 0.999).sum(dim=(1, 2, 3))
    assert (middles <= named.sum(1)).all()
    assert (middles >= 1).all()
    voted = torch.isfinite(targets.votes[:, 0])
    assert (targets.votes[:, 0][voted].abs() <= targets.centres.shape[-1]).all()
    sides = torch.isfinite(targets.relations[..., 4]).any()
    assert sides == (step != ROOM_TURN)


@pytest.mark.slow
def test_every_loss_is_finite_and_learnable() -> None:
    config = eyes_nano(stem=8, middle=8, deep=8, blocks=1, width=16, heads=2, layers=1)
    model = Eyes(fitted_eyes_config(config, len(processor().words)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    batch = drawn(4)
    first: dict[str, float] = {}
    costs: list[float] = []
    for _ in range(8):
        terms, metrics = score_eyes(model, batch)
        loss = torch.stack([WEIGHTS[name] * term.mean for name, term in terms.items()]).sum()
        first = first or {name: float(term.mean.detach()) for name, term in terms.items()}
        costs.append(float(loss.detach()))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert terms.keys() == WEIGHTS.keys()
    assert all(np.isfinite(value) for value in first.values())
    assert costs[-1] < costs[0]
    assert all(0 <= value <= 1 for value in metrics.values())


def test_nothing_held_out_is_shown_or_named() -> None:
    rng = np.random.default_rng(5)
    for shots, words, hidden in (
        (table_shots(recordings(), rng, 6), TABLE_WORDS, HELD_OUT),
        (room_shots(homes(), rng, 6), ROOM_WORDS, HELD_OUT_FURNITURE),
    ):
        for shot in shots:
            assert not {(t.kind, t.colour) for t in shot.facts.things} & hidden
            absent = [draw_absent(shot.facts, words, rng) for _ in range(20)]
            assert not {(noun.kind, noun.colour) for noun in absent if noun is not None} & hidden


def test_things_are_laid_into_one_another() -> None:
    rng = np.random.default_rng(0)
    specs = [ObjectSpec("bowl", "blue"), ObjectSpec("block", "red", "small")]
    scene = place(specs, rng)
    state = standing(scene, recordings()[0].joint_positions[0][:9], rng)
    inside = [is_inside(scene, laid_out(scene, state, rng), 1, 0) for _ in range(60)]
    assert 5 < sum(inside) < 55


def test_mixed_tables_hold_every_kind() -> None:
    rng, kinds = np.random.default_rng(1), set()
    for _ in range(40):
        try:
            kinds |= {thing.kind for thing in mixed_scene(rng).objects}
        except RuntimeError:
            continue  # it did not fit
    assert kinds == set(shapes.KINDS)


def test_names_are_listed_once_and_every_word_is_known() -> None:
    assert len(set(KINDS)) == len(KINDS) == len(TIERS)
    assert len(set(ANSWERS)) == len(ANSWERS)
    words = set(processor().words)
    assert {"red", "blocks", "leftmost", "shelves", "handle", "pressed"} <= words
    assert set(COLOURS) <= words
