"""Long instructions as data: kinds, lengths, words and splits, without physics."""

import json

import numpy as np
import pytest

from handeye.base.names import UnknownName
from handeye.envs.tabletop.long import FAMILIES, FAMILY_OF, KINDS, LongSample, sample_long_goal
from handeye.envs.tabletop.long.casting import Unfit
from handeye.envs.tabletop.long.clauses import CLAUSES
from handeye.envs.tabletop.long.goal import LENGTHS, STEPS, VAGUENESSES, Layout, LongGoal
from handeye.envs.tabletop.long.sampling import write_goal
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.scene import ObjectSpec

SKILLS = {"put", "push", "press", "slide", "say"}


def draw(kind: str, seed: int = 0, **more: str) -> LongSample:
    return sample_long_goal(np.random.default_rng(seed), kinds=(kind,), **more)  # type: ignore[arg-type]


def cast_on(things: tuple[ObjectSpec, ...], kind: str) -> LongGoal | None:
    """A goal of a kind about these things, if some dice allow one."""
    for seed in range(30):
        try:
            rng = np.random.default_rng(seed)
            layout, goal = write_goal(KINDS[kind], rng, "seen", 2, "ordinary", Layout(things))
        except Unfit:
            continue
        assert layout.things == things
        return goal
    return None


def test_there_are_many_kinds_each_in_one_family() -> None:
    assert len(KINDS) >= 60
    assert sum(map(len, FAMILIES.values())) == len(KINDS) == len(FAMILY_OF)
    assert all(kind.summary for kind in KINDS.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_comes_in_its_lengths(kind: str) -> None:
    for length in LENGTHS:
        if max(STEPS[length]) < KINDS[kind].least:
            with pytest.raises(Unfit, match="more steps"):
                draw(kind, length=length)
            continue
        for seed, vagueness in enumerate(VAGUENESSES):
            sample = draw(kind, seed, length=length, vagueness=vagueness)
            goal, things = sample.goal, sample.layout.things
            assert (goal.kind, goal.length, goal.vagueness) == (kind, length, vagueness)
            assert len(goal.subgoals) == len(goal.effects)
            if goal.feasible:
                assert len(goal.subgoals) in STEPS[length]
                assert {s.skill for s in goal.subgoals} <= SKILLS
                assert goal.conditions or goal.answer
            else:
                assert not goal.subgoals
            assert (goal.answer != "") == any(s.skill == "say" for s in goal.subgoals)
            assert all(0 <= i < len(things) for i in goal.referred)
            assert all(max(pair) < len(goal.conditions) for pair in goal.order)
            assert len({(t.kind, t.colour) for t in things}) == len(things)
            assert "{" not in sample.instruction
            assert "  " not in sample.instruction


def test_families_that_promise_it_are_unclear_or_come_both_ways() -> None:
    for kind, family in FAMILY_OF.items():
        goals = [draw(kind, seed).goal for seed in range(8)]
        ways = {True, False} if family == "impossible" else {True}
        assert {goal.feasible for goal in goals} == ways
        assert all((family == "unclear") == bool(goal.clarification) for goal in goals)


def test_the_same_generator_gives_the_same_sample() -> None:
    for seed in range(5):
        first, again = (sample_long_goal(np.random.default_rng(seed)) for _ in range(2))
        assert first == again
        json.dumps(first.goal.to_dict())


def test_held_out_pairs_are_named_in_their_split_alone() -> None:
    for seed in range(60):
        seen, held = (
            sample_long_goal(np.random.default_rng(seed), split=s) for s in ("seen", "combination")
        )
        assert not any((t.kind, t.colour) in HELD_OUT for t in seen.layout.things)
        named = [held.layout.things[i] for i in held.goal.referred]
        assert any((t.kind, t.colour) in HELD_OUT for t in named)


def test_held_out_phrasings_are_never_trained() -> None:
    for phrasings in CLAUSES.values():
        assert phrasings.plain
        assert phrasings.held_out
        assert not set(phrasings.held_out) & {*phrasings.plain, *phrasings.vague}


def test_vague_words_name_fewer_properties() -> None:
    told = [
        [len(draw("steps_in_order", seed, vagueness=v).instruction.split()) for seed in range(30)]
        for v in ("specific", "ordinary")
    ]
    assert np.mean(told[0]) > np.mean(told[1])
    vague = [draw("steps_in_order", seed, vagueness="vague").instruction for seed in range(30)]
    assert any("thing" in words for words in vague)
    assert not any("small" in words or "large" in words for words in vague)


def test_all_of_a_group_means_all_of_them() -> None:
    for seed in range(40):
        sample = draw("gather_shape", seed)
        moved = [s.item for s in sample.goal.subgoals if s.target == sample.goal.subgoals[0].target]
        kind = sample.layout.things[sample.goal.conditions[0].item].kind
        same = [i for i, t in enumerate(sample.layout.things) if t.kind == kind]
        assert set(same) <= set(moved)


def test_buttons_that_nobody_mentions_must_not_be_pressed() -> None:
    goal = draw("press_twice", 1, length="short").goal
    totals = {c.item: c.number for c in goal.conditions if c.relation == "presses"}
    assert sorted(totals.values()) == [0, 2]
    assert goal.subgoals[0].item == next(i for i, n in totals.items() if n == 2)


def test_words_that_tell_an_order_demand_it() -> None:
    ordered, free = (
        draw(k, 2, length="long").goal for k in ("steps_in_order", "steps_in_any_order")
    )
    assert len(ordered.order) >= 4
    assert not free.order


def test_things_have_no_telling_place_in_the_list() -> None:
    first = [draw("steps_in_order", seed).goal.subgoals[0].item for seed in range(30)]
    assert len(set(first)) > 4


def test_a_given_table_casts_the_kind() -> None:
    things = (
        ObjectSpec("star", "red", "small"), ObjectSpec("star", "blue", "small"),
        ObjectSpec("block", "blue", "large"), ObjectSpec("bowl", "green"),
    )  # fmt: skip
    goal = cast_on(things, "gather_shape")
    assert goal is not None
    assert {s.item for s in goal.subgoals} == {0, 1}
    assert {s.target for s in goal.subgoals} == {3}
    assert not any(cast_on(things, kind) for kind in ("stow", "press_all", "swap_zones"))


def test_bad_names_are_answered_kindly() -> None:
    with pytest.raises(UnknownName, match="gather_shape"):
        draw("gather_shapes")
    with pytest.raises(UnknownName, match="long"):
        draw("stow", length="lng")
    with pytest.raises(UnknownName, match="vague"):
        draw("stow", vagueness="vaguely")


def test_bowls_take_in_small_things_alone_where_they_take_several() -> None:
    for seed in range(80):
        sample = sample_long_goal(np.random.default_rng(seed))
        things, load = sample.layout.things, dict[int, list[str]]()
        for s in sample.goal.subgoals:
            if s.skill == "put" and things[s.target].kind in shapes.CONTAINER_KINDS:
                load.setdefault(s.target, []).append(things[s.item].size)
        for target, sizes in load.items():
            assert len(sizes) <= 3
            assert len(sizes) == 1 or things[target].kind in ("bowl", "plate")
            assert len(sizes) == 1 or "large" not in sizes or things[target].kind == "plate"
