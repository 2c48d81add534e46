"""Rooms and doorways on a `FloorMap`: what stands at right angles, and the gaps in it.

Walls reach higher than any furniture and meet at right angles, and doorways are open up to the
ceiling. So the map is turned until its walls run along rows and columns; a doorway is then a gap
as wide as a door between two pieces of wall on one line, with floor in it. Closed there, the free
floor falls apart into rooms.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handeye.perception.mapping.floor_map import FREE, OBSTACLE, FloorMap

Mask = NDArray[np.bool_]
COARSE_RAD, FINE_RAD = math.radians(1.0), math.radians(0.25)
# Widths that a door of 1 m may have on the map, where its edges are blurred or half seen.
NARROWEST_M, WIDEST_M = 0.65, 1.2
THICKEST_WALL_M = 0.4  # Greatest thickness of a wall on the map, with both its sides.
JAMB_M = 0.15  # Least wall that shows on each side of a doorway.
JAMB_CELLS = 2  # Cells next to a gap by which the thickness of its sides is judged.
BIN_M = 0.05  # Width of the lines in which points are counted while the walls' angle is sought.
LEAST_RUN_M = 0.3  # Least run of wall that fixes its direction.
ALONG_WALL_M = 3.0  # Obstacles on the line of a run count as wall within this distance of it.
NEAR_WALL_M = 1.5  # On one side of a doorway at least, a run of wall begins within this distance.
FLOOR_SHARE = 0.25  # Least share of a doorway's cells that are known to be free.
CLEAR_M = 0.5  # Nothing stands within this distance before and behind a doorway.
STRAY_SHARE = 0.03  # Share of the cells there that may be wrong.
BESIDE_M = (0.15, 0.6)  # Nearest and farthest floor that tells which room a doorway leads to.
MARGIN_M = 0.5  # Border of a plan around what is known.
HANGING_M = 0.15  # Tolerance around a room for objects that hang on its walls.
END_M = 0.3  # What ends a room stands within this distance beyond its known floor.
CLOSED_SHARE = 0.9  # Share of a room's outline that is so ended when the room is closed.
BEFORE_END_M = 0.5  # Distance from a room's end at which the robot stands to look there.
NEAR_ROOM_M = 0.5  # A place is in a room if known floor of it is within this distance.


class Doorway(NamedTuple):
    """A doorway in the frame of the walls.

    Attributes:
        middle_m: u, v.
        axis: which of u and v changes on the way through.
        rooms: on the side of lower and of higher u or v; 0 where no floor is known.
    """

    middle_m: tuple[float, float]
    axis: int
    rooms: tuple[int, int]

    def beyond(self, room: int) -> int:
        """The room on the other side."""
        return self.rooms[1] if room == self.rooms[0] else self.rooms[0]

    def outward(self, room: int) -> int:
        """Quarter turns from +u of the direction in which one leaves a room."""
        return self.axis if room == self.rooms[0] else self.axis + 2


class CellBox(NamedTuple):
    """Cells of a plan: from `top` and `left` on, before `bottom` and `right`."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, eq=False)
class EstimatedPlan:
    """The rooms and doorways that a map shows so far. Frame of the walls: u and v, m.

    Attributes:
        angle_rad: from the map's x to u.
        low_m: u and v of the corner of the first cell.
        cell_m: side of a cell; rows run along v, columns along u.
        rooms: (R, C) number of the room that a cell of free floor belongs to, 0 for none.
        walls: (R, C) a cell wider than they are.
        solid: (R, C) where anything stands, walls too.
        free: (R, C) known floor.
        cells: (R, C, 2) row and column on the map.
        doorways: all that show.
    """

    angle_rad: float
    low_m: tuple[float, float]
    cell_m: float
    rooms: NDArray[np.int64]
    walls: Mask
    solid: Mask
    free: Mask
    cells: NDArray[np.int64]
    doorways: tuple[Doorway, ...]

    def to_plan(self, x: float, y: float) -> tuple[float, float]:
        """Turn a place from the map's frame to that of the walls."""
        cos, sin = math.cos(self.angle_rad), math.sin(self.angle_rad)
        return cos * x + sin * y, cos * y - sin * x

    def to_map(self, u: float, v: float) -> tuple[float, float]:
        """Turn a place from the frame of the walls to the map's."""
        cos, sin = math.cos(self.angle_rad), math.sin(self.angle_rad)
        return cos * u - sin * v, sin * u + cos * v

    def quarter(self, yaw_rad: float) -> int:
        """Quarter turns from +u to the direction of walls nearest to a yaw on the map."""
        return round((yaw_rad - self.angle_rad) / (math.pi / 2)) % 4

    def room_at(self, x: float, y: float) -> int:
        """Return the room at a place on the map or very near to it; 0 if there is none."""
        u, v = self.to_plan(x, y)
        row, column = self._cell(u, v)
        reach = math.ceil(NEAR_ROOM_M / self.cell_m)
        top, left = max(0, row - reach), max(0, column - reach)
        near = self.rooms[top : max(0, row + reach + 1), left : max(0, column + reach + 1)]
        found = np.argwhere(near)
        if not len(found):
            return 0
        away = np.hypot(*(found - (row - top, column - left)).T)
        return int(near[tuple(found[away.argmin()])])

    def rooms_at(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return `room_at` (N,) of many places (N, 2)."""
        away, nearest = ndimage.distance_transform_edt(self.rooms == 0, return_indices=True)
        spread = np.where(away * self.cell_m <= NEAR_ROOM_M, self.rooms[tuple(nearest)], 0)
        cos, sin = math.cos(self.angle_rad), math.sin(self.angle_rad)
        turned = points @ np.array([(cos, -sin), (sin, cos)])  # u, v
        columns, rows = np.floor((turned - self.low_m) / self.cell_m).astype(np.int64).T
        inside = (rows >= 0) & (columns >= 0) & (rows < len(spread)) & (columns < spread.shape[1])
        return np.asarray(np.where(inside, spread[rows * inside, columns * inside], 0))

    def doors_of(self, room: int) -> list[Doorway]:
        """Doorways of a room."""
        return [door for door in self.doorways if room and room in door.rooms]

    def end_of(self, room: int, quarter: int) -> tuple[float, float]:
        """Return the place on the map before the middle of a room's end in a direction."""
        rows, columns = np.nonzero(self.rooms == room)
        u = self.low_m[0] + (columns.min() + columns.max() + 1) / 2 * self.cell_m
        v = self.low_m[1] + (rows.min() + rows.max() + 1) / 2 * self.cell_m
        half_u = max(0.0, (columns.max() + 1 - columns.min()) / 2 * self.cell_m - BEFORE_END_M)
        half_v = max(0.0, (rows.max() + 1 - rows.min()) / 2 * self.cell_m - BEFORE_END_M)
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter]
        return self.to_map(u + cos * half_u, v + sin * half_v)

    def middle_of(self, room: int) -> tuple[float, float]:
        """Middle of the rectangle around a room's known floor, on the map."""
        rows, columns = np.nonzero(self.rooms == room)
        u = self.low_m[0] + (columns.min() + columns.max() + 1) / 2 * self.cell_m
        v = self.low_m[1] + (rows.min() + rows.max() + 1) / 2 * self.cell_m
        return self.to_map(u, v)

    def is_within(self, room: int, x: float, y: float) -> bool:
        """Return whether a place on the map is in the rectangle around a room's known floor."""
        row, column = self._cell(*self.to_plan(x, y))
        rows, columns = np.nonzero(self.rooms == room)
        edge = round(HANGING_M / self.cell_m)
        return bool(
            rows.min() - edge <= row <= rows.max() + edge
            and columns.min() - edge <= column <= columns.max() + edge
        )

    def is_closed(self, room: int) -> bool:
        """Return whether a room's outline ends at walls, furniture or doors."""
        rows, columns = np.nonzero(self.rooms == room)
        box = CellBox(rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)
        ends = [_beyond(mask, box, round(END_M / self.cell_m)) for mask in (self.solid, self.free)]
        known = np.concatenate([a.any(0) | b.all(0) for a, b in zip(*ends, strict=True)])
        return bool(known.mean() >= CLOSED_SHARE)

    def is_free(self, u: float, v: float) -> bool:
        """Return whether a place in the frame of the walls is known floor."""
        return self._holds(self.free, u, v)

    def is_wall(self, u: float, v: float) -> bool:
        """Return whether a place in the frame of the walls is a wall's, or very near to one."""
        return self._holds(self.walls, u, v)

    def _holds(self, mask: Mask, u: float, v: float) -> bool:
        row, column = self._cell(u, v)
        inside = 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]
        return inside and bool(mask[row, column])

    def cells_of(self, room: int) -> NDArray[np.int64]:
        """Cells (N, 2) of the map that are a room's floor."""
        return np.asarray(self.cells[(self.rooms == room) & self.free])

    def _cell(self, u: float, v: float) -> tuple[int, int]:
        return (
            math.floor((v - self.low_m[1]) / self.cell_m),
            math.floor((u - self.low_m[0]) / self.cell_m),
        )


def floor_plan(floor: FloorMap, angle_rad: float | None = None) -> EstimatedPlan | None:
    """Estimate rooms and doorways from a map; None as long as it shows no wall.

    Args:
        floor: the map.
        angle_rad: of an earlier plan of it; it is only made more exact.
    """
    grid, high = floor.grid, floor.walls
    points = floor.points_of(np.argwhere(high))
    if not len(points):
        return None
    angle = wall_angle(points, angle_rad)
    cells, low_m = _turned_cells(floor, np.argwhere((grid == FREE) | high), angle)
    inside: Mask = np.asarray(((cells >= 0) & (cells < grid.shape)).all(-1), np.bool_)
    at = tuple(np.where(inside[..., None], cells, 0).transpose(2, 0, 1))
    free, stands = inside & (grid[at] == FREE), inside & (grid[at] == OBSTACLE)
    wide: Mask = np.asarray(ndimage.binary_dilation(high), np.bool_)
    walls = inside & wide[at]
    in_lines = walls | (stands & (_lines(walls, floor) | _lines(walls.T, floor).T))
    gaps = [(1, gap) for gap in _gaps(walls, stands, free, floor)]
    gaps += [(0, gap[::-1]) for gap in _gaps(walls.T, stands.T, free.T, floor)]
    inner = (free | stands) & ~in_lines  # furniture belongs to its room
    for _, gap in gaps:
        inner[gap] = False
    rooms = np.asarray(ndimage.label(inner)[0], np.int64)
    doorways = [_doorway(axis, gap, rooms, low_m, floor.cell_m) for axis, gap in gaps]
    apart = tuple(door for door in doorways if door.rooms[0] != door.rooms[1])
    return EstimatedPlan(
        angle, low_m, floor.cell_m, rooms, in_lines, walls | stands, free, cells, apart
    )


def wall_angle(points: NDArray[np.float64], near_rad: float | None = None) -> float:
    """The angle in [-pi/4, pi/4] about which points (N, 2) stand most in lines at right angles.

    Args:
        points: of walls, m.
        near_rad: look only about there.
    """
    if near_rad is None:
        coarse = np.arange(-math.pi / 4, math.pi / 4, COARSE_RAD)
        near_rad = float(coarse[np.argmax([_lined_up(points, angle) for angle in coarse])])
    fine = near_rad + FINE_RAD * np.arange(-4, 5)
    return float(fine[np.argmax([_lined_up(points, angle) for angle in fine])])


def _lined_up(points: NDArray[np.float64], angle: float) -> int:
    """Return how much points gather in few rows and columns of a grid that is turned so."""
    cos, sin = math.cos(angle), math.sin(angle)
    total = 0
    for along in (points @ (cos, sin), points @ (-sin, cos)):
        bins = np.floor(along / BIN_M).astype(np.int64)
        counts = np.bincount(bins - bins.min())
        total += int((counts**2).sum())
    return total


def _turned_cells(
    floor: FloorMap, known: NDArray[np.int64], angle: float
) -> tuple[NDArray[np.int64], tuple[float, float]]:
    """Return the cell (R, C, 2) of the map that each of a plan shows, and its corner, u and v."""
    cos, sin = math.cos(angle), math.sin(angle)
    points = floor.points_of(known)
    u, v = points @ (cos, sin), points @ (-sin, cos)
    low = float(u.min()) - MARGIN_M, float(v.min()) - MARGIN_M
    columns = np.arange(low[0], u.max() + MARGIN_M, floor.cell_m) + floor.cell_m / 2
    rows = (np.arange(low[1], v.max() + MARGIN_M, floor.cell_m) + floor.cell_m / 2)[:, None]
    x, y = cos * columns - sin * rows, sin * columns + cos * rows
    corner = floor.cell_of(0.0, 0.0)
    found = np.stack([y, x], axis=-1) / floor.cell_m
    return np.floor(found).astype(np.int64) + corner, low


def _runs(walls: Mask, floor: FloorMap) -> Mask:
    """Return the pieces of wall along rows."""
    line = round(LEAST_RUN_M / floor.cell_m)
    shrunk = ndimage.minimum_filter1d(walls.astype(np.uint8), line, axis=1)
    return np.asarray(ndimage.maximum_filter1d(shrunk, line, axis=1, origin=-1 + line % 2) > 0)


def _lines(walls: Mask, floor: FloorMap) -> Mask:
    """Return the cells onto which pieces of wall along rows may go on."""
    reach = round(ALONG_WALL_M / floor.cell_m)
    return np.asarray(ndimage.maximum_filter1d(_runs(walls, floor), 2 * reach + 1, axis=1))


def _gaps(walls: Mask, stands: Mask, free: Mask, floor: FloorMap) -> list[tuple[slice, slice]]:
    """Find doorways in walls along rows: the cells of each.

    Near a wall one does not see how high it is; what stands on the line of a wall belongs to it.
    """
    cell_m, runs = floor.cell_m, _runs(walls, floor)
    solid = walls | (stands & _lines(walls, floor))
    index, columns = np.arange(solid.shape[1]), solid.shape[1]
    before = np.maximum.accumulate(np.where(solid, index, -1), axis=1)
    after = np.minimum.accumulate(np.where(solid, index, columns)[:, ::-1], axis=1)[:, ::-1]
    width_m = (after - before - 1) * cell_m
    fits = ~solid & (before >= 0) & (after < columns)
    fits &= (width_m >= NARROWEST_M) & (width_m <= WIDEST_M)
    labels, _ = ndimage.label(fits)
    jamb, found = round(JAMB_M / cell_m), []
    near = round(NEAR_WALL_M / cell_m)
    for label, (rows, along) in enumerate(ndimage.find_objects(labels), 1):
        beside = (
            solid[rows, max(0, along.start - jamb) : along.start],
            solid[rows, along.stop : along.stop + jamb],
        )
        if (
            (rows.stop - rows.start) * cell_m <= THICKEST_WALL_M
            and free[rows, along][labels[rows, along] == label].mean() >= FLOOR_SHARE
            and all(side.any(0).all() for side in beside)
            and runs[rows, max(0, along.start - near) : along.stop + near].any()
            and _leads_through(walls, stands, rows, along, cell_m)
        ):
            found.append((rows, along))
    return found


def _beyond(mask: Mask, box: CellBox, reach: int) -> list[Mask]:
    """Return what lies before the four sides of a box, each (`reach`, length); nearest first."""
    top, left, bottom, right = box
    padded = np.pad(mask, reach)  # the box now lies `reach` further on
    along_u, along_v = slice(left + reach, right + reach), slice(top + reach, bottom + reach)
    return [
        padded[top : top + reach, along_u][::-1],
        padded[bottom + reach : bottom + 2 * reach, along_u],
        padded[along_v, left : left + reach].T[::-1],
        padded[along_v, right + reach : right + 2 * reach].T,
    ]


def _leads_through(walls: Mask, stands: Mask, rows: slice, along: slice, cell_m: float) -> bool:
    """Check that nothing stands before and behind a gap, and that its sides are a wall's.

    A gap between a cabinet and the wall across from it has a thick side. So has a doorway in a
    corner, or with furniture beside it; but then it is seen to be in a wall that ends there.
    """
    solid, thickest = walls | stands, round(THICKEST_WALL_M / cell_m)
    clear, quarter = round(CLEAR_M / cell_m), (along.stop - along.start) // 4
    about = slice(max(0, rows.start - clear), rows.stop + clear)
    way = solid[about, along.start + quarter : along.stop - quarter]
    sides = (
        slice(max(0, along.start - JAMB_CELLS), along.start),
        slice(along.stop, along.stop + JAMB_CELLS),
    )
    thin = [int(solid[about, side].sum(0).min()) <= thickest for side in sides]
    high = [bool(walls[rows, side].any(0).all()) for side in sides]
    ends = [
        is_high and int(walls[about, side].sum(0).min()) <= thickest
        for is_high, side in zip(high, sides, strict=True)
    ]
    in_wall = all(thin) or (any(ends) and all(a or b for a, b in zip(thin, high, strict=True)))
    return bool(way.mean() <= STRAY_SHARE) and in_wall


def _doorway(
    axis: int,
    gap: tuple[slice, slice],
    rooms: NDArray[np.int64],
    low_m: tuple[float, float],
    cell_m: float,
) -> Doorway:
    """Return a gap with the rooms that it joins."""
    rows, columns = gap
    u = low_m[0] + (columns.start + columns.stop) / 2 * cell_m
    v = low_m[1] + (rows.start + rows.stop) / 2 * cell_m
    across = columns if axis == 0 else rows
    near, far = (round(away_m / cell_m) for away_m in BESIDE_M)
    lower = slice(max(0, across.start - far), max(0, across.start - near))
    higher = slice(across.stop + near, across.stop + far)
    sides = []
    for beside in (lower, higher):
        numbers = rooms[(rows, beside) if axis == 0 else (beside, columns)]
        counts = np.bincount(numbers[numbers > 0], minlength=1)
        sides.append(int(counts.argmax()))
    return Doorway((u, v), axis, (sides[0], sides[1]))
