"""An episode as a server of the Model Context Protocol, so that any client of it drives the robot.

client -> stdio or loopback HTTP -> DrivenEpisode.call -> Toolbox.call (gate) -> tool

Tools answer in the words, and with the pictures, that a planner in this process gets. What a client
does wrong comes back as a tool's error; it costs neither the connection nor the episode.

Non-obvious behaviours:
- There is one simulation: clients that connect at once share its episode, their calls in turns.
- The server has no accounts, so it listens on this machine alone, and refuses requests that a web
  page of another origin makes a browser send.
"""

import json
import socket
from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import mcp_types as wire
import numpy as np
import uvicorn
from anyio import CapacityLimiter, to_thread
from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server

from handeye import __version__
from handeye.agents.core.conversation import Image, ToolCall
from handeye.agents.driven_episode import DrivenEpisode
from handeye.agents.language_models.openai_messages import png_base64
from handeye.agents.planners.react import told

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PATH = "/mcp"
MAX_ARGUMENTS_CHARS = 64_000
GRACE_S = 3  # A request that is never sent to its end must not keep the process alive.
CAMERA = "rgb_"
SCHEME = "handeye://"
INSTRUCTION, STATUS = f"{SCHEME}instruction", f"{SCHEME}status"
ABOUT = (
    "A simulated robot. Read the instruction (resource handeye://instruction, or the tool status), "
    "look, act by the tools and call done at the end: the simulator then judges, each seed once."
)
Context = ServerRequestContext[Any]
Result = TypeVar("Result")


class RobotServer:
    """The handlers of the protocol over one episode.

    Args:
        episode: what clients drive; only this server may touch it from now on.
    """

    def __init__(self, episode: DrivenEpisode) -> None:
        self._episode = episode
        self._one_at_a_time = CapacityLimiter(1)

    def protocol(self) -> Server[Any]:
        """The server to run over a transport."""
        return Server(
            "handeye",
            version=__version__,
            instructions=ABOUT,
            on_list_tools=self.list_tools,
            on_call_tool=self.call_tool,
            on_list_resources=self.list_resources,
            on_read_resource=self.read_resource,
        )

    async def list_tools(
        self, context: Context, page: wire.PaginatedRequestParams | None
    ) -> wire.ListToolsResult:
        """Every tool with its schema."""
        specs = self._episode.specs
        return wire.ListToolsResult(
            tools=[
                wire.Tool(name=s.name, description=s.description, input_schema=dict(s.parameters))
                for s in specs
            ]
        )

    async def call_tool(
        self, context: Context, asked: wire.CallToolRequestParams
    ) -> wire.CallToolResult:
        """Carry a call out: words, and a picture if the tool gives one."""
        arguments = asked.arguments or {}
        length = len(json.dumps(arguments))
        problem = f"the arguments have {length} characters" if length > MAX_ARGUMENTS_CHARS else ""
        call = ToolCall(asked.name, arguments, "", problem)
        result = await self._in_turn(lambda: self._episode.call(call))
        content: list[wire.ContentBlock] = [wire.TextContent(text=told(result))]
        if result.image is not None:
            picture = wire.ImageContent(data=png_base64(result.image), mime_type="image/png")
            content.append(picture)
        return wire.CallToolResult(content=content, is_error=not result.ok)

    async def list_resources(
        self, context: Context, page: wire.PaginatedRequestParams | None
    ) -> wire.ListResourcesResult:
        """The instruction, the status, and a picture for each camera."""
        pictures = [
            wire.Resource(uri=_uri_of(key), name=f"picture of {key}", mime_type="image/png")
            for key in self._cameras()
        ]
        words = [
            wire.Resource(uri=INSTRUCTION, name="instruction", mime_type="text/plain"),
            wire.Resource(uri=STATUS, name="status", mime_type="text/plain"),
        ]
        return wire.ListResourcesResult(resources=[*words, *pictures])

    async def read_resource(
        self, context: Context, asked: wire.ReadResourceRequestParams
    ) -> wire.ReadResourceResult:
        """One of the resources, as it is now.

        Raises:
            MCPError: there is no such resource.
        """
        uri = str(asked.uri)
        cameras = {_uri_of(key): key for key in self._cameras()}
        content: wire.TextResourceContents | wire.BlobResourceContents
        if uri in cameras:
            picture = await self._in_turn(lambda: self._picture(cameras[uri]))
            content = wire.BlobResourceContents(uri=uri, mime_type="image/png", blob=picture)
        elif uri in (INSTRUCTION, STATUS):
            told_of = {INSTRUCTION: self._instruction, STATUS: self._episode.summary}
            words = await self._in_turn(told_of[uri])
            content = wire.TextResourceContents(uri=uri, mime_type="text/plain", text=words)
        else:
            known = ", ".join([INSTRUCTION, STATUS, *cameras])
            raise MCPError(
                wire.INVALID_PARAMS, f"there is no resource {uri[:100]!r}; there are: {known}"
            )
        return wire.ReadResourceResult(contents=[content])

    async def _in_turn(self, work: Callable[[], Result]) -> Result:
        """Do it on a thread, one after another: the connection stays awake meanwhile."""
        return await to_thread.run_sync(work, limiter=self._one_at_a_time)

    def _instruction(self) -> str:
        return self._episode.instruction

    def _cameras(self) -> list[str]:
        return sorted(key for key in self._episode.observation if key.startswith(CAMERA))

    def _picture(self, key: str) -> str:
        return png_base64(Image(np.asarray(self._episode.observation[key])))


def serve_stdio(episode: DrivenEpisode) -> None:
    """Serve one client over this process's stdin and stdout until it closes them."""
    server = RobotServer(episode).protocol()

    async def serve() -> None:
        """Serve one client until it closes standard input."""
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(serve)


def serve_http(episode: DrivenEpisode, listener: socket.socket) -> None:
    """Serve clients over HTTP at `address_of(listener)` until the process is interrupted.

    Requests that are open then are given `GRACE_S` to come to their end.
    """
    http_server(episode).run(sockets=[listener])


def http_server(episode: DrivenEpisode) -> uvicorn.Server:
    """Return the server that `serve_http` runs."""
    server = RobotServer(episode).protocol()
    app = server.streamable_http_app(streamable_http_path=PATH, json_response=True)
    config = uvicorn.Config(
        app, log_level="warning", lifespan="on", timeout_graceful_shutdown=GRACE_S
    )
    return uvicorn.Server(config)


def listen(address: str) -> socket.socket:
    """A socket that listens at "host:port" on this machine; port 0 takes a free one.

    Raises:
        ValueError: the address is malformed, or not of this machine alone.
        OSError: the port is taken.
    """
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{address!r} is no address; write 127.0.0.1:8000")
    if host not in LOOPBACK:
        raise ValueError(
            f"{host!r} can be reached from other machines, and whoever reaches this server drives "
            "the robot; listen on 127.0.0.1 and lead others there by a tunnel such as ssh -L"
        )
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    listener = socket.create_server(
        ("127.0.0.1" if host == "localhost" else host, int(port)), family=family
    )
    # Accepted sockets inherit it. Without it the second half of each reply waits 40 ms for the
    # client's acknowledgement of the first; asyncio sets it only on sockets that it has made.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address_of(listener: socket.socket) -> str:
    """Return what a client is given."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}{PATH}" if ":" in host else f"http://{host}:{port}{PATH}"


def _uri_of(key: str) -> str:
    return f"{SCHEME}camera/{key.removeprefix(CAMERA)}"
