"""Sentences as people write them, each with its scene and with what it asks for as data.

    tabletop_development.jsonl   tabletop_test.jsonl   rooms_development.jsonl   rooms_test.jsonl

The development half may be looked at while something is built; its scenes have seeds of model
selection. The test half has seeds of evaluation. Both have every register and every kind.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from handeye.base.json_reader import JsonError, parse_json

World = Literal["tabletop", "rooms"]
Half = Literal["development", "test"]
UtteranceKind = Literal[
    "command", "question", "prohibition", "stop", "smalltalk", "cannot", "harmful"
]


@dataclass(frozen=True)
class Utterance:
    """One sentence, and what is right to do about it.

    Attributes:
        id: unique among all of them.
        task: with `seed` what to reset for the scene; in apartments of the split "unseen".
        seed: of the episode.
        register: the manner of speaking, such as "slang" or "typo".
        kind: of utterance. Only a "command" may move the robot, and in apartments a "question" that
            needs looking around.
        words: as somebody would write them.
        conditions: what a command asks for, fields of a `long.goal.Condition` of the world, where
            objects have their names in the scene. None for other kinds.
        ordered: each condition is to be met after the one before it.
        answer: that a question has; "" for none.
        clarification: what the speaker says when asked which one; "" where the words are clear.
    """

    id: str
    task: str
    seed: int
    register: str
    kind: UtteranceKind
    words: str
    conditions: tuple[dict[str, Any], ...]
    ordered: bool
    answer: str
    clarification: str


def read_utterances(world: World, half: Half) -> tuple[Utterance, ...]:
    """Return the sentences about a world.

    Raises:
        ValueError: there is no such world or half.
        JsonError: the file is damaged.
    """
    for given, names in ((world, get_args(World)), (half, get_args(Half))):
        if given not in names:
            raise ValueError(f"{given!r} is none of {', '.join(names)}")
    path = Path(__file__).with_name(f"{world}_{half}.jsonl")
    return tuple(
        _read(line, f"{path} line {number}")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    )


def _read(line: str, where: str) -> Utterance:
    fields = parse_json(line, dict[str, Any], where)
    try:
        found = Utterance(**{**fields, "conditions": tuple(fields["conditions"])})
    except (KeyError, TypeError) as error:
        raise JsonError(f"{where} is no utterance: {error}") from error
    if found.kind not in get_args(UtteranceKind):
        raise JsonError(f"{where}: {found.kind!r} is no kind of utterance")
    return found
