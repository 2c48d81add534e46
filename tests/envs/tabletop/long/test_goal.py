"""Long goals as plain data: their names, the objects they are about, and renumbering."""

import json
from dataclasses import FrozenInstanceError

import pytest

from handeye.envs.tabletop.long.goal import (
    LENGTHS,
    SIDES,
    STEPS,
    VAGUENESSES,
    Clause,
    Condition,
    Layout,
    LongGoal,
    Start,
    numbering,
)
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.predicates import DIRECTIONS
from handeye.envs.tabletop.world.scene import ObjectSpec

INSIDE, PRESSED = Condition("inside", 0, 2), Condition("press", 3, number=1, lasting=False)


def a_goal(**more: object) -> LongGoal:
    """Something into a bowl, then a press; the words mention a fourth thing as well."""
    given: dict[str, object] = {
        "kind": "put_then_press",
        "length": "short",
        "vagueness": "ordinary",
        "clauses": (Clause("put_in", (0, 2)), Clause("if", (Clause("press", (3,)), "it", 1))),
        "ordered": True,
        "subgoals": (Subgoal("put", 0, 2, "inside"), Subgoal("press", 3)),
        "effects": (INSIDE, PRESSED),
        "conditions": (INSIDE, PRESSED),
        "order": ((0, 1),),
    }
    return LongGoal(**(given | more))  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        (Condition("inside", 0, 2), "inside(0,2)"),
        (Condition("outside", 4, 1), "outside(4,1)"),
        (Condition("open", 3), "open(3)"),
        (Condition("open", 3, lasting=False), "open(3) once"),
        (Condition("press", 2, number=2, lasting=False), "press(2,x2) once"),
        (Condition("presses", 2), "presses(2)"),
        (Condition("tower", among=(0, 1, 5)), "tower(0+1+5)"),
        (Condition("count_inside", -1, 3, 2, (0, 1)), "count_inside(3,0+1,x2)"),
    ],
)
def test_a_condition_is_named_compactly(condition: Condition, name: str) -> None:
    assert str(condition) == name


def test_conditions_that_differ_in_anything_have_different_names() -> None:
    one = Condition("press", 1, number=1)
    others = [
        Condition("press", 1, number=2), Condition("press", 2, number=1),
        Condition("presses", 1, number=1), Condition("press", 1, number=1, lasting=False),
        Condition("press", 1, 0, number=1), Condition("press", 1, number=1, among=(3,)),
    ]  # fmt: skip
    assert len({str(c) for c in (one, *others)}) == 1 + len(others)


def test_a_renumbered_condition_is_about_the_same_objects() -> None:
    new = numbering((2, 0, 1))  # old 2 is new 0, old 0 is new 1, old 1 is new 2
    assert Condition("inside", 0, 2).relabelled(new) == Condition("inside", 1, 0)


def test_what_a_condition_leaves_open_stays_open_when_renumbered() -> None:
    assert Condition("open", 1, lasting=False).relabelled(numbering((1, 0))) == Condition(
        "open", 0, lasting=False
    )


def test_a_renumbered_group_is_in_ascending_order() -> None:
    tower = Condition("tower", among=(0, 1, 2))
    assert tower.relabelled(numbering((2, 1, 0))) == tower, "one group has one name"


# ------------------------------------------------------------------------------------- clauses


def test_a_clause_tells_its_objects_in_the_order_of_the_words() -> None:
    inner = Clause("press", (7,))
    assert Clause("if", (Clause("more", ("blocks", "stars")), inner, 4)).objects() == (7, 4)


def test_a_clause_of_words_alone_is_about_no_object() -> None:
    assert Clause("how_many", ("stars",)).objects() == ()


def test_a_renumbered_clause_keeps_words_and_nesting() -> None:
    clause = Clause("if", (Clause("is_open", (1,)), "it", 0))
    new = clause.relabelled(numbering((1, 0)))
    assert new == Clause("if", (Clause("is_open", (0,)), "it", 1))


# ------------------------------------------------------------------------------------- layouts

PLATED = Layout(
    (ObjectSpec("plate", "red"), ObjectSpec("star", "blue", "small"), ObjectSpec("drawer", "pink")),
    (Start("inside", 1, 0), Start("open", 2)),
)


def test_a_layout_knows_how_each_thing_begins() -> None:
    assert PLATED.start_of(1) == Start("inside", 1, 0)
    assert PLATED.start_of(2) == Start("open", 2)
    assert PLATED.start_of(0) is None


def test_a_renumbered_layout_moves_things_and_their_beginnings_together() -> None:
    order = (2, 1, 0)
    new = PLATED.relabelled(order)
    assert [t.kind for t in new.things] == ["drawer", "star", "plate"]
    assert new.start_of(1) == Start("inside", 1, 2)
    assert new.start_of(0) == Start("open", 0, -1)


def test_renumbering_there_and_back_changes_nothing() -> None:
    order, back = (1, 2, 0), (2, 0, 1)
    assert PLATED.relabelled(order).relabelled(back) == PLATED
    goal = a_goal()
    there = goal.relabelled(numbering((3, 1, 0, 2)))
    assert there != goal
    assert there.relabelled(numbering((2, 1, 3, 0))) == goal


def test_numbering_answers_minus_one_to_what_is_no_object() -> None:
    new = numbering((2, 0, 1))
    assert [new(i) for i in (0, 1, 2)] == [1, 2, 0]
    assert new(-1) == -1


# --------------------------------------------------------------------------------------- goals


def test_what_is_acted_on_comes_before_what_is_only_mentioned() -> None:
    assert a_goal().referred == (0, 2, 3, 1)


def test_what_is_referred_to_twice_is_listed_once() -> None:
    twice = a_goal(subgoals=(Subgoal("press", 3), Subgoal("press", 3)), clauses=())
    assert twice.referred == (3,)


def test_saying_something_is_about_no_object() -> None:
    assert a_goal(subgoals=(Subgoal("say", -1),), clauses=()).referred == ()


def test_a_goal_is_feasible_unless_a_reason_is_given() -> None:
    assert a_goal().feasible
    assert not a_goal(infeasible="there is no such thing").feasible


def test_an_episode_keeps_the_kind_of_a_goal_as_its_relation() -> None:
    assert a_goal().relation == "put_then_press"


def test_a_renumbered_goal_keeps_order_answer_and_words() -> None:
    goal = a_goal(answer="two", clarification="the red one")
    new = goal.relabelled(numbering((3, 2, 1, 0)))
    assert new.subgoals == (Subgoal("put", 3, 1, "inside"), Subgoal("press", 0))
    assert (
        new.conditions
        == new.effects
        == (
            Condition("inside", 3, 1),
            Condition("press", 0, number=1, lasting=False),
        )
    )
    assert (new.order, new.answer, new.clarification) == (((0, 1),), "two", "the red one")


def test_a_step_without_effect_stays_without_when_renumbered() -> None:
    assert a_goal(effects=(None, PRESSED)).relabelled(numbering((0, 1, 2, 3))).effects == (
        None,
        PRESSED,
    )


def test_a_goal_survives_json() -> None:
    goal = a_goal(answer="two")
    read = json.loads(json.dumps(goal.to_dict()))
    assert read["answer"] == "two"
    assert read["conditions"][1] == {
        "relation": "press", "item": 3, "target": -1, "number": 1, "among": [], "lasting": False,
    }  # fmt: skip
    assert read["clauses"][1]["slots"][0] == {"name": "press", "slots": [3]}
    assert set(read) == set(goal.__dataclass_fields__)


def test_goals_are_values_that_nobody_changes() -> None:
    assert hash(a_goal()) == hash(a_goal())
    with pytest.raises(FrozenInstanceError):
        a_goal().answer = "three"  # type: ignore[misc]


def test_lengths_share_no_number_of_steps() -> None:
    numbers = [n for length in LENGTHS for n in STEPS[length]]
    assert numbers == sorted(set(numbers)) == list(range(2, 7))
    assert VAGUENESSES == ("specific", "ordinary", "vague")


def test_sides_are_directions_that_predicates_know() -> None:
    assert set(SIDES) <= set(DIRECTIONS)
