"""Agents: a planner, the closed list of tools that it may call, and a gate in front of every call.

`agent` is the loop, `driven_episode` and `mcp_server` let somebody outside call the tools,
`transcript` keeps a run and `load_language_model` makes a model from one line. What an agent does
reaches the world through observations and actions only: nothing here imports the simulation.

The wings, each importing only those above it in this list:

    core             conversations, tools, planners: the protocols, and what histories tell
    language_models  servers and local models behind one protocol, retried and recorded
    sight            what finds objects in frames
    safety           the gate and its rules
    sandbox          interpreters of the programs that models write
    tools            the tools of both worlds and the skills behind them
    planners         ways to plan, from patterns to language models
    embedded         the language model that comes with handeye
"""

__all__ = ["agent", "driven_episode", "load_language_model", "mcp_server", "transcript"]
