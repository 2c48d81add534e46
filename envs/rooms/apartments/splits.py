"""Which apartments and which coloured furniture training may see.

"train" and "unseen" share no floor plan, and one colour of each kind of furniture stays out of
"train"; both by construction, whatever the seeds.
"""

import hashlib
import json
from collections.abc import Sequence
from itertools import chain

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.apartment import PIECES, Apartment
from handeye.envs.rooms.apartments.floor import Door, Room
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES

APARTMENT_SPLITS = ("train", "unseen")


def _held_out_colour(kind: str) -> str:
    """One colour, from the kind's name alone: a new kind moves no other's."""
    return tuple(COLOURS)[hashlib.blake2b(kind.encode()).digest()[0] % len(COLOURS)]


# One colour of each kind, wall pieces included, that training never sees.
HELD_OUT_FURNITURE: frozenset[tuple[str, str]] = frozenset(
    (kind, _held_out_colour(kind)) for kind in chain(PIECES, WALL_PIECES)
)


def layout_digest(rooms: Sequence[Room], doors: Sequence[Door]) -> str:
    """Hexadecimal BLAKE2b of a floor plan as it stands in `Apartment.to_dict`."""
    layout = Apartment(tuple(rooms), tuple(doors)).to_dict()
    written = json.dumps([layout["rooms"], layout["doors"]])
    return hashlib.blake2b(written.encode(), digest_size=16).hexdigest()


def split_of(rooms: Sequence[Room], doors: Sequence[Door]) -> str:
    """The only split that a floor plan may occur in: "train" if its digest is even.

    The plan decides, not the seed. So no floor plan, and thereby no apartment, is in both splits
    whatever the seeds are, and however often the furniture of one plan is drawn.
    """
    return APARTMENT_SPLITS[int(layout_digest(rooms, doors), 16) % 2]


def allowed_colours(kind: str, split: str) -> tuple[str, ...]:
    """Colours that a kind of furniture or wall piece may have in a split."""
    return tuple(c for c in COLOURS if split != "train" or (kind, c) not in HELD_OUT_FURNITURE)
