"""Draw the rooms and doors of an apartment.

Small ones come from cutting the floor again and again, larger ones also from a hallway with rooms
on both sides. Doors make every room reachable, and some more close loops.
"""

from itertools import combinations, pairwise

import numpy as np

from handeye.envs.rooms.apartments.floor import (
    DOOR_M,
    GRID_M,
    ROOM_KINDS,
    Door,
    Edge,
    Rect,
    Room,
    shared_edge,
)

LEAST_ROOMS, MOST_ROOMS = 3, 8
LEAST_SIDE_M = 2.6
HALLWAY_M = 1.6
HALLWAY_ROOMS = 5  # apartments of this many rooms or more may have a hallway
HALLWAY_SHARE = 0.6
DOOR_MARGIN_M = 0.25  # between a door and the corner of its wall
LOOP_SHARE = 0.25  # of the walls without a door that get one
TRIES = 100


def draw_floor_plan(
    rng: np.random.Generator, count: int | None = None
) -> tuple[tuple[Room, ...], tuple[Door, ...]]:
    """Rooms of different kinds, all reachable; by default 3 to 8 of them.

    Raises:
        ValueError: a number of rooms that is not offered.
    """
    if count is None:
        count = int(rng.integers(LEAST_ROOMS, MOST_ROOMS + 1))
    if not LEAST_ROOMS <= count <= MOST_ROOMS:
        raise ValueError(f"an apartment has {LEAST_ROOMS} to {MOST_ROOMS} rooms, not {count}")
    for _ in range(TRIES):
        hallway = count >= HALLWAY_ROOMS and rng.random() < HALLWAY_SHARE
        floors = _along_a_hallway(rng, count) if hallway else _cut_up(rng, count)
        if floors is None:
            continue
        rooms = _named(rng, floors, hallway)
        doors = _doors(rng, rooms)
        if doors is not None:
            return rooms, doors
    raise RuntimeError(f"no floor plan of {count} rooms in {TRIES} tries")


def _cut_up(rng: np.random.Generator, count: int) -> list[Rect] | None:
    """Cut the largest room in two until there are enough; None if one gets too narrow."""
    area, aspect = count * rng.uniform(11.0, 16.0), rng.uniform(1.0, 1.5)
    floors = [Rect(0.0, 0.0, _snap(np.sqrt(area * aspect)), _snap(np.sqrt(area / aspect)))]
    while len(floors) < count:
        largest = max(floors, key=lambda floor: floor.area_m2)
        floors.remove(largest)
        share = rng.uniform(0.36, 0.64)
        x0, y0, x1, y1 = largest
        if x1 - x0 >= y1 - y0:
            cut = _snap(x0 + share * (x1 - x0))
            floors += [Rect(x0, y0, cut, y1), Rect(cut, y0, x1, y1)]
        else:
            cut = _snap(y0 + share * (y1 - y0))
            floors += [Rect(x0, y0, x1, cut), Rect(x0, cut, x1, y1)]
    narrow = any(min(x1 - x0, y1 - y0) < LEAST_SIDE_M for x0, y0, x1, y1 in floors)
    return None if narrow else floors


def _along_a_hallway(rng: np.random.Generator, count: int) -> list[Rect] | None:
    """The hallway first, then rooms on both of its sides."""
    above = (count - 1) // 2 + int(rng.integers(0, 2)) * ((count - 1) % 2)
    below = count - 1 - above
    length = _snap(max(above, below) * rng.uniform(3.0, 4.0))
    front, back = _snap(rng.uniform(3.0, 4.2)), _snap(rng.uniform(3.0, 4.2))
    floors = [Rect(0.0, front, length, _snap(front + HALLWAY_M))]
    for rooms, y0, y1 in ((below, 0.0, front), (above, floors[0].y1, _snap(floors[0].y1 + back))):
        shares = rng.dirichlet(np.full(rooms, 12.0))
        cuts = [0.0, *(_snap(c) for c in np.cumsum(shares)[:-1] * length), length]
        floors += [Rect(x0, y0, x1, y1) for x0, x1 in pairwise(cuts)]
    narrow = any(floor.x1 - floor.x0 < LEAST_SIDE_M for floor in floors)
    return None if narrow else floors


def _named(rng: np.random.Generator, floors: list[Rect], hallway: bool) -> tuple[Room, ...]:
    """The largest room is the living room, the smallest the bathroom, the rest is drawn."""
    kinds: dict[int, str] = {0: "hallway"} if hallway else {}
    rest = [index for index in range(len(floors)) if index not in kinds]
    rest.sort(key=lambda index: floors[index].area_m2)
    kinds[rest[0]], kinds[rest[-1]] = "bathroom", "living room"
    free = [kind for kind in ROOM_KINDS if kind not in ("hallway", "bathroom", "living room")]
    drawn = rng.permutation(free)[: len(rest) - 2]
    kinds |= dict(zip(rest[1:-1], map(str, drawn), strict=True))
    return tuple(Room(kinds[index], floor) for index, floor in enumerate(floors))


def _doors(rng: np.random.Generator, rooms: tuple[Room, ...]) -> tuple[Door, ...] | None:
    """A spanning tree of doors, the hallway's first, and some more; None if a room is cut off."""
    walls: dict[tuple[int, int], Edge] = {}
    for a, b in combinations(range(len(rooms)), 2):
        wall = shared_edge(rooms[a].floor, rooms[b].floor)
        if wall is not None and wall.length_m >= DOOR_M + 2 * DOOR_MARGIN_M:
            walls[a, b] = wall
    order = [tuple(pair) for pair in rng.permutation(list(walls)).tolist()] if walls else []
    order.sort(key=lambda pair: "hallway" not in (rooms[pair[0]].kind, rooms[pair[1]].kind))
    group = list(range(len(rooms)))
    doors = []
    for a, b in order:
        joins = group[a] != group[b]
        if joins or rng.random() < LOOP_SHARE:
            doors.append(_door(rng, (a, b), walls[a, b]))
            group = [group[a] if g == group[b] else g for g in group]
    return tuple(doors) if len(set(group)) == 1 else None


def _door(rng: np.random.Generator, rooms: tuple[int, int], wall: Edge) -> Door:
    room_m = DOOR_M / 2 + DOOR_MARGIN_M
    along = _snap(rng.uniform(wall.low_m + room_m, wall.high_m - room_m))
    centre = (wall.at_m, along) if wall.axis == 0 else (along, wall.at_m)
    return Door(rooms, centre)


def _snap(length_m: float) -> float:
    """The nearest multiple of `GRID_M`."""
    return round(round(float(length_m) / GRID_M) * GRID_M, 6)
