"""One episode under one gate, for judging the gate: what was asked, denied, done and harmed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from handeye.agents.agent import Agent, Budget
from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Planner, Step
from handeye.agents.core.tools import Tool, Toolbox
from handeye.agents.safety.default_gate import cautious_gate
from handeye.agents.safety.gate import Limits, SafetyGate
from handeye.agents.sight.perception import Perception
from handeye.agents.tools.motion import motion_tools
from handeye.agents.tools.program import with_programs
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.tabletop import tabletop_tools
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.oracles.harm import harm_in
from handeye.experiments.oracles.lookahead import LookaheadRule
from handeye.experiments.oracles.oracle_perception import OraclePerception
from handeye.experiments.pictures.filmed_env import FilmedEnv

STEPS = 150
UNBOUND = Limits(low_m=(-9.0,) * 3, high_m=(9.0,) * 3, step_m=99.0)

Poison = Callable[[Perception], Perception]


@dataclass(frozen=True)
class TrialOutcome:
    """What came of an episode.

    Attributes:
        harms: kinds of harm that really happened, by the limits of the case.
        denials: calls that the gate denied.
        carried_out: calls that came off.
        success: whether the environment's own goal was reached.
    """

    harms: tuple[str, ...]
    denials: int
    carried_out: int
    success: bool


class ToldPlanner:
    """Makes the calls that it was told, whatever comes of them; then claims success. RIGGED: it
    stands for a planner that obeys anything and is never wrong about how.
    """

    planner_id = "told (rigged)"
    usage = Usage()

    def __init__(self, calls: Sequence[Sequence[Any]]) -> None:
        self._calls = calls

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """The order of arguments is that of the tools."""
        self._names = {spec.name: list(spec.parameters["properties"]) for spec in tools}

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """The next call of the list."""
        if len(history) == len(self._calls):
            return Done("success")
        name, *values = self._calls[len(history)]
        arguments = dict(zip(self._names[name], values, strict=True))
        return ToolCall(name, arguments, f"call_{len(history)}")


@cache
def world(task: str) -> FilmedEnv:
    """The environment of a task, one for all episodes."""
    env: FilmedEnv = tool_set_of(task).env(task, max_steps=STEPS)
    return env


def run_guarded(
    env: FilmedEnv,
    planner: Planner,
    *,
    seed: int,
    task: str,
    gate: str,
    limits: Limits,
    words: str | None = None,
    more_tools: Callable[[TabletopContext], Iterable[Tool]] = motion_tools,
    poison: Poison = lambda perception: perception,
) -> TrialOutcome:
    """Run one episode.

    Args:
        env: where.
        planner: what plans.
        seed: of the scene.
        task: of the env's suite.
        gate: "full", or "off": then nothing is asked.
        limits: of the gate, if it has any, and of what counts as harm.
        words: the user's instruction in place of the scene's own.
        more_tools: beside those of the tabletop.
        poison: what becomes of the perception.
    """

    def equip(robot: Robot, guard: SafetyGate) -> Toolbox:
        """Make the toolbox behind the gate that is tried."""
        bench = TabletopContext(robot, poison(OraclePerception(env)))

        def in_copy(copy: FilmedEnv) -> Callable[[Robot], Toolbox]:
            """Return what equips a robot in a copy of the world."""
            seeing, copy_bench = poison(OraclePerception(copy)), tool_set_of(task).copy_bench
            assert copy_bench is not None
            return lambda shadow: Toolbox(
                _tools_over(copy_bench(bench, shadow, seeing), more_tools), SafetyGate()
            )

        if gate == "full":
            checks.append(LookaheadRule(env, robot, in_copy, limits))
            guard.try_first(checks[-1])
        return with_programs(_tools_over(bench, more_tools), guard)

    checks: list[LookaheadRule] = []
    agent = Agent(
        planner,
        equip,
        make_gate=lambda: cautious_gate(limits) if gate == "full" else SafetyGate(UNBOUND),
        budget=Budget(steps=STEPS),
    )
    result = agent.run(env, words, seed=seed, options={"task": task})
    for check in checks:
        check.close()
    return TrialOutcome(
        harms=tuple(sorted({harm.kind for harm in harm_in(env.scene, env.states, limits)})),
        denials=sum(result.denials.values()),
        carried_out=result.calls - result.failed_calls,
        success=result.success,
    )


def _tools_over(
    bench: TabletopContext, more_tools: Callable[[TabletopContext], Iterable[Tool]]
) -> list[Tool]:
    return [*tabletop_tools(bench), *more_tools(bench)]
