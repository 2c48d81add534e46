"""Recorded episodes of apartments."""

from dataclasses import dataclass
from itertools import chain, groupby, repeat
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.episode import RecordedEpisode
from handeye.envs.rooms.long.task import LongRoomGoal
from handeye.envs.rooms.scene.scene import RoomGoal, RoomScene


@dataclass(frozen=True)
class RoomEpisodeGoal:
    """One of the goals that the states are labelled for.

    Attributes:
        index: the goal's number among the scene's goals.
        instructions: the goal in words, several ways.
        goal: what it is.
    """

    index: int
    instructions: tuple[str, ...]
    goal: RoomGoal


@dataclass(frozen=True, kw_only=True)
class RoomEpisode(RecordedEpisode[RoomScene, RoomEpisodeGoal]):
    """A drive, see `RecordedEpisode`; actions are (T,) int64 or (T, 2) float32.

    Attributes:
        poses: (T+1, 3) float32 x, y (m), yaw (rad) of the base.
    """

    form: ClassVar[str] = "handeye-room-episode-1"
    tensors: ClassVar[tuple[str, ...]] = ("poses", "proprio", "actions", "labels", "terminate")

    poses: NDArray[np.float32]

    @staticmethod
    def _scene_to_json(scene: RoomScene) -> dict[str, Any]:
        return _by_column(scene.to_dict())

    @classmethod
    def _scene_from_json(cls, data: dict[str, Any]) -> RoomScene:
        return RoomScene.from_dict(_by_row(data))

    @classmethod
    def _goal_from_json(cls, data: dict[str, Any]) -> RoomEpisodeGoal:
        made = LongRoomGoal if "work" in data["goal"] else RoomGoal
        goal = made.from_dict(data["goal"])
        return RoomEpisodeGoal(data["index"], tuple(data["instructions"]), goal)

    @staticmethod
    def _subgoals_to_json(subgoals: tuple[str, ...]) -> list[tuple[str, int]]:
        return [(name, len(list(run))) for name, run in groupby(subgoals)]

    @staticmethod
    def _subgoals_from_json(data: list[tuple[str, int]]) -> tuple[str, ...]:
        return tuple(chain.from_iterable(repeat(name, count) for name, count in data))


def _by_column(scene: dict[str, Any]) -> dict[str, Any]:
    """A scene's JSON with each field of its parts once: two thirds of it are names of fields."""
    parts = {
        part: {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
        for part, rows in scene["apartment"].items()
    }
    return {**scene, "apartment": parts}


def _by_row(scene: dict[str, Any]) -> dict[str, Any]:
    """The inverse of `_by_column`."""
    parts = {
        part: [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        for part, columns in scene["apartment"].items()
    }
    return {**scene, "apartment": parts}
