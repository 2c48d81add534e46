"""Referring expressions: every one offered fits exactly one object."""

import numpy as np
import pytest

from handeye.envs.base.phrases import check_instruction, spell_out
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks import TASKS
from handeye.envs.tabletop.world.language import Description, descriptions, phrase, refer
from handeye.envs.tabletop.world.scene import Scene
from tests.envs.builders import thing


def test_descriptions_are_unambiguous_and_complete() -> None:
    scene = Scene(
        (
            thing("block", "red", y=-0.2),
            thing("block", "red", y=0.2, size="small"),
            thing("star", "blue"),
        )
    )
    for i in range(3):
        found = descriptions(scene, i)
        assert found
        for d in found:
            assert [d.fits(scene, k) for k in range(3)] == [k == i for k in range(3)]
    assert Description(colour="red", kind="block") not in descriptions(scene, 0)
    assert Description(size="small", kind="block") in descriptions(scene, 1)
    left = Description("", "red", "block", "left", 2)
    assert left in descriptions(scene, 0)
    assert left not in descriptions(scene, 1)


def test_a_relation_needs_a_clear_margin() -> None:
    scene = Scene((thing("block", y=-0.04), thing("star", "blue"), thing("block", y=0.2)))
    assert not any(d.relation == "left" for d in descriptions(scene, 0))


def test_indistinguishable_objects_are_refused() -> None:
    scene = Scene((thing("block", y=-0.01, name="a"), thing("block", y=0.01, name="b")))
    with pytest.raises(ValueError, match="cannot be told"):
        refer(scene, 0, np.random.default_rng(0))


def test_patterns_are_spelled_out_in_order() -> None:
    assert spell_out("(put|lay) {a} (in|into) {b}", "take {a}") == (
        "put {a} in {b}",
        "put {a} into {b}",
        "lay {a} in {b}",
        "lay {a} into {b}",
        "take {a}",
    )


@pytest.mark.parametrize("name", TASKS)
def test_templates_fill_and_held_out_ones_are_new(name: str) -> None:
    task = TABLETOP.make_task(name)
    assert len(task.templates) == len(set(task.templates)) >= 5
    assert len(task.held_out_templates) >= 4
    assert not set(task.templates) & set(task.held_out_templates)
    rng = np.random.default_rng(0)
    scene, goals, _ = task.draw_scene(rng, "seen")
    for template in task.templates + task.held_out_templates:
        words = phrase(template, scene, goals[0].referred, goals[0].relation, rng)
        assert "{" not in words
        assert words == words.strip()


def test_instructions_that_are_no_short_text_are_refused() -> None:
    assert check_instruction("  pick up the cube ") == "pick up the cube"
    assert check_instruction("") == ""  # blank is allowed: it is one of the evaluation's conditions
    with pytest.raises(ValueError, match="10000 characters"):
        check_instruction("x" * 10_000)
    with pytest.raises(ValueError, match="string"):
        check_instruction(7)
