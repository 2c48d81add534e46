"""What the Model Context Protocol adds to a call of a tool, over stdin and stdout and over HTTP."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import numpy as np
from mcp import Client, StdioServerParameters

from handeye.agents.core.conversation import ToolCall
from handeye.experiments.bench.measurement import Measurement
from handeye.experiments.config import McpConfig
from handeye.experiments.run_mcp import driven_episode

Connect = Callable[[], AbstractAsyncContextManager[Client]]
TASK = "stack"
LIMIT_MS = 5.0
WARM_UP = 5
COMMAND = ["-m", "handeye.experiments.cli", "mcp", "--task", TASK, "--calls", "1000000"]
TOLD, SHOWN = "status", "look"  # a call that answers in words, and one with a picture


@asynccontextmanager
async def over_stdio() -> AsyncIterator[Client]:
    """A client of a server that it started itself."""
    server = StdioServerParameters(command=sys.executable, args=COMMAND, env=dict(os.environ))
    async with Client(server) as client:
        yield client


@asynccontextmanager
async def over_http() -> AsyncIterator[Client]:
    """A client of a server that listens on this machine."""
    command = [sys.executable, *COMMAND, "--http", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            async with Client(process.stdout.readline().strip()) as client:
                yield client
        finally:
            process.terminate()


def measure_mcp(calls: int) -> list[Measurement]:
    """Milliseconds that each transport adds to the same call in this process, medians."""
    return [
        asyncio.run(measure_transport(name, connect, calls))
        for name, connect in (("stdio", over_stdio), ("http", over_http))
    ]


async def measure_transport(name: str, connect: Connect, calls: int) -> Measurement:
    """One transport; its calls and those in this process take turns."""
    episode = driven_episode(McpConfig(task=TASK, calls=1_000_000))
    taken: dict[str, list[float]] = {}

    def note(what: str, started: float) -> None:
        """Keep the milliseconds since `started`."""
        taken.setdefault(what, []).append(1e3 * (time.perf_counter() - started))

    async with connect() as client:
        await client.list_tools()
        for _ in range(WARM_UP + calls):
            for tool in (TOLD, SHOWN):
                started = time.perf_counter()
                episode.call(ToolCall(tool, {}, ""))
                note(f"{tool} here", started)
                started = time.perf_counter()
                await client.call_tool(tool, {})
                note(f"{tool} there", started)
    ms = {what: float(np.median(times[WARM_UP:])) for what, times in taken.items()}
    added = {tool: ms[f"{tool} there"] - ms[f"{tool} here"] for tool in (TOLD, SHOWN)}
    return Measurement.of_costs(
        f"mcp_{name}_ms",
        added[TOLD],
        LIMIT_MS,
        "ms",
        f"what a call over MCP by {name} takes beyond the same call in this process; and 5 ms",
        with_picture_ms=added[SHOWN],
        in_process_ms=ms[f"{TOLD} here"],
        in_process_with_picture_ms=ms[f"{SHOWN} here"],
    )
