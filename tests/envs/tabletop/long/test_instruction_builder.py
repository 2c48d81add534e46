"""How an instruction is written: casting parts, laying out steps, and what may not be."""

import itertools
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest

from handeye.envs.base.colours import COLOURS
from handeye.envs.tabletop.long.casting import GRASPABLE, MAX_CLAIMED_M2, VESSEL, Unfit
from handeye.envs.tabletop.long.goal import Clause, Condition, Layout, Start
from handeye.envs.tabletop.long.instruction_builder import InstructionBuilder, several
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.scene import ObjectSpec

SHELF = Layout(
    (
        ObjectSpec("star", "red", "small"), ObjectSpec("star", "blue", "large"),
        ObjectSpec("block", "red", "small"), ObjectSpec("plate", "cyan"),
        ObjectSpec("drawer", "green"), ObjectSpec("button", "blue"),
    ),
    (Start("inside", 2, 3), Start("open", 4)),
)  # fmt: skip


def empty(count: int = 2, seed: int = 0, split: str = "seen") -> InstructionBuilder:
    """A script that lays its own table."""
    return InstructionBuilder(np.random.default_rng(seed), split, count)


def on_shelf(count: int = 2, seed: int = 0) -> InstructionBuilder:
    """A script that casts what is there."""
    return InstructionBuilder(np.random.default_rng(seed), "seen", count, SHELF)


def cram(script: InstructionBuilder) -> None:
    """Add wide things until there is no room."""
    for _ in range(100):
        script.new("plate", "bowl", "zone")


# --------------------------------------------------------------------------------------- dice


def test_picking_from_nothing_is_unfit() -> None:
    with pytest.raises(Unfit, match="nothing fits"):
        empty().pick(())


def test_more_than_there_are_is_unfit() -> None:
    with pytest.raises(Unfit, match="3 are needed, there are 2"):
        empty().some(("a", "b"), 3)


def test_some_are_different_ones_in_any_order() -> None:
    orders = {tuple(empty(seed=seed).some("abc", 3)) for seed in range(40)}
    assert len(orders) == 6
    assert all(len(set(order)) == 3 for order in orders)


def test_a_coin_falls_both_ways() -> None:
    script = empty()
    assert 30 < sum(script.coin() for _ in range(100)) < 70


def test_colours_differ_and_keep_off_excluded_ones() -> None:
    others = list(COLOURS)[:6]
    assert sorted(empty().colours(2, but=others)) == sorted(list(COLOURS)[6:])
    with pytest.raises(Unfit, match="3 are needed"):
        empty().colours(3, but=others)


def test_colours_of_a_given_table_are_those_on_it() -> None:
    assert sorted(on_shelf().colours(4)) == ["blue", "cyan", "green", "red"]
    with pytest.raises(Unfit, match="5 are needed, there are 4"):
        on_shelf().colours(5)


# ------------------------------------------------------------------------------- adding things


def test_what_is_asked_for_comes_onto_an_empty_table() -> None:
    script = empty()
    index = script.new("star", colour="red", size="large")
    assert (index, script.things) == (0, [ObjectSpec("star", "red", "large")])


def test_vessels_and_fixtures_have_no_size() -> None:
    script = empty()
    for kind in ("bowl", "button", "zone", "drawer"):
        assert script.things[script.new(kind, size="large")].size == ""


def test_no_two_things_share_kind_and_colour() -> None:
    script = empty()
    script.new("button", colour="red")
    with pytest.raises(Unfit, match="no other thing of that sort"):
        script.new("button", colour="red")


@pytest.mark.parametrize(("kind", "colour"), sorted(HELD_OUT))
def test_training_never_sees_a_held_out_pair(kind: str, colour: str) -> None:
    with pytest.raises(Unfit):
        empty().new(kind, colour=colour)


def test_the_first_thing_of_the_split_combination_is_held_out() -> None:
    script = empty(split="combination")
    first, second = script.new("star"), script.new("star")
    assert (script.things[first].kind, script.things[first].colour) in HELD_OUT
    assert (script.things[second].kind, script.things[second].colour) not in HELD_OUT


def test_a_full_table_takes_nothing_more() -> None:
    script = empty()
    with pytest.raises(Unfit, match="no other thing of that sort"):
        cram(script)
    radius_m = min(thing.radius_m for thing in script.things)
    assert 2 <= len(script.things) <= MAX_CLAIMED_M2 / (np.pi * radius_m**2)


def test_what_begins_in_something_claims_no_table() -> None:
    script = empty()
    zone = script.new("zone")
    with pytest.raises(Unfit):
        cram(script)
    item = script.new("star", start=Start("in_zone", -1, zone))
    assert script.starts == [Start("in_zone", item, zone)]


def test_a_crowd_waits_for_the_end_and_yields_to_want_of_room() -> None:
    script = empty()
    script.crowd(2, "button")
    script.crowd(100)
    assert script.things == []
    script.add_crowd()
    assert [t.kind for t in script.things[:2]] == ["button", "button"]
    assert {t.kind for t in script.things[2:]} <= set(GRASPABLE)
    assert 5 < len(script.things) < 100


def test_nothing_that_is_reserved_comes_onto_the_table() -> None:
    script = empty()
    script.reserve(lambda thing: thing.colour != "red")
    assert script.things[script.new(*GRASPABLE)].colour == "red"
    with pytest.raises(Unfit):
        script.new("star", colour="blue")


# ------------------------------------------------------------------------------ casting things


def test_a_given_table_is_cast_and_left_as_it_is() -> None:
    script = on_shelf()
    assert script.new("star", size="large") == 1
    assert script.new("star") == 0
    script.crowd(3)
    script.add_crowd()
    assert tuple(script.things) == SHELF.things


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda s: s.new("cup"), id="no such kind"),
        pytest.param(lambda s: s.new("star", colour="cyan"), id="no such colour"),
        pytest.param(lambda s: s.new("block"), id="it lies on a plate"),
        pytest.param(lambda s: s.new("star", start=Start("inside", -1, 3)), id="it lies loose"),
        pytest.param(lambda s: s.new("drawer", start=Start("closed", -1)), id="it is open"),
        pytest.param(lambda s: [s.new("button"), s.new("button")], id="it is cast already"),
    ],
)
def test_what_is_not_there_cannot_be_cast(ask: Callable[[InstructionBuilder], object]) -> None:
    with pytest.raises(Unfit, match="nothing fits"):
        ask(on_shelf())


def test_what_begins_in_something_is_cast_as_such() -> None:
    script = on_shelf()
    assert script.new("block", start=Start("inside", -1, script.new("plate"))) == 2


@pytest.mark.parametrize(
    ("start", "is_open"), [(None, False), (Start("closed", -1), False), (Start("open", -1), True)]
)
def test_a_drawer_is_closed_unless_it_begins_open(start: Start | None, is_open: bool) -> None:
    script = empty()
    drawer = script.new("drawer", start=start)
    assert script.drawer_open == {drawer: is_open}


# -------------------------------------------------------------------------------------- groups


def test_a_group_is_all_that_the_words_fit() -> None:
    script = empty()
    script.new("star", colour="red")
    assert script.group(2, 3, kind="star") == [0, 1, 2]
    with pytest.raises(Unfit):
        script.new("star")  # no further one comes


def test_a_group_may_be_larger_than_what_is_cast_for_it_but_not_than_allowed() -> None:
    script = empty()
    for colour in ("red", "green", "blue"):
        script.new("star", colour=colour)
    with pytest.raises(Unfit, match="more than can be moved"):
        script.group(0, 2, kind="star")


def test_words_that_fit_a_fixture_name_no_group() -> None:
    script = empty()
    script.new("button", colour="red")
    with pytest.raises(Unfit, match="more than can be moved"):
        script.group(2, 3, colour="red")


def test_words_that_fit_what_lies_in_something_name_no_group() -> None:
    with pytest.raises(Unfit, match="more than can be moved"):
        on_shelf().group(0, 3, size="small")


def test_a_group_drawn_in_one_size_has_no_other() -> None:
    script = empty()
    script.new("star", size="large")
    with pytest.raises(Unfit, match="more than can be moved"):
        script.group(1, 3, kind="star", drawn="small")


def test_a_group_of_a_size_leaves_the_other_size_out() -> None:
    script = empty()
    large = script.new("star", size="large")
    assert large not in script.group(2, 2, kind="star", size="small")


@pytest.mark.parametrize(
    ("kind", "word"),
    [("bowl", "in"), ("cup", "in"), ("drawer", "in"), ("plate", "on"), ("zone", "on")],
)
def test_places_are_told_as_in_or_on(kind: str, word: str) -> None:
    script = empty()
    assert script.where(script.new(kind)) == word


# --------------------------------------------------------------------------------------- steps


@pytest.mark.parametrize(
    ("kind", "clause", "relation"),
    [
        ("bowl", "put_in", "inside"), ("plate", "put_in", "inside"), ("drawer", "put_in", "inside"),
        ("block", "put_on", "on"), ("hexagon", "put_on", "on"), ("zone", "put_zone", "in_zone"),
    ],
)  # fmt: skip
def test_a_placement_is_what_its_target_is_for(kind: str, clause: str, relation: str) -> None:
    script = empty()
    item, target = script.new("star"), script.new(kind, size="large")
    script.do_put(item, target)
    effect = Condition(relation, item, target)  # type: ignore[arg-type]
    assert script.clauses == [Clause(clause, (item, target))]
    assert script.subgoals == [Subgoal("put", item, target, relation)]
    assert script.effects == [effect]
    assert script.wanted == [(1, effect)]


def test_a_placement_beside_something_is_told_by_its_side() -> None:
    script = empty()
    script.do_put(script.new("star"), script.new("block"), "left")
    assert script.clauses == [Clause("left", (0, 1))]
    assert script.effects == [Condition("left", 0, 1)]


def test_what_is_moved_on_later_is_neither_wanted_nor_lasting() -> None:
    script = empty()
    script.put(0, script.new("zone"), meanwhile=True)
    assert script.wanted == []
    assert script.effects == [Condition("in_zone", 0, 0, lasting=False)]


def test_presses_of_one_button_are_numbered() -> None:
    script = empty()
    first, second = script.new("button"), script.new("button")
    for button in (first, second, first):
        script.do_press(button)
    assert [(c.item, c.number) for c in script.effects if c] == [
        (first, 1),
        (second, 1),
        (first, 2),
    ]
    assert [turn for turn, _ in script.wanted] == [1, 2, 3]


def test_every_button_has_a_total_even_one_that_nobody_presses() -> None:
    script = empty()
    pressed, other = script.new("button"), script.new("button")
    script.new("bowl")
    script.press(pressed)
    assert script.totals() == [
        Condition("presses", pressed, number=1),
        Condition("presses", other, number=0),
    ]


def test_a_drawer_that_nobody_asked_to_stay_open_may_be_closed_again() -> None:
    script = empty()
    drawer = script.new("drawer")
    script.slide(drawer, "open", wanted=False)
    assert (script.effects, script.wanted) == ([Condition("open", drawer, lasting=False)], [])
    assert script.drawer_open[drawer]
    script.do_slide(drawer, "close")
    assert script.effects[1] == Condition("closed", drawer)
    assert not script.drawer_open[drawer]


def test_telling_is_a_last_step_that_no_state_shows() -> None:
    script = empty()
    script.tell("two")
    assert (script.answer, script.subgoals, script.effects) == (
        "two",
        [Subgoal("say", -1)],
        [None],
    )


def test_a_push_ends_in_its_zone() -> None:
    script = empty()
    script.do_push(script.new("star"), script.new("zone"))
    assert script.subgoals == [Subgoal("push", 0, 1, "in_zone")]
    assert script.clauses == [Clause("push", (0, 1))]


def test_several_parts_are_one_slot() -> None:
    assert several(3, "it").slots == (3, "it")
    assert several(3, 5).objects() == (3, 5)


# ------------------------------------------------------------------------------ further steps


def filled(count: int, *, ordered: bool = True) -> list[InstructionBuilder]:
    """Scripts whose table had room for so many steps, of 40."""
    scripts = []
    for seed in range(40):
        script = empty(count, seed)
        script.ordered = ordered
        with suppress(Unfit):
            script.fill()
            scripts.append(script)
    assert len(scripts) > 10
    return scripts


def test_filling_adds_steps_each_about_things_of_its_own() -> None:
    for script in filled(5):
        assert len(script.subgoals) == len(script.clauses) == 5
        moved = [s.item for s in script.subgoals if s.skill in ("put", "push", "slide")]
        assert len(moved) == len(set(moved))
        assert sum(t.kind == "drawer" for t in script.things) <= 2


def test_no_button_is_pressed_twice_in_a_row() -> None:
    pressed = [[s.item if s.skill == "press" else -1 for s in f.subgoals] for f in filled(5)]
    pairs = [pair for steps in pressed for pair in itertools.pairwise(steps) if min(pair) >= 0]
    assert pairs
    assert all(earlier != later for earlier, later in pairs)
    assert any(len(set(steps) - {-1}) < sum(i >= 0 for i in steps) for steps in pressed)


def test_filling_what_is_full_adds_nothing() -> None:
    script = empty(0)
    script.fill()
    assert script.subgoals == []


def test_filling_a_table_without_things_to_use_is_unfit() -> None:
    bare = Layout((ObjectSpec("star", "red", "small"),))
    script = InstructionBuilder(np.random.default_rng(0), "seen", 2, bare)
    with pytest.raises(Unfit, match="no further step makes sense here"):
        script.fill()


def test_where_order_does_not_count_no_button_is_pressed_twice() -> None:
    for script in filled(4, ordered=False):
        assert all(c.number == 1 for _, c in script.wanted if c.relation == "press")


def test_the_impossible_is_asked_once_among_other_steps() -> None:
    places = set()
    for seed in range(20):
        script = empty(3, seed)
        script.new(*VESSEL)
        script.cannot("there is none", "press", "the green button")
        names = [clause.slots for clause in script.clauses]
        assert names.count(("the green button",)) == 1
        assert script.infeasible == "there is none"
        places.add(names.index(("the green button",)))
    assert len(places) > 1, "its place would give it away"
