"""Wider wording for training: whole, and of the same meaning's slots."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from handeye.envs.base.colours import COLOURS
from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms import long as rooms
from handeye.envs.tabletop.long import sample_long_goal
from handeye.envs.tabletop.long.clauses import CLAUSES
from handeye.envs.tabletop.long.words import SEEN
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks import TASKS
from handeye.experiments.traces.planning_traces import draw_trace
from handeye.experiments.wordings.paraphrases import wider, word_long, word_rooms

JOINTS = {"JOIN_IN_ORDER": "in_order", "JOIN": "free", "AFTER_CHOICE": "after_choice"}
OMITTED = {"odd_one": {"{2}"}}  # what differs need not be told


def slots(pattern: str) -> frozenset[str]:
    """The slots of a phrasing."""
    return frozenset(re.findall(r"\{\w+\}", pattern))


def usual_phrasings(name: str, kind: str) -> tuple[str, ...]:
    """What training has of a kind without the wider wording."""
    if name == "core":
        return TABLETOP.make_task(kind).templates
    if name == "rooms":
        return rooms.KINDS[kind].templates + rooms.KINDS[kind].vague
    if kind in JOINTS:
        return tuple(getattr(SEEN.joints, JOINTS[kind]))
    return CLAUSES[kind].plain + CLAUSES[kind].vague


def patterns() -> Iterator[tuple[str, str, str]]:
    for name in ("core", "tabletop", "rooms"):
        for kind, known in wider(name).items():
            for pattern in (*known.orders, *known.free):
                yield name, kind, pattern


def test_every_kind_has_a_dozen_wider_patterns_or_more() -> None:
    assert set(wider("core")) == set(TASKS)
    assert set(wider("tabletop")) == set(CLAUSES) | set(JOINTS)
    assert set(wider("rooms")) == set(rooms.KINDS)
    for name in ("core", "tabletop", "rooms"):
        for kind, known in wider(name).items():
            assert len(known.orders) + len(known.free) >= 12, kind


def test_every_pattern_has_the_slots_of_a_usual_phrasing_once_each() -> None:
    for name, kind, pattern in patterns():
        allowed = {slots(phrasing) for phrasing in usual_phrasings(name, kind)}
        allowed |= {one - OMITTED.get(kind, set()) for one in allowed}
        for phrasing in spell_out(pattern):
            assert slots(phrasing) in allowed, (kind, phrasing)
            assert len(slots(phrasing)) == len(re.findall(r"\{\w+\}", phrasing)), (kind, phrasing)


def test_no_pattern_has_stray_brackets_or_blanks() -> None:
    for _, kind, pattern in patterns():
        for phrasing in spell_out(pattern):
            assert not re.search(r"[()|]|  |^ | $", phrasing), (kind, phrasing)


def test_orders_begin_with_what_is_to_be_done() -> None:
    no_order = re.compile(r"\{\d|i |you |the |could|can|would|is |are ")
    for name in ("core", "tabletop", "rooms"):
        for kind, known in wider(name).items():
            for pattern in known.orders:
                assert not no_order.match(pattern), (kind, pattern)


@pytest.mark.parametrize("seed", range(40))
def test_a_long_goal_in_wide_words_names_the_same_things(seed: int) -> None:
    rng = np.random.default_rng([seed, 1])
    sample = sample_long_goal(rng, vagueness="specific")
    words = word_long(sample.goal, sample.layout.things, rng)
    named = {*COLOURS, "small", "large", "bowl", "cup", "plate"}
    said, usual = (set(re.findall(r"\w+", text.lower())) for text in (words, sample.instruction))
    assert said & named == usual & named, (words, sample.instruction)


@pytest.mark.parametrize("seed", range(40))
def test_a_room_goal_in_wide_words_calls_its_places_as_the_tools_do(seed: int) -> None:
    rng = np.random.default_rng([seed, 2])
    sample = rooms.sample_long_goal(rng, vagueness="specific")
    said = word_rooms(sample, rng)
    assert said.words
    assert "{" not in said.words
    assert set(said.called) == set(sample.said.called)


@pytest.mark.slow
def test_wide_traces_are_the_same_every_time_and_worded_in_more_ways() -> None:
    def instructions(wide: bool) -> list[str]:
        rngs = (np.random.default_rng([n, 3]) for n in range(60))
        return [draw_trace(rng, wide=wide).instruction for rng in rngs]

    wide, narrow = instructions(True), instructions(False)
    assert wide == instructions(True)
    assert sum(a != b for a, b in zip(wide, narrow, strict=True)) > 30
