"""The agent: asks the planner, carries out its calls, and ends within its budget.

Agent.run -> Toolbox.call -> a tool -> a skill -> Robot.act -> env.step
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import gymnasium

from handeye.agents.core.conversation import ToolCall, Usage
from handeye.agents.core.planner import Done, Planner, Step
from handeye.agents.core.tools import Toolbox, ToolResult
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.robot import Robot

# A planner is told after so many equal results that it goes in circles; one more ends it.
SAME_RESULT = 3
Ending = Literal["claim", "environment", "calls", "tokens", "steps", "time", "mistakes", "loop"]
Equip = Callable[[Robot, SafetyGate], Toolbox]


@dataclass(frozen=True)
class Budget:
    """The budget of one instruction; the first part of it that is used up ends the run.

    Attributes:
        calls: of tools, those in vain included.
        tokens: in and out together.
        steps: of the environment.
        mistakes: of the model in a row: empty replies, refusals, malformed calls.
        wall_s: real seconds, looked at between calls; None: as long as it takes.
    """

    calls: int = 30
    tokens: int = 200_000
    steps: int = 120
    mistakes: int = 4
    wall_s: float | None = None


@dataclass(frozen=True)
class AgentResult:
    """The outcome of a run.

    Attributes:
        success: the environment's verdict.
        ended_by: "claim" (the planner said so), "environment", or what ran out.
        done: the planner's claim; None if it was never asked for one.
        calls: tool calls, mistakes included.
        failed_calls: those of them whose result was not ok.
        mistakes: calls that could not be carried out as written.
        denials: what the gate denied, by cause.
        tokens: in and out together.
        steps: of the environment.
        wall_s: real seconds.
        info: the environment's last.
    """

    success: bool
    ended_by: Ending
    done: Done | None
    calls: int
    failed_calls: int
    mistakes: int
    denials: dict[str, int]
    tokens: int
    steps: int
    wall_s: float
    info: dict[str, Any]


class Recorder(Protocol):
    """Is told of a run while it goes on: a `Transcript`, or a view of it."""

    def start(self, instruction: str, planner_id: str, seed: int) -> None:
        """The episode begins."""

    def step(self, step: Step, usage: Usage, planned_s: float, steps: int) -> None:
        """A call was carried out; tokens and the environment's steps count from the start."""

    def end(self, result: AgentResult) -> None:
        """It is over."""


@dataclass
class _Run:
    """One instruction in progress."""

    robot: Robot
    started_s: float
    history: list[Step] = field(default_factory=list)
    mistakes: int = 0
    mistakes_in_row: int = 0
    repeats: Counter[tuple[str, ...]] = field(default_factory=Counter)
    looping: bool = False


class Agent:
    """A planner with tools and a budget.

    Args:
        planner: says what to do next.
        equip: makes the tools for a robot; every call of them passes the gate.
        make_gate: a gate for each run.
        budget: for each instruction.
    """

    def __init__(
        self,
        planner: Planner,
        equip: Equip,
        *,
        make_gate: Callable[[], SafetyGate] = SafetyGate,
        budget: Budget | None = None,
    ) -> None:
        self.planner, self._equip, self._make_gate = planner, equip, make_gate
        self.budget = budget or Budget()

    def run(
        self,
        env: gymnasium.Env[Any, Any],
        instruction: str | None = None,
        *,
        seed: int,
        options: dict[str, Any] | None = None,
        recorder: Recorder | None = None,
    ) -> AgentResult:
        """Carry out one instruction.

        Args:
            env: an environment of this project.
            instruction: told to the planner instead of the episode's own; the goal stays.
            seed: of the episode and of the model's sampling.
            options: for `env.reset`.
            recorder: is told of everything.

        Raises:
            LanguageModelError: the planner's model could not be asked.
        """
        gate = self._make_gate()
        robot = Robot(env, max_steps=self.budget.steps, guard=gate.check_motion)
        words = robot.reset(seed, options)
        words = words if instruction is None else instruction
        gate.instruct(words)
        toolbox = self._equip(robot, gate)
        self.planner.reset(words, toolbox.specs, seed)
        run = _Run(robot, time.perf_counter())
        if recorder:
            recorder.start(words, self.planner.planner_id, seed)
        ending, done = self._until_done(run, toolbox, recorder)
        said = done or Done("failure")  # out of budget is no claim of success
        info = dict(robot.finish(said.answer, said.claim))
        result = self._result(run, ending, done, gate, info)
        if recorder:
            recorder.end(result)
        return result

    def _until_done(
        self, run: _Run, toolbox: Toolbox, recorder: Recorder | None
    ) -> tuple[Ending, Done | None]:
        """Call after call; each passes one of the bounds of `_ending` nearer to its end."""
        while True:
            ending = self._ending(run)
            if ending is not None:
                return ending, None
            asked_s = time.perf_counter()
            decision = self.planner.next_call(run.history)
            planned_s = time.perf_counter() - asked_s
            if isinstance(decision, Done):
                return "claim", decision
            before = run.robot.steps
            mistake = toolbox.mistake_in(decision)
            run.mistakes_in_row = run.mistakes_in_row + 1 if mistake else 0
            run.mistakes += bool(mistake)
            result = _warned(run, decision, toolbox.call(decision), before)
            run.history.append(Step(decision, result))
            if recorder:
                recorder.step(run.history[-1], self.planner.usage, planned_s, run.robot.steps)

    def _ending(self, run: _Run) -> Ending | None:
        """Return which bound has been reached, if any."""
        budget, spent = self.budget, self.planner.usage
        wall_s = time.perf_counter() - run.started_s
        if run.robot.ended:
            return "steps" if run.robot.ended == "steps" else "environment"
        if run.mistakes_in_row >= budget.mistakes:
            return "mistakes"
        if run.looping:
            return "loop"
        if len(run.history) >= budget.calls:
            return "calls"
        if spent.input_tokens + spent.output_tokens >= budget.tokens:
            return "tokens"
        return "time" if budget.wall_s is not None and wall_s >= budget.wall_s else None

    def _result(
        self, run: _Run, ending: Ending, done: Done | None, gate: SafetyGate, info: dict[str, Any]
    ) -> AgentResult:
        spent = self.planner.usage
        return AgentResult(
            success=bool(info["is_success"]),
            ended_by=ending,
            done=done,
            calls=len(run.history),
            failed_calls=sum(not step.result.ok for step in run.history),
            mistakes=run.mistakes,
            denials=dict(gate.denials),
            tokens=spent.input_tokens + spent.output_tokens,
            steps=run.robot.steps,
            wall_s=time.perf_counter() - run.started_s,
            info=info,
        )


def _warned(run: _Run, call: ToolCall, result: ToolResult, before: int) -> ToolResult:
    """The result, with a warning if the same call has led to it again and again.

    Only another call that moved the robot with success is progress and starts the count anew.
    """
    key = (call.name, repr(sorted(call.arguments.items())), str(result.ok), result.reason)
    if result.ok and run.robot.steps > before and key not in run.repeats:
        run.repeats.clear()
    run.repeats[key] += 1
    run.looping = run.repeats[key] > SAME_RESULT
    if run.repeats[key] < SAME_RESULT:
        return result
    warning = f" (the same call has had the same result {SAME_RESULT} times: do something else)"
    return replace(result, reason=result.reason + warning)
