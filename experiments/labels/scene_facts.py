"""Facts about a frame from the simulator: things, their properties and relations.

Facts hold only what the frame shows: whoever looks cannot know more. Questions about facts are in
`scene_questions.py`. The relations of a tabletop are those of
`envs/tabletop/world/predicates.py`; in rooms left and right are those of the picture.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.rooms.apartments.apartment import PIECES
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES
from handeye.envs.rooms.pictures.meshes import FIRST_THING_BODY
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State

RELATIONS = ("in", "on", "left", "right", "front", "behind", "of")
HANDLE = "handle"
TABLE_KINDS: tuple[str, ...] = (*shapes.KINDS, HANDLE)
ROOM_KINDS: tuple[str, ...] = (*PIECES, *WALL_PIECES)
SIZES = ("", "small", "large")
STATES = ("", "held", "open", "closed", "half open", "pressed")
BASES = (*shapes.PRISMS, "zone")

LEAST_PX = 15  # of a thing that a frame of 256 px shows
LEAST_ROOM_PX = 120
SIDE_MARGIN_M = 0.05
ROOM_SIDE_SHARE = 0.08  # of the frame's width, from which one thing is left of another
HANDLE_RADIUS_M = 0.018  # around the middle of a drawer's handle, 2 mm off the tray's front
HELD_REACH_M = 0.035  # from the tcp to the middle of what it may hold
HELD_LIFT_M = 0.010
OPEN_HAND_M = 0.076


class VisibleObject(NamedTuple):
    """One thing that a frame shows; what does not apply is ""."""

    kind: str
    colour: str
    size: str = ""
    state: str = ""


class Facts(NamedTuple):
    """N things of a frame.

    Attributes:
        things: N of them.
        related: (R, N, N) bool: relation r of `RELATIONS` holds from thing i to thing j.
        extent_m: (N,) how large each is, comparable with one another.
        column: (N,) middle of its mask across the frame, 0 to 1.
        away: (N,) how far it is from who looks, comparable with one another.
        masks: (N, H, W) bool, the pixels that show it.
    """

    things: tuple[VisibleObject, ...]
    related: NDArray[np.bool_]
    extent_m: NDArray[np.float64]
    column: NDArray[np.float64]
    away: NDArray[np.float64]
    masks: NDArray[np.bool_]


def table_facts(
    scene: Scene,
    state: State,
    bodies: NDArray[np.int32],
    points_m: NDArray[np.floating[Any]],
    held: int | None = None,
) -> Facts:
    """Facts of a frame of the tabletop.

    Args:
        scene: what stands on the table.
        state: how it stands now.
        bodies: (H, W) segmentation.
        points_m: (H, W, 3) what the pixels show, in the world, exactly.
        held: index of what the hand is known to hold, -1 for nothing; by default as places tell.
    """
    held = held_item(scene, state) if held is None else held
    shown: list[tuple[VisibleObject, int, NDArray[np.bool_]]] = []
    for index, thing in enumerate(scene.objects):
        mask = bodies == scene.body(index)
        known = VisibleObject(
            thing.kind, thing.colour, thing.size, _state(scene, state, index, held)
        )
        if thing.kind == "drawer":
            handle = mask & is_handle(scene, state, index, points_m)
            shown.append((VisibleObject(HANDLE, thing.colour), index, handle))
            mask &= ~handle
        shown.append((known, index, mask))
    shown = [row for row in shown if row[2].sum() >= LEAST_PX]
    items = [index for _, index, _ in shown]
    things = tuple(thing for thing, _, _ in shown)
    places = np.array([predicates.position(scene, state, i) for i in items]).reshape(-1, 3)
    extents = [scene.objects[i].radius_m if t.kind != HANDLE else 0.01 for t, i, _ in shown]
    masks = np.array([mask for _, _, mask in shown], np.bool_).reshape(-1, *bodies.shape)
    related = _table_relations(scene, state, things, items, places)
    return Facts(things, related, np.array(extents), _columns(masks), -places[:, 0], masks)


def held_item(scene: Scene, state: State) -> int:
    """Return what the hand holds by its place: lifted, between the fingers; -1 for nothing."""
    tcp = tcp_target(state.joint_positions)[:3]
    if state.joint_positions[7:9].sum() > OPEN_HAND_M:
        return -1
    near = {}
    for index, thing in enumerate(scene.objects):
        foot = predicates.position(scene, state, index)
        if thing.graspable and foot[2] > HELD_LIFT_M:
            middle = (foot + predicates.top(scene, state, index)) / 2
            near[index] = float(np.linalg.norm(middle - tcp))
    nearest = min(near, key=lambda index: near[index], default=-1)
    return nearest if nearest >= 0 and near[nearest] < HELD_REACH_M else -1


def _state(scene: Scene, state: State, index: int, held: int) -> str:
    kind = scene.objects[index].kind
    if kind == "drawer":
        if predicates.is_open(scene, state, index):
            return "open"
        return "closed" if predicates.is_closed(scene, state, index) else "half open"
    if kind == "button":
        return "pressed" if predicates.is_pressed(scene, state, index) else ""
    return "held" if index == held else ""


def is_handle(
    scene: Scene, state: State, index: int, points_m: NDArray[np.floating[Any]]
) -> NDArray[np.bool_]:
    """(H, W) where the frame shows what is near a drawer's handle."""
    middle = predicates.drawer_handle(scene, state, index)
    away = np.hypot(points_m[..., 0] - middle[0], points_m[..., 1] - middle[1])
    return np.asarray(away < HANDLE_RADIUS_M)


def _table_relations(
    scene: Scene,
    state: State,
    things: tuple[VisibleObject, ...],
    items: list[int],
    places: NDArray[np.float64],
) -> NDArray[np.bool_]:
    related = sides(places[:, :2], np.array([t.kind == HANDLE for t in things], np.bool_))
    of, inside, on = (related[RELATIONS.index(name)] for name in ("of", "in", "on"))
    for a, (thing, item) in enumerate(zip(things, items, strict=True)):
        for b, (other, base) in enumerate(zip(things, items, strict=True)):
            if thing.kind == HANDLE:
                of[a, b] = item == base and a != b
            elif a == b or not scene.objects[item].graspable:
                continue
            elif other.kind in shapes.VESSELS:
                inside[a, b] = predicates.is_inside(scene, state, item, base)
            elif other.kind == "zone":
                inside[a, b] = on[a, b] = predicates.is_in_zone(scene, state, item, base)
            elif other.kind in shapes.PRISMS:
                on[a, b] = predicates.is_on(scene, state, item, base)
    return related


def sides(places: NDArray[np.float64], handles: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(R, N, N) relations of which left, right, front and behind are filled in.

    Args:
        places: (N, 2) where the things are, m.
        handles: (N,) which of them are handles: those stand at no side of anything.
    """
    related = np.zeros((len(RELATIONS), len(places), len(places)), np.bool_)
    both = ~handles[:, None] & ~handles[None]
    gap = places[:, None] - places[None]
    for name, way in predicates.DIRECTIONS.items():
        along = gap @ way
        across = np.abs(gap - along[..., None] * way).max(-1)
        related[RELATIONS.index(name)] = both & (along > SIDE_MARGIN_M) & (along > across)
    return related


def room_facts(scene: RoomScene, bodies: NDArray[np.int32], depth_m: NDArray[np.float32]) -> Facts:
    """Facts of a frame of an apartment.

    Args:
        scene: what is seen.
        bodies: (H, W) segmentation.
        depth_m: (H, W).
    """
    counts = np.bincount(bodies[bodies >= 0].ravel(), minlength=FIRST_THING_BODY)
    least = LEAST_ROOM_PX * bodies.size / 256**2
    shown = [
        (FIRST_THING_BODY + index, thing)
        for index, thing in enumerate(scene.things.values())
        if FIRST_THING_BODY + index < len(counts) and counts[FIRST_THING_BODY + index] >= least
    ]
    masks = np.array([bodies == body for body, _ in shown], np.bool_).reshape(-1, *bodies.shape)
    column = _columns(masks)
    related = np.zeros((len(RELATIONS), len(shown), len(shown)), np.bool_)
    gap = column[:, None] - column[None]
    related[RELATIONS.index("left")] = gap < -ROOM_SIDE_SHARE
    related[RELATIONS.index("right")] = gap > ROOM_SIDE_SHARE
    sizes = [np.subtract(thing.high_m, thing.low_m) for _, thing in shown]
    extents = np.array([float(np.prod(size)) ** (1 / 3) for size in sizes])
    away = np.array([float(np.median(depth_m[mask])) for mask in masks])
    things = tuple(VisibleObject(thing.kind, thing.colour) for _, thing in shown)
    return Facts(things, related, extents, column, away, masks)


def _columns(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N,) middles of masks (N, H, W) across the frame, 0 to 1."""
    counts = masks.sum(1).astype(np.float64)
    middles = (np.arange(masks.shape[2]) + 0.5) / masks.shape[2]
    return np.asarray(counts @ middles / np.maximum(counts.sum(1), 1.0))
