"""Which parts of an apartment a camera can see: through doorways, and within its frame.

Walls and doorways reach from floor to ceiling, so what is seen of a room is, on the plan, what lies
between the two lines of sight along the ends of the doorways on the way there (portals, as by
Luebke and Georges, 1995). Whatever is left out could not have coloured a pixel.
"""

import numpy as np

from handeye.base.compiled import compiled
from handeye.envs.rendering.raster_frame import invert
from handeye.envs.rendering.raster_kernels import Double, Int, is_outside
from handeye.envs.rooms.apartments.floor import WALL_M

# Columns of `doorways`, see `home_meshes.HomeGeometry`.
LEFT_ROOM, ENTERED, AXIS, OUTWARDS, AT, LOW, HIGH = 0, 1, 2, 3, 4, 5, 6
# What is known of a room: hidden, seen between two lines, or seen in every direction.
HIDDEN, WINDOW, OPEN = 0, 1, 2
# Columns of `windows`: unit vectors on the plan along its right and its left border.
RIGHT_X, RIGHT_Y, LEFT_X, LEFT_Y = 0, 1, 2, 3
IN_DOORWAY_M = 0.75 * WALL_M  # this near the middle of a wall, in a doorway, both rooms are open
DEEPEST = 64  # doorways in a row; no line of sight passes nearly as many


@compiled
def crossed(ax: float, ay: float, bx: float, by: float) -> float:
    """Positive if b lies to the left of a."""
    return ax * by - ay * bx


@compiled
def open_rooms(x: float, y: float, floors: Double, doorways: Double, states: Int) -> None:
    """Mark the rooms that the eye stands in; in a doorway those are two."""
    for r in range(len(floors)):
        inside = floors[r, 0] <= x <= floors[r, 2] and floors[r, 1] <= y <= floors[r, 3]
        states[r] = OPEN if inside else HIDDEN
    for d in range(len(doorways)):
        across, along = (x, y) if doorways[d, AXIS] == 0.0 else (y, x)
        near = abs(across - doorways[d, AT]) <= IN_DOORWAY_M
        if near and doorways[d, LOW] <= along <= doorways[d, HIGH]:
            states[np.int64(doorways[d, LEFT_ROOM])] = OPEN
            states[np.int64(doorways[d, ENTERED])] = OPEN


@compiled
def look_through(x: float, y: float, doorway: Double, bounded: bool, view: Double) -> bool:
    """Narrow `view` (4,) to what is seen through a doorway; whether anything is.

    If not `bounded`, the view is every direction before.
    """
    axis, outwards, at = doorway[AXIS], doorway[OUTWARDS], doorway[AT]
    away = at - (x if axis == 0.0 else y)
    if away * outwards <= 0.0:
        return False
    if axis == 0.0:
        ax, ay, bx, by = away, doorway[LOW] - y, away, doorway[HIGH] - y
    else:
        ax, ay, bx, by = doorway[LOW] - x, away, doorway[HIGH] - x, away
    if crossed(ax, ay, bx, by) < 0.0:
        ax, ay, bx, by = bx, by, ax, ay
    right, left = np.hypot(ax, ay), np.hypot(bx, by)
    ax, ay, bx, by = ax / right, ay / right, bx / left, by / left
    if not bounded or crossed(view[RIGHT_X], view[RIGHT_Y], ax, ay) > 0.0:
        view[RIGHT_X], view[RIGHT_Y] = ax, ay
    if not bounded or crossed(view[LEFT_X], view[LEFT_Y], bx, by) < 0.0:
        view[LEFT_X], view[LEFT_Y] = bx, by
    return crossed(view[RIGHT_X], view[RIGHT_Y], view[LEFT_X], view[LEFT_Y]) > 0.0


@compiled
def widen(window: Double, view: Double, first: bool) -> None:
    """Let a room's `window` (4,) hold `view` (4,) too."""
    if first or crossed(window[RIGHT_X], window[RIGHT_Y], view[RIGHT_X], view[RIGHT_Y]) < 0.0:
        window[RIGHT_X], window[RIGHT_Y] = view[RIGHT_X], view[RIGHT_Y]
    if first or crossed(window[LEFT_X], window[LEFT_Y], view[LEFT_X], view[LEFT_Y]) > 0.0:
        window[LEFT_X], window[LEFT_Y] = view[LEFT_X], view[LEFT_Y]


@compiled
def see_rooms(
    x: float, y: float, floors: Double, doorways: Double, states: Int, windows: Double
) -> None:
    """Write to `states` (R,) and `windows` (R, 4) what an eye at x, y sees of every room.

    An eye outside of all rooms sees everything.
    """
    open_rooms(x, y, floors, doorways, states)
    if states.max() == HIDDEN:
        states[:] = OPEN
        return
    next_doorway = np.zeros(DEEPEST, np.int64)  # of the room at each depth of the search
    room, views = np.zeros(DEEPEST, np.int64), np.zeros((DEEPEST, 4))
    for start in range(len(floors)):
        if states[start] != OPEN:
            continue
        depth, room[0], next_doorway[0] = 0, start, 0
        while depth >= 0:
            d = next_doorway[depth]
            if d == len(doorways):
                depth -= 1
                continue
            next_doorway[depth] += 1
            beyond = np.int64(doorways[d, ENTERED])
            if doorways[d, LEFT_ROOM] != room[depth] or states[beyond] == OPEN:
                continue
            views[depth + 1] = views[depth]
            if not look_through(x, y, doorways[d], depth > 0, views[depth + 1]):
                continue
            widen(windows[beyond], views[depth + 1], states[beyond] == HIDDEN)
            states[beyond] = WINDOW
            if depth + 2 < DEEPEST:
                depth += 1
                room[depth], next_doorway[depth] = beyond, 0


@compiled
def seen_parts(
    spheres: Double,
    rooms: Int,
    floors: Double,
    doorways: Double,
    rigid: Double,
    lens: Double,
    width: int,
    height: int,
) -> Int:
    """Indices (K,) of the parts that may be seen, in order.

    Args:
        spheres: (P, 4) in the world.
        rooms: (P,) room of each part.
        floors: (R, 4) rectangles.
        doorways: (D, 7), see `home_meshes.HomeGeometry`.
        rigid: (4, 4) world from camera.
        lens: The camera's numbers.
        width: Of the picture, px.
        height: Of the picture, px.
    """
    camera_from_world, eye = np.empty((3, 4)), rigid[:3, 3]
    invert(rigid, camera_from_world)
    states, windows = np.zeros(len(floors), np.int32), np.zeros((len(floors), 4))
    see_rooms(eye[0], eye[1], floors, doorways, states, windows)
    kept = np.empty(len(spheres), np.int32)
    count = 0
    for p in range(len(spheres)):
        state = states[rooms[p]]
        if state == HIDDEN:
            continue
        dx, dy, radius = spheres[p, 0] - eye[0], spheres[p, 1] - eye[1], spheres[p, 3]
        if state == WINDOW:
            w = windows[rooms[p]]
            if crossed(w[RIGHT_X], w[RIGHT_Y], dx, dy) < -radius:
                continue
            if crossed(dx, dy, w[LEFT_X], w[LEFT_Y]) < -radius:
                continue
        if is_outside(camera_from_world, lens, spheres[p], width, height):
            continue
        kept[count] = p
        count += 1
    return kept[:count]
