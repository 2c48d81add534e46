"""What kinds that sort, build, stow and press ask for, against what is on the table."""

import pytest

from handeye.envs.tabletop.long import FAMILIES, FAMILY_OF, KINDS
from handeye.envs.tabletop.long.casting import GRASPABLE, VESSEL
from handeye.envs.tabletop.long.goal import Condition, Start
from handeye.envs.tabletop.long.words import NUMBERS
from handeye.envs.tabletop.world import shapes
from tests.envs.long_draws import SINGULAR, draws, loose, moves, of, slots

# ----------------------------------------------------------------------------------- every kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_asks_for_nothing_that_is_so_at_the_beginning(kind: str) -> None:
    """Where something begins inside or on a target, that is not what is asked for last."""
    for sample in draws(kind, 3):
        begins = {(s.relation, s.item, s.target) for s in sample.layout.starts}
        wanted = {(c.relation, c.item, c.target) for c in sample.goal.conditions if c.lasting}
        kept = {(c, i, -1) for c in ("open", "closed") for i in range(len(sample.layout.things))}
        assert not begins & wanted - kept


@pytest.mark.parametrize("kind", KINDS)
def test_a_kinds_solution_moves_what_can_be_moved_to_what_can_take_it(kind: str) -> None:
    takes = {"put": {*shapes.KINDS} - {"button"}, "push": {"zone"}}
    for sample in draws(kind, 3):
        for step in sample.goal.subgoals:
            if step.skill in takes:
                assert of(sample, step.item).kind in GRASPABLE
                assert of(sample, step.target).kind in takes[step.skill]
                assert step.item != step.target
            elif step.skill in ("press", "slide"):
                assert (
                    of(sample, step.item).kind == {"press": "button", "slide": "drawer"}[step.skill]
                )


def test_families_name_the_kinds_that_they_hold() -> None:
    for family, kinds in FAMILIES.items():
        assert {FAMILY_OF[kind.name] for kind in kinds} == {family}
        assert all(KINDS[kind.name] is kind for kind in kinds)


# -------------------------------------------------------------------------------------- sorting


@pytest.mark.parametrize("kind", ["sort_two_colours", "sort_three_colours"])
def test_all_of_a_colour_go_into_one_vessel_of_another_colour(kind: str) -> None:
    for sample in draws(kind):
        groups = [c.slots for c in sample.goal.clauses if c.name == "all_in"]
        assert len(groups) == (2 if kind == "sort_two_colours" else 3)
        assert len({vessel for _, vessel in groups}) == len(groups)
        told = {str(words).split()[1] for words, _ in groups}
        for words, vessel in groups:
            colour = str(words).split()[1]
            assert {moves(sample)[i] for i in loose(sample, colour=colour)} == {vessel}
            assert of(sample, int(vessel)).colour not in told


def test_sizes_are_sorted_apart() -> None:
    for sample in draws("sort_by_size"):
        kind = SINGULAR[str(slots(sample, "all_in")[0]).split()[-1]]
        bowl, zone = slots(sample, "all_in")[1], slots(sample, "all_on_zone")[1]
        for size, place in (("small", bowl), ("large", zone)):
            assert {moves(sample)[i] for i in loose(sample, kind=kind, size=size)} == {place}


@pytest.mark.parametrize(
    ("kind", "clause", "places"),
    [("sort_to_match", "by_match", VESSEL), ("sort_onto_zones", "match_zone", ("zone",))],
)
def test_each_thing_goes_to_the_place_of_its_colour(
    kind: str, clause: str, places: tuple[str, ...]
) -> None:
    for sample in draws(kind):
        shape = SINGULAR[str(slots(sample, clause)[0]).split()[-1]]
        for item in loose(sample, kind=shape):
            place = of(sample, moves(sample)[item])
            assert place.kind in places
            assert place.colour == of(sample, item).colour


def test_the_rest_is_all_but_one_colour() -> None:
    for sample in draws("sort_out_the_rest", length="short"):
        colour, bowl = slots(sample, "rest_in")
        stay = loose(sample, colour=str(colour))
        assert len(stay) >= 2
        assert {i for i, to in moves(sample).items() if to == bowl} == loose(sample) - stay


def test_the_one_that_is_left_out_must_stay_out() -> None:
    for sample in draws("gather_all_but_one"):
        words, left, bowl = slots(sample, "all_but_in")
        group = loose(sample, kind=SINGULAR[str(words).split()[-1]])
        assert {i for i in group if moves(sample).get(i) == bowl} == group - {left}
        assert Condition("outside", int(str(left)), int(str(bowl))) in sample.goal.conditions


def test_a_number_of_a_group_may_be_any_of_them_but_no_more() -> None:
    for sample in draws("gather_number"):
        number, words, bowl = slots(sample, "number_in")
        count = next(c for c in sample.goal.conditions if c.relation == "count_inside")
        assert set(count.among) == loose(sample, kind=SINGULAR[str(words).split()[-1]])
        assert NUMBERS[count.number] == number
        assert count.number < len(count.among)
        assert count.target == bowl


def test_clearing_asks_for_nothing_but_an_empty_zone() -> None:
    for sample in draws("clear_zone"):
        (zone,) = slots(sample, "clear_zone")
        there = {s.item for s in sample.layout.starts if s.target == zone}
        off = {c.item for c in sample.goal.conditions if c.relation == "off_zone"}
        assert off == there
        assert not there & {c.item for c in sample.goal.conditions if c.relation == "inside"}


# ------------------------------------------------------------------------------------- building


def test_a_tower_in_order_is_told_from_the_bottom() -> None:
    for sample in draws("tower_in_order"):
        (parts,) = slots(sample, "tower_order")
        bottom, middle, top = parts.objects()  # type: ignore[attr-defined]
        assert moves(sample)[middle] == bottom
        assert moves(sample)[top] == middle
        assert bottom not in moves(sample)


def test_a_tower_of_a_colour_takes_in_all_of_that_colour() -> None:
    for sample in draws("tower_of_colour"):
        colour = str(slots(sample, "tower")[0]).split()[1]
        tower = next(c for c in sample.goal.conditions if c.relation == "tower")
        assert set(tower.among) == loose(sample, colour=colour)


def test_a_tower_is_turned_by_way_of_a_zone() -> None:
    for sample in draws("turn_tower", length="short"):
        lower, upper = (int(str(i)) for i in slots(sample, "turn_tower"))
        assert Start("on", upper, lower) in sample.layout.starts
        assert sample.goal.conditions == (Condition("on", lower, upper),), "the way is free"


def test_the_middle_of_a_row_stays() -> None:
    for sample in draws("row_of_three", length="short"):
        left, middle, right = slots(sample, "row")[0].objects()  # type: ignore[attr-defined]
        assert set(sample.goal.conditions) == {
            Condition("left", left, middle),
            Condition("right", right, middle),
        }


@pytest.mark.parametrize("kind", ["swap_plates", "swap_zones"])
def test_swapped_things_end_where_the_other_began(kind: str) -> None:
    for sample in draws(kind):
        one, other = (int(str(i)) for i in slots(sample, "swap"))
        begins = {s.item: s.target for s in sample.layout.starts}
        assert moves(sample)[one] == begins[other]
        assert moves(sample)[other] == begins[one]
        ends = [c for c in sample.goal.conditions if c.item in (one, other)]
        assert len(ends) == 2, "where a thing waits meanwhile is not asked for"


# ---------------------------------------------------------------------------- drawers and buttons


def test_a_drawer_that_is_closed_at_the_end_need_not_stay_open() -> None:
    for kind in ("stow_and_close", "stow_two_and_close", "exchange_in_drawer"):
        for sample in draws(kind, 3):
            drawer = next(s.item for s in sample.goal.subgoals if s.relation == "close")
            assert Condition("open", drawer, lasting=False) in sample.goal.conditions
            assert Condition("closed", drawer) in sample.goal.conditions
            assert Condition("open", drawer) not in sample.goal.conditions


def test_fetching_leaves_it_open_whether_the_drawer_is_closed() -> None:
    for sample in draws("fetch", length="short"):
        item, drawer, word, place = slots(sample, "fetch")
        assert {c.relation for c in sample.goal.conditions if c.item == drawer} == set()
        assert Condition("outside", int(str(item)), int(str(drawer))) in sample.goal.conditions
        assert word == "on"
        assert moves(sample)[int(str(item))] == place


@pytest.mark.parametrize(("kind", "begin"), [("open_both", "closed"), ("close_both", "open")])
def test_both_drawers_begin_the_other_way(kind: str, begin: str) -> None:
    for sample in draws(kind):
        drawers = [i for i, t in enumerate(sample.layout.things) if t.kind == "drawer"]
        starts = [sample.layout.start_of(i) for i in drawers]
        assert [s.relation for s in starts if s] == [begin, begin]
        assert {s.item for s in sample.goal.subgoals if s.skill == "slide"} == set(drawers)


def test_presses_in_order_follow_one_another() -> None:
    for sample in draws("press_in_order", length="medium"):
        told = slots(sample, "press_list")[0].objects()  # type: ignore[attr-defined]
        pressed = [s.item for s in sample.goal.subgoals if s.skill == "press"]
        assert tuple(pressed[: len(told)]) == told
        assert {(0, 1), (1, 2)} <= set(sample.goal.order)


def test_every_button_means_all_there_are() -> None:
    for sample in draws("press_all", length="medium"):
        buttons = {i for i, t in enumerate(sample.layout.things) if t.kind == "button"}
        totals = {c.item: c.number for c in sample.goal.conditions if c.relation == "presses"}
        assert totals == dict.fromkeys(buttons, 1)


def test_a_button_is_known_by_the_colour_of_something_else() -> None:
    for sample in draws("press_matching"):
        colour = str(slots(sample, "press_match")[0]).split()[1]
        first = next(s.item for s in sample.goal.subgoals if s.skill == "press")
        assert of(sample, first).colour == colour


def test_what_is_told_backwards_is_done_in_the_order_meant() -> None:
    for sample in draws("told_backwards", length="short"):
        assert [s.skill for s in sample.goal.subgoals] == ["press", "put"]
        names = [c.relation for c in sample.goal.conditions]
        assert [(names[i], names[j]) for i, j in sample.goal.order] == [("press", "inside")]
