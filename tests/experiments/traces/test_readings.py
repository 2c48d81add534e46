import re

import numpy as np
import pytest

from handeye.agents.intents.intent import all_steps, read_intent, said
from handeye.envs.rooms.long.sampling import KINDS as ROOM_KINDS
from handeye.envs.tabletop.long.registry import HELD_OUT_KINDS, KINDS
from handeye.envs.tabletop.tasks import TASKS
from handeye.experiments.traces import rooms_intents, table_intents
from handeye.experiments.traces.free_readings import draw_free
from handeye.experiments.traces.readings import draw_reading

DRAWN = 150


@pytest.mark.parametrize("split", ["seen", "combination", "phrasing", "kind"])
def test_every_reading_is_an_intent_in_its_plainest_words(split: str) -> None:
    for number in range(40):
        reading = draw_reading(np.random.default_rng([1, number]), split)
        [turn] = reading.turns
        intent = turn.call.arguments["intent"]
        assert said(read_intent(intent)) == intent
        assert turn.taught
        assert not re.search(r"\b(the|cube|drum|wedge|things|little)\b", intent)


def test_readings_are_the_same_every_time_and_of_all_sorts() -> None:
    def drawn() -> list[tuple[str, str]]:
        """Return what was drawn of a seed."""
        rngs = (np.random.default_rng([2, n]) for n in range(DRAWN))
        return [(r.kind, r.instruction) for r in (draw_reading(rng, wide=True) for rng in rngs)]

    first = drawn()
    assert first == drawn()
    kinds = {kind for kind, _ in first}
    assert "free" in kinds
    assert kinds & set(TASKS)
    assert kinds & set(KINDS)
    assert kinds & set(ROOM_KINDS)


def test_every_clause_and_kind_has_a_meaning() -> None:
    from handeye.envs.tabletop.long.clauses import CLAUSES

    assert set(CLAUSES) <= set(table_intents.MEANINGS)
    assert set(ROOM_KINDS) == set(rooms_intents.MEANINGS)


@pytest.mark.parametrize(
    ("words", "noun"),
    [
        ("the little cubes", "small block"),
        ("an orange mug", "orange cup"),
        ("the thing like a nut", "hexagon"),
        ("the red one", "red thing"),
        ("the star to the left of the big dish", "star left of large plate"),
        ("the blue things", "blue thing"),
        ("the teal area", "teal zone"),
    ],
)
def test_nouns_are_put_plainly(words: str, noun: str) -> None:
    assert table_intents.plain_noun(words) == noun


def test_free_readings_are_intents_about_what_their_words_say() -> None:
    for number in range(600):
        words, intent = draw_free(np.random.default_rng([3, number]))
        steps = [*all_steps(read_intent(intent))]
        assert said(read_intent(intent)) == intent
        for group in (g for step in steps for several in step.groups for g in several):
            for colour in re.findall(r"\b(red|green|blue|cyan)\b", str(group)):
                assert colour in words


def test_free_readings_keep_clear_of_the_kinds_that_are_held_out() -> None:
    assert {"gather_all_but_one", "press_matching", "press_as_many", "if_taken"} <= HELD_OUT_KINDS
    for number in range(3000):
        _, intent = draw_free(np.random.default_rng([4, number]))
        for step in read_intent(intent):
            items = step.groups[0] if step.groups else ()
            if step.form == "put G in G":
                assert not any(g.quantity == "all" and g.but for g in items)
            assert not (step.form == "press G" and any("coloured like" in g.noun for g in items))
        assert "as often as" not in intent
        assert not intent.startswith("if ")
