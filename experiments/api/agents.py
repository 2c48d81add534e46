"""Agents with tools, made from a script."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from handeye.agents.agent import Agent, Budget
from handeye.agents.core.tools import Tool, ToolResult
from handeye.agents.load_language_model import load_language_model
from handeye.agents.safety.default_gate import cautious_gate
from handeye.base.names import look_up
from handeye.envs.core.base_env import InstructedEnv
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.actors.planner_registry import STYLES, Making, style_of

__all__ = ["Agent", "make_agent"]


def make_agent(
    task: str = "tabletop-core",
    *,
    planner: str = "intent",
    llm: str = "",
    tools: str = "eyes",
    split: str | None = None,
    calls: int = 30,
    foresee: bool = True,
    extra_tools: Sequence[Callable[..., ToolResult]] = (),
) -> tuple[Agent, InstructedEnv]:
    """Make an agent with tools, and the environment in which it acts.

    `agent.run(env, seed=1_000_000)` carries out the scene's own instruction, and
    `agent.run(env, "put the star in the bowl", seed=1_000_000)` your own.

    Args:
        task: a suite or task.
        planner: a planner style, see `handeye list`.
        llm: the language model that it asks; "" for the embedded one.
        tools: what finds things: "eyes", or "truth", an oracle.
        split: how scenes and words differ from training; None for the world's usual one.
        calls: of tools at most.
        foresee: try each call on a copy of the world first and refuse what harms; twice the work.
        extra_tools: functions whose first parameter is what the tools of this world share
            (`TabletopContext` or `RoomsContext`); their docstrings are told to the planner.

    Raises:
        UnknownName: there is no such task, planner or kind of tools.
    """
    world = tool_set_of(task)
    usual = world.tools
    if extra_tools:
        world = replace(
            world,
            tools=lambda context: [
                *usual(context),
                *(Tool.of(function, context) for function in extra_tools),
            ],
        )
    asked = llm or look_up("planner style", planner, STYLES).own_model
    style, rng = style_of(planner, asked), np.random.default_rng(0)
    splits = {} if split is None else {"split": split}
    env: InstructedEnv = world.env(task, max_steps=world.steps, **splits)
    model = load_language_model(asked, rng) if style.asks else None
    equip = (
        world.equip_foreseeing(tools, env) if foresee else world.equip(world.perception(tools, env))
    )
    agent = Agent(
        style.build(Making(model, rng, env)),
        equip,
        make_gate=cautious_gate,
        budget=Budget(calls=calls, steps=world.steps),
    )
    return agent, env
