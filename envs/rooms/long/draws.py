"""What all kinds of instructions draw from a home: places to go to and things to count."""

from collections.abc import Sequence

import numpy as np

from handeye.envs.base.colours import SUITE_COLOURS
from handeye.envs.rooms.apartments.apartment import SUITE_FURNITURE
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.long.naming import PLURALS
from handeye.envs.rooms.long.symbolic_home import SymbolicHome

MOST_COUNTED = 5  # in one room
ROOM_SHARE = 0.5  # of the places to go to, those that are rooms


def draw_places(
    home: SymbolicHome, count: int, rng: np.random.Generator, room_share: float = ROOM_SHARE
) -> tuple[str, ...] | None:
    """Rooms and things, none twice, each in another room than the one before and the start.

    None if there are not enough of them.

    Args:
        home: where.
        count: how many.
        rng: the only source of randomness.
        room_share: of the places, those that are rooms.
    """
    found = list[str]()
    here = home.start_room
    for _ in range(count):
        rooms = [room for room in home.rooms if room != here and room not in found]
        others = [n for n in home.nameable if home.by_name[n].room != here and n not in found]
        pool = rooms if rooms and (not others or rng.random() < room_share) else others
        if not pool:
            return None
        found.append(one_name(pool, rng))
        here = home.room_of(found[-1])
    return tuple(found)


def draw_rooms(home: SymbolicHome, count: int, rng: np.random.Generator) -> tuple[str, ...] | None:
    """So many rooms, none twice, none the start's; None if there are too few."""
    rooms = [room for room in home.rooms if room != home.start_room]
    if len(rooms) < count:
        return None
    return tuple(rooms[i] for i in rng.permutation(len(rooms))[:count])


def draw_thing(home: SymbolicHome, rng: np.random.Generator) -> str | None:
    """A thing that its kind and colour single out, not in the start's room; None if none does."""
    away = [
        thing.name
        for thing in home.things
        if thing.room != home.start_room and len(home.fitting(thing.kind, thing.colour)) == 1
    ]
    return one_name(away, rng) if away else None


def draw_counted(
    home: SymbolicHome, rooms: Sequence[str], rng: np.random.Generator, most: int = MOST_COUNTED
) -> str | None:
    """What to count in rooms, such as "box" or "green box": any number in all is as likely.

    None if one of the rooms has more than `most` of whatever there is. The room "" is all of them.
    """
    totals: dict[int, list[str]] = {}
    for what in counted_looks(home):
        numbers = [len(home.fitting_words(what, room)) for room in rooms]
        if max(numbers) <= most:
            totals.setdefault(sum(numbers), []).append(what)
    return one_name(totals[sorted(totals)[int(rng.integers(len(totals)))]], rng) if totals else None


def counted_looks(home: SymbolicHome) -> list[str]:
    """Kinds, and colours and kinds, of countable things that the home has."""
    alike = {(thing.colour, thing.kind) for thing in home.things if thing.kind in PLURALS}
    return sorted({kind for _, kind in alike} | {" ".join(pair) for pair in alike})


def draw_absent(home: SymbolicHome, instead_of: str, rng: np.random.Generator) -> str:
    """A room, or a thing by its colour and kind, that the home does not have."""
    if instead_of in home.by_name:
        looks = {(thing.colour, thing.kind) for thing in home.things}
        absent = [f"{c} {k}" for k in SUITE_FURNITURE for c in SUITE_COLOURS if (c, k) not in looks]
    else:
        absent = [room for room in ROOM_KINDS if room not in home.rooms]
    return one_name(absent, rng)


def one_name(names: Sequence[str], rng: np.random.Generator) -> str:
    """One of the names."""
    return names[int(rng.integers(len(names)))]
