"""The robot in one episode: it counts steps and asks the gate before every motion.

Knows no simulator: an environment is its observations (keys of the contract) and `step`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import gymnasium
import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.tools import CannotDo
from handeye.policies.policy import Claim

ARM_MODE, BASE_MODE = "ee_pose", "base_discrete"
TCP = slice(7, 13)  # The slice of the arm's proprio with x y z (m) and roll pitch yaw (rad).
GRIPPER = 13  # The entry of proprio with the gripper's width (m).
SHUT = -0.9  # A gripper command below this closes the hand.

StepHook = Callable[[Mapping[str, Any]], None]
Guard = Callable[[NDArray[np.float64], NDArray[np.float64]], str]
"""(tcp (3,) now, tcp (3,) wanted), m -> why the motion must not be made, "" if it may."""
End = Literal["", "success", "failure", "limit", "steps"]


class Robot:
    """One episode: the latest observation, and the only way to act.

    Args:
        env: of this project, in the action mode "ee_pose" or "base_discrete".
        max_steps: actions it may take, whatever the environment allows.
        guard: asked before every motion of an arm.
        on_step: called with each new observation, for films.

    Attributes:
        observation: the latest.
        info: the environment's latest; skills and tools do not read it.
        steps: actions so far.
        closes: whether the last motion closed the hand.
        ended: "" while the episode goes on, then who ended it: the environment by "success",
            "failure" or its own "limit", or the robot having used up its "steps".
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        *,
        max_steps: int = 200,
        guard: Guard | None = None,
        on_step: Sequence[StepHook] = (),
    ) -> None:
        self.mode: str = env.get_wrapper_attr("action_mode")
        if self.mode not in (ARM_MODE, BASE_MODE):
            raise ValueError(
                f"skills act in {ARM_MODE!r} or {BASE_MODE!r}, the environment takes "
                f"{self.mode!r}; make it with one of those"
            )
        self._env, self._max_steps, self._guard = env, max_steps, guard
        self._on_step = list(on_step)
        self.observation: Mapping[str, Any] = {}
        self.info: Mapping[str, Any] = {}
        self.steps, self.closes = 0, False
        self.ended: End = "limit"  # until the first reset

    def reset(self, seed: int, options: dict[str, Any] | None = None) -> str:
        """Start an episode; its instruction."""
        options = {**(options or {}), "can_terminate": True}
        self.observation, self.info = self._env.reset(seed=seed, options=options)
        self.steps, self.closes, self.ended = 0, False, ""
        for hook in self._on_step:
            hook(self.observation)
        return str(self.observation["instruction"])

    def shadow(self, env: gymnasium.Env[Any, Any], guard: Guard | None = None) -> "Robot":
        """The same robot in a copy of the environment: what it does there is only tried out."""
        twin = Robot(env, max_steps=self._max_steps, guard=guard)
        twin.observation, twin.info = env.get_wrapper_attr("observe")(), self.info
        twin.steps, twin.closes, twin.ended = self.steps, self.closes, self.ended
        return twin

    @property
    def tcp(self) -> NDArray[np.float64]:
        """Return the felt pose of the point between the fingertips: x y z m, roll pitch yaw rad."""
        return np.asarray(self.observation["proprio"][TCP], np.float64)

    @property
    def gripper_m(self) -> float:
        """Gap between the fingers, 0 to 0.08."""
        return float(self.observation["proprio"][GRIPPER])

    def move_to(self, x: float, y: float, z: float, yaw: float, gripper: float) -> None:
        """Go to a waypoint with the gripper down, then set the gripper (-1 closed to +1 open).

        Raises:
            CannotDo: the guard forbids it, or the episode is over.
        """
        goal = np.array([x, y, z])
        why_not = self._guard(self.tcp[:3], goal) if self._guard else ""
        if why_not:
            raise CannotDo(why_not, "denied")
        self.act(np.array([x, y, z, 0.0, 0.0, yaw, gripper], np.float32))

    def act(self, action: NDArray[Any]) -> None:
        """One action of the environment's mode.

        Raises:
            CannotDo: the episode is over.
        """
        self.require_going_on()
        self.observation, _, terminated, truncated, self.info = self._env.step(action)
        self.steps += 1
        self.closes = self.mode == ARM_MODE and float(action[-1]) < SHUT
        if terminated or truncated:
            ending: End = "failure" if terminated else "limit"
            self.ended = "success" if self.info["is_success"] else ending
        elif self.steps >= self._max_steps:
            self.ended = "steps"
        for hook in self._on_step:
            hook(self.observation)

    def require_going_on(self) -> None:
        """CannotDo if the episode is over."""
        if self.ended:
            raise CannotDo(f"the episode is over ({self.ended}); nothing moves any more", "over")

    def ask(self, question: str) -> str:
        """Return what the user answers, if there is one; a question takes a step.

        Raises:
            CannotDo: there is none, or the episode is over.
        """
        if not self._env.has_wrapper_attr("ask"):
            raise CannotDo("there is no user here to be asked; decide from the instruction")
        self.require_going_on()
        answer = str(self._env.get_wrapper_attr("ask")(question))
        self.steps += 1
        if self._env.has_wrapper_attr("verdict") and (
            info := self._env.get_wrapper_attr("verdict")()
        ):
            self.info, self.ended = info, "limit"
        elif self.steps >= self._max_steps:
            self.ended = "steps"
        return answer

    def finish(self, answer: str = "", claim: Claim = "success") -> Mapping[str, Any]:
        """End the episode as far as it has not ended itself; the last info."""
        if self.ended in ("", "steps"):
            self.info = self._env.get_wrapper_attr("finish")(answer, claim)
            self.ended = self.ended or "limit"
        return self.info
