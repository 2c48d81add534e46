"""Questions: true of the state, sure whoever looks, and balanced."""

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.splits import HELD_OUT_FURNITURE
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.state import State
from handeye.experiments.data.tabletop_dataset import recorded_state
from handeye.experiments.data.vl.affordances import AFFORDANCES
from handeye.experiments.data.vl.balance import Tally
from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.presence import ADVERSARIAL, absent_noun
from handeye.experiments.data.vl.questions import questions
from handeye.experiments.labels.scene_facts import HANDLE, ROOM_KINDS, TABLE_KINDS
from handeye.experiments.labels.scene_nouns import Noun, read_noun
from handeye.experiments.labels.scene_questions import Asked, answer, read_question
from tests.experiments.data.vl.shown import said, table_views, tables

CLOSED = (ADVERSARIAL, "presence/random", "relation", "state", "affordance", "done",
          "same_colour", "same_kind")  # fmt: skip


def of(about: str) -> list[VlExample]:
    return [one for one in said("vqa") if one.about == about]


@pytest.mark.parametrize("about", CLOSED)
def test_yes_is_as_frequent_as_no(about: str) -> None:
    counts = Counter(one.answer for one in of(about))
    assert counts["yes"] == counts["no"] > 0
    assert set(counts) == {"yes", "no"}


def test_counted_things_are_recounted() -> None:
    for one in of("count"):
        noun = read_question(one.question)
        assert noun is not None
        fits = [
            thing
            for thing in one.frames[-1].things
            if thing.kind != HANDLE
            and noun.first.kind in ("", thing.kind)
            and noun.first.colour in ("", thing.colour)
            and noun.first.size in ("", thing.size)
        ]
        assert one.answer == str(len(fits))
        assert sorted(one.bodies) == sorted(thing.name for thing in fits)


def test_answers_are_those_of_whoever_reads_the_question() -> None:
    rng = np.random.default_rng(1)
    for view in table_views():
        for one in questions(view, Tally(rng), rng):
            asked = read_question(one.question)
            if asked is not None and one.about not in ("affordance", "condition"):
                assert answer(asked, view.facts) == one.answer, one.question


def test_what_is_absent_nearly_is_there() -> None:
    for one in of(ADVERSARIAL):
        noun = read_question(one.question)
        assert noun is not None
        things = one.frames[-1].things
        pair = (noun.first.kind, noun.first.colour)
        assert (one.answer == "yes") == (pair in {(t.kind, t.colour) for t in things})
        assert any(pair[0] == t.kind or pair[1] == t.colour for t in things)


def test_no_pair_is_named_that_training_never_shows() -> None:
    words = {True: HELD_OUT_FURNITURE, False: HELD_OUT}
    kinds = {True: ROOM_KINDS, False: TABLE_KINDS}
    for one in said():
        home = one.frames[0].camera == "ego"
        for phrase in re.findall(
            rf"\b(?:{'|'.join(COLOURS)}) [a-z ]+?\b", f"{one.question} {one.answer} {one.wrong}"
        ):
            noun = read_noun(phrase)
            if noun is not None and noun.kind in kinds[home]:
                assert (noun.kind, noun.colour) not in words[home]


def meant(noun: Noun, one: VlExample) -> int:
    """The only object of the scene that a noun can mean among those in view."""
    fits = [
        thing.name
        for thing in one.frames[0].things
        if noun.kind in ("", thing.kind)
        and noun.colour in ("", thing.colour)
        and noun.size in ("", thing.size)
        and (thing.kind != HANDLE or noun.kind == HANDLE)
    ]
    assert len(fits) == 1
    return [thing.name for thing in episode_of(one).scene.objects].index(fits[0])


def episode_of(one: VlExample) -> Episode:
    return tables()[one.frames[0].episode]


def of_tables(about: str) -> Iterator[tuple[VlExample, Asked, State]]:
    for one in of(about):
        asked = read_question(one.question)
        if one.frames[0].camera != "ego":
            assert asked is not None
            yield one, asked, recorded_state(episode_of(one), one.frames[0].time)


def test_relations_hold_in_the_state_or_their_contrary_does() -> None:
    for one, asked, state in of_tables("relation"):
        scene = episode_of(one).scene
        assert asked.second is not None
        a, b = meant(asked.first, one), meant(asked.second, one)
        yes = one.answer == "yes"
        if asked.named in predicates.DIRECTIONS:
            gap = predicates.position(scene, state, a) - predicates.position(scene, state, b)
            along = float(gap[:2] @ predicates.DIRECTIONS[asked.named])
            assert along > 0.05 if yes else along < -0.05
        elif scene.objects[b].kind in shapes.VESSELS:
            assert predicates.is_inside(scene, state, a, b) == yes
        elif scene.objects[b].kind in shapes.PRISMS:
            assert predicates.is_on(scene, state, a, b) == yes


def test_drawers_are_as_far_open_as_is_said() -> None:
    seen = 0
    for one, asked, state in of_tables("state"):
        drawer, scene = meant(asked.first, one), episode_of(one).scene
        if scene.objects[drawer].kind == "drawer":
            judge = {"open": predicates.is_open, "closed": predicates.is_closed}[asked.named]
            assert judge(scene, state, drawer) == (one.answer == "yes")
            seen += 1
    assert seen
    assert {"half open"} <= {one.answer for one in of("condition")}


def test_articles_fit() -> None:
    spoken = " ".join(f"{one.question} {one.answer}" for one in said())
    assert not re.search(r"\ba [aeiou]", spoken)
    assert " an orange " in spoken


def test_no_kind_is_both_able_and_unable() -> None:
    for one in AFFORDANCES:
        assert not set(one.yes) & set(one.no)
        assert set(one.yes) | set(one.no) <= {*TABLE_KINDS, *ROOM_KINDS}


def test_an_absent_thing_is_found_only_where_one_is() -> None:
    view = table_views()[0]
    tally = Tally(np.random.default_rng(0))
    everywhere = frozenset((kind, colour) for kind in TABLE_KINDS for colour in COLOURS)
    crowded = view._replace(words=view.words._replace(unsaid=everywhere))
    assert absent_noun(crowded, tally) is None
    assert absent_noun(view, tally) is not None


def test_what_is_absent_takes_kind_and_colour_of_what_is_there_in_turn() -> None:
    view = table_views()[0]
    tally = Tally(np.random.default_rng(0))
    like = Noun("block", "red")
    found = [absent_noun(view, tally, like) for _ in range(20)]
    assert sum(noun is not None and noun.kind == "block" for noun in found) >= 10
    assert sum(noun is not None and noun.colour == "red" for noun in found) >= 10


def test_every_question_of_what_a_thing_affords_is_asked_of_two() -> None:
    counts = Counter((one.question.split(" the ")[0], one.answer) for one in of("affordance"))
    assert all(counts[words, "yes"] == counts[words, "no"] for words, _ in counts)
