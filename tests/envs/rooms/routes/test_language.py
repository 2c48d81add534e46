"""Every wording is read back as the step that it says, and strange words are refused by name."""

import numpy as np
import pytest

from handeye.envs.rooms.routes.language import (
    CONNECTORS,
    HELD_OUT_CONNECTORS,
    HELD_OUT_WORDINGS,
    MOST_WORDS,
    WORDINGS,
    find_thing,
    parse_route,
    say_route,
)
from handeye.envs.rooms.routes.routes import USUAL_STEPS
from handeye.envs.rooms.scene.language import ROOM_WORDS, THING_WORDS
from handeye.envs.rooms.scene.scene import RouteStep
from tests.envs.route_home import route_map

SCENE = route_map().scene
STEPS = (
    RouteStep("leave", "living room"),
    *(RouteStep(f"turn {way}") for way in ("left", "right", "around")),
    RouteStep("go straight"),
    RouteStep("pass", "blue_sofa", 0, "left"),
    RouteStep("pass", "red_chair_b", 0, "right"),
    RouteStep("pass", "red_chair_b"),
    RouteStep("enter", "hallway"),
    *(RouteStep("enter", "", n, side) for n in (1, 2, 6) for side in ("", "left", "right")),
    RouteStep("enter", "", 0, "left"),
    RouteStep("enter", "", 0, "ahead"),
    RouteStep("stop", "red_chair_a"),
    RouteStep("stop", "green_plant"),
    RouteStep("stop", "living room"),
    RouteStep("stop"),
    RouteStep("stop at door", "study"),
    RouteStep("stop at door", "", 2, "right"),
    RouteStep("stop at door", "", 0, "ahead"),
    RouteStep("stop at door"),
)


@pytest.mark.parametrize("split", ["seen", "phrasing"])
@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_step_is_read_back_from_every_wording(step: RouteStep, split: str) -> None:
    rng = np.random.default_rng(0)
    said = {say_route(SCENE, [step], split, rng) for _ in range(40)}
    assert len(said) >= (4 if split == "seen" else 1)
    assert {parse_route(SCENE, words) for words in said} == {(step,)}


@pytest.mark.parametrize("split", ["seen", "phrasing"])
def test_whole_routes_are_read_back(split: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(100):
        steps = tuple(STEPS[i] for i in rng.integers(len(STEPS), size=4))
        assert parse_route(SCENE, say_route(SCENE, steps, split, rng)) == steps


def test_every_step_has_four_wordings_and_one_that_training_never_sees() -> None:
    assert WORDINGS.keys() == HELD_OUT_WORDINGS.keys()
    for form, wordings in WORDINGS.items():
        assert len(set(wordings)) >= 4, form
        assert len(set(HELD_OUT_WORDINGS[form])) >= 1, form
        assert not set(wordings) & set(HELD_OUT_WORDINGS[form]), form
    assert not set(CONNECTORS) & set(HELD_OUT_CONNECTORS)


def test_joints_are_in_no_wording_and_in_no_name() -> None:
    joints = {"and", "then", "next", "afterwards", "after"}
    for table in (WORDINGS, HELD_OUT_WORDINGS, THING_WORDS, ROOM_WORDS):
        for wordings in table.values():
            assert not joints & set(" ".join(wordings).split()), wordings


@pytest.mark.slow
def test_the_longest_route_fits_and_a_longer_one_is_refused() -> None:
    rng = np.random.default_rng(2)
    # The most words a step takes are a pass with the thing's room; the last step is a stop.
    passed = [RouteStep("pass", "red_chair_b", 0, "right")] * (USUAL_STEPS - 1)
    longest = [*passed, RouteStep("stop", "red_chair_b")]
    for split in ("seen", "phrasing"):
        said = [say_route(SCENE, longest, split, rng) for _ in range(50)]
        assert max(len(words.split()) for words in said) <= MOST_WORDS
    with pytest.raises(ValueError, match=f"more than {MOST_WORDS} words"):
        say_route(SCENE, longest * 2, "seen", rng)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("dance to the kitchen", "cannot read 'dance to the kitchen'"),
        ("go into the attic", "'attic'"),
        ("pass the pink sofa on your left", "'pink sofa'"),
        ("stop at the red chair in the study", "'red chair in the study'"),
        ("stop at the red chair", "could be any of red_chair_a, red_chair_b"),
        ("take the nineteenth door", "cannot read"),
        ("stop at the green plant on your left", "'green plant on your left'"),
    ],
)
def test_what_cannot_be_read_is_named(words: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_route(SCENE, words)


def test_a_thing_is_found_by_its_colour_its_room_and_its_other_names() -> None:
    for phrase in ("the blue sofa", "the couch", "the sofa in the lounge"):
        assert find_thing(SCENE, phrase) == "blue_sofa"
    assert find_thing(SCENE, "the red chair in the kitchen") == "red_chair_a"
