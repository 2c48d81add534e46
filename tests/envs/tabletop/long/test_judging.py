"""When a long goal is met: every condition with a near miss, order, answers and claims."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from handeye.envs.tabletop.long.goal import Condition, LongGoal
from handeye.envs.tabletop.long.judging import History, is_answer, verdicts
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State
from tests.envs.builders import jointed, moved, state_of, thing, touched

BLOCK, BASE, BOWL, ZONE, BUTTON, DRAWER = range(6)
SCENE = Scene((
    thing("block", "red", 0.40, 0.00), thing("block", "blue", 0.40, 0.12),
    thing("bowl", "green", 0.55, 0.00), thing("zone", "cyan", 0.55, 0.17),
    thing("button", "pink", 0.40, 0.20), thing("drawer", "orange", 0.36, -0.12),
))  # fmt: skip
START = state_of(SCENE)
HIGH = shapes.PRISMS["block"]["large"].height_m
INSIDE, ON = (0.15, 0.0, 0.004), (0.0, 0.12, HIGH)
STOWED = (0.08, -0.12, 0.008)  # where the open drawer's tray is


def goal(*conditions: Condition, **more: object) -> LongGoal:
    """A goal of these conditions whose solution puts something somewhere."""
    made = LongGoal(
        "steps_in_order", "short", "ordinary", (), True, (Subgoal("put", BLOCK, BOWL),), (None,),
        conditions,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def at(tick: int, *, block: tuple[float, float, float] = (0, 0, 0), base: float = 0.0,
       cap: float = 0.0, slide: float = 0.0) -> State:  # fmt: skip
    """A moment: where the red block has gone, how far the blue one, the cap and the tray have."""
    state = moved(START, SCENE.body(BLOCK), by=block)
    state = moved(state, SCENE.body(BASE), by=(base, 0.0, 0.0))
    state = jointed(jointed(state, SCENE.joint(BUTTON), cap), SCENE.joint(DRAWER), slide)
    return replace(state, tick=tick)


def after(wanted: LongGoal, states: Iterable[State], answer: str = "", claim: str = "success",
          ) -> dict[str, bool]:  # fmt: skip
    """What is so when these moments have gone by."""
    history = History(SCENE, [wanted])
    for state in states:
        history.watch(state)
    history.answer, history.claim = answer, claim  # type: ignore[assignment]
    return verdicts(wanted, SCENE, state, history)


def met(wanted: LongGoal, *states: State, **said: str) -> bool:
    return all(after(wanted, states, **said).values())


DOWN, UP = -0.9 * shapes.BUTTON.travel_m, 0.0


@pytest.mark.parametrize(
    ("condition", "hit", "near_miss"),
    [
        (Condition("inside", BLOCK, BOWL), at(0, block=INSIDE), at(0, block=(0.15, 0.07, 0.0))),
        (Condition("outside", BLOCK, BOWL), at(0, block=(0.15, 0.07, 0)), at(0, block=INSIDE)),
        (Condition("on", BLOCK, BASE), at(0, block=ON), at(0, block=(0.0, 0.12, HIGH + 0.01))),
        (Condition("in_zone", BLOCK, ZONE), at(0, block=(0.15, 0.12, 0)),
         at(0, block=(0.15, 0.10, 0))),
        (Condition("off_zone", BLOCK, ZONE), at(0, block=(0.15, 0.10, 0)),
         at(0, block=(0.15, 0.12, HIGH))),
        (Condition("left", BLOCK, BASE), at(0), at(0, base=0.13)),
        (Condition("tower", among=(BLOCK, BASE)), at(0, block=ON), at(0, block=(0.03, 0.12, HIGH))),
        (Condition("count_inside", -1, BOWL, 1, (BLOCK, BASE)), at(0, block=INSIDE), at(0)),
        (Condition("presses", BUTTON, number=0), at(0), at(0, cap=DOWN)),
        (Condition("open", DRAWER), at(0, slide=0.08), at(0, slide=0.07)),
        (Condition("closed", DRAWER), at(0, slide=0.01), at(0, slide=0.02)),
        (Condition("inside", BLOCK, DRAWER), at(0, block=STOWED, slide=0.1),
         at(0, block=STOWED, slide=0.03)),
    ],
    ids=str,
)  # fmt: skip
def test_every_condition_has_a_near_miss(
    condition: Condition, hit: State, near_miss: State
) -> None:
    assert met(goal(condition), hit)
    assert not met(goal(condition), near_miss)


def test_presses_are_counted_by_going_down_and_up_again() -> None:
    twice = goal(Condition("presses", BUTTON, number=2))
    down, half, up = at(0, cap=DOWN), at(1, cap=0.4 * DOWN), at(2, cap=UP)
    assert met(twice, at(0), down, up, down)
    assert not met(twice, down, half, down), "a cap that only wavers is one press"
    assert not met(twice, down, up, down, up, down)


def test_what_need_not_last_counts_when_it_has_been() -> None:
    for lasting in (False, True):
        opened = goal(Condition("open", DRAWER, lasting=lasting))
        assert met(opened, at(0, slide=0.09), at(1)) != lasting
        assert not met(opened, at(0), at(1))


def test_the_order_told_is_the_order_that_counts() -> None:
    put, press = Condition("inside", BLOCK, BOWL), Condition("press", BUTTON, number=1)
    first_put = goal(put, replace(press, lasting=False), order=((0, 1),))
    there, pressed = at(1, block=INSIDE), at(2, block=INSIDE, cap=DOWN)
    assert met(first_put, at(0), there, pressed)
    assert not met(first_put, at(0), at(1, cap=DOWN), at(2), at(3, block=INSIDE))


def test_a_wrong_order_can_be_put_right() -> None:
    close, put = Condition("closed", DRAWER), Condition("inside", BLOCK, BOWL)
    put_first = goal(put, close, order=((0, 1),))
    assert not met(put_first, at(0), at(1, block=INSIDE), at(2, block=INSIDE))  # closed before
    reopened = (at(2, block=INSIDE, slide=0.09), at(3, block=INSIDE))
    assert met(put_first, at(0), at(1, block=INSIDE), *reopened)


def test_nothing_may_be_left_in_the_hand() -> None:
    wanted, there = goal(Condition("inside", BLOCK, BOWL)), at(0, block=INSIDE)
    body = SCENE.body(BLOCK)
    assert met(wanted, touched(there, body, -1))
    assert not met(wanted, touched(there, body, body))


def test_an_infeasible_goal_is_met_by_saying_so_and_nothing_else() -> None:
    never = goal(infeasible="there is no such thing")
    assert met(never, at(0), claim="cannot")
    assert not met(never, at(0), claim="success")
    assert not met(never, at(0), claim="failure")


@pytest.mark.parametrize(
    ("said", "right", "counts"),
    [
        ("three", "three", True), ("There are 3 stars.", "three", True), ("13", "three", False),
        ("two or three", "three", False), ("", "three", False), ("0", "no", True),
        ("a star", "star", True), ("stars", "stars", True),
        ("more stars than blocks", "stars", False),
        ("It is red!", "red", True), ("blue", "red", False), ("reddish", "red", False),
    ],
)  # fmt: skip
def test_an_answer_counts_in_digits_or_words_but_not_a_guess(
    said: str, right: str, counts: bool
) -> None:
    assert is_answer(said, right) == counts
    asked = goal(answer=right)
    assert met(asked, at(0), answer=said) == counts
