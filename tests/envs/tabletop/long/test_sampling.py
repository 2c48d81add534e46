"""Drawing long instructions: lengths, splits, orders that count, and what cannot be drawn."""

import itertools

import numpy as np
import pytest

from handeye.envs.tabletop.long import KINDS, LongSample, sample_long_goal
from handeye.envs.tabletop.long.casting import Unfit
from handeye.envs.tabletop.long.goal import LENGTHS, STEPS, Clause, Condition, Layout, LongGoal
from handeye.envs.tabletop.long.instruction_builder import InstructionBuilder
from handeye.envs.tabletop.long.kind import Kind
from handeye.envs.tabletop.long.registry import FAMILY_KINDS, HELD_OUT_KINDS, kinds_in
from handeye.envs.tabletop.long.sampling import TRIES, draw_goal, write_goal
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.scene import ObjectSpec


def press_two(s: InstructionBuilder) -> None:
    """Two buttons, one after the other."""
    for _ in range(2):
        s.do_press(s.new("button"))


def press_two_at_once(s: InstructionBuilder) -> None:
    """Two buttons in any order, then one of them again."""
    first, second = s.new("button"), s.new("button")
    s.say("press_all")
    s.press(first)
    s.press(second)
    s.do_press(first)


def press_unordered(s: InstructionBuilder) -> None:
    """Two buttons in any order."""
    s.ordered = False
    press_two(s)


def never(s: InstructionBuilder) -> None:
    """Nothing that could be drawn."""
    raise Unfit("the dice are against it")


def written(kind: Kind, count: int, split: str = "seen", seed: int = 0) -> tuple[Layout, LongGoal]:
    """One goal of a kind on a table of its own."""
    return write_goal(kind, np.random.default_rng(seed), split, count, "ordinary")


# --------------------------------------------------------------------------------------- kinds


def test_a_kind_is_named_and_summed_up_by_its_function() -> None:
    assert Kind(press_two).name == "press_two"
    assert Kind(press_two).summary == "Two buttons, one after the other"
    assert Kind(press_two).least == 1
    assert Kind(lambda s: None).summary == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_fits_its_least_number_of_steps(kind: str) -> None:
    """Some dice allow it; fewer steps than the kind itself has are refused."""
    count = max(KINDS[kind].least, 2)
    for seed in range(40):
        try:
            _, goal = written(KINDS[kind], count, seed=seed)
        except Unfit:
            continue
        assert len(goal.subgoals) == (count if goal.feasible else 0)
        return
    pytest.fail(f"{kind} never came about in {count} steps")


# -------------------------------------------------------------------------------------- writing


def test_a_goal_with_fewer_steps_is_filled_up() -> None:
    _, goal = written(Kind(press_two), 3)
    assert len(goal.subgoals) == len(goal.effects) == 3
    assert [s.skill for s in goal.subgoals[:2]] == ["press", "press"]
    assert goal.length == "medium"


def test_a_goal_with_more_steps_is_unfit() -> None:
    with pytest.raises(Unfit, match="it takes more than 2 steps"):
        written(Kind(press_two_at_once), 2)


@pytest.mark.parametrize("length", LENGTHS)
def test_the_number_of_steps_is_the_length(length: str) -> None:
    for count in STEPS[length]:  # type: ignore[index]
        assert written(KINDS["press_twice"], count)[1].length == length


def test_clauses_of_an_order_bind_their_conditions() -> None:
    _, goal = written(Kind(press_two), 2)
    assert [c.relation for c in goal.conditions] == ["press", "press", "presses", "presses"]
    assert goal.order == ((0, 1),)


def test_conditions_of_one_clause_come_in_any_order_but_before_the_next() -> None:
    _, goal = written(Kind(press_two_at_once), 3)
    assert set(goal.order) == {(0, 2), (1, 2)}


def test_clauses_without_order_bind_nothing() -> None:
    _, goal = written(Kind(press_unordered), 2)
    assert (goal.ordered, goal.order) == (False, ())


def test_what_is_asked_for_twice_is_one_condition() -> None:
    def twice(s: InstructionBuilder) -> None:
        drawer = s.new("drawer")
        for _ in range(2):
            s.do_slide(drawer, "open")

    _, goal = written(Kind(twice), 2)
    assert goal.conditions == (Condition("open", 0),)
    assert len(goal.subgoals) == 2


def test_an_impossible_goal_has_words_and_a_reason_alone() -> None:
    rng = np.random.default_rng(0)
    _, goal = write_goal(KINDS["open_and_closed"], rng, "seen", 3, "ordinary", feasible=False)
    assert goal.infeasible
    assert goal.clauses
    assert (goal.subgoals, goal.effects, goal.conditions, goal.order) == ((), (), (), ())


def test_a_given_table_stays_as_it_is() -> None:
    given = Layout((ObjectSpec("button", "red"), ObjectSpec("button", "blue")))
    rng = np.random.default_rng(0)
    layout, goal = write_goal(Kind(press_two), rng, "seen", 2, "vague", given)
    assert layout == given
    assert set(goal.clauses) == {Clause("press", (0,)), Clause("press", (1,))}


# --------------------------------------------------------------------------------------- splits


def test_distractors_are_two_more_things() -> None:
    def crowded(split: str) -> int:
        return sum(len(written(Kind(press_two), 2, split, seed)[0].things) for seed in range(20))

    assert crowded("seen") == 2 * 20
    assert crowded("distractors") == 4 * 20


def test_what_is_held_out_must_be_what_it_is_about() -> None:
    def about_the_second(s: InstructionBuilder) -> None:
        s.new("bowl")  # of the held-out colour, since it comes first
        press_two(s)

    with pytest.raises(Unfit, match="nothing that is held out"):
        written(Kind(about_the_second), 2, "combination")
    layout, goal = written(Kind(press_two), 2, "combination")
    assert any((layout.things[i].kind, layout.things[i].colour) in HELD_OUT for i in goal.referred)


def test_splits_of_words_draw_the_same_goals() -> None:
    drawn = [
        sample_long_goal(np.random.default_rng(11), kinds=("stow",), split=split)
        for split in ("seen", "phrasing")
    ]
    assert drawn[0].goal == drawn[1].goal
    assert drawn[0].layout == drawn[1].layout
    assert drawn[0].instruction != drawn[1].instruction


# -------------------------------------------------------------------------------------- drawing


def test_a_kind_that_never_comes_about_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "never", Kind(never))
    with pytest.raises(Unfit, match=f"no instruction of never in {TRIES} draws"):
        draw_goal(np.random.default_rng(0), kinds=("never",))


def test_a_kind_that_comes_about_makes_up_for_one_that_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(KINDS, "never", Kind(never))
    _, goal = draw_goal(np.random.default_rng(0), kinds=("never", "press_twice"))
    assert goal.kind == "press_twice"


def test_of_several_kinds_those_that_are_too_long_are_left_out() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        _, goal = draw_goal(rng, kinds=("stow_two_and_close", "stow"), length="short")
        assert goal.kind == "stow"


def test_a_kind_too_long_for_what_is_asked_is_named() -> None:
    with pytest.raises(Unfit, match="stow_two_and_close: takes more steps than a short"):
        draw_goal(np.random.default_rng(0), kinds=("stow_two_and_close",), length="short")


def test_lengths_and_vaguenesses_all_come_about() -> None:
    goals = [draw_goal(np.random.default_rng(seed), kinds=("stow",))[1] for seed in range(60)]
    assert len({(g.length, g.vagueness) for g in goals}) == 9


def test_a_draw_without_words_is_the_one_with_words() -> None:
    layout, goal = draw_goal(np.random.default_rng(5), vagueness="vague", length="medium")
    sample = sample_long_goal(np.random.default_rng(5), vagueness="vague", length="medium")
    assert isinstance(sample, LongSample)
    assert (sample.layout, sample.goal) == (layout, goal)
    assert sample.instruction


def test_orders_never_ask_for_a_circle() -> None:
    for seed in range(60):
        goal = sample_long_goal(np.random.default_rng(seed), length="long").goal
        before = set(goal.order)
        assert not any((j, i) in before for i, j in before)
        for (a, b), (c, d) in itertools.product(before, repeat=2):
            if b == c:
                assert a != d


def test_every_family_has_kinds_that_are_trained_and_kinds_that_are_held_out() -> None:
    assert len(HELD_OUT_KINDS) >= 12
    assert {*HELD_OUT_KINDS} < {*KINDS}
    for family, names in FAMILY_KINDS.items():
        trained, held_out = kinds_in("seen", names), kinds_in("kind", names)
        assert {*trained, *held_out} == {*names}, family
        assert len(trained) > len(held_out) > 0, family


@pytest.mark.parametrize("split", ["seen", "phrasing", "kind"])
def test_held_out_kinds_are_of_their_split_alone(split: str) -> None:
    rng = np.random.default_rng(5)
    drawn = {sample_long_goal(rng, split=split).goal.kind for _ in range(60)}
    assert (drawn <= HELD_OUT_KINDS) == (split == "kind")
    assert bool(drawn & HELD_OUT_KINDS) == (split == "kind")
