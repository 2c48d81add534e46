"""Recorded episodes of the tabletop."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.episode import RecordedEpisode
from handeye.envs.tabletop.world.scene import Scene


@dataclass(frozen=True)
class EpisodeGoal:
    """One of the goals that the states are labelled for.

    Attributes:
        index: the goal's number among the scene's goals.
        instructions: the goal in words, several ways.
        referred: indices into `scene.objects`, in the order of the words; one or two.
        relation: "left", "open", ... or "".
        task: the core task whose goal it is, where a scene has goals of several.
    """

    index: int
    instructions: tuple[str, ...]
    referred: tuple[int, ...]
    relation: str
    task: str = ""


@dataclass(frozen=True, kw_only=True)
class Episode(RecordedEpisode[Scene, EpisodeGoal]):
    """A run on the table, see `RecordedEpisode`; actions are (T, 7) float32.

    Attributes:
        body_poses: (T+1, B, 7) float32, see `state.State`.
        joint_positions: (T+1, J) float32.
    """

    form: ClassVar[str] = "handeye-episode-1"
    tensors: ClassVar[tuple[str, ...]] = (
        *("body_poses", "joint_positions", "proprio"),
        *("actions", "labels", "terminate"),
    )

    body_poses: NDArray[np.float32]
    joint_positions: NDArray[np.float32]

    @classmethod
    def _scene_from_json(cls, data: dict[str, Any]) -> Scene:
        return Scene.from_dict(data)

    @classmethod
    def _goal_from_json(cls, data: dict[str, Any]) -> EpisodeGoal:
        words, referred = tuple(data["instructions"]), tuple(data["referred"])
        task = data.get("task", "")
        return EpisodeGoal(data["index"], words, referred, data["relation"], task)
