"""Recorded episodes of the suite `rooms`: scene, poses and actions, not pixels."""

from dataclasses import asdict, dataclass, field
from itertools import chain, groupby, repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.episode_file import pack_episode, unpack_episode
from handeye.envs.rooms.long.task import LongRoomGoal
from handeye.envs.rooms.scene.scene import RoomGoal, RoomScene

ROOM_FORMAT = "handeye-room-episode-1"
TENSORS = ("poses", "proprio", "actions", "labels", "terminate")


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


@dataclass(frozen=True)
class RoomEpisode:
    """T actions and the T + 1 states around them, labelled for G goals; goal 0 was pursued.

    Attributes:
        task, split, seed, action_mode: what to reset to reproduce it.
        scene: the apartment and the start.
        goals: G goals.
        poses: (T+1, 3) float32 x, y (m), yaw (rad) of the base.
        proprio: (T+1, 6) float32, see `RoomsEnv`.
        actions: (T,) int64 or (T, 2) float32, what was done (noise included).
        labels: (G, T+1) or (G, T+1, 2), what the oracle would do for each goal.
        terminate: (G, T+1) bool, the oracle would stop.
        subgoals: T+1 names, the oracle's subgoal for goal 0.
        success: whether goal 0 was reached.
        state_hash: hash over all poses at every control tick; replaying must give it again.
        meta: provenance (commit, renderer fingerprint).
    """

    task: str
    split: str
    seed: int
    action_mode: str
    scene: RoomScene
    goals: tuple[RoomEpisodeGoal, ...]
    poses: NDArray[np.float32]
    proprio: NDArray[np.float32]
    actions: NDArray[Any]
    labels: NDArray[Any]
    terminate: NDArray[np.bool_]
    subgoals: tuple[str, ...]
    success: bool
    state_hash: str
    meta: dict[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The whole file."""
        return pack_episode(
            self,
            ROOM_FORMAT,
            TENSORS,
            scene=_by_column(self.scene.to_dict()),
            goals=[asdict(goal) for goal in self.goals],
            subgoals=[(name, len(list(run))) for name, run in groupby(self.subgoals)],
        )

    @classmethod
    def load(cls, path: Path) -> "RoomEpisode":
        """Read a file written from `to_bytes`.

        Raises:
            ValueError: it is truncated, damaged or no episode; the message names the file.
        """
        return unpack_episode(
            cls, path, ROOM_FORMAT, TENSORS, scene=_scene, goals=_goals, subgoals=_subgoals
        )


def _scene(data: dict[str, Any]) -> RoomScene:
    return RoomScene.from_dict(_by_row(data))


def _goals(rows: list[dict[str, Any]]) -> tuple[RoomEpisodeGoal, ...]:
    return tuple(
        RoomEpisodeGoal(g["index"], tuple(g["instructions"]), _goal(g["goal"])) for g in rows
    )


def _goal(data: dict[str, Any]) -> RoomGoal:
    return LongRoomGoal.from_dict(data) if "work" in data else RoomGoal.from_dict(data)


def _subgoals(runs: list[tuple[str, int]]) -> tuple[str, ...]:
    return tuple(chain.from_iterable(repeat(name, count) for name, count in runs))


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
