"""`handeye mcp`: let any client of the Model Context Protocol see and drive a simulated robot.

Over stdin and stdout, where nothing but the protocol is printed, or over HTTP on this machine.
"""

import sys
from importlib.util import find_spec

from handeye.agents.agent import Budget
from handeye.agents.driven_episode import DrivenEpisode
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.config import McpConfig


def run(config: McpConfig) -> int:
    """Serve until the client leaves or Ctrl-C; exit code 0."""
    if find_spec("mcp") is None:
        raise ModuleNotFoundError("the package mcp is missing: pip install 'handeye[mcp]'")
    from handeye.agents import mcp_server  # needs the extra, which this command alone asks for

    listener = mcp_server.listen(config.http) if config.http else None
    episode = driven_episode(config)
    try:
        if listener is None:
            mcp_server.serve_stdio(episode)
        else:
            with listener:
                print(mcp_server.address_of(listener), flush=True)
                mcp_server.serve_http(episode, listener)
    finally:
        print_judgements(episode)
    return 0


def print_judgements(episode: DrivenEpisode) -> None:
    """Say on stderr how every judged episode ended; no client is there any more."""
    for judgement in episode.judgements:
        print(f"seed {judgement.seed}: {judgement}", file=sys.stderr)


def driven_episode(config: McpConfig) -> DrivenEpisode:
    """The first episode, ready to be driven.

    Raises:
        ValueError: a budget below 1, or there is no such task or perception.
    """
    tool_set = tool_set_of(config.task)
    steps = tool_set.steps if config.steps is None else config.steps
    if min(config.calls, steps) < 1 or config.seed < 0:
        raise ValueError("--calls and --steps must be 1 or more, --seed 0 or more.")
    env = tool_set.env(config.task, max_steps=steps)
    equip = tool_set.equip(tool_set.perception(config.tools, env))
    budget = Budget(calls=config.calls, steps=steps)
    return DrivenEpisode(env, equip, budget=budget, seed=config.seed, verdict=config.verdict)
