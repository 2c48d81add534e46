"""Value maps over the table: where to put a thing, composed of words and measured places.

VoxPoser (Huang et al. 2023, arXiv:2307.05973) in two dimensions: an expression such as
`left_of("blue bowl") * away_from("red cup")` becomes a grid of values over the table, what is
already occupied is worth nothing, and the best cell is the place. Only the syntax of expressions
that stands here has a meaning; nothing is handed to Python.
"""

import ast
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.agents.sandbox.code_sandbox import ProgramError, parse_program
from handeye.agents.sandbox.program_limits import SandboxLimits
from handeye.perception.mapping.camera_geometry import Measured

Grid = NDArray[np.float64]
CELL_M = 0.01
X_M, Y_M = (0.36, 0.66), (-0.20, 0.20)  # The part of the table that the hand reaches with any yaw.
FLAT_M = 0.006  # What is lower is painted, so that things can stand on it.
ALOFT_M = 0.10  # What begins higher is in the hand.
ROOM_M = 0.045  # The middle of what is put down keeps so far from the edge of an object.
NEAR_M = 0.08  # The value of nearness fades over this distance.
TOWARDS: dict[str, tuple[float, float]] = {  # as the user sees them, opposite the robot
    "left": (0.0, -1.0), "right": (0.0, 1.0), "front": (1.0, 0.0), "behind": (-1.0, 0.0),
}  # fmt: skip
SIDES = {
    "left_of": TOWARDS["left"], "right_of": TOWARDS["right"], "in_front_of": TOWARDS["front"],
    "behind": TOWARDS["behind"],
}  # fmt: skip
LIMITS = SandboxLimits(source_chars=500, depth=20)

Find = Callable[[str], Measured]
"""Words -> the place of the one thing that they fit."""


class Best(NamedTuple):
    """The place with the highest value, and that value."""

    x_m: float
    y_m: float
    value: float


class MapError(ValueError):
    """An expression that has no meaning here; the message says what is wrong with it."""


def cells() -> tuple[Grid, Grid]:
    """x and y (rows, columns) of the middles of all cells, m; a row has one x."""
    rows = round((X_M[1] - X_M[0]) / CELL_M) + 1
    columns = round((Y_M[1] - Y_M[0]) / CELL_M) + 1
    x, y = np.meshgrid(np.linspace(*X_M, rows), np.linspace(*Y_M, columns), indexing="ij")
    return x, y


def value_map(expression: str, find: Find, others: Sequence[Measured]) -> Grid:
    """The values (rows, columns) of an expression, 0 where something stands already.

    Args:
        expression: numbers, + - * and `near`, `away_from`, `left_of`, `right_of`, `in_front_of`,
            `behind`, `over` of a thing in words, and `between` of two.
        find: places of the things that it names; what it raises propagates.
        others: everything in view.

    Raises:
        MapError: see there.
    """
    try:
        tree = parse_program(expression.strip(), LIMITS)
    except ProgramError as error:
        raise MapError(str(error)) from error
    match tree.body:
        case [ast.Expr(value=value)]:
            values = np.broadcast_to(_value(value, find), cells()[0].shape)
        case _:
            raise MapError("write one expression, such as left_of('blue bowl')")
    return values * free_space(others)


def best_place(values: Grid) -> Best:
    """The first cell of the highest value.

    Raises:
        MapError: no cell is worth anything.
    """
    at = int(values.argmax())
    if values.flat[at] <= 1e-6:
        raise MapError("no free place on the table fits that; ask for less, or make room")
    x, y = cells()
    return Best(float(x.flat[at]), float(y.flat[at]), float(values.flat[at]))


def free_space(others: Sequence[Measured]) -> Grid:
    """1 where nothing stands, 0 where something does; painted zones are free."""
    free = np.ones(cells()[0].shape)
    for thing in others:
        if thing.top_m > FLAT_M and thing.bottom_m < ALOFT_M:
            free[_distance(thing) < thing.long_m / 2 + ROOM_M] = 0.0
    return free


def _value(node: ast.expr, find: Find) -> Grid:
    match node:
        case ast.Constant(value=int() | float() as number):
            return np.array(float(number))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left, find) + _value(right, find)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _value(left, find) - _value(right, find)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _value(left, find) * _value(right, find)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _named(name, [_words(argument) for argument in arguments], find)
        case _:
            raise MapError(f"{type(node).__name__} is not allowed; use + - * and the map functions")


def _words(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise MapError("map functions take the words of a thing, such as near('red cup')")


def _named(name: str, words: Sequence[str], find: Find) -> Grid:
    """The map of one function."""
    takes = 2 if name == "between" else 1
    if name not in (*SIDES, *MAPS, "between"):
        known = ", ".join([*SIDES, *MAPS, "between"])
        raise MapError(f"there is no map {name!r}; there are {known}")
    if len(words) != takes:
        raise MapError(f"{name} takes the words of {takes} thing{'s' * (takes > 1)}")
    places = [find(one) for one in words]
    if name == "between":
        middle = (places[0].xy + places[1].xy) / 2
        x, y = cells()
        return np.asarray(np.exp(-((np.hypot(x - middle[0], y - middle[1]) / NEAR_M) ** 2)))
    return _beside(places[0], SIDES[name]) if name in SIDES else MAPS[name](places[0])


def _distance(thing: Measured) -> Grid:
    x, y = cells()
    return np.asarray(np.hypot(x - thing.x_m, y - thing.y_m))


def _near(thing: Measured) -> Grid:
    return np.asarray(np.exp(-((_distance(thing) / NEAR_M) ** 2)))


def _away_from(thing: Measured) -> Grid:
    far = _distance(thing)
    return far / far.max()


def _over(thing: Measured) -> Grid:
    return np.asarray(np.clip(1.0 - _distance(thing) / (thing.short_m / 2 + 1e-6), 0.0, 1.0))


def _beside(thing: Measured, way: tuple[float, float]) -> Grid:
    """In the quarter on that side; best in its middle and close by."""
    x, y = cells()
    along = (x - thing.x_m) * way[0] + (y - thing.y_m) * way[1]
    across = np.abs((x - thing.x_m) * way[1] + (y - thing.y_m) * way[0])
    inside = np.clip(1.0 - across / np.maximum(along, 1e-6), 0.0, 1.0) * (along > 0)
    return np.asarray(inside * np.exp(-((along / (2 * NEAR_M)) ** 2)))


MAPS: dict[str, Callable[[Measured], Grid]] = {
    "near": _near, "away_from": _away_from, "over": _over,
}  # fmt: skip
