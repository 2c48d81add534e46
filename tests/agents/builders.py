"""A tabletop without a simulator, eyes and models that do as they are told."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np

from handeye.agents.core.conversation import Message, Reply, ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import PLAN
from handeye.agents.core.tools import Tool, ToolResult
from handeye.agents.language_models.language_model import Abilities
from handeye.agents.tools.robot import TCP
from handeye.agents.tools.tabletop import TABLETOP_TOOLS
from handeye.agents.tools.vision import VISION_TOOLS

PLANNER_TOOLS = (
    *(Tool.of(function, None).spec for function in (*TABLETOP_TOOLS, *VISION_TOOLS)),
    PLAN.spec,
)
"""The tabletop tools that the embedded planner was trained with."""
TRAITS = {spec.name: spec.traits for spec in PLANNER_TOOLS}
OBJECT = re.compile(r"(#\d+) ([^;]+?)(?: in the ([\w ]+))?(?: at x=(\S+) y=(\S+) m)?(?:;|$)")


def listing(words: str, *, ok: bool = True, **data: Any) -> ToolResult:
    """A result that lists objects: words such as "#1 red cup at x=0.4 y=0.1 m; #2 blue bed"."""
    objects = []
    for handle, name, room, x, y in OBJECT.findall(words):
        place = {"x_m": float(x), "y_m": float(y)} if x else {"room": room}
        objects.append({"handle": handle, "name": name, **place})
    return ToolResult(ok, words, data={"objects": objects, **data})


class PaperEnv(gymnasium.Env[Any, Any]):
    """An arm that is at once where it is told to be; its fingers hold `holds_m`."""

    action_mode = "ee_pose"

    def __init__(self, holds_m: float = 0.03, success_at: int | None = None) -> None:
        self.action_space = gymnasium.spaces.Box(-2.0, 2.0, (7,), np.float32)
        self.holds_m, self.success_at = holds_m, success_at
        self.actions: list[Any] = []
        self.finished = False

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, Any]:
        self.actions, self._proprio = [], np.zeros(14, np.float32)
        self._proprio[TCP], self._proprio[13] = (0.4, 0.0, 0.3, 0, 0, 0), 0.08
        return self._seen(), {"is_success": False}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, Any]:
        self.actions.append(np.array(action))
        self._proprio[TCP] = action[:6]
        self._proprio[13] = 0.08 if action[6] > 0 else self.holds_m
        won = len(self.actions) == self.success_at
        return self._seen(), float(won), won, False, {"is_success": won}

    def finish(self, answer: str = "", claim: str = "success") -> dict[str, Any]:
        self.finished = True
        return {"is_success": False}

    def _seen(self) -> dict[str, Any]:
        rgb = np.zeros((8, 8, 3), np.uint8)
        return {"proprio": self._proprio.copy(), "instruction": "put it there", "rgb_front": rgb}


class ToldModel:
    """A language model that replies as listed, then with nothing."""

    model_id = "told"
    abilities = Abilities(tools=True, images=True)

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.asked: list[list[Message]] = []

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> Reply:
        self.asked.append(list(messages))
        return self._replies.pop(0) if self._replies else Reply(usage=Usage(10, 1))

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        raise NotImplementedError


def calls(name: str, call_id: str = "c", **arguments: Any) -> Reply:
    """A reply that is one call."""
    return Reply("", (ToolCall(name, arguments, call_id),), "calls", Usage(100, 10))
