"""The expert of long instructions: which step is next, and when there is nothing left to do."""

import numpy as np
import pytest

from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.long.goal import Condition, LongGoal
from handeye.envs.tabletop.long.judging import History
from handeye.envs.tabletop.long.oracle import OVER_TOWERS_M, CarefulOracle, LongOracle
from handeye.envs.tabletop.oracle import CLOSED, OPEN, TabletopOracle
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.oracle_placement import free_spot
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State
from tests.envs.builders import jointed, moved, state_of, thing, touched

STAR, BLOCK, BOWL, ZONE, BUTTON, FULL, EMPTY, HIDDEN = range(8)
SCENE = Scene((
    thing("star", "blue", 0.45, 0.0, size="small"), thing("block", "cyan", 0.6, 0.15),
    thing("bowl", "red", 0.55, 0.0), thing("zone", "green", 0.6, -0.15),
    thing("button", "pink", 0.45, 0.19), thing("drawer", "green", 0.36, -0.12),
    thing("drawer", "red", 0.36, 0.12), thing("star", "red", 0.37, -0.12, size="small", z=0.008),
))  # fmt: skip
START = state_of(SCENE)
INSIDE, ON_ZONE = Condition("inside", STAR, BOWL), Condition("in_zone", BLOCK, ZONE)
PUT_STAR = Subgoal("put", STAR, BOWL, "inside")
PUT_BLOCK = Subgoal("put", BLOCK, ZONE, "in_zone")
IN_BOWL = moved(START, SCENE.body(STAR), by=(0.10, 0.0, 0.004))
BOTH = moved(IN_BOWL, SCENE.body(BLOCK), by=(0.0, -0.30, 0.001))


def expert(
    *steps: tuple[Subgoal, Condition | None], seen: tuple[State, ...] = (START,), answer: str = ""
) -> LongOracle:
    """The expert of a goal that these steps reach, when these moments have gone by."""
    goal = LongGoal(
        "steps_in_order", "short", "ordinary", (), True, tuple(s for s, _ in steps),
        tuple(c for _, c in steps), tuple(c for _, c in steps if c), answer=answer,
    )  # fmt: skip
    history = History(SCENE, [goal])
    for state in seen:
        history.watch(state)
    return LongOracle(SCENE, goal, history)


def held(state: State, item: int) -> State:
    """The state with something in the hand."""
    return touched(state, SCENE.body(item), SCENE.body(item))


def next_step(state: State, *steps: tuple[Subgoal, Condition | None]) -> str:
    """What is done first in a state."""
    return expert(*steps, seen=(state,)).next_waypoint(state, False).subgoal


def test_the_first_step_comes_first() -> None:
    assert next_step(START, (PUT_STAR, INSIDE), (PUT_BLOCK, ON_ZONE)) == f"grasp({STAR},-1,)"


def test_a_step_whose_thing_is_in_the_hand_goes_on_to_its_target() -> None:
    taken = held(START, STAR)
    assert next_step(taken, (PUT_STAR, INSIDE)) == f"place({STAR},{BOWL},inside)"


def test_a_step_is_not_over_while_its_thing_is_still_held() -> None:
    there = held(IN_BOWL, STAR)
    steps = (PUT_STAR, INSIDE), (PUT_BLOCK, ON_ZONE)
    assert next_step(there, *steps) == f"place({STAR},{BOWL},inside)"
    assert next_step(IN_BOWL, *steps) == f"grasp({BLOCK},-1,)"


def test_a_step_that_need_only_have_been_done_is_not_done_again() -> None:
    once = Condition("inside", STAR, BOWL, lasting=False)
    oracle = expert((PUT_STAR, once), (PUT_BLOCK, ON_ZONE), seen=(START, IN_BOWL, START))
    assert oracle.next_waypoint(START, False).subgoal == f"grasp({BLOCK},-1,)"


def test_when_all_steps_are_achieved_it_claims_success() -> None:
    oracle = expert((PUT_STAR, INSIDE), (PUT_BLOCK, ON_ZONE), seen=(BOTH,))
    said = oracle.next_waypoint(BOTH, False)
    assert (said.done, said.claim, said.answer) == (True, "success", "")


def test_it_stays_where_it_is_when_it_is_done() -> None:
    said = expert((PUT_STAR, INSIDE)).next_waypoint(START, True)
    assert (said.done, said.subgoal) == (True, "done")
    assert said.values[:3] == pytest.approx(tcp_target(START.joint_positions)[:3], abs=1e-5)
    assert said.values[-1] == CLOSED


def test_it_lets_go_of_what_it_holds_before_it_says_something() -> None:
    oracle = expert((Subgoal("say", -1), None), answer="two")
    letting_go = oracle.next_waypoint(held(START, BLOCK), False)
    assert (letting_go.done, letting_go.subgoal) == (False, "let go")
    assert letting_go.values[-1] == OPEN
    assert oracle.next_waypoint(START, False).answer == "two"


def test_an_answer_waits_for_what_has_to_be_done_before() -> None:
    steps = (PUT_STAR, INSIDE), (Subgoal("say", -1), None)
    before = expert(*steps, answer="two").next_waypoint(START, False)
    assert (before.done, before.answer) == (False, "")
    assert expert(*steps, answer="two", seen=(IN_BOWL,)).next_waypoint(IN_BOWL, False).done


# ------------------------------------------------------------------------------------- drawers

FETCH = Subgoal("put", HIDDEN, ZONE, "in_zone"), Condition("in_zone", HIDDEN, ZONE)


def test_a_closed_drawer_is_opened_before_something_is_taken_out() -> None:
    assert predicates.is_stowed(SCENE, START, HIDDEN, FULL)
    assert next_step(START, FETCH) == f"slide({FULL},-1,open)"


def test_an_open_drawer_is_left_as_it_is() -> None:
    drawn = jointed(START, SCENE.joint(FULL), 0.1)
    with_it = moved(drawn, SCENE.body(HIDDEN), by=(0.1, 0.0, 0.0))
    assert next_step(with_it, FETCH) == f"grasp({HIDDEN},-1,)"


def test_a_drawer_that_holds_nothing_wanted_stays_closed() -> None:
    assert next_step(START, (PUT_STAR, INSIDE)).startswith("grasp")
    into = Subgoal("put", STAR, EMPTY, "inside"), Condition("inside", STAR, EMPTY)
    assert next_step(START, into) == f"slide({EMPTY},-1,open)"


def test_no_drawer_is_opened_with_something_in_the_hand() -> None:
    into = Subgoal("put", STAR, EMPTY, "inside"), Condition("inside", STAR, EMPTY)
    assert next_step(held(START, STAR), into).startswith("place")


def test_closing_a_drawer_does_not_open_it_first() -> None:
    close = Subgoal("slide", FULL, relation="close"), Condition("closed", FULL)
    ajar = jointed(START, SCENE.joint(FULL), 0.03)
    assert next_step(ajar, close) == f"slide({FULL},-1,close)"


# ------------------------------------------------------------------------------------- buttons

PRESSES = tuple(
    (Subgoal("press", BUTTON), Condition("press", BUTTON, number=n, lasting=False)) for n in (1, 2)
)
DOWN = jointed(START, SCENE.joint(BUTTON), -0.009)


def test_a_cap_that_is_still_down_is_let_up_straight_above() -> None:
    up = expert(*PRESSES, seen=(START, DOWN)).next_waypoint(DOWN, False)
    x, y = tcp_target(DOWN.joint_positions)[:2]
    assert (up.done, up.subgoal) == (False, f"press({BUTTON},-1,)")
    assert up.values[:3] == pytest.approx((x, y, OVER_TOWERS_M), abs=1e-5)


def test_presses_are_over_when_there_were_enough() -> None:
    assert not expert(*PRESSES, seen=(START, DOWN)).next_waypoint(START, False).done
    assert expert(*PRESSES, seen=(START, DOWN, START, DOWN)).next_waypoint(DOWN, False).done


# -------------------------------------------------------------------------------- careful hands


def test_it_crosses_the_table_higher_than_the_oracle_of_single_skills() -> None:
    assert CarefulOracle.hover_m > TabletopOracle.hover_m
    assert CarefulOracle.low_m < CarefulOracle.hover_m
    oracle = CarefulOracle(SCENE, (Subgoal("grasp", STAR),))
    assert oracle.next_waypoint(START, False).values[2] > TabletopOracle.hover_m


@pytest.mark.parametrize(("target", "relation"), [(BOWL, "inside"), (ZONE, "in_zone")])
def test_what_is_put_in_something_rests_on_a_free_spot(target: int, relation: str) -> None:
    step = Subgoal("place", STAR, target, relation)
    spot = CarefulOracle(SCENE, (step,)).rest(START, step)
    assert spot == free_spot(SCENE, START, STAR, target)


@pytest.mark.parametrize(("target", "relation"), [(BLOCK, "on"), (BLOCK, "left")])
def test_what_is_put_on_or_beside_something_rests_where_the_oracle_says(
    target: int, relation: str
) -> None:
    step = Subgoal("place", STAR, target, relation)
    usual = TabletopOracle(SCENE, (step,)).rest(START, step)
    assert np.array_equal(CarefulOracle(SCENE, (step,)).rest(START, step), usual)
