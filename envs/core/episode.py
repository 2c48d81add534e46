"""Recorded episodes: scene, states and actions of one run, not its pixels.

Frames are drawn from the states when they are needed, at any size, from any camera, under any
light. One state serves several instructions: the oracle labels every state for each of `goals`, so
that only the words tell the samples apart (counterfactuals).
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.episode_file import pack_episode, unpack_episode
from handeye.envs.core.oracle_action import OracleAction

SceneT = TypeVar("SceneT")
GoalT = TypeVar("GoalT")


class Run(NamedTuple):
    """A run of one episode as it was recorded: T actions and the T + 1 states around them.

    Attributes:
        goals: indices of the G goals that states are labelled for; the first was pursued.
        words: each of those goals in words, several ways.
        states: T + 1 states.
        proprio: T + 1 rows.
        actions: T actions, noise included.
        labels: what the oracle would do: G rows of T + 1.
        info: the last one.
        meta: provenance.
    """

    goals: list[int]
    words: list[tuple[str, ...]]
    states: list[Any]
    proprio: list[NDArray[np.float32]]
    actions: list[Any]
    labels: list[list[OracleAction]]
    info: dict[str, Any]
    meta: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RecordedEpisode(Generic[SceneT, GoalT]):
    """T actions and the T + 1 states around them, labelled for G goals; goal 0 was pursued.

    Class attributes:
        form: what a file says it is.
        tensors: names of the fields that are arrays.

    Attributes:
        task, split, seed, action_mode: what to reset to reproduce it.
        scene: where it was.
        goals: G goals.
        proprio: (T+1, P) float32, as the environment's observation has it.
        actions: (T, ...), what was done (noise included).
        labels: (G, T+1, ...), what the oracle would do for each goal.
        terminate: (G, T+1) bool, the oracle would stop.
        subgoals: T+1 names, the oracle's subgoal for goal 0.
        success: whether goal 0 was reached.
        state_hash: hash over all states at every control tick; replaying must give it again.
        meta: provenance (commit, renderer fingerprint, versions).
    """

    form: ClassVar[str]
    tensors: ClassVar[tuple[str, ...]]

    task: str
    split: str
    seed: int
    action_mode: str
    scene: SceneT
    goals: tuple[GoalT, ...]
    proprio: NDArray[np.float32]
    actions: NDArray[Any]
    labels: NDArray[Any]
    terminate: NDArray[np.bool_]
    subgoals: tuple[str, ...]
    success: bool
    state_hash: str
    meta: dict[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Return the whole file."""
        written = {
            "scene": self._scene_to_json(self.scene),
            "goals": [asdict(goal) for goal in self.goals],  # type: ignore[call-overload]
            "subgoals": self._subgoals_to_json(self.subgoals),
        }
        return pack_episode(self, self.form, self.tensors, **written)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file written from `to_bytes`.

        Raises:
            ValueError: it is truncated, damaged or no such episode; the message names the file.
        """
        return unpack_episode(
            cls,
            path,
            cls.form,
            cls.tensors,
            scene=cls._scene_from_json,
            goals=lambda rows: tuple(map(cls._goal_from_json, rows)),
            subgoals=cls._subgoals_from_json,
        )

    @staticmethod
    def _scene_to_json(scene: Any) -> dict[str, Any]:
        data: dict[str, Any] = scene.to_dict()
        return data

    @classmethod
    def _scene_from_json(cls, data: dict[str, Any]) -> SceneT:
        raise NotImplementedError

    @classmethod
    def _goal_from_json(cls, data: dict[str, Any]) -> GoalT:
        raise NotImplementedError

    @staticmethod
    def _subgoals_to_json(subgoals: tuple[str, ...]) -> Any:
        return subgoals

    @staticmethod
    def _subgoals_from_json(data: Any) -> tuple[str, ...]:
        return tuple(data)


def recorded_fields(env: Any, run: Run) -> dict[str, Any]:
    """Return the fields of a recorded episode that are the same in every world.

    Args:
        env: an `InstructedEnv` in the episode.
        run: what was recorded of it.
    """
    return {
        "task": env.task.name,
        "split": env.split,
        "seed": env.episode_seed,
        "action_mode": env.action_mode,
        "scene": env.scene,
        "proprio": np.stack(run.proprio).astype(np.float32),
        "terminate": np.array([[label.done for label in row] for row in run.labels]),
        "subgoals": tuple(label.subgoal for label in run.labels[0]),
        "success": bool(run.info["is_success"]),
        "state_hash": run.info["state_hash"],
        "meta": {**run.meta, "renderer_fingerprint": env.renderer_fingerprint},
    }
