"""Long goals in words: descriptions that fit one thing alone, clauses, and how they are joined."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.tabletop.long import KINDS, sample_long_goal
from handeye.envs.tabletop.long.clauses import CLAUSES, Phrasings
from handeye.envs.tabletop.long.goal import Clause, LongGoal, Vagueness
from handeye.envs.tabletop.long.phrasing import LIST, described, instruction, listed
from handeye.envs.tabletop.long.words import (
    AFTER_CHOICE,
    AFTER_CHOICE_HELD_OUT,
    AT_FIRST,
    HELD_OUT,
    HELD_OUT_AT_FIRST,
    HELD_OUT_IN_ORDER,
    HELD_OUT_JOINED,
    JOINED,
    JOINED_IN_ORDER,
    NUMBERS,
    PLURALS,
    SEEN,
    VAGUE_KINDS,
)
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.language import KIND_WORDS
from handeye.envs.tabletop.world.scene import ObjectSpec

THINGS = (
    ObjectSpec("block", "red", "small"), ObjectSpec("block", "blue", "large"),
    ObjectSpec("star", "red", "large"), ObjectSpec("cup", "green"), ObjectSpec("zone", "blue"),
)  # fmt: skip
LEFT_TO_SEE = {"odd_one": {"2"}}  # what differs, which not all phrasings tell


def choices(index: int, vagueness: Vagueness, things: Sequence[ObjectSpec] = THINGS) -> set[str]:
    """Every description that a thing may get."""
    found = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        found.add(described(things, index, vagueness, lambda o: o[int(rng.integers(len(o)))]))  # noqa: B023
    return found


def goal_of(*clauses: Clause, vagueness: Vagueness = "specific", ordered: bool = True) -> LongGoal:
    """A goal that only has words."""
    return LongGoal("steps_in_order", "short", vagueness, clauses, ordered, (), (), ())


def told(goal: LongGoal, *, held_out: bool = False) -> set[str]:
    """Every instruction that a goal may get, or very nearly."""
    return {
        instruction(goal, THINGS, np.random.default_rng(seed), HELD_OUT if held_out else SEEN)
        for seed in range(150)
    }


# -------------------------------------------------------------------------------- descriptions


@pytest.mark.parametrize(
    ("index", "vagueness", "phrases"),
    [
        (0, "specific", {"the small red block"}),
        (3, "specific", {"the green cup"}),
        (0, "ordinary", {"the red block", "the red cube"}),
        (3, "ordinary", {"the green cup", "the green mug"}),
        (0, "vague", {"the red block", "the red cube"}),  # neither its kind nor its colour is alone
        (2, "vague", {"the star", *VAGUE_KINDS["star"]}),
        (3, "vague", {
            "the cup", "the mug", *VAGUE_KINDS["cup"], "the green thing", "the green one"
        }),
    ],
)  # fmt: skip
def test_a_thing_is_described_as_far_as_is_asked(
    index: int, vagueness: Vagueness, phrases: set[str]
) -> None:
    assert choices(index, vagueness) == phrases


def test_a_vague_colour_fits_one_thing_alone() -> None:
    alone = (ObjectSpec("star", "red", "small"), ObjectSpec("star", "blue", "small"))
    assert choices(0, "vague", alone) == {"the red thing", "the red one"}


def test_vague_words_for_a_kind_name_no_other_kind() -> None:
    assert set(VAGUE_KINDS) == set(PLURALS) == set(shapes.KINDS) == set(KIND_WORDS)
    phrases = [p for options in VAGUE_KINDS.values() for p in options]
    assert len(set(phrases)) == len(phrases)
    for kind, options in VAGUE_KINDS.items():
        assert not any(kind in option.split() for option in options), "that would not be vague"


@pytest.mark.parametrize(
    ("parts", "text"),
    [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_parts_are_listed_with_one_and(parts: list[str], text: str) -> None:
    assert listed(parts) == text


def test_numbers_are_words_in_their_own_place() -> None:
    assert NUMBERS[0] == "no"
    assert (NUMBERS[2], NUMBERS[9]) == ("two", "nine")
    assert len(set(NUMBERS)) == 10


# ------------------------------------------------------------------------------------ phrasings


def slots_of(phrase: str) -> set[str]:
    """Numbers of the slots that a phrasing fills."""
    return set(re.findall(r"\{(\d)\}", phrase))


@pytest.mark.parametrize("name", CLAUSES)
def test_each_phrasing_of_training_fills_every_slot(name: str) -> None:
    slots = {number for phrase in CLAUSES[name].plain for number in slots_of(phrase)}
    assert sorted(slots) == [str(i) for i in range(len(slots))]
    for phrase in CLAUSES[name].plain:
        assert slots - slots_of(phrase) <= LEFT_TO_SEE.get(name, set())


@pytest.mark.parametrize("name", CLAUSES)
def test_held_out_and_vague_phrasings_know_no_other_slot(name: str) -> None:
    known = {number for phrase in CLAUSES[name].plain for number in slots_of(phrase)}
    for phrase in (*CLAUSES[name].held_out, *CLAUSES[name].vague):
        assert slots_of(phrase) <= known


@pytest.mark.parametrize("name", CLAUSES)
def test_each_phrasing_is_spelt_out(name: str) -> None:
    for phrase in {phrase for pool in CLAUSES[name] for phrase in pool}:
        assert not re.search(r"[()|/]|  |^ | $", phrase), "the pattern is left over"
        assert phrase[0] not in ",.;"


@pytest.mark.parametrize("name", CLAUSES)
def test_no_phrasing_is_listed_twice(name: str) -> None:
    for pool in CLAUSES[name]:
        assert len(set(pool)) == len(pool)


def test_a_clause_without_vague_phrasings_says_so_by_none() -> None:
    assert CLAUSES["push"].vague == ()
    assert Phrasings(("a",), ("b",)).vague == ()


def test_every_clause_is_said_by_some_kind() -> None:
    said = set()

    def note(clause: Clause) -> None:
        said.add(clause.name)
        for slot in clause.slots:
            if isinstance(slot, Clause):
                note(slot)

    for kind in KINDS:
        for seed in range(12 if kind == "beside_then_press" else 2):  # it has four sides
            for clause in sample_long_goal(np.random.default_rng(seed), kinds=(kind,)).goal.clauses:
                note(clause)
    assert said - {LIST} == set(CLAUSES)


# --------------------------------------------------------------------------------- instructions


def test_a_single_clause_is_told_in_each_of_its_phrasings() -> None:
    wanted = {phrase.format("the green cup") for phrase in CLAUSES["press"].plain}
    assert told(goal_of(Clause("press", (3,)))) == wanted


def test_held_out_phrasings_are_told_in_their_split_alone() -> None:
    goal = goal_of(Clause("open", (3,)), vagueness="vague")
    wanted = {p.format(d) for p in CLAUSES["open"].held_out for d in choices(3, "vague")}
    assert told(goal, held_out=True) == wanted


def test_vague_wording_takes_vague_phrasings_where_there_are_some() -> None:
    pressed = told(goal_of(Clause("press", (3,)), vagueness="vague"))
    assert {text.split()[0] for text in pressed} == {"use", "hit"}
    pushed = told(goal_of(Clause("push", (3, 4)), vagueness="vague"))
    assert {text.split()[0] for text in pushed} == {"push", "slide", "shove"}


def test_a_clause_inside_another_is_an_order_even_in_vague_wording() -> None:
    goal = goal_of(Clause("if_only", ("it rains", Clause("put_in", (0, 3)))), vagueness="vague")
    assert not any("belongs" in text or "goes" in text for text in told(goal))


def test_words_and_lists_fill_slots_as_they_are() -> None:
    goal = goal_of(Clause("press_list", (Clause(LIST, (0, "it", 3)),)))
    lists = {"the small red block, it and the green cup"}
    assert {text.split(": ")[-1] for text in told(goal)} == lists


# ---------------------------------------------------------------------------------------- joints

TWO = (Clause("say", ()), Clause("say", ()))


@pytest.mark.parametrize(
    ("ordered", "held_out", "joints"),
    [
        (True, False, (*JOINED_IN_ORDER, AT_FIRST)),
        (True, True, (*HELD_OUT_IN_ORDER, HELD_OUT_AT_FIRST)),
        (False, False, JOINED),
        (False, True, HELD_OUT_JOINED),
    ],
)
def test_two_clauses_are_joined_as_their_order_counts(
    ordered: bool, held_out: bool, joints: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CLAUSES, "say", Phrasings(("do it",), ("do it",)))
    texts = told(goal_of(*TWO, ordered=ordered), held_out=held_out)
    assert texts == {joint.format("do it", "do it") for joint in joints}


def test_an_instruction_begins_with_first_only_at_the_first_joint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(CLAUSES, "say", Phrasings(("do it",), ("do it",)))
    texts = told(goal_of(*TWO, *TWO))
    assert any(text.startswith("first do it, then") for text in texts)
    assert max(text.count("first") for text in texts) == 1


@pytest.mark.parametrize(
    ("name", "held_out", "joints"),
    [
        ("if", False, AFTER_CHOICE), ("if", True, AFTER_CHOICE_HELD_OUT),
        ("if_only", False, AFTER_CHOICE), ("if_only", True, AFTER_CHOICE_HELD_OUT),
    ],
)  # fmt: skip
def test_what_follows_a_condition_is_no_part_of_it(
    name: str, held_out: bool, joints: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CLAUSES, name, Phrasings(("perhaps",), ("perhaps",)))
    monkeypatch.setitem(CLAUSES, "say", Phrasings(("do it",), ("do it",)))
    texts = told(goal_of(Clause(name, ()), TWO[0]), held_out=held_out)
    assert texts == {joint.format("perhaps", "do it") for joint in joints}


def test_the_same_dice_tell_the_same_words() -> None:
    goal = goal_of(Clause("put_in", (0, 3)), Clause("push", (2, 4)), vagueness="ordinary")
    first, again = (instruction(goal, THINGS, np.random.default_rng(7), SEEN) for _ in range(2))
    assert first == again
    assert len(told(goal)) > 50


def test_no_held_out_joint_or_phrasing_is_told_in_training() -> None:
    goal = goal_of(Clause("press", (3,)), Clause("press", (4,)))
    for ordered in (True, False):
        either = replace(goal, ordered=ordered)
        assert not told(either) & told(either, held_out=True)
