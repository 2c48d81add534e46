"""Episodes: the scene, states and actions of one recorded run, not its pixels.

Frames are drawn from the states when they are needed, at any size, from any
camera, under any light. One state serves several instructions: the oracle labels every state for
each of `goals`, so that only the words tell the samples apart (counterfactuals).
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.episode_file import pack_episode, unpack_episode
from handeye.envs.tabletop.world.scene import Scene

FORMAT = "handeye-episode-1"


@dataclass(frozen=True)
class EpisodeGoal:
    """One of the goals that the states are labelled for.

    Attributes:
        index: the goal's number among the scene's goals.
        instructions: the goal in words, several ways.
        referred: indices into `scene.objects`, in the order of the words; one or two.
        relation: "left", "open", ... or "".
    """

    index: int
    instructions: tuple[str, ...]
    referred: tuple[int, ...]
    relation: str


@dataclass(frozen=True)
class Episode:
    """T actions and the T + 1 states around them, labelled for G goals; goal 0 was pursued.

    Attributes:
        task, split, seed, action_mode: what to reset to reproduce it.
        scene: what stood on the table.
        goals: G goals.
        body_poses: (T+1, B, 7) float32, see `simulator.State`.
        joint_positions: (T+1, J) float32.
        proprio: (T+1, 14) float32, see `arm.proprio`.
        actions: (T, 7) float32, what was done (noise included).
        labels: (G, T+1, 7) float32, what the oracle would do for each goal.
        terminate: (G, T+1) bool, the oracle would stop.
        subgoals: T+1 names, the oracle's subgoal for goal 0.
        success: whether goal 0 was reached.
        state_hash: hash over all states at every control tick; replaying must give it again.
        meta: provenance (commit, renderer fingerprint, versions).
    """

    task: str
    split: str
    seed: int
    action_mode: str
    scene: Scene
    goals: tuple[EpisodeGoal, ...]
    body_poses: NDArray[np.float32]
    joint_positions: NDArray[np.float32]
    proprio: NDArray[np.float32]
    actions: NDArray[np.float32]
    labels: NDArray[np.float32]
    terminate: NDArray[np.bool_]
    subgoals: tuple[str, ...]
    success: bool
    state_hash: str
    meta: dict[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The whole file."""
        goals = [asdict(goal) for goal in self.goals]
        return pack_episode(self, FORMAT, TENSORS, scene=self.scene.to_dict(), goals=goals)

    @classmethod
    def load(cls, path: Path) -> "Episode":
        """Read a file written from `to_bytes`.

        Raises:
            ValueError: it is truncated, damaged or no episode; the message names the file.
        """
        return unpack_episode(
            cls, path, FORMAT, TENSORS, scene=Scene.from_dict, goals=_goals, subgoals=tuple
        )


TENSORS = ("body_poses", "joint_positions", "proprio", "actions", "labels", "terminate")


def _goals(rows: list[dict[str, Any]]) -> tuple[EpisodeGoal, ...]:
    return tuple(
        EpisodeGoal(g["index"], tuple(g["instructions"]), tuple(g["referred"]), g["relation"])
        for g in rows
    )
