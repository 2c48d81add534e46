"""What kinds that take thought or doubt ask for, against what is on the table."""

from collections import Counter

import pytest

from handeye.envs.tabletop.long import FAMILIES, LongSample
from handeye.envs.tabletop.long.goal import Condition, Start
from handeye.envs.tabletop.long.reasoning import a_or_an
from handeye.envs.tabletop.long.words import NUMBERS
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.scene import ObjectSpec
from tests.envs.long_draws import SINGULAR, draws, loose, moves, of, slots, so_many

# ------------------------------------------------------------------------------------- thinking


@pytest.mark.parametrize(("colour", "words"), [("red", "a red cup"), ("orange", "an orange cup")])
def test_the_article_fits_the_colour(colour: str, words: str) -> None:
    assert a_or_an(colour, "cup") == words


def truth(sample: LongSample) -> bool:
    """Whether what an "if" asks is so, read from the table alone."""
    asked = next(c.slots[0] for c in sample.goal.clauses if c.name in ("if", "if_only"))
    name, told = asked.name, asked.slots  # type: ignore[union-attr]
    things = sample.layout.things
    if name == "there_is":
        return any(told == (a_or_an(t.colour, t.kind),) for t in things)
    if name == "more":
        return so_many(sample, told[0]) > so_many(sample, told[1])
    if name == "is_open":
        return sample.layout.start_of(told[0]) == Start("open", told[0])
    if name == "taken":
        return any(s.target == told[0] for s in sample.layout.starts)
    first, second = ({t.colour for t in things if f"the {t.kind}" == shape} for shape in told)
    assert len(first) == len(second) == 1, "the words fit one thing each"
    return first == second


@pytest.mark.parametrize(
    ("kind", "when_so", "otherwise"),
    [
        ("if_there", "put", "press"), ("if_more", "put", "press"), ("if_open", "slide", "put"),
        ("if_taken", "press", "push"), ("if_same_colour", "put", "press"),
    ],
)  # fmt: skip
def test_the_case_that_is_so_decides_the_first_step(
    kind: str, when_so: str, otherwise: str
) -> None:
    cases = Counter(truth(sample) for sample in draws(kind, 16))
    assert min(cases[True], cases[False]) > 2, "both cases come about"
    for sample in draws(kind, 16):
        assert sample.goal.subgoals[0].skill == (when_so if truth(sample) else otherwise)


def test_a_condition_that_is_not_so_leaves_its_button_alone() -> None:
    for sample in draws("if_there_only", 16):
        press = slots(sample, "if_only")[1]
        (button,) = press.slots  # type: ignore[attr-defined]
        total = next(
            c for c in sample.goal.conditions if (c.relation, c.item) == ("presses", button)
        )
        assert (total.number > 0) == truth(sample)


def test_as_many_go_in_as_there_are_of_the_other_shape() -> None:
    for sample in draws("as_many_as"):
        words, bowl, counted = slots(sample, "as_many")
        group = tuple(sorted(loose(sample, kind=SINGULAR[str(words).split()[-1]])))
        number = so_many(sample, counted)
        wanted = Condition("count_inside", -1, int(str(bowl)), number, group)
        assert wanted in sample.goal.conditions
        assert number < len(group), "all of them would be too many"


def test_a_button_is_pressed_once_for_each_thing() -> None:
    for sample in draws("press_as_many"):
        button, counted = slots(sample, "press_as_many")
        presses = [s for s in sample.goal.subgoals if s == Subgoal("press", int(str(button)))]
        assert len(presses) >= so_many(sample, counted) >= 2


def test_the_number_told_is_the_number_there_is() -> None:
    answers = set()
    for sample in draws("say_how_many", 12):
        assert sample.goal.answer == NUMBERS[so_many(sample, slots(sample, "how_many")[0])]
        answers.add(sample.goal.answer)
    assert len(answers) > 2


def test_there_are_more_of_what_is_told() -> None:
    for sample in draws("say_which_more"):
        counts = {str(p): so_many(sample, p) for p in slots(sample, "which_more")}
        assert sample.goal.answer == max(counts, key=counts.__getitem__)
        assert len(set(counts.values())) == 2


@pytest.mark.parametrize(
    ("kind", "asked"), [("say_what_is_inside", "shape"), ("say_what_colour", "colour")]
)
def test_what_a_drawer_holds_is_told_after_looking(kind: str, asked: str) -> None:
    for sample in draws(kind):
        word, drawer = slots(sample, "what_inside")
        item = next(s.item for s in sample.layout.starts if s.target == drawer)
        assert word == asked
        assert sample.goal.answer == (of(sample, item).kind if asked == "shape" else
                                      of(sample, item).colour)  # fmt: skip
        assert [s.skill for s in sample.goal.subgoals[-2:]] == ["slide", "say"]
        assert Condition("open", int(str(drawer)), lasting=False) in sample.goal.conditions


def test_tidying_up_moves_all_that_is_loose() -> None:
    for sample in draws("tidy_up", length="medium"):
        (drawer,) = slots(sample, "tidy")
        assert {i for i, to in moves(sample).items() if to == drawer} == loose(sample)


def test_there_is_one_place_to_hide_something() -> None:
    for sample in draws("hide"):
        (item,) = slots(sample, "hide")
        drawers = [i for i, t in enumerate(sample.layout.things) if t.kind == "drawer"]
        assert drawers == [moves(sample)[int(str(item))]]
        assert Condition("closed", drawers[0]) in sample.goal.conditions


@pytest.mark.parametrize(
    ("kind", "vessel"), [("drink", "cup"), ("serve", "plate"), ("soup", "bowl")]
)
def test_what_is_named_by_its_use_is_there_once_among_others(kind: str, vessel: str) -> None:
    for sample in draws(kind, length="short"):
        kinds = Counter(thing.kind for thing in sample.layout.things)
        (item,) = slots(sample, kind)
        assert kinds[vessel] == 1
        assert of(sample, moves(sample)[int(str(item))]).kind == vessel


def test_the_odd_one_is_alone_in_its_size() -> None:
    for sample in draws("odd_one_out"):
        words, vessel, aspect = slots(sample, "odd_one")
        group = loose(sample, kind=SINGULAR[str(words).split()[-1]])
        sizes = Counter(of(sample, i).size for i in group)
        odd = next(i for i in group if sizes[of(sample, i).size] == 1)
        assert (aspect, len(group) >= 3) == ("size", True)
        assert moves(sample)[odd] == vessel


# ------------------------------------------------------------------------------------- doubting


def fitting(sample: LongSample, words: str) -> list[ObjectSpec]:
    """Things that a phrase such as "the star", "the red thing" or "the red one" fits."""
    *colour, noun = words.removeprefix("the ").split()
    return [
        t for t in sample.layout.things
        if (not colour or t.colour == colour[0]) and noun in (t.kind, "thing", "one")
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [k.name for k in FAMILIES["unclear"]])
def test_unclear_words_fit_several_things_and_the_answer_tells_which(kind: str) -> None:
    for sample in draws(kind):
        words = next(s for s in sample.goal.clauses[0].slots if isinstance(s, str))
        meant = [
            t for t in fitting(sample, words) if t in fitting(sample, sample.goal.clarification)
        ]
        step = sample.goal.subgoals[0]
        assert len(fitting(sample, words)) > 1
        assert len(meant) == 1
        assert meant[0] in (of(sample, step.item), of(sample, step.target))


def impossible(kind: str) -> list[LongSample]:
    """Drawn instructions of a kind that cannot be done."""
    found = [sample for sample in draws(kind, 16) if not sample.goal.feasible]
    assert found
    return found


@pytest.mark.parametrize(
    "kind", ["absent_thing", "absent_container", "absent_button", "absent_drawer"]
)
def test_what_is_absent_is_not_on_the_table_though_its_kind_may_be(kind: str) -> None:
    for sample in impossible(kind):
        named = sample.goal.infeasible.removeprefix("there is no such thing as ")
        told = [s for clause in sample.goal.clauses for s in clause.slots]
        assert named in told
        assert fitting(sample, named) == []


def test_too_wide_is_wider_than_what_it_should_go_into() -> None:
    for sample in impossible("too_wide"):
        outer, inner = sample.goal.infeasible.removeprefix("the ").split(" is wider than the ")
        assert shapes.VESSELS[outer].rim_radius_m > shapes.VESSELS[inner].rim_radius_m
        told = [c.slots for c in sample.goal.clauses if c.name == "put_in"]
        assert (outer, inner) in [tuple(of(sample, int(str(i))).kind for i in s) for s in told]


def test_too_many_are_more_than_there_are() -> None:
    for sample in draws("too_many", 16):
        number, words, _ = slots(sample, "number_in")
        plural = str(words).removeprefix("the ")
        shown = so_many(sample, plural)
        assert (NUMBERS.index(str(number)) > shown) == (not sample.goal.feasible)
        if not sample.goal.feasible:
            assert sample.goal.infeasible == f"there are {NUMBERS[shown]} {plural}, not {number}"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("stacked_in_circle", "neither can be on the other at the same time"),
        ("in_two_places", "one thing cannot be in two places"),
        ("open_and_closed", "a drawer cannot be open and closed"),
    ],
)
def test_a_contradiction_is_told_of_one_thing_or_pair(kind: str, reason: str) -> None:
    for sample in impossible(kind):
        one, two = slots(sample, "both")
        assert sample.goal.infeasible == reason
        assert set(one.slots) & set(two.slots)  # type: ignore[attr-defined]
        assert one != two
