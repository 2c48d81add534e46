"""Record one episode: the oracle drives, noise disturbs, every state is labelled for several goals.

The oracle's label is stored beside the disturbed action, so a learner sees states off the expert's
path together with the way back (DART, Laskey et al. 2017), and the same state under several
instructions, so that only the words tell what to do.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.core.episode import RecordedEpisode, Run
from handeye.envs.core.oracle_action import OracleAction
from handeye.envs.rooms.scene.mobile_base import FORWARD, RIGHT
from handeye.envs.tabletop.world.arm import ACTION_MODES
from handeye.experiments.records.provenance import commit_id

PARAPHRASES = 4
NOISE_SD = {
    "ee_pose": np.array([0.015, 0.015, 0.010, 0.0, 0.0, 0.20, 0.0]),
    "ee_delta": np.array([0.3, 0.3, 0.3, 0.0, 0.0, 0.3, 0.0]),
    "base_velocity": np.array([0.3, 0.4]),
}
NOISY_ACTIONS = 0.30  # share of actions with Gaussian noise
STRAY_ACTIONS = 0.05  # share replaced by a random pose above the table
FLIPPED_GRIPPER = 0.03  # share that open or close against the plan: drops and false grasps
STRAY_LOW, STRAY_HIGH = (0.36, -0.20, 0.10), (0.66, 0.20, 0.30)
WRONG_MOVES = 0.12  # share of discrete actions of the base that are replaced by any other move
ONE_GOAL_MODES = ("ee_delta",)  # whose oracle commits to the way to one goal
STREAM = 7  # keeps this generator apart from the environment's own


class EpisodeRecording:
    """The run of an episode that has just been reset, labelled for several goals as it goes.

    Args:
        env: in its first state.
        chosen: indices of its goals; the first is the one pursued.
    """

    def __init__(self, env: InstructedEnv, chosen: list[int]) -> None:
        self._env, self._chosen = env, chosen
        self._experts = [env.oracle_action, *(env.expert(goal) for goal in chosen[1:])]
        self._states: list[Any] = []
        self._proprio: list[NDArray[np.float32]] = []
        self._labels: list[list[OracleAction]] = []
        self.actions: list[Any] = []

    def note(self) -> OracleAction:
        """Keep the state now; the expert's label for the pursued goal."""
        self._states.append(self._env.state)
        self._proprio.append(self._env.observe(render=False)["proprio"])
        self._labels.append([expert() for expert in self._experts])
        return self._labels[-1][0]

    def episode(self, info: dict[str, Any]) -> RecordedEpisode[Any, Any]:
        """What was recorded; `info` is the episode's last."""
        env = self._env
        words = [
            tuple(dict.fromkeys(env.words_for(goal, v) for v in range(PARAPHRASES)))
            for goal in self._chosen
        ]
        labels = [list(row) for row in zip(*self._labels, strict=True)]
        run = Run(
            self._chosen, words, self._states, self._proprio, self.actions, labels, info,
            {"commit": commit_id()},
        )  # fmt: skip
        return env.episode_of(run)


def record_episode(
    env: InstructedEnv, task: str, seed: int, *, goals: int = 4, noise: float = 1.0
) -> RecordedEpisode[Any, Any]:
    """Drive the oracle through one episode.

    Args:
        env: an environment without cameras is enough.
        task: name of one of its tasks.
        seed: of the episode.
        goals: how many of the scene's goals label each state (one for `ONE_GOAL_MODES`).
        noise: strength of the disturbances; 0 gives the expert's own path.
    """
    env.reset(seed=seed, options={"task": task, "can_terminate": True})
    rng = np.random.default_rng([seed, STREAM])
    chosen = _choose_goals(env, rng, 1 if env.action_mode in ONE_GOAL_MODES else goals)
    recording = EpisodeRecording(env, chosen)
    while True:
        label = recording.note()
        if label.done:
            info = env.finish(label.answer, label.claim)
            break
        action = _disturb(label.values, env.action_mode, rng, noise)
        _, _, terminated, truncated, info = env.step(action)
        recording.actions.append(action)
        if terminated or truncated:
            recording.note()
            break
    return recording.episode(info)


def _choose_goals(env: InstructedEnv, rng: np.random.Generator, count: int) -> list[int]:
    """The pursued goal, then others; first up to half of them with the same object to move.

    Where the object in hand goes to is said by such goals alone: the others say "let go of it".
    """
    pursued = env.goals[env.goal_index].referred[:1]
    order = [int(g) for g in rng.permutation(len(env.goals)) if g != env.goal_index]
    siblings = [g for g in order if pursued and env.goals[g].referred[:1] == pursued]
    siblings = siblings[: count // 2]
    rest = [g for g in order if g not in siblings]
    return [env.goal_index, *siblings, *rest][:count]


def _disturb(
    label: NDArray[Any], mode: str, rng: np.random.Generator, strength: float
) -> NDArray[Any]:
    if mode == "base_discrete":
        return _other_move(label, rng, strength)
    noisy, stray, flip = rng.random(3)
    jolt = rng.normal(size=label.shape) * NOISE_SD[mode]
    elsewhere = rng.uniform(STRAY_LOW, STRAY_HIGH)
    action = label.astype(np.float64)
    if noisy < NOISY_ACTIONS * strength:
        action += jolt
    if mode == "base_velocity":
        return np.clip(action, -1.0, 1.0).astype(np.float32)
    if mode == "ee_pose" and stray < STRAY_ACTIONS * strength:
        action[:3] = elsewhere
    if flip < FLIPPED_GRIPPER * strength:
        action[6] = -action[6]
    return np.clip(action, ACTION_MODES[mode].low, ACTION_MODES[mode].high).astype(np.float32)


def _other_move(
    label: NDArray[Any], rng: np.random.Generator, strength: float
) -> NDArray[np.int64]:
    wrong, move = rng.random(), rng.integers(FORWARD, RIGHT + 1)
    return np.array(move if wrong < WRONG_MOVES * strength else label, np.int64)
