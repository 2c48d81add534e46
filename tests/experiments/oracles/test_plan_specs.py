"""What the expert is told, from goals as plain data, without a simulator."""

from typing import Any

import numpy as np
import pytest

from handeye.envs.tabletop.long import Clause, Condition, LongGoal
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.experiments.oracles.oracle_planner import Inquiry, PlanSpec
from handeye.experiments.oracles.plan_specs import long_plan_spec, standing_facts
from handeye.experiments.traces.table_drafts import standing

THINGS = [
    standing("block", "red", "small", (0.4, -0.1)),
    standing("star", "green", "small", (0.4, 0.1)),
    standing("block", "blue", "large", (0.6, -0.1)),
    standing("bowl", "blue", "", (0.6, 0.1)),
    standing("drawer", "yellow", "", (0.36, -0.3)),
]
BLOCK, STAR, LARGE, BOWL, DRAWER = range(5)


def goal(*clauses: Clause, **changes: Any) -> LongGoal:
    told: dict[str, Any] = {
        "kind": "sort", "length": "short", "vagueness": "plain", "clauses": clauses,
        "ordered": False, "subgoals": (), "effects": (), "conditions": (), **changes,
    }  # fmt: skip
    return LongGoal(**told)


def assigned(goal: LongGoal) -> PlanSpec:
    return long_plan_spec(goal, THINGS, "do it", lambda words: [])


def test_goals_pass_what_they_say_on() -> None:
    told = assigned(goal(answer="red", infeasible="there is no cup"))
    assert (told.instruction, told.things) == ("do it", THINGS)
    assert (told.answer, told.infeasible) == ("red", "there is no cup")
    assert told.unclear is None
    assert told.inquiries == ()


@pytest.mark.parametrize(
    ("clause", "counted"),
    [
        (Clause("how_many", ("the red blocks",)), ["red blocks"]),
        (Clause("which_more", ("blocks", "stars")), ["blocks", "stars"]),
        (Clause("there_is", ("a red cup",)), ["red cup"]),
        (Clause("press_as_many", (BLOCK, "the stars")), ["stars"]),
        (Clause("put_in", (BLOCK, BOWL)), []),
    ],
)
def test_what_is_to_be_counted_is_asked_first(clause: Clause, counted: list[str]) -> None:
    expected = tuple(Inquiry("count", {"words": words}) for words in counted)
    assert assigned(goal(clause)).inquiries == expected


def test_clauses_within_clauses_are_counted_too() -> None:
    inner = Clause("there_is", ("a cup",))
    told = assigned(goal(Clause("if", (inner, Clause("put_in", (BLOCK, BOWL))))))
    assert told.inquiries == (Inquiry("count", {"words": "cup"}),)


def put(*items: int) -> tuple[Subgoal, ...]:
    return tuple(Subgoal("put", item, BOWL, "inside") for item in items)


def test_things_that_no_words_single_out_come_in_the_order_of_the_view() -> None:
    told = assigned(goal(Clause("all_in", ("blocks", BOWL)), subgoals=put(LARGE, BLOCK)))
    assert told.subgoals == list(put(BLOCK, LARGE))


def test_things_that_words_single_out_come_in_the_order_of_the_words() -> None:
    said = (Clause("put_in", (LARGE, BOWL)), Clause("put_in", (BLOCK, BOWL)))
    assert assigned(goal(*said, subgoals=put(LARGE, BLOCK))).subgoals == list(put(LARGE, BLOCK))


def test_presses_between_placements_keep_their_place() -> None:
    press = Subgoal("press", 4)
    between = (*put(LARGE), press, *put(BLOCK))
    assert assigned(goal(subgoals=between)).subgoals == list(between)


def test_of_several_that_would_do_the_first_in_view_are_taken() -> None:
    some = Condition("count_inside", target=BOWL, number=1, among=(BLOCK, LARGE))
    told = assigned(goal(subgoals=put(LARGE), conditions=(some,)))
    assert told.subgoals == list(put(BLOCK))


def test_a_tower_in_any_order_is_built_upwards_in_the_order_of_the_view() -> None:
    tower = Condition("tower", among=(BLOCK, STAR, LARGE))
    subgoals = (Subgoal("put", BLOCK, LARGE, "on"), Subgoal("put", STAR, BLOCK, "on"))
    told = assigned(goal(subgoals=subgoals, conditions=(tower,)))
    assert [(s.item, s.target) for s in told.subgoals] == [(STAR, BLOCK), (LARGE, STAR)]


def test_a_tower_of_named_things_is_built_as_planned() -> None:
    tower = Condition("tower", among=(BLOCK, STAR))
    subgoals = (Subgoal("put", BLOCK, STAR, "on"),)
    said = Clause("stack", (BLOCK, STAR))
    told = assigned(goal(said, subgoals=subgoals, conditions=(tower,)))
    assert told.subgoals == list(subgoals)


@pytest.mark.parametrize(
    "clause",
    [Clause("what_inside", ("x", DRAWER)), Clause("fetch_any", (DRAWER,))],
)
def test_after_a_drawer_that_hides_something_is_opened_it_is_looked_again(clause: Clause) -> None:
    opening = Subgoal("slide", DRAWER, -1, "open")
    told = assigned(goal(clause, subgoals=(opening, Subgoal("say", -1))))
    assert [s.skill for s in told.subgoals] == ["slide", "look", "say"]


def test_what_only_the_user_can_tell_is_the_thing_that_no_words_single_out() -> None:
    said = Clause("put_in", ("the block", BOWL))
    told = assigned(goal(said, subgoals=put(LARGE), clarification="the blue one"))
    assert told.unclear == (LARGE, "block")


def test_a_colour_may_be_all_that_the_words_say() -> None:
    said = Clause("put_in", ("the green one", BOWL))
    told = assigned(goal(said, subgoals=put(STAR), clarification="the star"))
    assert told.unclear == (STAR, "green one")


def test_standing_facts_know_sides_but_nothing_inside() -> None:
    places = np.array([thing.position_m[:2] for thing in THINGS])
    facts = standing_facts(THINGS, places)
    assert [(t.kind, t.colour, t.size) for t in facts.things][:2] == [
        ("block", "red", "small"), ("star", "green", "small"),
    ]  # fmt: skip
    assert facts.related[3, STAR, BLOCK]  # right of it
    assert not facts.related[:2].any()
    assert facts.extent_m[LARGE] > facts.extent_m[BLOCK]


@pytest.mark.parametrize(
    ("words", "looks"),
    [
        ("take the green star out of the drawer", False),
        ("take the star out of the drawer", False),
        ("take the thing with five points out of the drawer", True),
        ("take the block out of the drawer", True),  # there are two
    ],
)
def test_what_is_in_a_drawer_and_not_named_is_looked_at_first(words: str, looks: bool) -> None:
    asked = goal(
        Clause("fetch", (STAR, DRAWER, "in", BOWL)),
        subgoals=(Subgoal("slide", DRAWER, relation="open"), Subgoal("put", STAR, BOWL, "inside")),
    )
    told = long_plan_spec(asked, THINGS, words, lambda words: [])
    steps = [subgoal.skill for subgoal in told.subgoals]
    assert steps == (["slide", "look", "put"] if looks else ["slide", "put"])
