"""Instructions of the suite `rooms` with their true programs, varied.

Varying stays inside what training may see: no held-out wording is used. Names are exchanged so that
every colour, thing and room is met in every wording, and the words that frame them are made
unreliable, which is what wordings never met look like.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.apartment import PIECES
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES
from handeye.envs.rooms.routes.language import ORDINALS
from handeye.envs.rooms.scene.language import one_of
from handeye.envs.rooms.tasks.count_things import COUNTED, PLURALS
from handeye.envs.rooms.tasks.follow_sign import NAMES
from handeye.experiments.labels.program_labels import (
    Mention,
    ProgramExample,
    nouns_of,
    rooms_of,
)
from handeye.perception.encoders.text import UNKNOWN
from handeye.perception.instructions.navigation_program import DIRECTIONS, NUMBER, SpokenProgram

NAMED_THINGS = tuple(kind for kind in (*PIECES, *WALL_PIECES) if kind != "sign")
THING_NOUNS = tuple(" ".join(noun) for kind in NAMED_THINGS for noun in nouns_of(kind))
ROOM_NOUNS = tuple(" ".join(noun) for kind in ROOM_KINDS for noun in rooms_of(kind))
# Words that decide the program: never dropped and never replaced.
CONTENT_WORDS = frozenset(
    word
    for phrase in (*THING_NOUNS, *ROOM_NOUNS, *PLURALS.values(), *COLOURS, *ORDINALS, *DIRECTIONS)
    for word in phrase.split()
) | {NUMBER, "door", "doorway", "between", "around", "straight"}


@dataclass(frozen=True)
class Variation:
    """How far `varied` may go.

    Attributes:
        rename: share of examples whose things, colours and rooms are exchanged for others.
        unknown_name: share of signs' names that are replaced by the unknown word.
        plain: share of examples whose other words stay as they are.
        most_noise: words of the others are changed with a probability drawn from 0 to this.
        stranger: share of the words put in that are the unknown word, not known ones.
    """

    rename: float = 0.7
    unknown_name: float = 0.4
    plain: float = 0.3
    most_noise: float = 0.5
    stranger: float = 0.7


def words_of(examples: Sequence[ProgramExample]) -> list[str]:
    """Every word that `varied` examples may have, once: theirs, all names of things and rooms."""
    named = (*THING_NOUNS, *ROOM_NOUNS, *COLOURS, *ORDINALS[1:])
    words = {word for phrase in named for word in phrase.split()}
    return sorted(words.union(*(example.spoken.words for example in examples)))


def frame_words(examples: Sequence[ProgramExample]) -> tuple[str, ...]:
    """The words of examples that name nothing, once: what `varied` may put in anywhere."""
    words = set().union(*(example.spoken.words for example in examples))
    names = {name.lower() for name in NAMES["train"].split()}
    return tuple(sorted(words - CONTENT_WORDS - names - {"s"}))


def varied(
    example: ProgramExample,
    frame: Sequence[str],
    rng: np.random.Generator,
    variation: Variation,
) -> SpokenProgram:
    """The example with other names and other words around them, its truth changed along."""
    spoken = example.spoken
    if rng.random() < variation.rename:
        spoken = renamed(example, rng)
    if spoken.sign_at >= 0 and rng.random() < variation.unknown_name:
        words = list(spoken.words)
        words[spoken.sign_at] = UNKNOWN
        spoken = spoken._replace(words=tuple(words))
    if rng.random() < variation.plain:
        return spoken
    return _noisy(spoken, frame, rng, variation)


def renamed(example: ProgramExample, rng: np.random.Generator) -> SpokenProgram:
    """The example about other things, colours and rooms, each drawn by itself."""
    words, steps = list(example.spoken.words), list(example.spoken.steps)
    for mention in sorted(example.mentions, key=lambda m: -m.at):  # later places stay valid
        value, noun = _other_name(mention, rng)
        words[mention.at : mention.at + mention.length] = noun
        steps[mention.step] = steps[mention.step]._replace(**{mention.field: value})
    return example.spoken._replace(words=tuple(words), steps=tuple(steps))


def _other_name(mention: Mention, rng: np.random.Generator) -> tuple[str, tuple[str, ...]]:
    """A value for the field that a mention names, and words for it."""
    if mention.plural:
        kind = one_of(COUNTED, rng)
        return kind, (PLURALS[kind],)
    if mention.field == "colour":
        colour = one_of(tuple(COLOURS), rng)
        return colour, (colour,)
    values, nouns = (ROOM_KINDS, rooms_of) if mention.field == "room" else (NAMED_THINGS, nouns_of)
    value = one_of(values, rng)
    return value, nouns(value)[int(rng.integers(len(nouns(value))))]


def _noisy(
    spoken: SpokenProgram,
    frame: Sequence[str],
    rng: np.random.Generator,
    variation: Variation,
) -> SpokenProgram:
    """Words that name nothing left out, exchanged, or with others in between."""
    noise = rng.uniform(0.0, variation.most_noise)
    words: list[str] = []
    sign_at = -1
    for at, word in enumerate(spoken.words):
        if rng.random() < noise / 3:
            words.append(_stranger(frame, rng, variation))
        chance = float(rng.random())
        if at == spoken.sign_at:
            sign_at = len(words)
        elif word not in CONTENT_WORDS and chance < noise:
            if chance < noise / 2:
                continue
            word = _stranger(frame, rng, variation)
        words.append(word)
    return spoken._replace(words=tuple(words), sign_at=sign_at)


def _stranger(frame: Sequence[str], rng: np.random.Generator, variation: Variation) -> str:
    """The unknown word, or now and then a known one where it means nothing."""
    if rng.random() < variation.stranger:
        return UNKNOWN
    return frame[int(rng.integers(len(frame)))]
