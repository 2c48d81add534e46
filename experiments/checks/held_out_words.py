"""How far what is held out of training is from what is trained, in words and patterns.

A pattern is a phrasing with slots, such as "put {a} into {b}". Two patterns are compared word by
word: any slot is one word, punctuation is none, so "{a}: lift it" and "lift {0}" are two edits
apart. A held-out pattern near to a trained one would measure little more than that one does.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from scipy import sparse

from handeye.envs.base.colours import COLOURS
from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms import long as rooms
from handeye.envs.rooms.long import naming
from handeye.envs.rooms.registry import ROOMS
from handeye.envs.rooms.routes.language import CONNECTORS
from handeye.envs.rooms.scene import language as room_language
from handeye.envs.rooms.scene.synonyms import ROOM_SYNONYMS
from handeye.envs.tabletop.long.clauses import CLAUSES
from handeye.envs.tabletop.long.words import HELD_OUT, NUMBERS, PLURALS, SEEN, VAGUE_KINDS, Joints
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks import TASKS
from handeye.envs.tabletop.world import language as table_language
from handeye.envs.tabletop.world.synonyms import TABLE_SYNONYMS
from handeye.experiments.data.vl.kinds import PHRASINGS as EXAMPLES
from handeye.experiments.labels.scene_questions import PHRASINGS as QUESTIONS
from handeye.experiments.traces.colour_renaming import WORDS as OTHER_COLOURS
from handeye.experiments.traces.free_readings import DRAWER_STORIES
from handeye.experiments.traces.noun_phrases import EXTREMES, PEOPLE_SAY, SIZES
from handeye.experiments.wordings.noise import ENDS, REASONS, STARTS
from handeye.experiments.wordings.paraphrases import WRAPPERS, wider

LEAST_EDITS = 3  # between a held-out pattern and any that is trained
SLOT = "{}"


NOUNS: tuple[Mapping[str, tuple[str, ...]], ...] = (  # what the suites call things and places
    *(table_language.KIND_WORDS, table_language.SIZE_WORDS, table_language.RELATION_WORDS),
    *(VAGUE_KINDS, room_language.THING_WORDS, room_language.ROOM_WORDS),
    *(naming.VAGUE_ROOMS, naming.VAGUE_THINGS, naming.VAGUE_PLURALS),
)


class Pattern(NamedTuple):
    """A phrasing with its origin.

    Attributes:
        suite: whose it is.
        kind: task, clause or kind of instruction.
        text: with slots in braces.
    """

    suite: str
    kind: str
    text: str

    @property
    def words(self) -> tuple[str, ...]:
        """Lower-case words; any slot is `SLOT`."""
        return tuple(SLOT if w[0] == "{" else w for w in re.findall(WORD, self.text.lower()))


WORD = r"\{\w+\}|[a-z0-9']+"


class Nearest(NamedTuple):
    """A held-out pattern with the nearest one of training and the edits between them."""

    pattern: Pattern
    trained: Pattern
    edits: int


def training_patterns() -> Iterator[Pattern]:
    """Every pattern that training says: of suites, wider wordings of traces, examples in words."""
    for name in TASKS:
        yield from _named("tabletop-core", name, TABLETOP.make_task(name).templates)
    for name, phrasings in CLAUSES.items():
        yield from _named("tabletop-long", name, (*phrasings.plain, *phrasings.vague))
    yield from _named("tabletop-long", "joints", _joints(SEEN.joints))
    for name in ROOMS.tasks_of("rooms"):
        yield from _named("rooms", name, ROOMS.make_task(name).templates)
    yield from _named("rooms", "connectors", (f"{{a}}{joint}{{b}}" for joint in CONNECTORS))
    for name, kind in rooms.KINDS.items():
        yield from _named("rooms-long", name, (*kind.templates, *kind.vague))
    for file in ("core", "tabletop", "rooms", "people"):
        for name, known in wider(file).items():
            for pattern in (*known.orders, *known.free):
                yield from _named(f"wordings/{file}.json", name, spell_out(pattern))
    yield from _named("wordings", "wrappers", WRAPPERS)
    for story, _ in DRAWER_STORIES:
        yield from _named("free_readings", "drawers", spell_out(story))
    for name, several in EXAMPLES.items():
        yield from _named("vl", name, several)


def held_out_patterns() -> Iterator[Pattern]:
    """Every pattern of the splits `phrasing`."""
    for name in TASKS:
        yield from _named("tabletop-core", name, TABLETOP.make_task(name).held_out_templates)
    for name, phrasings in CLAUSES.items():
        yield from _named("tabletop-long", name, phrasings.held_out)
    yield from _named("tabletop-long", "joints", _joints(HELD_OUT.joints))
    for name in ROOMS.tasks_of("rooms"):
        yield from _named("rooms", name, ROOMS.make_task(name).held_out_templates)
    for name, kind in rooms.KINDS.items():
        yield from _named("rooms-long", name, kind.held_out)


def nearest_trained(
    held_out: Sequence[Pattern], trained: Sequence[Pattern], within: int = LEAST_EDITS
) -> list[Nearest]:
    """Return held-out patterns that are fewer than `within` edits from a trained one.

    Most pairs are told apart by the words that they share: the edits between two patterns are at
    least the words of the longer one less the shared ones.
    """
    once = list({pattern.words: pattern for pattern in trained}.values())
    shared = _shared_words([p.words for p in held_out], [p.words for p in once])
    longer = np.maximum.outer(
        np.array([len(p.words) for p in held_out]), np.array([len(p.words) for p in once])
    )
    near: dict[int, Nearest] = {}
    for i, j in np.argwhere(longer - shared < within).tolist():
        edits = word_edits(held_out[i].words, once[j].words)
        if edits < within and (i not in near or edits < near[i].edits):
            near[i] = Nearest(held_out[i], once[j], edits)
    return list(near.values())


def word_edits(a: Sequence[str], b: Sequence[str]) -> int:
    """Return how many words are inserted, deleted or substituted between two texts at least."""
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            cost = min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
            diagonal, row[j] = row[j], cost
    return row[-1]


def training_words() -> set[str]:
    """Return every word that training says: in its patterns, and in what it calls things."""
    known = words_of(pattern.text for pattern in training_patterns())
    for table in NOUNS:
        known |= words_of((*table, *chain.from_iterable(table.values())))
    plural = words_of((*PLURALS.values(), *chain.from_iterable(naming.PLURALS.values())))
    asked = words_of(chain.from_iterable(QUESTIONS.values()))
    for table in (PEOPLE_SAY, SIZES, EXTREMES):
        known |= words_of(chain.from_iterable(table.values()))
    known |= words_of((*STARTS, *ENDS, *REASONS))
    return known | plural | asked | words_of((*COLOURS, *OTHER_COLOURS, *NUMBERS))


def synonym_words() -> frozenset[str]:
    """Return the words of the splits `synonym` that stand in for trained ones."""
    return TABLE_SYNONYMS.words | ROOM_SYNONYMS.words


def words_of(texts: Iterable[str]) -> set[str]:
    """Return the lower-case words of texts or patterns, slots left out."""
    return {w for text in texts for w in re.findall(WORD, text.lower()) if w[0] != "{"}


def _named(suite: str, kind: str, texts: Iterable[str]) -> Iterator[Pattern]:
    return (Pattern(suite, kind, text) for text in texts)


def _joints(joints: Joints) -> tuple[str, ...]:
    return joints.in_order + joints.at_first + joints.free + joints.after_choice


def _shared_words(a: Sequence[Sequence[str]], b: Sequence[Sequence[str]]) -> np.ndarray:
    """(len(a), len(b)) words that two texts have in common, one that comes twice counting twice."""
    index: dict[tuple[str, int], int] = {}

    def matrix(texts: Sequence[Sequence[str]]) -> tuple[list[int], list[int]]:
        """Return rows (texts) and columns (words, each time that one comes) of ones."""
        rows, columns = [], []
        for row, words in enumerate(texts):
            for word, times in Counter(words).items():
                for turn in range(times):
                    rows.append(row)
                    columns.append(index.setdefault((word, turn), len(index)))
        return rows, columns

    places = [matrix(texts) for texts in (a, b)]
    made = [
        sparse.csr_array((np.ones(len(rows), np.int32), (rows, columns)), (len(texts), len(index)))
        for texts, (rows, columns) in zip((a, b), places, strict=True)
    ]
    return np.asarray((made[0] @ made[1].T).todense())
