"""The true program of an instruction of the suite `rooms`, and where its words name what.

Taken from the goal that the simulator knows; the words only tell how much of it they say: a colour
or a room is part of the truth only where it is named.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.apartment import PIECES
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES
from handeye.envs.rooms.routes.language import ORDINALS
from handeye.envs.rooms.scene.language import ROOM_WORDS, THING_WORDS
from handeye.envs.rooms.scene.scene import RoomGoal, RoomScene, RoomsObject
from handeye.envs.rooms.tasks.count_things import PLURALS
from handeye.envs.rooms.tasks.point_goal import to_start
from handeye.perception.instructions.navigation_program import (
    ProgramStep,
    ProgramVocabulary,
    SpokenProgram,
    instruction_words,
)

ROOMS_VOCABULARY = ProgramVocabulary(
    kinds=("", *PIECES, *WALL_PIECES),
    colours=("", *COLOURS),
    rooms=("", *ROOM_KINDS),
    ordinals=ORDINALS,
)
NEAR_WORDS = ("next to", "in front of")  # object goals that say more than "go there"


class Mention(NamedTuple):
    """The words that name one field of a step.

    Attributes:
        step: number of the step in the program.
        field: "kind", "colour" or "room".
        at: the first of the words.
        length: how many words.
        plural: whether a kind stands in the plural.
    """

    step: int
    field: str
    at: int
    length: int = 1
    plural: bool = False


class ProgramExample(NamedTuple):
    """An instruction's words with their truth, and which of them name what."""

    task: str
    spoken: SpokenProgram
    mentions: tuple[Mention, ...] = ()


def true_program(task: str, scene: RoomScene, goal: RoomGoal, instruction: str) -> ProgramExample:
    """The program that an instruction of a task means.

    Raises:
        ValueError: the words do not name what the goal refers to, or the task is unknown.
    """
    reading = _Reading(scene, instruction_words(instruction)[0])
    match task:
        case "point_goal":
            return _point(reading, goal)
        case "object_goal" | "relational":
            reading.things(_relation(reading, goal), goal.referred)
        case "room_goal":
            reading.room("room", goal.referred[0])
        case "go_back":
            (name,) = goal.referred
            if name in scene.things:
                reading.things("thing", goal.referred)
            else:
                reading.room("room", name)
            reading.steps.append(ProgramStep("start"))
        case "count_things":
            reading.counted(goal)
        case "follow_sign":
            return _sign(reading, scene.things[goal.referred[0]].text.lower())
        case "route_following":
            reading.route(goal)
        case _:
            raise ValueError(f"there is no true program for the task {task!r}; write one here")
    spoken = SpokenProgram(tuple(reading.words), tuple(reading.steps))
    return ProgramExample(task, spoken, tuple(reading.mentions))


def nouns_of(kind: str) -> tuple[tuple[str, ...], ...]:
    """Every noun of a kind of thing, split into words, the longest first."""
    nouns = (tuple(noun.split()) for noun in THING_WORDS.get(kind, (kind,)))
    return tuple(sorted(nouns, key=len, reverse=True))


def rooms_of(kind: str) -> tuple[tuple[str, ...], ...]:
    """Every noun of a kind of room, split into words."""
    return tuple(tuple(noun.split()) for noun in ROOM_WORDS.get(kind, (kind,)))


def _point(reading: "_Reading", goal: RoomGoal) -> ProgramExample:
    """The words give metres ahead first, then metres aside."""
    assert goal.place_m is not None
    ahead, left = to_start(reading.scene, *goal.place_m)
    directions = "ahead" if ahead >= 0 else "behind", "left" if left >= 0 else "right"
    steps = (ProgramStep("point"),)
    return ProgramExample("point_goal", SpokenProgram(tuple(reading.words), steps, directions))


def _sign(reading: "_Reading", name: str) -> ProgramExample:
    at = reading.find([(name,)], 0, "the sign's name")[0]
    spoken = SpokenProgram(tuple(reading.words), (ProgramStep("sign"),), sign_at=at)
    return ProgramExample("follow_sign", spoken)


def _relation(reading: "_Reading", goal: RoomGoal) -> str:
    """The goal's relation; without one, what the words say of where to stop.

    "stop next to the chair" is said for an object goal and for a relation: it means the same.
    """
    said = " ".join(reading.words)
    return goal.relation or next((words for words in NEAR_WORDS if words in said), "thing")


class _Reading:
    """The steps of one instruction while they are looked up in its words."""

    def __init__(self, scene: RoomScene, words: list[str]) -> None:
        self.scene, self.words = scene, words
        self.steps: list[ProgramStep] = []
        self.mentions: list[Mention] = []
        self.read_to = 0  # what is named next stands behind that word

    def things(self, op: str, names: Sequence[str]) -> None:
        """A step for each thing, named one after the other; all but the first are "and"."""
        for name in names:
            self.thing(op, self.scene.things[name])
            op = "and"

    def thing(self, op: str, thing: RoomsObject, side: str = "") -> None:
        """A step about a thing, with as much of it as the next phrase for it says."""
        at, length, colour, room = self._phrase(thing)
        number, said = len(self.steps), {}
        self.mentions.append(Mention(number, "kind", at, length))
        if colour:
            said["colour"] = thing.colour
            self.mentions.append(Mention(number, "colour", at - 1))
        self.read_to = at + length
        if room:
            said["room"] = self.scene.apartment.rooms[thing.room].kind
            self.mentions.append(Mention(number, "room", at + length + 2, room))
            self.read_to += 2 + room
        self.steps.append(ProgramStep(op, thing.kind, side=side, **said))

    def room(self, op: str, kind: str) -> None:
        """A step about a room."""
        at, length = self.find(rooms_of(kind), self.read_to, kind)
        self.mentions.append(Mention(len(self.steps), "room", at, length))
        self.steps.append(ProgramStep(op, room=kind))
        self.read_to = at + length

    def counted(self, goal: RoomGoal) -> None:
        """The step of a count; the room may be named before what is counted, or after."""
        *colour, kind = goal.relation.split()
        at, length = self.find([(PLURALS[kind],)], 0, kind)
        self.mentions.append(Mention(0, "kind", at, length, plural=True))
        if colour:
            self.mentions.append(Mention(0, "colour", at - 1))
        self.room("count", goal.referred[-1])
        self.steps[0] = self.steps[0]._replace(kind=kind, colour="".join(colour))

    def route(self, goal: RoomGoal) -> None:
        """The steps of a described route."""
        for step in goal.steps:
            if step.landmark in self.scene.things:
                self.thing(step.action, self.scene.things[step.landmark], step.side)
            elif step.landmark:
                self.room(step.action, step.landmark)
            else:
                ordinal = ORDINALS[step.ordinal]
                self.steps.append(ProgramStep(step.action, ordinal=ordinal, side=step.side))

    def find(self, phrases: Sequence[tuple[str, ...]], start: int, what: str) -> tuple[int, int]:
        """Find the first of the phrases behind a word: its place and length."""
        for at in range(start, len(self.words)):
            for phrase in phrases:
                if self._stands(phrase, at):
                    return at, len(phrase)
        raise ValueError(f"{' '.join(self.words)!r} does not name {what!r} where it should")

    def _stands(self, phrase: tuple[str, ...], at: int) -> bool:
        return tuple(self.words[at : at + len(phrase)]) == phrase

    def _phrase(self, thing: RoomsObject) -> tuple[int, int, bool, int]:
        """Find the next phrase for a thing: its noun's place and length, whether the colour stands
        before it, and the length of the room behind it.
        """
        room_kind = self.scene.apartment.rooms[thing.room].kind
        for at, length in self._nouns(thing.kind):
            coloured = self._stands(("the", thing.colour), at - 2)
            if coloured or self._stands(("the",), at - 1):
                rooms = [
                    len(room)
                    for room in rooms_of(room_kind)
                    if self._stands(("in", "the", *room), at + length)
                ]
                return at, length, coloured, max(rooms, default=0)
        raise ValueError(f"{' '.join(self.words)!r} does not name {thing.name!r} where it should")

    def _nouns(self, kind: str) -> Iterator[tuple[int, int]]:
        """Places and lengths of the nouns of a kind behind what is read."""
        for at in range(max(self.read_to, 1), len(self.words)):
            for noun in nouns_of(kind):
                if self._stands(noun, at):
                    yield at, len(noun)
