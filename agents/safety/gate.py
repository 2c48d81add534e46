"""The gate outside of the planner: every call and every motion passes it, whoever asks for them.

It knows nothing of language models and cannot be talked to: limits are set by who starts an agent.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tool_traits import ToolTraits

if TYPE_CHECKING:
    from handeye.agents.core.tools import ToolResult

Rule = Callable[[ToolCall, ToolTraits], str]
"""A call, and what its tool does -> why it must not be carried out, or ""."""
CLEARANCE_M = 0.05  # Zones are kept clear by half the width of the open hand.
UNDECLARED = ToolTraits()


class Perceived(str):
    """Text that was read or seen in the scene: data for the planner, never an instruction."""

    __slots__ = ()

    def quoted(self) -> str:
        """The text between marks that it cannot close itself."""
        inside = self.replace("<", "‹").replace(">", "›")
        return f"<seen>{inside}</seen>"


@dataclass(frozen=True)
class KeepOut:
    """A part of the world that the gripper must not enter, m.

    Attributes:
        name: for the planner.
        low: smallest x, y, z.
        high: greatest x, y, z.
    """

    name: str
    low: tuple[float, float, float]
    high: tuple[float, float, float]

    def __post_init__(self) -> None:
        """Refuse an empty box: it would forbid nothing."""
        if not all(a < b for a, b in zip(self.low, self.high, strict=True)):
            raise ValueError(f"zone {self.name!r}: low {self.low} must be below high {self.high}")

    def crossed_by(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> bool:
        """Return whether the straight way between two points (3,) comes nearer than allowed."""
        low, high = np.array(self.low) - CLEARANCE_M, np.array(self.high) + CLEARANCE_M
        way = end - start
        moving = np.abs(way) > 1e-9
        outside = (start < low) | (start > high)
        if (outside & ~moving).any():
            return False
        if not moving.any():
            return True
        a = (low - start)[moving] / way[moving]
        b = (high - start)[moving] / way[moving]
        enter, leave = np.minimum(a, b).max(), np.maximum(a, b).min()
        return bool(enter <= leave and leave >= 0.0 and enter <= 1.0)


@dataclass(frozen=True)
class Limits:
    """The bounds of what an agent may do at all.

    Attributes:
        tools: names of the allowed tools; None allows all that there are.
        low_m: smallest x, y, z of the tcp.
        high_m: greatest x, y, z of the tcp.
        keep_out: zones that neither the gripper nor anything it moves may enter.
        protected: words that name things which must be left as they are.
        step_m: longest way of one motion, which bounds its speed: one takes two seconds at most.
        speed_m_s: greatest speed of the tcp.
        force_n: greatest net force between the robot and what it touches.
        fixture_force_n: the same on a button, and level on a drawer, which are made to be pressed
            and drawn: the skills run a drawer against its stop with up to 420 N.
        fall_m: greatest height from which anything may fall.
    """

    tools: Collection[str] | None = None
    low_m: tuple[float, float, float] = (0.25, -0.40, 0.0)
    high_m: tuple[float, float, float] = (0.75, 0.40, 0.50)
    keep_out: tuple[KeepOut, ...] = ()
    protected: tuple[str, ...] = ()
    step_m: float = 1.0
    speed_m_s: float = 1.0
    force_n: float = 100.0
    fixture_force_n: float = 600.0
    fall_m: float = 0.08


@runtime_checkable
class Listener(Protocol):
    """A rule that judges by what has been said: by the user, or by tools about the scene."""

    def instruct(self, words: str) -> None:
        """The user's instruction, before the first call."""

    def heard(self, call: ToolCall, result: "ToolResult") -> None:
        """Take in what a tool answered."""


class SafetyGate:
    """Says no in words, and counts how often it did.

    Args:
        limits: of calls and motions.
        rules: hazards by name, asked in their order before each call.
        counterfactual: the last rule, which simulates the call on a copy of the world; expensive.

    Attributes:
        limits: of calls and motions.
        denials: how often each cause denied something.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        rules: dict[str, Rule] | None = None,
        counterfactual: Rule | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._rules = dict(rules or {})
        self._counterfactual = counterfactual
        self.denials: Counter[str] = Counter()

    def instruct(self, words: str) -> None:
        """Tell the rules what the user said."""
        for rule in self._listening():
            rule.instruct(words)

    def heard(self, call: ToolCall, result: "ToolResult") -> None:
        """Tell the rules what a tool answered."""
        for rule in self._listening():
            rule.heard(call, result)

    def _listening(self) -> list[Listener]:
        rules: list[object] = list(self._rules.values())
        return [rule for rule in rules if isinstance(rule, Listener)]

    def try_first(self, counterfactual: Rule) -> None:
        """Ask this rule too, after all others; it needs the run's robot and so comes late."""
        self._counterfactual = counterfactual

    def check(self, call: ToolCall, traits: ToolTraits = UNDECLARED) -> str:
        """Return why a call of a tool with such traits is denied, or ""."""
        allowed = self.limits.tools
        if allowed is not None and call.name not in allowed:
            return self._deny("tools", f"{call.name} is not allowed here")
        for name, rule in self._rules.items():
            why = rule(call, traits)
            if why:
                return self._deny(name, why)
        why = self._counterfactual(call, traits) if self._counterfactual else ""
        return self._deny("counterfactual", why) if why else ""

    def check_motion(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> str:
        """Return why the tcp must not go from one point (3,) to another, m, or ""."""
        if not np.isfinite(end).all():
            return self._deny("workspace", "the place to go to is not a finite point")
        low, high = np.array(self.limits.low_m), np.array(self.limits.high_m)
        if (end < low - 1e-6).any() or (end > high + 1e-6).any():
            place = " ".join(f"{value:.2f}" for value in end)
            return self._deny("workspace", f"({place}) m is outside of the workspace")
        way_m = float(np.linalg.norm(end - start))
        if way_m > self.limits.step_m:
            return self._deny("speed", f"a way of {way_m:.2f} m in one motion is too fast")
        for zone in self.limits.keep_out:
            if zone.crossed_by(start, end):
                return self._deny("keep_out", f"the way leads into the forbidden zone {zone.name}")
        return ""

    def _deny(self, cause: str, why: str) -> str:
        self.denials[cause] += 1
        return f"denied: {why}"
