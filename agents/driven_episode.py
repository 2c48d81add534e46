"""An episode driven from outside of this process, call by call (MCP, tests).

The tools are those that an agent has, behind the same gate and the same budget of calls and steps;
beside them stand `done`, `status` and `reset`, by which the other side ends, asks and begins. A
scene is judged once: whoever begins it again knows it already.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import gymnasium

from handeye.agents.agent import Budget, Equip
from handeye.agents.core.conversation import ToolCall, ToolSpec
from handeye.agents.core.planner import DONE
from handeye.agents.core.tool_arguments import unknown_tool
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import Tool, ToolResult
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.policies.policy import Claim

SEEDS = 2**31
ANOTHER = "reset with another seed for another one"
UNTOLD = "the simulator has judged; it tells its verdict where the server runs with --verdict"
CLAIMS = f"call {DONE.spec.name} to have it judged, or reset for another one"


class Judgement(NamedTuple):
    """The end of one episode: its seed, what was claimed, and whether it is a success."""

    seed: int
    claim: Claim
    solved: bool

    def __str__(self) -> str:
        return f"claimed {self.claim}; the simulator's verdict: {_said(self.solved)}"


class DrivenEpisode:
    """One episode at a time, driven from outside; calls must not overlap.

    Args:
        env: an environment of this project; nobody else may step it.
        equip: makes the tools for a robot; every call of them passes the gate.
        make_gate: a gate for each episode.
        budget: of each episode: its calls and steps.
        seed: of the first episode.
        verdict: tell the other side whether what it did is a success.

    Attributes:
        judgements: of all episodes that were ended by `finish`, the first time of each seed.
        instruction: of the episode.
        seed: of the episode.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        equip: Equip,
        *,
        make_gate: Callable[[], SafetyGate] = SafetyGate,
        budget: Budget | None = None,
        seed: int,
        verdict: bool = False,
    ) -> None:
        self._env, self._equip, self._make_gate = env, equip, make_gate
        self._budget, self._verdict = budget or Budget(), verdict
        self.judgements: list[Judgement] = []
        self._begun: set[int] = set()
        own = (Tool(DONE.spec, self.finish), Tool.of(self.status), Tool.of(self.reset))
        self._own = {tool.spec.name: tool for tool in own}
        self.begin(seed)

    def begin(self, seed: int) -> None:
        """Start an episode; the one before is over, judged or not."""
        gate = self._make_gate()
        self._robot = Robot(self._env, max_steps=self._budget.steps, guard=gate.check_motion)
        self.instruction, self.seed = self._robot.reset(seed), seed
        self._practice = seed in self._begun
        self._begun.add(seed)
        self._toolbox = self._equip(self._robot, gate)
        self._calls, self._judged = 0, ""

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools that can be called, `done`, `status` and `reset` among them."""
        return (*self._toolbox.specs, *(tool.spec for tool in self._own.values()))

    @property
    def observation(self) -> dict[str, Any]:
        """Return what the robot sees and feels now."""
        return dict(self._robot.observation)

    def call(self, call: ToolCall) -> ToolResult:
        """Carry out a call, or say in words why not."""
        own = self._own.get(call.name)
        if own is not None:
            problem = call.problem or own.mistake_in(call.arguments)
            return ToolResult(False, problem) if problem else own.function(**call.arguments)
        if call.name not in {spec.name for spec in self._toolbox.specs}:
            names = [spec.name for spec in self.specs]
            return ToolResult(False, unknown_tool(call.name, names))
        over = self._over()
        if over:
            return ToolResult(False, over)
        self._calls += 1
        return self._toolbox.call(call)

    def finish(self, claim: Claim, answer: str = "") -> ToolResult:
        """Let the environment judge; the verdict where it is told, in words."""
        if self._judged:
            return ToolResult(False, self._judged)
        solved = bool(self._robot.finish(answer, claim)["is_success"])
        if self._practice:
            self._judged = f"this episode is over, and was not judged; {ANOTHER}"
            return ToolResult(True, f"claimed {claim}; {self._unjudged()}")
        judgement = Judgement(self.seed, claim, solved)
        self.judgements.append(judgement)
        told = f": {_said(solved)}" if self._verdict else ""
        self._judged = f"this episode was judged{told}; {ANOTHER}"
        return ToolResult(True, str(judgement) if told else f"claimed {claim}; {UNTOLD}")

    def summary(self) -> str:
        """Instruction and what is left of the budget, in words."""
        budget, state = self._budget, self._over() or "going on"
        state += f"; {self._unjudged()}" if self._practice and not self._judged else ""
        return (
            f"Instruction: {self.instruction}\n"
            f"Episode {self.seed}: {state}; {self._calls} of {budget.calls} calls and "
            f"{self._robot.steps} of {budget.steps} steps used"
        )

    @ToolTraits(harmless=True)
    def status(self) -> ToolResult:
        """Say the instruction, and how many calls and steps are left."""
        return ToolResult(True, self.summary())

    @ToolTraits(harmless=True)
    def reset(self, seed: int) -> ToolResult:
        """Begin another episode: a new scene with a new instruction, which the answer tells.

        Args:
            seed: of the scene; the same seed gives the same scene, which is judged once.
        """
        if not 0 <= seed < SEEDS:
            return ToolResult(False, f"a seed is a whole number from 0 to {SEEDS - 1}")
        self.begin(seed)
        return ToolResult(True, self.summary())

    def _unjudged(self) -> str:
        return (
            f"seed {self.seed} was begun before in this session, so this is practice and not "
            "judged; reset with another seed to be judged"
        )

    def _over(self) -> str:
        """Return why no tool moves or sees any more, or ""."""
        if self._judged:
            return self._judged
        if self._robot.ended:
            return f"the episode is over ({self._robot.ended}); {CLAIMS}"
        if self._calls >= self._budget.calls:
            return f"all {self._budget.calls} calls of this episode are used up; {CLAIMS}"
        return ""


def _said(solved: bool) -> str:
    return "solved" if solved else "not solved"
