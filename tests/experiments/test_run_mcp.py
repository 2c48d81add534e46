"""`handeye mcp` as its users run it: a process of its own, driven by the official client."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from handeye.experiments.actors.agent_worlds import ROOMS_STEPS, TABLETOP_STEPS
from handeye.experiments.cli import main
from handeye.experiments.config import McpConfig
from handeye.experiments.run_mcp import driven_episode, print_judgements

DOCS = Path(__file__).parents[2] / "docs" / "mcp.md"
CLI = ["-m", "handeye.experiments.cli"]
WAIT_S = 120.0


def documented_arguments() -> list[str]:
    """Of the configuration that the docs tell clients to take."""
    written = DOCS.read_text().partition("```json\n")[2].partition("```")[0]
    server = json.loads(written)["mcpServers"]["handeye"]
    assert server["command"] == "handeye"
    return list(server["args"])


@asynccontextmanager
async def over_stdio() -> AsyncIterator[Client]:
    arguments = [*CLI, *documented_arguments()]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))
    async with Client(server, read_timeout_seconds=WAIT_S) as client:
        yield client


@asynccontextmanager
async def over_http() -> AsyncIterator[Client]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *CLI, *documented_arguments(), "--http", "127.0.0.1:0",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = (await process.stdout.readline()).decode().strip()
        async with Client(address, read_timeout_seconds=WAIT_S) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def call(client: Client, name: str, **arguments: Any) -> str:
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content
    return "\n".join(block.text for block in result.content if block.type == "text")


async def handle_of(client: Client, words: str) -> str:
    """The handle of the one thing that the words fit: "ok: #1 blue cylinder at ..."."""
    return (await call(client, "detect", words=words)).split()[1]


async def stack(client: Client) -> None:
    assert "blue cylinder onto the blue block" in await call(client, "status")
    seen = await client.call_tool("look", {})
    assert [block.type for block in seen.content] == ["text", "image"]
    item = await handle_of(client, "blue cylinder")
    base = await handle_of(client, "blue block")
    wrong = await client.call_tool("place_on", {"base": base})
    assert wrong.is_error  # the hand is empty: told, and nothing is lost
    await call(client, "pick", target=item)
    await call(client, "place_on", base=base)
    assert "verdict: solved" in await call(client, "done", claim="success")


@pytest.mark.slow
@pytest.mark.parametrize(
    "connection", [over_stdio, pytest.param(over_http, marks=pytest.mark.heavy)]
)
def test_a_client_stacks_two_things(connection: Callable[[], Any]) -> None:
    async def drive(work: Callable[[Client], Awaitable[None]]) -> None:
        async with connection() as client:
            await work(client)

    asyncio.run(drive(stack))


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--http", "0.0.0.0:8000"], "can be reached from other machines"),
        (["--task", "stakc"], "stack"),
        (["--tools", "turth"], "truth"),
        (["--calls", "0"], "must be 1 or more"),
    ],
)
def test_mistakes_end_in_one_line(
    flags: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mcp", *flags]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error:")
    assert says in error
    assert error.count("\n") == 1


def test_how_episodes_ended_is_said_when_no_client_is_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    episode = driven_episode(McpConfig(task="reach"))
    assert "solved" not in episode.finish("success").reason
    episode.begin(1_000_001)
    episode.finish("cannot")
    print_judgements(episode)
    assert capsys.readouterr().err.splitlines() == [
        "seed 1000000: claimed success; the simulator's verdict: not solved",
        "seed 1000001: claimed cannot; the simulator's verdict: not solved",
    ]


@pytest.mark.parametrize(
    ("task", "steps"), [("rooms-long", ROOMS_STEPS), ("stack", TABLETOP_STEPS)]
)
def test_the_world_says_how_many_actions_an_episode_may_take(task: str, steps: int) -> None:
    assert f"0 of {steps} steps" in driven_episode(McpConfig(task=task)).summary()
