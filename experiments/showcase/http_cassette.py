"""Exchanges with a real chat-completions server, recorded once and replayed without it.

Recording is a proxy on loopback between a client and the server; replaying is a server on loopback
that answers only what was recorded, in its order: anything else is an error that shows both.
Headers, and with them keys, are never recorded; pictures are kept as a hash of their pixels.
"""

import hashlib
import itertools
import json
import re
import threading
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import httpx2
import numpy as np

from handeye.agents.core.strict_json import parse_json
from handeye.experiments.records.run_folder import write_json_atomic

FORMAT = "handeye.wire_tape/1"
PICTURE = re.compile(r"^data:image/png;base64,(.*)$", re.DOTALL)
UPSTREAM_S = 300.0  # in which a server must have answered while it is recorded
NOT_RECORDED = 418  # no client tries that again
TOLD_CHARS = 600


class TapeError(ValueError):
    """A tape that cannot be read, or that was not followed."""


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    Attributes:
        method: of HTTP.
        path: beneath the server's address, with /v1.
        request: the body; None if there was none.
        status: of the answer.
        content_type: of the answer.
        answer: an object as such, anything else (a stream) as its text.
        left: whether the client went away before the answer's end.
    """

    method: str
    path: str
    request: Any
    status: int
    content_type: str
    answer: Any
    left: bool = False


@dataclass(frozen=True)
class Conversation:
    """What was said, and what the one who talked to the server found."""

    found: Mapping[str, Any]
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True)
class HttpCassette:
    """Everything recorded with one server.

    Attributes:
        server: its name and version.
        model: as the server names it.
        weights_sha256: of the model's file of weights.
        conversations: by name.
    """

    server: str
    model: str
    weights_sha256: str
    conversations: dict[str, Conversation] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "HttpCassette":
        """Read a tape.

        Raises:
            TapeError: the file is none.
        """
        try:
            told = parse_json(path.read_bytes())
            assert told.pop("format") == FORMAT
            conversations = {
                name: Conversation(said["found"], tuple(Exchange(**e) for e in said["exchanges"]))
                for name, said in told.pop("conversations").items()
            }
            return cls(**told, conversations=conversations)
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise TapeError(f"{path} is no tape ({error}); record it anew") from error

    def save(self, path: Path) -> None:
        """Write the tape as a whole."""
        write_json_atomic(path, {"format": FORMAT, **asdict(self)})


@contextmanager
def recording(upstream: str) -> Iterator[tuple[str, list[Exchange]]]:
    """A proxy to a server; yields its address, and a list that holds the exchanges at the end.

    Args:
        upstream: address of the server, with /v1 at its end.
    """
    exchanges: list[Exchange] = []
    finished: dict[int, Exchange] = {}  # by arrival: one that is left ends after the next began
    arrivals = itertools.count()
    base = upstream.removesuffix("/v1")

    class Proxy(_Handler):
        """Pass requests on to the server and keep the exchanges."""

        def respond(self, request: Any) -> None:
            """Answer one request."""
            number = next(arrivals)
            try:
                with httpx2.stream(
                    self.command, base + self.path, json=request, timeout=UPSTREAM_S
                ) as answer:
                    finished[number] = self.pass_on(request, answer)
            except httpx2.HTTPError as error:
                self.begin(502, "application/json")
                self.write(json.dumps({"error": {"message": f"{base}: {error}"}}).encode())

        def pass_on(self, request: Any, answer: httpx2.Response) -> Exchange:
            """Pass an answer on as it comes and return the exchange."""
            kind = answer.headers.get("content-type", "")
            self.begin(answer.status_code, kind)
            said, left = bytearray(), False
            for chunk in answer.iter_bytes():
                said += chunk
                left = not self.write(chunk)
                if left:
                    break
            asked, told = _without_pictures(request), _value_of(said.decode(), kind)
            status = answer.status_code
            return Exchange(self.command, self.path, asked, status, kind, told, left)

    with _serving(Proxy) as url:
        yield url, exchanges
    exchanges += [finished[number] for number in sorted(finished)]


@contextmanager
def replaying(exchanges: tuple[Exchange, ...]) -> Iterator[str]:
    """The address of a server that repeats what was recorded.

    Raises:
        TapeError: at the end, if other requests came than were recorded, or fewer.
    """
    waiting = list(exchanges)
    departures: list[str] = []

    class Player(_Handler):
        """Answer requests by the recorded exchanges, in their order."""

        def respond(self, request: Any) -> None:
            """Answer one request."""
            asked = (self.command, self.path, _without_pictures(request))
            due = waiting[0] if waiting else None
            if due is None or departures or asked != (due.method, due.path, due.request):
                wanted = (due.method, due.path, due.request) if due else "nothing more"
                departures.append(_departure(asked, wanted))
                self.begin(NOT_RECORDED, "application/json")
                self.write(json.dumps({"error": {"message": departures[-1]}}).encode())
                return
            waiting.pop(0)
            self.begin(due.status, due.content_type)
            answer = due.answer
            self.write((answer if isinstance(answer, str) else json.dumps(answer)).encode())

    with _serving(Player) as url:
        yield url
    if departures:
        raise TapeError(departures[0])
    if waiting:
        raise TapeError(f"{len(waiting)} recorded requests were not made; next: {waiting[0].path}")


class _Handler(BaseHTTPRequestHandler):
    """Reads a request; subclasses respond."""

    def respond(self, request: Any) -> None:
        """Answer a request with this body."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """One request without a body."""
        self.respond(None)

    def do_POST(self) -> None:
        """One request."""
        self.respond(parse_json(self.rfile.read(int(self.headers["content-length"]))))

    def begin(self, status: int, content_type: str) -> None:
        """Status and headers; the end of the connection ends the body."""
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.end_headers()

    def write(self, content: bytes) -> bool:
        """A part of the body; False if nobody takes it any more."""
        try:
            self.wfile.write(content)
            self.wfile.flush()
        except OSError:
            return False
        return True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def _serving(handler: type[_Handler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = False  # so that closing waits for what is under way
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _value_of(text: str, content_type: str) -> Any:
    if not content_type.startswith("application/json"):
        return text
    try:
        return parse_json(text)
    except ValueError:
        return text


def _without_pictures(value: Any) -> Any:
    """The same with each picture as a hash of its pixels, which outlives changes of encoders."""
    if isinstance(value, dict):
        return {name: _without_pictures(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_pictures(inner) for inner in value]
    found = PICTURE.match(value) if isinstance(value, str) else None
    if found is None:
        return value
    png = np.frombuffer(b64decode(found[1]), np.uint8)
    pixels = cv2.imdecode(png, cv2.IMREAD_COLOR)
    assert pixels is not None
    return f"data:image/png;sha256,{hashlib.sha256(pixels.tobytes()).hexdigest()}"


def _departure(asked: Any, wanted: Any) -> str:
    """Both sides, from where they part."""
    a, b = (json.dumps(side, sort_keys=True) for side in (asked, wanted))
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
    start = max(0, same - 80)
    a, b = (side[start : start + TOLD_CHARS] for side in (a, b))
    return f"not recorded; asked: ...{a}; recorded: ...{b}. If the change is meant, record anew"
