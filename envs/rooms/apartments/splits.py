"""Which apartments and which coloured furniture training may see.

"train" and "unseen" share no floor plan, and one colour of each kind of furniture stays out of
"train"; both by construction, whatever the seeds.
"""

import hashlib
import json
from collections.abc import Sequence

from handeye.envs.base.colours import SUITE_COLOURS
from handeye.envs.rooms.apartments.apartment import Apartment
from handeye.envs.rooms.apartments.floor import Door, Room

APARTMENT_SPLITS = ("train", "unseen")


# One colour of each kind, wall pieces included, that training never sees. The pairs are data: a
# further kind or colour moves none of them. A kind that is added has none.
HELD_OUT_FURNITURE: frozenset[tuple[str, str]] = frozenset(
    {
        ("armchair", "cyan"),
        ("bathtub", "yellow"),
        ("bed", "red"),
        ("box", "red"),
        ("cabinet", "orange"),
        ("chair", "green"),
        ("desk", "red"),
        ("fridge", "red"),
        ("lamp", "blue"),
        ("picture", "blue"),
        ("plant", "blue"),
        ("shelf", "purple"),
        ("sign", "cyan"),
        ("sink", "orange"),
        ("sofa", "blue"),
        ("stove", "orange"),
        ("table", "orange"),
        ("toilet", "yellow"),
        ("wardrobe", "red"),
        ("window", "red"),
    }
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
    return tuple(
        c for c in SUITE_COLOURS if split != "train" or (kind, c) not in HELD_OUT_FURNITURE
    )
