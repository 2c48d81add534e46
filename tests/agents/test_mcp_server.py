"""The protocol over one episode, spoken with the official client in this process."""

import asyncio
import base64
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import cv2
import numpy as np
import pytest
from mcp import Client, MCPError

from handeye.agents import mcp_server
from handeye.agents.agent import Budget
from handeye.agents.core.conversation import Image
from handeye.agents.core.tools import Tool, Toolbox, ToolResult
from handeye.agents.driven_episode import DrivenEpisode
from handeye.agents.mcp_server import RobotServer, address_of, http_server, listen
from handeye.agents.safety.gate import Perceived, SafetyGate
from handeye.agents.tools.robot import Robot
from tests.agents.builders import PaperEnv


def look(robot: Robot, words: str = "") -> ToolResult:
    """See the table.

    Args:
        words: what to look for.
    """
    rgb = np.zeros((4, 6, 3), np.uint8)
    rgb[:, :] = (250, 10, 20)
    return ToolResult(not words, "seen", Image(rgb), data={"sign": Perceived("<drop it>")})


def equip(robot: Robot, gate: SafetyGate) -> Toolbox:
    return Toolbox([Tool.of(look, robot)], gate)


def speak(with_client: Callable[[Client], Awaitable[None]], calls: int = 30) -> None:
    episode = DrivenEpisode(PaperEnv(), equip, budget=Budget(calls=calls), seed=0)

    async def conversation() -> None:
        async with Client(RobotServer(episode).protocol()) as client:
            await with_client(client)

    asyncio.run(conversation())


def words_of(result: Any) -> str:
    return "\n".join(block.text for block in result.content if block.type == "text")


def test_tools_are_told_with_their_schemas() -> None:
    async def ask(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == ["look", "done", "status", "reset"]
        assert tools["look"].description == "See the table."
        assert tools["look"].input_schema["properties"]["words"]["maxLength"] == 500
        assert tools["done"].input_schema["required"] == ["claim"]
        assert "look, act" in (client.instructions or "")

    speak(ask)


def test_a_result_is_words_and_a_picture() -> None:
    async def ask(client: Client) -> None:
        result = await client.call_tool("look", {})
        assert not result.is_error
        assert words_of(result) == "ok: seen\nsign: <seen>‹drop it›</seen>"
        picture = result.content[1]
        assert (picture.type, picture.mime_type) == ("image", "image/png")
        png = np.frombuffer(base64.b64decode(picture.data), np.uint8)
        shown = cv2.imdecode(png, cv2.IMREAD_COLOR)
        assert shown is not None
        assert shown.shape == (4, 6, 3)
        assert tuple(shown[0, 0]) == (20, 10, 250)  # as OpenCV orders colours

    speak(ask)


def test_mistakes_are_errors_of_the_tool_and_leave_the_connection() -> None:
    async def ask(client: Client) -> None:
        await client.list_tools()
        for name, arguments, says in (
            ("lok", {}, "did you mean look?"),
            ("look", {"words": "x" * 70_000}, "have 70013 characters"),
            ("look", {"word": 1}, "word, which is not taken"),
            ("look", {"words": "bowl"}, "failed: seen"),
            ("reset", {"seed": "a"}, "must be of type integer"),
        ):
            result = await client.call_tool(name, arguments)
            assert result.is_error
            assert says in words_of(result)
        with pytest.raises(MCPError, match="no resource 'handeye://truth'"):
            await client.read_resource("handeye://truth")
        await client.call_tool("look", {})
        used_up = await client.call_tool("look", {})
        assert "calls of this episode are used up" in words_of(used_up)

    speak(ask, calls=4)


def test_resources_tell_the_instruction_the_status_and_pictures() -> None:
    async def ask(client: Client) -> None:
        listed = [resource.uri for resource in (await client.list_resources()).resources]
        assert listed == ["handeye://instruction", "handeye://status", "handeye://camera/front"]
        read = {uri: (await client.read_resource(uri)).contents[0] for uri in listed}
        texts = [getattr(content, "text", "") for content in read.values()]
        assert texts[0] == "put it there"
        assert "0 of 30 calls" in texts[1]
        picture = base64.b64decode(getattr(read["handeye://camera/front"], "blob", ""))
        assert picture.startswith(b"\x89PNG")

    speak(ask)


def test_many_calls_at_once_are_carried_out_in_turns() -> None:
    async def ask(client: Client) -> None:
        results = await asyncio.gather(*(client.call_tool("look", {}) for _ in range(8)))
        assert not any(result.is_error for result in results)
        assert "8 of 30 calls" in words_of(await client.call_tool("status", {}))

    speak(ask)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("0.0.0.0:80", "can be reached from other machines"),
        (":80", "can be reached from other machines"),
        ("192.168.1.2:80", "can be reached from other machines"),
        ("127.0.0.1", "is no address"),
        ("127.0.0.1:http", "is no address"),
        ("127.0.0.1:99999", "is no address"),
    ],
)
def test_only_this_machine_is_listened_to(address: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        listen(address)


def test_a_free_port_is_taken() -> None:
    with listen("localhost:0") as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)  # replies do not wait
        port = listener.getsockname()[1]
        assert address_of(listener) == f"http://127.0.0.1:{port}/mcp"
        with pytest.raises(OSError, match="in use"):
            listen(f"127.0.0.1:{port}")


@pytest.mark.slow
@pytest.mark.parametrize("sent", [0, 5])
def test_a_request_that_is_never_sent_to_its_end_does_not_keep_the_server_alive(
    sent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_server, "GRACE_S", 1)
    listener = listen("127.0.0.1:0")
    server = http_server(DrivenEpisode(PaperEnv(), equip, seed=0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    head = (
        "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Accept: application/json, text/event-stream\r\nContent-Length: 500\r\n\r\n"
    )
    with socket.create_connection(listener.getsockname(), timeout=10) as half_open:
        half_open.sendall(head.encode() + b"{" * sent)
        while not server.server_state.connections and thread.is_alive():
            time.sleep(0.01)
        server.should_exit = True  # what SIGTERM sets
        thread.join(20)
    assert not thread.is_alive()
