import math

import numpy as np
import pytest

from handeye.perception.instructions.navigation_program import ProgramStep
from handeye.policies.modular.door_belief import TURNS, From, Told, door_beliefs, fit_of

START = From(1.0, 2.0, math.pi / 2)  # looks along +y
LEFT, RIGHT, AHEAD, BEHIND = (-2.0, 2.5), (4.0, 2.5), (1.5, 5.0), (1.5, -2.0)


def test_what_shows_behind_a_door_moves_the_odds_and_nothing_does_not() -> None:
    even = door_beliefs([None, None], [1.0, 1.0])
    likely = door_beliefs([0.6, None], [1.0, 1.0])
    unlikely = door_beliefs([0.02, None], [1.0, 1.0])
    assert even == [0.5, 0.5]
    assert likely[0] > 0.85
    assert unlikely[0] < 0.2
    assert sum(likely) == pytest.approx(1.0)


def test_a_chance_likeness_is_no_evidence() -> None:
    assert door_beliefs([1 / 8, None], [1.0, 1.0]) == pytest.approx([0.5, 0.5])


def test_no_look_is_quite_sure() -> None:
    assert 0.0 < door_beliefs([0.0, 1.0], [1.0, 1.0])[0] < 0.01


@pytest.mark.parametrize(
    ("turn", "to"),
    [("turn left", LEFT), ("turn right", RIGHT), ("go straight", AHEAD), ("turn around", BEHIND)],
)
def test_a_turn_fits_the_way_it_leads_to_and_no_other(turn: str, to: tuple[float, float]) -> None:
    for other in (LEFT, RIGHT, AHEAD, BEHIND):
        fit = fit_of([Told(ProgramStep(turn))], START, other)
        assert (fit == 1.0) == (other == to)
    assert turn in TURNS


@pytest.mark.parametrize(
    ("thing", "side", "fits"),
    [
        ((0.5, 3.5), "left", True),
        ((0.5, 3.5), "right", False),
        ((0.5, 3.5), "", True),
        ((-2.0, 3.5), "left", False),  # too far aside
        ((1.0, 6.0), "", False),  # beyond the door
    ],
)
def test_a_thing_is_passed_on_its_side(
    thing: tuple[float, float], side: str, *, fits: bool
) -> None:
    told = [Told(ProgramStep("pass", kind="box", side=side), np.array([thing, thing]))]
    assert (fit_of(told, START, AHEAD) == 1.0) == fits


def test_a_thing_that_is_not_seen_tells_nothing() -> None:
    assert fit_of([Told(ProgramStep("pass", kind="box", side="left"))], START, AHEAD) == 1.0
