"""Draw whole apartments: rooms with the furniture they usually have, and things on their walls.

Every room stays walkable for the robot and every piece can be come near to (`room_space.py`).
Colours are drawn so that words decide: most kinds are there more than once, in different colours.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from handeye.base.names import unknown_name_message
from handeye.envs.rooms.apartments.apartment import PIECES, Apartment, Furniture
from handeye.envs.rooms.apartments.contents import (
    CONTENTS,
    COUNTABLE,
    FREE_STANDING,
    SEATED_AT,
    SMALL,
)
from handeye.envs.rooms.apartments.decoration import FRONT_M, decorate, door_signs
from handeye.envs.rooms.apartments.floor import Door, Rect, Room, door_gap
from handeye.envs.rooms.apartments.free_floor import APART_M, RoomSpace
from handeye.envs.rooms.apartments.furniture_placement import (
    Placements,
    against_walls,
    anywhere,
    at_tables,
    joined,
    next_to,
)
from handeye.envs.rooms.apartments.sample_floor_plan import draw_floor_plan
from handeye.envs.rooms.apartments.splits import APARTMENT_SPLITS, allowed_colours, split_of
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES

PIECES_PER_M2 = 0.55
DENSE_PIECES_PER_M2 = 3.0  # for benchmarks: as much as fits, about 160 pieces in eight rooms
SPREAD = 0.15  # of a room's number of pieces about that mean, as a share of it
LAYOUT_TRIES = 100  # a floor plan fits a split with probability 1/2
SPOTS = 32  # candidate places of a piece
NEAR_WALL_SHARE = 0.5  # of the candidates of small things, those near a wall
CROWDED_PER_M2 = 0.55  # a room with more than that gets small things only
PATIENCE = 4  # so often a kind may fail to fit into a room before it is given up
REPEAT_SHARE = 0.6  # of the additional pieces, those of a kind that the apartment has already
OFTEN = 3  # so many of a kind are enough for words to decide between them
SAME_COLOUR_SHARE = 0.5  # of the countable things, those that look like one in the room


def draw_apartment(
    rng: np.random.Generator,
    *,
    split: str = "train",
    rooms: int | None = None,
    pieces_per_m2: float = PIECES_PER_M2,
) -> Apartment:
    """A furnished apartment of a split: "train" or "unseen".

    Args:
        rng: the only source of randomness.
        split: which floor plans and which coloured furniture may occur, see `apartment_splits`.
        rooms: how many, 3 to 8; drawn by default.
        pieces_per_m2: furniture aimed at per square metre of floor; what does not fit is left out.

    Raises:
        ValueError: an unknown split, or a number of rooms that is not offered.
        RuntimeError: no floor plan of this split in `LAYOUT_TRIES` draws.
    """
    _check_split(split)
    for _ in range(LAYOUT_TRIES):
        plan, doors = draw_floor_plan(rng, rooms)
        if split_of(plan, doors) == split:
            furniture = furnish(rng, plan, doors, split=split, pieces_per_m2=pieces_per_m2)
            colours = {kind: allowed_colours(kind, split) for kind in WALL_PIECES}
            wall_pieces = decorate(rng, plan, doors, furniture, colours)
            return Apartment(plan, doors, furniture, wall_pieces)
    raise RuntimeError(f"no floor plan of the split {split!r} in {LAYOUT_TRIES} draws")


def furnish(
    rng: np.random.Generator,
    rooms: Sequence[Room],
    doors: Sequence[Door],
    *,
    split: str = "train",
    pieces_per_m2: float = PIECES_PER_M2,
) -> tuple[Furniture, ...]:
    """Furniture for rooms: what each usually has first, then more up to the density.

    Args:
        rng: the only source of randomness.
        rooms: of the apartment.
        doors: of the apartment; the floor on both sides of them stays empty.
        split: whose colours the furniture may have.
        pieces_per_m2: aimed at; what does not fit is left out.

    Raises:
        ValueError: an unknown split, or a room too narrow for the robot even when empty.
    """
    _check_split(split)
    home = _Home(rng, rooms, doors, split)
    targets = []
    for index, room in enumerate(rooms):
        mean = room.floor.area_m2 * pieces_per_m2 * CONTENTS[room.kind].fullness
        targets.append(max(1, round(mean * float(rng.uniform(1 - SPREAD, 1 + SPREAD)))))
        for kind in CONTENTS[room.kind].usual[: targets[-1]]:
            home.add(index, kind)
    for index, target in enumerate(targets):
        home.fill(index, target)
    return tuple(home.pieces)


class _Home:
    """An apartment while furniture is carried in."""

    def __init__(
        self,
        rng: np.random.Generator,
        rooms: Sequence[Room],
        doors: Sequence[Door],
        split: str,
    ) -> None:
        self.rng, self.rooms = rng, rooms
        self.pieces: list[Furniture] = []
        self.kinds: Counter[str] = Counter()
        self.colours = {kind: allowed_colours(kind, split) for kind in PIECES}
        signs = door_signs(rooms, doors, "red")  # their places do not depend on the colour
        self.sign_low_m = min((sign.low_m for sign in signs), default=np.inf)
        self.before_signs: list[list[Rect]] = [[] for _ in rooms]
        for sign in signs:
            self.before_signs[sign.room].append(sign.front(FRONT_M))
        gaps = [(door.rooms, door_gap(rooms, door)) for door in doors]
        self.spaces = [
            RoomSpace(room.floor, [gap for pair, gap in gaps if index in pair])
            for index, room in enumerate(rooms)
        ]

    def fill(self, room: int, target: int) -> None:
        """Add to a room until it has `target` pieces or nothing more fits."""
        space, floor = self.spaces[room], self.rooms[room].floor
        patience = dict.fromkeys(CONTENTS[self.rooms[room].kind].more, PATIENCE)  # ends the loop
        while len(space.footprints) < target:
            crowded = len(space.footprints) >= CROWDED_PER_M2 * floor.area_m2
            offered = [k for k, left in patience.items() if left and (k in SMALL or not crowded)]
            if not offered:
                return
            kind = self._one_more(offered)
            patience[kind] -= not self.add(room, kind, crowded)

    def add(self, room: int, kind: str, crowded: bool = False) -> bool:
        """Put a piece of that kind into the room; False if it does not fit or has no colour.

        In a crowded room small things are put close to others, which leaves more of the floor.
        """
        colour = self._colour(room, kind)
        if colour is None:
            return False
        spots = self._spots(room, kind, crowded)
        tall = PIECES[kind].height_m > self.sign_low_m
        index = self.spaces[room].put(spots.footprints, self.before_signs[room] if tall else ())
        if index is None:
            return False
        x0, y0, x1, y1 = spots.footprints[index].tolist()
        centre = round((x0 + x1) / 2, 6), round((y0 + y1) / 2, 6)
        name, turns = f"{colour}_{kind}_{len(self.pieces)}", int(spots.quarter_turns[index])
        self.pieces.append(Furniture(name, kind, colour, room, centre, turns))
        self.kinds[kind] += 1
        return True

    def _one_more(self, offered: Sequence[str]) -> str:
        """Of the kinds on offer, often one of which there are one or two already."""
        known = [kind for kind in offered if 0 < self.kinds[kind] < OFTEN]
        pool = known if known and self.rng.random() < REPEAT_SHARE else offered
        return pool[int(self.rng.integers(len(pool)))]

    def _colour(self, room: int, kind: str) -> str | None:
        """One that no other piece of the kind has, at least in this room; countables may repeat."""
        alike = [piece for piece in self.pieces if piece.kind == kind]
        here = [piece.colour for piece in alike if piece.room == room]
        if kind in COUNTABLE:
            same = here and self.rng.random() < SAME_COLOUR_SHARE
            pool = here if same else list(self.colours[kind])
        else:
            pool = [colour for colour in self.colours[kind] if colour not in here]
            everywhere = {piece.colour for piece in alike}
            pool = [colour for colour in pool if colour not in everywhere] or pool
        return pool[int(self.rng.integers(len(pool)))] if pool else None

    def _spots(self, room: int, kind: str, crowded: bool) -> Placements:
        """Candidate places, best first."""
        rng, inner, piece = self.rng, self.spaces[room].inner, PIECES[kind]
        size = piece.depth_m, piece.width_m
        if kind not in FREE_STANDING:
            return against_walls(rng, inner, size, SPOTS)
        if kind == "table":
            return anywhere(rng, inner, size, SPOTS)
        near_wall = anywhere(rng, inner, size, SPOTS, near_wall_share=NEAR_WALL_SHARE)
        if crowded:
            others = self.spaces[room].footprints
            return joined(next_to(rng, others, piece.width_m, APART_M, SPOTS), near_wall)
        if kind == "chair":
            seats = at_tables(rng, self._tables(room), piece.width_m, SPOTS)
            return joined(seats, anywhere(rng, inner, size, SPOTS))
        return near_wall

    def _tables(self, room: int) -> list[tuple[Rect, int | None]]:
        """Footprints of what can be sat at; a desk only in front."""
        return [
            (piece.footprint, piece.quarter_turns if piece.kind == "desk" else None)
            for piece in self.pieces
            if piece.room == room and piece.kind in SEATED_AT
        ]


def _check_split(split: str) -> None:
    if split not in APARTMENT_SPLITS:
        raise ValueError(unknown_name_message("split", split, APARTMENT_SPLITS))
