"""What is remembered of things seen in an apartment, and what words name among them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from handeye.agents.core.tools import CannotDo
from handeye.agents.sight.rooms_perception import SeenObject
from handeye.agents.sight.rooms_words import Query, RoomWords
from handeye.agents.tools.rooms_memory import CELL_M, KnownObject, RoomMemory, squares_of
from handeye.perception.mapping.things_on_map import MappedObject

KINDS, COLOURS, ROOMS = ("chair", "box", "bed"), ("red", "green"), ("kitchen", "study")
MASK = np.ones((1, 1), np.bool_)
WORDS = RoomWords(
    {"chair": "chair", "chairs": "chair", "box": "box", "boxes": "box", "potted plant": "plant",
     "plant": "plant", "bed": "bed"},
    {"red": "red", "green": "green"},
    {"kitchen": "kitchen", "living room": "living room", "lounge": "living room"},
)  # fmt: skip


def odds(names: tuple[str, ...], name: str) -> NDArray[np.float32]:
    """All for one name."""
    return np.eye(len(names), dtype=np.float32)[names.index(name)]


def guess(x_m: float, **kinds: float) -> MappedObject:
    """A red thing that is so likely of each kind."""
    likes = np.array([kinds.get(kind, 0.0) for kind in KINDS], np.float32)
    return MappedObject(likes, odds(COLOURS, "red"), patch(x_m, 0.0))


def seen(look: str, identity: str) -> SeenObject:
    colour, kind = look.split()
    return SeenObject(odds(KINDS, kind), odds(COLOURS, colour), MASK, identity)


def patch(x_m: float, y_m: float, wide: int = 3) -> NDArray[np.float64]:
    """Points in the middles of so many by so many squares around a point."""
    steps = (np.arange(wide) - wide // 2) * CELL_M + CELL_M / 2
    return np.stack(np.meshgrid(x_m + steps, y_m + steps), axis=-1).reshape(-1, 2)


def add(
    memory: RoomMemory,
    look: str,
    x_m: float,
    y_m: float = 0.0,
    *,
    identity: str,
    room: str = "kitchen",
) -> KnownObject:
    found = memory.add(seen(look, identity), patch(x_m, y_m), odds(ROOMS, room))
    assert found is not None
    return found


@pytest.fixture
def memory() -> RoomMemory:
    return RoomMemory(KINDS, COLOURS, ROOMS)


def test_one_identity_is_one_thing_wherever_it_is_seen(memory: RoomMemory) -> None:
    first = add(memory, "red chair", 0.0, identity="a")
    assert add(memory, "red chair", 3.0, identity="a") is first
    assert memory.things == [first]
    assert len(first.points_m) == 18


def test_two_identities_are_two_things_even_in_one_place(memory: RoomMemory) -> None:
    add(memory, "red chair", 0.0, identity="a")
    add(memory, "red chair", 0.0, identity="b")
    assert [thing.number for thing in memory.things] == [1, 2]


def test_what_is_guessed_is_what_it_most_looks_like(memory: RoomMemory) -> None:
    memory.put(guess(0.0, chair=0.8, box=0.2), odds(ROOMS, "kitchen"))
    memory.put(guess(2.0, chair=0.1, box=0.9), odds(ROOMS, "study"))
    assert (
        memory.listed(memory.things).words == "#1 red chair in the kitchen; #2 red box in the study"
    )
    assert [t.number for t in memory.fitting(Query("box"))] == [2]
    assert memory.shown(squares_of(patch(2.0, 0.0))) == memory.things[1:]
    assert memory.shown(squares_of(patch(4.0, 0.0))) == []


def test_where_nothing_is_called_so_the_likeliest_may_be_meant(memory: RoomMemory) -> None:
    memory.put(guess(0.0, chair=0.8, box=0.2), odds(ROOMS, "kitchen"))
    memory.put(guess(2.0, chair=0.99, box=0.01), odds(ROOMS, "kitchen"))
    chair = memory.things[:1]
    assert memory.fitting(Query("box", "red")) == []
    assert memory.likeliest(Query("box", "red")) == chair
    assert memory.likeliest(Query("box", "red", "kitchen")) == chair
    assert memory.likeliest(Query("bed", "red")) == []  # nothing ever looked like a bed
    assert memory.likeliest(Query("box", "red", "study")) == []
    assert memory.likeliest(Query("piano", "red")) == []  # no kind that these eyes know


def test_of_several_guesses_those_nearly_as_likely_are_meant(memory: RoomMemory) -> None:
    for x_m, likely in ((0.0, 0.9), (2.0, 0.8), (4.0, 0.6)):
        memory.put(guess(x_m, chair=likely, box=1 - likely), odds(ROOMS, "kitchen"))
    assert len(memory.fitting(Query("chair"))) == 3
    assert memory.likeliest(Query("chair")) == memory.things[:2]


def test_eyes_that_know_a_thing_are_not_mistaken_about_it(memory: RoomMemory) -> None:
    add(memory, "red chair", 0.0, identity="a")
    add(memory, "red box", 0.0, identity="a")
    add(memory, "red chair", 0.0, identity="a")
    assert memory.likeliest(Query("box", "red")) == []


def test_points_lie_in_the_middles_of_squares_of_both_signs(memory: RoomMemory) -> None:
    points = np.array([[-0.01, 0.01], [-0.02, 0.02], [0.06, -0.06], [0.2, 0.2], [-0.99, 0.31]])
    thing = memory.add(seen("red chair", "a"), points, odds(ROOMS, "study"))
    assert thing is not None
    assert sorted(map(tuple, thing.points_m.round(3).tolist())) == [
        (-0.975, 0.325),
        (-0.025, 0.025),
        (0.075, -0.075),
        (0.225, 0.225),
    ]


@pytest.mark.parametrize(("squares", "kept"), [(0, False), (3, False), (4, True)])
def test_too_little_of_a_thing_is_not_remembered(
    memory: RoomMemory, squares: int, kept: bool
) -> None:
    points = patch(0.0, 0.0)[:squares]
    assert (memory.add(seen("red chair", "a"), points, odds(ROOMS, "study")) is not None) == kept
    assert len(memory.things) == kept


def test_a_thing_in_no_known_room_is_told_without_one(memory: RoomMemory) -> None:
    nowhere = np.zeros(len(ROOMS), np.float32)
    thing = memory.add(seen("green box", "a"), patch(0.0, 0.0), nowhere)
    assert thing is not None
    assert memory.room_of(thing) == ""
    assert memory.told(thing) == "#1 green box"


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (Query("box"), [1, 2, 4]),
        (Query("box", "red"), [1, 4]),
        (Query("box", "", "study"), [2, 4]),
        (Query("box", "red", "study"), [4]),
        (Query(colour="green"), [2, 3]),
        (Query(room="kitchen", anything=True), [1, 3]),
        (Query(anything=True), [1, 2, 3, 4]),
        (Query("bed"), []),
        (Query("chair", "red"), []),
    ],
)
def test_queries_fit_by_all_that_they_say(
    memory: RoomMemory, query: Query, numbers: list[int]
) -> None:
    looks = (
        ("red box", "kitchen"),
        ("green box", "study"),
        ("green chair", "kitchen"),
        ("red box", "study"),
    )
    for number, (look, room) in enumerate(looks):
        add(memory, look, 2.0 * number, identity=str(number), room=room)
    assert [thing.number for thing in memory.fitting(query)] == numbers


def test_several_things_are_told_in_one_line(memory: RoomMemory) -> None:
    things = [
        add(memory, "red box", 0.0, identity="a"),
        add(memory, "green bed", 2.0, identity="b", room="study"),
    ]
    assert memory.listed(things).words == "#1 red box in the kitchen; #2 green bed in the study"
    assert memory.listed([]).words == ""


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("RED Chairs", Query("chair", "red")),
        ("a potted plant", Query("plant")),
        ("the living room", Query(room="living room")),
        ("all boxes in the lounge", Query("box", "", "living room")),
        ("green", Query(colour="green")),
        ("any green thing", Query(colour="green", anything=True)),
        ("objects", Query(anything=True)),
        ("the green box, in the kitchen!", Query("box", "green", "kitchen")),
    ],
)
def test_spellings_mean_one_thing(words: str, query: Query) -> None:
    assert WORDS.read(words) == query


@pytest.mark.parametrize(
    ("query", "is_room"),
    [
        (Query(room="kitchen"), True),
        (Query("box", room="kitchen"), False),
        (Query(colour="red", room="kitchen"), False),
        (Query(room="kitchen", anything=True), False),
        (Query("box"), False),
        (Query(), False),
    ],
)
def test_a_room_alone_is_a_room(query: Query, is_room: bool) -> None:
    assert query.is_room == is_room


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            "unicorn",
            "'unicorn' is nothing that I know; name a kind of thing (chair, box, plant, bed)",
        ),
        ("wooden red chair", "'wooden' is nothing that I know"),
        ("boxer", "'boxer' is nothing that I know"),  # "box" within a word is no box
        ("the", "'the' is nothing that I know"),
        ("red and green boxes", "names green and red: ask for one at a time"),
        ("the bed in the kitchen or lounge", "names kitchen and lounge: ask for one at a time"),
        ("chair and bed", "names chair and bed: ask for one at a time"),
    ],
)
def test_other_words_are_refused_with_the_remedy(words: str, complaint: str) -> None:
    with pytest.raises(CannotDo) as refused:
        WORDS.read(words)
    assert complaint in str(refused.value)


def test_a_refusal_lists_meanings_once_each() -> None:
    with pytest.raises(CannotDo) as refused:
        WORDS.read("")
    told = str(refused.value)
    assert "its colour (red, green), or a room (kitchen, living room)" in told
    assert told.count("living room") == 1
