"""A scene of the suite `rooms` that somebody hands over, such as a JSON file edited by hand.

What is read is checked before anything is simulated, and every error names the part at fault.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import islice
from reprlib import repr as repr_short
from typing import Any

import numpy as np

from handeye.envs.rooms.checks import check_names, check_scene, check_start
from handeye.envs.rooms.scene.scene import BaseTrajectory, RoomGoal, RoomScene
from handeye.envs.rooms.tasks.task import MOST_GOALS, RoomTask

MOST_SIDE_M = 35.0  # of an apartment: odometry measures 50 m
MOST_TEXT, LARGEST = 200, 1e6  # characters of a name or a sign; a number that a scene may hold
POINT, HEIGHT_POINT, RECTANGLE = (float,) * 2, (float,) * 3, (float,) * 4
Kind = type | tuple[type, ...]
START: dict[str, Kind] = {"x_m": float, "y_m": float, "yaw_rad": float}
PARTS: dict[str, dict[str, Kind]] = {  # of an apartment, as `Apartment.to_dict` writes them
    "rooms": {"kind": str, "floor": RECTANGLE},
    "doors": {"rooms": (int, int), "centre_m": POINT},
    "furniture": {
        "name": str,
        "kind": str,
        "colour": str,
        "room": int,
        "centre_m": POINT,
        "quarter_turns": int,
    },
    "wall_pieces": {
        "name": str,
        "kind": str,
        "colour": str,
        "room": int,
        "centre_m": HEIGHT_POINT,
        "facing": int,
        "text": str,
    },
}


def read_scene(given: object) -> RoomScene:
    """The scene, checked.

    Args:
        given: a `RoomScene`, or what its `to_dict` gives, after a trip through JSON too.

    Raises:
        ValueError: a field is missing or of a wrong kind, walls or furniture overlap, the robot
            cannot start where it shall; the message names the part.
    """
    if not isinstance(given, RoomScene):
        scene = _fields("the scene", given, ("apartment", "start"))
        apartment = _fields("the apartment", scene["apartment"], PARTS)
        for part, fields in PARTS.items():
            _check_rows(part, apartment[part], fields)
        _check_row("the start", scene["start"], START)
        given = RoomScene.from_dict(dict(scene))
    _check_apartment(given)
    check_start(given)
    return given


def given_goals(
    scene: RoomScene, task: RoomTask, asked: object, rng: np.random.Generator
) -> list[RoomGoal]:
    """What the task can ask for in a scene that it has not drawn itself.

    Args:
        scene: from `read_scene`.
        task: whose goals they are.
        asked: a `RoomGoal`, or a dict of fields of one, that comes first; anything else is left to
            be a number among the others.
        rng: decides their order, and which there are if there are more than `MOST_GOALS`.

    Raises:
        ValueError: there is none, or what is asked for is not there or cannot be reached.
    """
    first = []
    if isinstance(asked, RoomGoal | Mapping):
        first = [_read_goal(scene, task, asked)]
    possible = list(task.goals(scene, rng))
    reached = [goal for goal in possible if goal not in first and task.worth_asking(scene, goal)]
    goals = list(islice([*first, *reached], MOST_GOALS))
    if goals:
        return goals
    for goal in possible:
        check_scene(scene, task, goal)
    raise ValueError(
        f"{task.name!r} has nothing to ask for in this scene: what it needs is not there, or less "
        f"than {task.least_way_m} m away"
    )


def _read_goal(scene: RoomScene, task: RoomTask, asked: RoomGoal | Mapping[str, Any]) -> RoomGoal:
    goal = asked if isinstance(asked, RoomGoal) else _goal_from(asked)
    check_names(scene, goal)
    here = BaseTrajectory(np.array([(*scene.start.xy, scene.start.yaw_rad)]))
    try:
        task.instruction(scene, goal, "seen", np.random.default_rng(0))
        done = task.done(scene, goal, here)
        legs = task.legs(scene, goal)
    except (AssertionError, IndexError, KeyError, TypeError, ValueError) as error:
        cause = f": {error}" if str(error) else ""
        raise ValueError(f"{task.name!r} cannot ask for {goal}{cause}") from error
    if done:
        raise ValueError(f"{task.name!r} cannot ask for {goal}: it holds at the start")
    if not legs:
        raise ValueError(f"{task.name!r} has no way to {goal}")
    check_scene(scene, task, goal)
    return goal


def _goal_from(asked: Mapping[str, Any]) -> RoomGoal:
    blank = asdict(RoomGoal())
    unknown = sorted(set(asked) - set(blank))
    if unknown:
        raise ValueError(f"a goal has no field {unknown[0]!r}; it has {', '.join(blank)}")
    referred = asked.get("referred", ())
    if not (isinstance(referred, list | tuple) and all(isinstance(n, str) for n in referred)):
        raise ValueError(f"'referred' is a list of names, got {repr_short(referred)}")
    try:
        return RoomGoal.from_dict({**blank, **asked})
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"{repr_short(dict(asked))} is no goal: {error}") from error


def _check_apartment(scene: RoomScene) -> None:
    """Refuse what fits together and still is no apartment to ask questions in."""
    x0, y0, x1, y1 = bounds = scene.apartment.bounds
    if max(map(abs, bounds)) > 2 * MOST_SIDE_M or max(x1 - x0, y1 - y0) > MOST_SIDE_M:
        raise ValueError(
            f"the apartment reaches from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}); give at most "
            f"{MOST_SIDE_M:g} m a side, near the origin"
        )
    for room in scene.apartment.rooms:
        if room.kind in scene.things:
            raise ValueError(f"a thing is named {room.kind!r} like a room; give it another name")
    for door in scene.apartment.doors:
        if door.rooms[0] == door.rooms[1]:
            kind = scene.apartment.rooms[door.rooms[0]].kind
            raise ValueError(f"the door at {door.centre_m} leads from the {kind} to itself")


def _check_rows(part: str, rows: object, fields: dict[str, Kind]) -> None:
    if not isinstance(rows, list | tuple):
        raise ValueError(f"{part!r} of the apartment must be a list, got {repr_short(rows)}")
    for number, row in enumerate(rows):
        name = row.get("name", row.get("kind", number)) if isinstance(row, Mapping) else number
        _check_row(f"{repr_short(name)} of {part!r}", row, fields)


def _check_row(where: str, row: object, fields: dict[str, Kind]) -> None:
    values = _fields(where, row, fields)
    for field, kind in fields.items():
        if not _is_a(values[field], kind):
            raise ValueError(
                f"{where} has the {field} {repr_short(values[field])}; give {_in_words(kind)}"
            )


def _fields(where: str, given: object, names: Iterable[str]) -> Mapping[str, Any]:
    """The mapping with exactly these fields."""
    wanted = set(names)
    if not isinstance(given, Mapping) or set(given) != wanted:
        got = sorted(map(str, given)) if isinstance(given, Mapping) else type(given).__name__
        raise ValueError(
            f"{where} needs the fields {sorted(wanted)}, got {got}; write it with RoomScene.to_dict"
        )
    return given


def _is_a(value: object, kind: Kind) -> bool:
    if isinstance(kind, tuple):
        if not isinstance(value, list | tuple) or len(value) != len(kind):
            return False
        return all(_is_a(v, k) for v, k in zip(value, kind, strict=True))
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return kind is str and len(value) <= MOST_TEXT
    if (isinstance(value, int) and kind in (int, float)) or (
        isinstance(value, float) and kind is float
    ):
        return abs(value) <= LARGEST  # which NaN is not
    return False


def _in_words(kind: Kind) -> str:
    if isinstance(kind, tuple):
        whole = "whole " if kind[0] is int else ""
        return f"{len(kind)} {whole}finite numbers"
    words = f"words of at most {MOST_TEXT} characters"
    return {str: words, int: "a whole number", float: "a finite number"}[kind]
