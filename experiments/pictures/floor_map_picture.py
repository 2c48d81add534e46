"""An apartment seen from above as an SVG picture: what stands where, and the way that was taken.

The picture needs nothing besides itself and is some 20 kB. North is up: world +y points upwards.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.floor import Rect
from handeye.envs.rooms.scene.scene import RoomScene, RoomsObject

WIDTH_PX = 720
MARGIN_PX = 10.0
LINE_PX = 20.0  # of the legend
TOLERANCE_PX = 0.6  # how far a drawn path may be from the true one
MOST_BENDS = 400  # of a drawn path; a way that wanders more is drawn more coarsely
BUMP_PX = 3.2  # radius of a collision's dot
LETTER_SHARE = 0.54  # width of a letter as a share of its height, roughly
ROOM_PX, THING_PX, SIGN_PX = 14.0, 8.0, 7.0  # heights of letters
FROM_WALL_M = 0.16  # from a sign to its text
TINTS = {
    "hallway": "#f1efe9",
    "living room": "#fbf0dc",
    "kitchen": "#e6f3e4",
    "bedroom": "#ebe8f8",
    "bathroom": "#dff1f6",
    "study": "#f6e7e4",
    "dining room": "#fae9ee",
    "storage room": "#ececec",
    "playroom": "#f5f6da",
}
INK, WALL, WAY, SHORTEST, BUMP, GOAL = (
    "#1d2733", "#3f4a56", "#0b3fa8", "#1a7f4b", "#d11f1f", "#d97706",
)  # fmt: skip
RIM = 'stroke="#fff" stroke-width="1.2"'  # white around dots, so that they show on anything

ToPx = Callable[[float, float], tuple[float, float]]


class _Marks(NamedTuple):
    """What is drawn over an apartment; places are rows x, y in m."""

    path: NDArray[np.float64]
    dashed: NDArray[np.float64]
    goals: NDArray[np.float64]
    bumps: NDArray[np.float64]
    dashed_is: str


def floor_map_svg(
    scene: RoomScene,
    path_xy: ArrayLike,
    shortest_xy: ArrayLike,
    goal_xy: ArrayLike,
    *,
    bumps_xy: ArrayLike = (),
    referred: Sequence[str] = (),
    dashed_is: str = "shortest path",
    width_px: int = WIDTH_PX,
) -> str:
    """The apartment of a scene with a way through it, as the text of an SVG file.

    Args:
        scene: its start pose is drawn as an arrow.
        path_xy: (N, 2) the way that was taken, x and y in m.
        shortest_xy: (K, 2) the way to compare it with, dashed; may be empty, like all that follow.
        goal_xy: (G, 2) places at the goal.
        bumps_xy: (B, 2) where something was touched.
        referred: names of the things that the instruction is about; they get an outline.
        dashed_is: what the legend calls the dashed way.
        width_px: of the picture; its height follows.
    """
    marks = _Marks(_rows(path_xy), _rows(shortest_xy), _rows(goal_xy), _rows(bumps_xy), dashed_is)
    bounds = scene.apartment.bounds.grown(0.1)
    scale = (width_px - 2 * MARGIN_PX) / (bounds.x1 - bounds.x0)
    bottom_px = MARGIN_PX + scale * (bounds.y1 - bounds.y0)
    height_px = round(bottom_px + 2 * MARGIN_PX + LINE_PX)

    def to_px(x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a point in metres."""
        return MARGIN_PX + scale * (x - bounds.x0), bottom_px - scale * (y - bounds.y0)

    size = f'width="{width_px}" height="{height_px}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width_px} {height_px}" {size}',
        ' font-family="system-ui,sans-serif">',
        f'<rect {size} fill="#fff"/>',
        *_rooms(scene, to_px),
        *_furniture(scene, referred, to_px),
        *_walls(scene, to_px),
        *_room_names(scene, to_px),
        *_ways(marks, to_px),
        *_start(scene, to_px),
        *_legend(marks, bottom_px + MARGIN_PX + LINE_PX / 2, scale),
        "</svg>",
    ]
    return "\n".join(parts)


# ------------------------------------------------------------------ the apartment


def _rooms(scene: RoomScene, to_px: ToPx) -> Iterator[str]:
    for room in scene.apartment.rooms:
        yield _rect(room.floor, to_px, TINTS[room.kind])


def _furniture(scene: RoomScene, referred: Sequence[str], to_px: ToPx) -> Iterator[str]:
    """Pale, so that ways stand out; with the kind's name where it fits."""
    standing = [scene.things[piece.name] for piece in scene.apartment.furniture]
    yield f'<g stroke="{INK}" stroke-opacity=".45" stroke-width=".8">'
    for thing in standing:
        yield _rect(thing.footprint, to_px, _pale(thing.colour))
    yield "</g>"
    yield f'<g font-size="{THING_PX}" fill="{INK}" text-anchor="middle">'
    for thing in standing:
        yield from _thing_name(thing, to_px)
    yield "</g>"
    for name in referred:
        if name in scene.things:
            outline = scene.things[name].footprint.grown(0.05)
            yield _rect(outline, to_px, "none", f' stroke="{GOAL}" stroke-width="2.5"')


def _thing_name(thing: RoomsObject, to_px: ToPx) -> Iterator[str]:
    foot = thing.footprint
    (left, top), (right, bottom) = to_px(foot.x0, foot.y1), to_px(foot.x1, foot.y0)
    length = LETTER_SHARE * THING_PX * len(thing.kind)
    x, y = (left + right) / 2, (top + bottom) / 2
    if length <= right - left and bottom - top >= THING_PX:
        yield f'<text x="{x:.1f}" y="{y + 0.35 * THING_PX:.1f}">{escape(thing.kind)}</text>'
    elif length <= bottom - top and right - left >= THING_PX:
        upwards = f"translate({x + 0.35 * THING_PX:.1f} {y:.1f})rotate(-90)"
        yield f'<text transform="{upwards}">{escape(thing.kind)}</text>'


def _walls(scene: RoomScene, to_px: ToPx) -> Iterator[str]:
    """Walls with open doorways; windows, pictures and signs on them, and what signs say."""
    yield f'<g fill="{WALL}">'
    for wall in scene.walls:
        yield _rect(wall, to_px)
    yield "</g>"
    for hung in scene.apartment.wall_pieces:
        strip = hung.front(-0.1 if hung.kind == "window" else 0.07)
        # A window is drawn in its wall and as glass, everything else before the wall.
        colour = "#bfe6ff" if hung.kind == "window" else _hex(COLOURS[hung.colour])
        yield _rect(strip, to_px, colour, f' stroke="{INK}" stroke-width=".6"')
    yield f'<g font-size="{SIGN_PX}" fill="{INK}" text-anchor="middle">'
    for hung in scene.apartment.wall_pieces:
        if hung.text:
            x, y = to_px(*hung.front(2 * FROM_WALL_M).centre)
            turn = "" if hung.facing % 2 else "rotate(-90)"
            place = f"translate({x:.1f} {y:.1f}){turn}translate(0 {0.35 * SIGN_PX:.1f})"
            yield f'<text transform="{place}">{escape(hung.text)}</text>'
    yield "</g>"


def _room_names(scene: RoomScene, to_px: ToPx) -> Iterator[str]:
    yield (
        f'<g font-size="{ROOM_PX}" font-weight="600" fill="{INK}" text-anchor="middle" '
        'stroke="#fff" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke">'
    )
    px_per_m = to_px(1.0, 0.0)[0] - to_px(0.0, 0.0)[0]
    for index, room in enumerate(scene.apartment.rooms):
        letters = 1.1 * LETTER_SHARE * len(room.kind)  # bold
        size = np.array([letters, 1.2]) * ROOM_PX / px_per_m
        taken = [p.footprint for p in scene.apartment.furniture if p.room == index]
        x, y = to_px(*_emptiest_place(room.floor, size, taken))
        yield f'<text x="{x:.1f}" y="{y + 0.35 * ROOM_PX:.1f}">{escape(room.kind)}</text>'
    yield "</g>"


def _emptiest_place(
    floor: Rect, size_m: NDArray[np.float64], taken: Sequence[Rect]
) -> tuple[float, float]:
    """Where in a room a label of that size covers the least furniture, the middle if anywhere."""
    low, high = np.array(floor[:2]), np.array(floor[2:])
    reach = np.maximum((high - low) / 2 - size_m / 2 - 0.1, 0.0)
    shares = np.linspace(-1.0, 1.0, 9)
    offered = [
        (low + high) / 2 + reach * (x, y) for y in sorted(shares, key=abs) for x in shares[1:-1]
    ]

    def _cost(middle: NDArray[np.float64]) -> float:
        corner, other = middle - size_m / 2, middle + size_m / 2
        covered = sum(
            max(0.0, min(other[0], r.x1) - max(corner[0], r.x0))
            * max(0.0, min(other[1], r.y1) - max(corner[1], r.y0))
            for r in taken
        )
        return covered + 0.01 * math.dist(middle, (low + high) / 2)

    x, y = min(offered, key=_cost).tolist()
    return x, y


# ------------------------------------------------------------------ the ways


def _ways(marks: _Marks, to_px: ToPx) -> Iterator[str]:
    path, dashed = _in_px(marks.path, to_px), _in_px(marks.dashed, to_px)
    for x, y in _in_px(marks.goals, to_px).tolist():
        yield _goal(x, y)
    yield '<g fill="none" stroke-linejoin="round" stroke-linecap="round">'
    if len(path) > 1:
        yield _line(path, ' stroke="#fff" stroke-width="6" stroke-opacity=".8"')
        yield _line(path, f' stroke="{WAY}" stroke-width="2.6"')
    if len(dashed) > 1:
        yield _line(dashed, f' stroke="{SHORTEST}" stroke-width="2.2" stroke-dasharray="7 6"')
    yield "</g>"
    bumps = _in_px(marks.bumps, to_px)
    # Of a long scrape along a wall, a dot beside the other is enough.
    apart = np.unique((bumps / (2 * BUMP_PX)).round(), axis=0, return_index=True)[1]
    yield f'<g fill="{BUMP}" {RIM}>'
    for x, y in bumps[np.sort(apart)].tolist():
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{BUMP_PX}"/>'
    yield "</g>"
    for x, y in path[-1:].tolist():
        yield _dot(x, y, 5.0, WAY)


def _start(scene: RoomScene, to_px: ToPx) -> Iterator[str]:
    x, y = to_px(*scene.start.xy)
    yield _arrow(x, y, -math.degrees(scene.start.yaw_rad))


def _legend(marks: _Marks, y: float, scale: float) -> Iterator[str]:
    """One line: what the marks mean, and how long a metre is."""
    yield f'<g font-size="11.5" fill="{INK}">'
    x = MARGIN_PX + 8.0
    for mark, label in _legend_marks(marks, x_of_line=18.0):
        reach = 22.0 if "<line" in mark else 11.0
        yield f'<g transform="translate({x:.1f} {y:.1f})">{mark}'
        yield f'<text x="{reach:.0f}" y="4">{escape(label)}</text></g>'
        x += reach + LETTER_SHARE * 11.5 * len(label) + 20.0
    yield f'<path d="M{x:.1f} {y:.1f}h{scale:.1f}" stroke="{INK}" stroke-width="3"/>'
    yield f'<text x="{x + scale + 5:.1f}" y="{y + 4:.1f}">1 m</text></g>'


def _legend_marks(marks: _Marks, x_of_line: float) -> Iterator[tuple[str, str]]:
    line = f'<line x2="{x_of_line}" '
    yield _arrow(0.0, 0.0, 0.0), "start"
    yield f'{line}stroke="{WAY}" stroke-width="2.6"/>', "path taken"
    yield _dot(0.0, 0.0, 5.0, WAY), "end"
    if len(marks.dashed) > 1:
        dashes = 'stroke-width="2.2" stroke-dasharray="7 4"/>'
        yield f'{line}stroke="{SHORTEST}" {dashes}', marks.dashed_is
    if len(marks.goals):
        yield _goal(0.0, 0.0), "goal"
    if len(marks.bumps):
        yield _dot(0.0, 0.0, BUMP_PX, BUMP), "collision"


# ------------------------------------------------------------------ shapes


def _rect(area: Rect, to_px: ToPx, fill: str = "", more: str = "") -> str:
    (left, top), (right, bottom) = to_px(area.x0, area.y1), to_px(area.x1, area.y0)
    filled = f' fill="{fill}"' if fill else ""
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{bottom - top:.1f}"{filled}{more}/>'
    )


def _line(points_px: NDArray[np.float64], more: str) -> str:
    """A polyline without the points that make no visible difference."""
    whole, tolerance_px = points_px.astype(np.float32)[:, None], TOLERANCE_PX
    bends = cv2.approxPolyDP(whole, tolerance_px, closed=False)
    while len(bends) > MOST_BENDS:
        tolerance_px *= 1.5
        bends = cv2.approxPolyDP(whole, tolerance_px, closed=False)
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in bends.reshape(-1, 2).tolist())
    return f'<polyline points="{places}"{more}/>'


def _dot(x: float, y: float, radius_px: float, fill: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius_px}" fill="{fill}" {RIM}/>'


def _goal(x: float, y: float) -> str:
    ring = f'r="5" fill="#fff" fill-opacity=".75" stroke="{GOAL}" stroke-width="2.2"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" {ring}/>'


def _arrow(x: float, y: float, degrees: float) -> str:
    place = f"translate({x:.1f} {y:.1f})rotate({degrees:.0f})"
    head = f'd="M11 0L-7 7L-3.5 0L-7-7Z" fill="{INK}" stroke="#fff" stroke-width="1.5"'
    return f'<path transform="{place}" {head}/>'


def _rows(places: ArrayLike) -> NDArray[np.float64]:
    """Places as (N, 2), N may be 0."""
    return np.asarray(places, dtype=np.float64).reshape(-1, 2)


def _in_px(places: NDArray[np.float64], to_px: ToPx) -> NDArray[np.float64]:
    return _rows([to_px(x, y) for x, y in places.tolist()])


def _hex(rgb: Sequence[float]) -> str:
    return "#" + "".join(f"{round(255 * share):02x}" for share in rgb)


def _pale(colour: str) -> str:
    return _hex([0.45 + 0.55 * share for share in COLOURS[colour]])
