"""Contract of every registered task."""

import numpy as np
import pytest

from handeye.base.names import UnknownName
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks import CORE, SPLITS, TASKS, pursuable
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.palette import HELD_OUT

SEEDS = range(12)


@pytest.mark.parametrize("name", TASKS)
def test_scenes_hold_distractors_and_a_confusable(name: str) -> None:
    for seed in SEEDS:
        scene, goals, _ = TABLETOP.make_task(name).draw_scene(np.random.default_rng(seed), "seen")
        assert len(goals) >= 2, "one instruction alone would decide nothing"
        for goal in goals:
            target = scene.objects[goal.referred[0]]
            others = [o for i, o in enumerate(scene.objects) if i not in goal.referred]
            assert len(scene.objects) - 1 >= 3
            rest = [o for o in scene.objects if o is not target]
            assert others
            assert rest
        named = {goal.referred[0] for goal in goals}
        pairs = [(scene.objects[i].kind, scene.objects[i].colour) for i in named]
        kinds, colours = zip(*pairs, strict=True)
        assert len(set(kinds)) < len(kinds) or len(set(colours)) < len(colours) or len(named) < 3


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_held_out_pairs_appear_only_in_their_split(name: str) -> None:
    task = TABLETOP.make_task(name)
    for seed in SEEDS:
        scene, goals, _ = task.draw_scene(np.random.default_rng(seed), "seen")
        assert not any((o.kind, o.colour) in HELD_OUT for o in scene.objects)
        scene, goals, _ = task.draw_scene(np.random.default_rng(seed), "combination")
        chosen = pursuable(scene, goals, "combination")
        assert chosen
        for goal in (goals[i] for i in chosen):
            pairs = [(scene.objects[i].kind, scene.objects[i].colour) for i in goal.referred]
            assert any(p in HELD_OUT for p in pairs)
        assert len({goal.referred[0] for goal in goals}) > 1  # something to contradict it with


@pytest.mark.parametrize("split", SPLITS)
def test_every_split_draws_every_task(split: str) -> None:
    for name in TASKS:
        scene, goals, rejected = TABLETOP.make_task(name).draw_scene(
            np.random.default_rng(3), split
        )
        assert goals
        assert rejected >= 0
        task = TABLETOP.make_task(name)
        assert task.instruction(scene, goals[0], split, np.random.default_rng(0))


def test_distractors_split_has_more_objects() -> None:
    def size(split: str) -> int:
        return len(
            TABLETOP.make_task("put_in").draw_scene(np.random.default_rng(1), split)[0].objects
        )

    assert size("distractors") > size("seen")


def test_held_out_pairs_leave_every_part_in_training() -> None:
    assert len(HELD_OUT) == len(shapes.KINDS)
    assert len({kind for kind, _ in HELD_OUT}) == len(shapes.KINDS)


def test_names_are_looked_up_kindly() -> None:
    assert TABLETOP.tasks_of("tabletop-core") == tuple(TASKS) == CORE.tasks
    assert TABLETOP.tasks_of("reach") == ("reach",)
    with pytest.raises(UnknownName, match="put_in"):
        TABLETOP.make_task("putin")
    with pytest.raises(UnknownName, match="tabletop-core"):
        TABLETOP.tasks_of("tabletop_core")
