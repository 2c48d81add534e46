"""The symbolic side of the suite rooms-long: homes, goals, words, answers."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from handeye.base.names import UnknownName
from handeye.envs.base.phrases import MAX_INSTRUCTION_CHARS
from handeye.envs.rooms.long import KINDS, SymbolicHome, exact_words, home_of, sample_long_goal
from handeye.envs.rooms.long.answers import says
from handeye.envs.rooms.long.goals import CANNOT, LENGTHS, VAGUENESSES, LongGoal, length_of, visits
from handeye.envs.rooms.long.naming import name_place
from handeye.envs.rooms.long.sampling import draw_goal, is_held_out
from handeye.envs.rooms.long.symbolic_home import HomeThing
from handeye.envs.rooms.registry import ROOMS

HOME = SymbolicHome(
    ("kitchen", "study", "bedroom"),
    (
        HomeThing("red_chair_0", "chair", "red", "kitchen"),
        HomeThing("red_chair_1", "chair", "red", "study"),
        HomeThing("blue_bed_2", "bed", "blue", "bedroom"),
    ),
    "study",
)


def test_there_are_enough_kinds_lengths_and_degrees_of_vagueness() -> None:
    assert len(KINDS) >= 20
    for length in LENGTHS:
        assert sum(length in kind.sizes for kind in KINDS.values()) >= 10
    assert len(VAGUENESSES) == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_goals_of_every_kind_and_length_fit_their_home(name: str) -> None:
    rng = np.random.default_rng(7)
    for length in KINDS[name].sizes:
        for vagueness in VAGUENESSES:
            home, goal, said = sample_long_goal(rng, kind=name, length=length, vagueness=vagueness)
            assert (goal.kind, goal.length, goal.vagueness) == (name, length, vagueness)
            assert 0 < len(said.words) < MAX_INSTRUCTION_CHARS
            assert "{" not in said.words
            assert "  " not in said.words
            if not goal.feasible:
                continue
            assert length_of(len(goal.subgoals)) == length
            named = [c.place for c in goal.conditions] + [s.place for s in goal.subgoals]
            assert all(place in ("", "start") or home.has(place) for place in named)
            assert all(c.after < k for k, c in enumerate(goal.conditions))
            assert any(c.what == "answer" for c in goal.conditions) == bool(goal.answer)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.lacking])
def test_what_cannot_be_done_names_something_that_is_not_there(name: str) -> None:
    rng = np.random.default_rng(3)
    samples = (sample_long_goal(rng, kind=name) for _ in range(200))
    home, goal, said = next(sample for sample in samples if not sample.goal.feasible)
    (searched,) = goal.subgoals
    assert goal.answer == CANNOT
    assert searched.skill == "explore"
    assert searched.place in goal.places
    assert not home.has(searched.place)
    assert said.called[searched.place]


def test_the_same_seed_draws_the_same() -> None:
    first, again = (sample_long_goal(np.random.default_rng(5)) for _ in range(2))
    assert first == again


def test_goals_survive_json() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        goal = sample_long_goal(rng).goal
        assert LongGoal.from_dict(json.loads(json.dumps(asdict(goal)))) == goal


def test_held_out_beginnings_are_never_trained() -> None:
    rng = np.random.default_rng(1)
    for split in ("seen", "phrasing", "combination"):
        for _ in range(40):
            home, goal, _ = sample_long_goal(rng, split=split)
            if goal.feasible:
                held_out = is_held_out(home, goal.kind, goal.places)
                assert held_out == (split == "combination")


def test_held_out_phrasings_are_not_trained() -> None:
    for kind in KINDS.values():
        assert len(kind.templates) >= 2
        assert kind.vague
        assert kind.held_out
        assert not {*kind.templates, *kind.vague} & {*kind.held_out}


def test_words_single_places_out() -> None:
    rng = np.random.default_rng(0)
    assert exact_words(HOME, "red_chair_0") == "chair in the kitchen"
    assert exact_words(HOME, "blue_bed_2") == "blue bed"
    assert name_place(HOME, "red_chair_0", "vague", rng) is None
    bed = name_place(HOME, "blue_bed_2", "vague", rng)
    assert bed is not None
    assert "bed" not in bed.said
    assert bed.called == "bed"
    for _ in range(5):
        hidden = name_place(HOME, "blue_bed_2", "ordinary", rng, tell_room=False)
        assert hidden is not None
        assert "bedroom" not in hidden.said
    twins = replace(HOME, things=(*HOME.things, HomeThing("red_chair_3", "chair", "red", "study")))
    assert name_place(twins, "red_chair_1", "specific", rng) is None
    with pytest.raises(ValueError, match="cannot be told"):
        exact_words(twins, "red_chair_1")


def test_a_home_is_read_off_a_scene() -> None:
    scene, *_ = ROOMS.make_task("room_goal").draw_scene(np.random.default_rng(4), "seen")
    home = home_of(scene)
    assert set(home.by_name) == {piece.name for piece in scene.apartment.furniture}
    assert home.start_room in home.rooms
    thing = home.things[0]
    assert home.rooms[scene.things[thing.name].room] == thing.room
    assert home.room_of(thing.name) == thing.room
    assert home.room_of("kitchen") == "kitchen"


@pytest.mark.parametrize(
    ("answer", "expected", "right"),
    [
        ("3", "3", True),
        ("there are three boxes", "3", True),
        ("there are no boxes", "0", True),
        ("three or four", "3", False),
        ("13", "3", False),
        ("", "0", False),
        ("yes", "yes", True),
        ("Yes, there is.", "yes", True),
        ("yes and no", "yes", False),
        ("the lounge", "living room", True),
        ("the kitchen, not the study", "kitchen", False),
        ("it is blue", "blue", True),
        ("a bluebell", "blue", False),
        ("cannot", CANNOT, True),
        ("3", CANNOT, False),
    ],
)
def test_answers_are_judged_by_what_they_say(answer: str, expected: str, right: bool) -> None:
    assert says(answer, expected) == right


def test_visits_wait_for_one_another_only_if_ordered() -> None:
    assert [c.after for c in visits("a", "b", "c")] == [-1, 0, 1]
    assert [c.after for c in visits("a", "b", ordered=False)] == [-1, -1]
    assert [c.after for c in visits("a", "b", first=2)] == [-1, 2]


def test_what_is_unknown_is_named() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(UnknownName, match="patroll"):
        sample_long_goal(rng, kind="patroll")
    with pytest.raises(UnknownName, match="sen"):
        sample_long_goal(rng, split="sen")
    with pytest.raises(ValueError, match="no long goal"):
        sample_long_goal(rng, kind="how_many_rooms", length="long")
    assert draw_goal(HOME, "how_many_rooms", rng, length="long") is None
