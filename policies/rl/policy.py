"""A policy trained by reinforcement with stable-baselines3, on state observations.

It reads where things are instead of looking, so it is a reference for what the arm can do, not an
answer to the instruction; `PointGoalPolicy` is the one that looks and reads. A run folder holds
`model.zip` (stable-baselines3's own format, good for its `evaluate_policy` too) and
`rl_policy.json` (what the model's inputs and outputs mean).

Reading `model.zip` unpickles, which runs code: load only folders of your own runs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from handeye.base.json_reader import check_shape
from handeye.policies.checkpoint_content import read_json_object
from handeye.policies.policy import Action
from handeye.policies.rl.point_goal_policy import PointGoalPolicy
from handeye.policies.tokens.action_tokenizer import DISCRETE_MODE

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm

Algorithm = Literal["ppo", "sac"]
MODEL_FILE, CARD_FILE = "model.zip", "rl_policy.json"
STATE_KEYS = ("observation", "achieved_goal", "desired_goal")
GRIPPER = 6


class StateReader(Protocol):
    """Gives the goal-conditioned observation of one environment (`envs.state_wrapper.GoalView`)."""

    @property
    def task(self) -> str:
        """Name of the environment's task."""

    def begin(self) -> None:
        """An episode has just begun."""

    def observe(self) -> Mapping[str, NDArray[np.float64]]:
        """`STATE_KEYS` now."""


@dataclass(frozen=True)
class RLCard:
    """Meaning of a model's inputs and outputs.

    Attributes:
        algorithm: "ppo" (arXiv:1707.06347) or "sac" (arXiv:1801.01290, with HER).
        task: the task it was trained on, the only one it can do.
        action_mode: of the environment it drives.
        controls: entries of the (7,) action that the model's (C,) output sets; empty where the
            output is a discrete action.
        seed: of the training run.
        steps: environment steps it was trained for.
    """

    algorithm: Algorithm
    task: str
    action_mode: str
    controls: tuple[int, ...]
    seed: int
    steps: int

    def to_json(self) -> str:
        """The text of `rl_policy.json`."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def read(cls, folder: Path) -> "RLCard":
        """Read `rl_policy.json`.

        Raises:
            ValueError: it is missing, damaged or of another version.
        """
        path = folder / CARD_FILE
        try:
            fields = read_json_object(path)
            check_shape(fields, cls, "it")
        except ValueError as error:
            raise ValueError(f"{path} is no card of an RL policy ({error}). Train anew.") from error
        return cls(**{**fields, "controls": tuple(fields["controls"])})


class RLPolicy:
    """A stable-baselines3 model behind the policy protocol; deterministic.

    Args:
        model: the trained algorithm.
        card: what its inputs and outputs mean.
        reader: where it reads the state; None: the observation itself holds `STATE_KEYS`.
    """

    can_terminate = False

    def __init__(
        self, model: "BaseAlgorithm", card: RLCard, reader: StateReader | None = None
    ) -> None:
        self.model, self.card, self.reader = model, card, reader
        self.policy_id = f"{card.algorithm}-{card.task}"
        self.action_mode: str | None = card.action_mode

    def reading(self, reader: StateReader) -> "RLPolicy":
        """The same policy for the environment behind `reader`.

        Raises:
            ValueError: that environment is of another task.
        """
        if reader.task != self.card.task:
            raise ValueError(
                f"this policy was trained on {self.card.task!r} and cannot do {reader.task!r}. "
                f"Use --suite {self.card.task}."
            )
        return RLPolicy(self.model, self.card, reader)

    def reset(self, instruction: str, seed: int) -> None:
        """Begin an episode; the words are not read."""
        if self.reader is not None:
            self.reader.begin()

    def act(self, observation: Mapping[str, Any]) -> Action:
        """The mean action for the state."""
        state = observation if self.reader is None else self.reader.observe()
        if missing := [key for key in STATE_KEYS if key not in state]:
            raise ValueError(f"an RL policy needs the state observation; {missing} are missing")
        output, _ = self.model.predict({k: state[k] for k in STATE_KEYS}, deterministic=True)
        return Action(expand_controls(np.asarray(output, np.float32), self.card.controls))


def expand_controls(output: NDArray[np.float32], controls: Sequence[int]) -> NDArray[np.float32]:
    """(C,) controls -> (7,) action; what is not controlled stays 0, the gripper open."""
    full = np.zeros(7, np.float32)
    full[GRIPPER] = 1.0
    full[list(controls)] = output
    return full


def is_rl_folder(folder: Path) -> bool:
    """Return whether a folder claims to hold an RL policy."""
    return (folder / CARD_FILE).exists()


def load_rl_policy(folder: Path) -> RLPolicy | PointGoalPolicy:
    """Load a run folder of `handeye train-rl`; it unpickles, see the module.

    Raises:
        FileNotFoundError: the model is missing.
        ValueError: the card or the model is damaged.
    """
    card = RLCard.read(folder)
    path = folder / MODEL_FILE
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing. Train again, or copy the whole run folder.")
    from stable_baselines3 import PPO, SAC

    algorithm: Any = {"ppo": PPO, "sac": SAC}[card.algorithm]
    try:
        model = algorithm.load(path, device="cpu", custom_objects={"buffer_size": 1})
    except Exception as error:  # a zip can be damaged in as many ways as it has readers
        raise ValueError(f"{path} cannot be read ({error}). Train again.") from error
    if card.action_mode == DISCRETE_MODE:
        return PointGoalPolicy(model, card)
    return RLPolicy(model, card)
