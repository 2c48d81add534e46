"""Chooses a place in a container, drawer or zone: beside what is there already."""

import math

import numpy as np

from handeye.agents.core.tools import CannotDo
from handeye.agents.tools.tabletop_context import Found, TabletopContext
from handeye.agents.tools.value_maps import ALOFT_M
from handeye.perception.mapping.camera_geometry import Measured

SPOTS = 8  # So many places around the middle are compared.
RING_SHARE = 0.4  # They lie at this share of the half width.
HALF_HANDLE_M = 0.02  # Half a drawer's handle, along its way.
LEAST_OPEN_M = 0.05
TRAY_M = 0.11  # Things within this length of a drawer count as in it.


def holder(context: TabletopContext, found: Found) -> Measured:
    """The place of what holds things: of a drawer that is what shows of its tray.

    Raises:
        CannotDo: the drawer is closed.
    """
    if not found.name.endswith("drawer"):
        return found.place
    handle = handle_of(context, found).place
    way = handle.xy - found.place.xy
    far, edge = float(np.linalg.norm(way)), found.place.short_m / 2
    open_m = far - edge - HALF_HANDLE_M
    if open_m < LEAST_OPEN_M:
        raise CannotDo(f"the {found.name} is closed; open it first", "blocked")
    x, y = (found.place.xy + (edge + open_m / 2) * way / far).tolist()
    return found.place._replace(x_m=x, y_m=y, top_m=handle.top_m, long_m=TRAY_M, short_m=TRAY_M)


def handle_of(context: TabletopContext, drawer: Found) -> Found:
    """The handle of a drawer; where eyes see two, the surer one.

    Raises:
        CannotDo: it is not in view.
    """
    words = f"handle of {drawer.name}"
    seen = context.find(words)
    return seen[0] if seen else context.one(words)


def free_spot(context: TabletopContext, found: Found) -> Measured:
    """The place in something that is farthest from what is in it; its middle if it is empty."""
    place = holder(context, found)
    there = [
        other.place.xy
        for other in context.find("object")
        if other.name != found.name
        and other.place.bottom_m < ALOFT_M
        and math.dist(other.place.xy, place.xy) < place.short_m / 2
    ]
    if not there:
        return place
    turns = np.linspace(0.0, math.tau, SPOTS, endpoint=False)
    ring = RING_SHARE * place.short_m / 2 * np.stack([np.cos(turns), np.sin(turns)], 1)
    spots = place.xy + ring  # (SPOTS, 2)
    gaps = np.linalg.norm(spots[:, None] - np.array(there)[None], axis=-1).min(1)
    x, y = spots[int(gaps.argmax())].tolist()
    return place._replace(x_m=x, y_m=y)
