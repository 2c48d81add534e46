"""True programs, in an apartment made by hand and for every wording of every task."""

import numpy as np
import pytest

from handeye.envs.rooms.registry import ROOMS
from handeye.envs.rooms.scene.scene import RoomGoal
from handeye.envs.rooms.tasks import ROOM_TASKS
from handeye.experiments.labels.program_labels import (
    ROOMS_VOCABULARY,
    Mention,
    true_program,
)
from handeye.perception.instructions.navigation_program import MOST_STEPS, NUMBER, ProgramStep
from tests.envs.route_home import route_map

SCENE = route_map().scene


def test_a_colour_and_a_room_are_true_only_where_they_are_said() -> None:
    sofa, plant = RoomGoal(("blue_sofa",)), RoomGoal(("green_plant",))
    plain = true_program("object_goal", SCENE, sofa, "find the couch")
    assert plain.spoken.steps == (ProgramStep("thing", "sofa"),)
    assert plain.mentions == (Mention(0, "kind", 2),)
    full = true_program("object_goal", SCENE, plant, "go to the green potted plant in the study")
    assert full.spoken.steps == (ProgramStep("thing", "plant", "green", "study"),)
    assert full.mentions == (
        Mention(0, "kind", 4, 2),
        Mention(0, "colour", 3),
        Mention(0, "room", 8),
    )
    with pytest.raises(ValueError, match="does not name 'blue_sofa'"):
        true_program("object_goal", SCENE, sofa, "find the red couch")


def test_the_same_words_mean_the_same_in_two_tasks() -> None:
    said = "stop next to the sofa"
    goal, relation = RoomGoal(("blue_sofa",)), RoomGoal(("blue_sofa",), "next to")
    expected = (ProgramStep("next to", "sofa"),)
    assert true_program("object_goal", SCENE, goal, said).spoken.steps == expected
    assert true_program("relational", SCENE, relation, said).spoken.steps == expected
    near = true_program("object_goal", SCENE, goal, "stop near the sofa")
    assert near.spoken.steps == (ProgramStep("thing", "sofa"),)


def test_two_things_of_a_kind_are_read_one_after_the_other() -> None:
    goal = RoomGoal(("red_chair_a", "red_chair_b"), "between")
    said = "go and stand between the chair in the kitchen and the red chair in the bedroom"
    example = true_program("relational", SCENE, goal, said)
    assert example.spoken.steps == (
        ProgramStep("between", "chair", room="kitchen"),
        ProgramStep("and", "chair", "red", "bedroom"),
    )


def test_a_visit_ends_at_the_start_and_a_count_has_its_room() -> None:
    back = true_program("go_back", SCENE, RoomGoal(("living room",)), "see the lounge, come back")
    assert back.spoken.steps == (ProgramStep("room", room="living room"), ProgramStep("start"))
    goal = RoomGoal(("red_chair_a", "kitchen"), "red chair", answer="1")
    words = "drive to the kitchen and count the red chairs"
    count = true_program("count_things", SCENE, goal, words)
    assert count.spoken.steps == (ProgramStep("count", "chair", "red", "kitchen"),)
    assert Mention(0, "kind", 8, plural=True) in count.mentions


def test_a_point_has_the_directions_of_the_simulator() -> None:
    goal = RoomGoal(place_m=(8.0, 0.5))  # 1 m behind and 2 m to the right of the start
    said = "go 1.0 metres behind and 2.0 metres to the right"
    spoken = true_program("point_goal", SCENE, goal, said).spoken
    assert spoken.words[1] == NUMBER
    assert spoken.directions == ("behind", "right")


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ValueError, match="'fly'"):
        true_program("fly", SCENE, RoomGoal(), "fly")


@pytest.mark.slow
@pytest.mark.parametrize("split", ["seen", "phrasing"])
@pytest.mark.parametrize("name", ROOM_TASKS)
def test_every_wording_of_every_task_has_a_program(name: str, split: str) -> None:
    task = ROOMS.make_task(name)
    rng = np.random.default_rng(5)
    scene, goals, _ = task.draw_scene(rng, split)
    for goal in goals:
        for _ in range(20):
            words = task.instruction(scene, goal, split, rng)
            spoken = true_program(name, scene, goal, words).spoken
            assert 0 < len(spoken.steps) < MOST_STEPS
            assert all(ROOMS_VOCABULARY.indices(step) for step in spoken.steps)
            assert (spoken.sign_at >= 0) == (spoken.steps[0].op == "sign")
            assert len(spoken.directions) == spoken.words.count(NUMBER)
