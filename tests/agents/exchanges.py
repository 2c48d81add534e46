"""Exchanges with real servers: recorded once by a proxy on loopback, replayed to the same client.

A line of a file is {"server", "weights", "path", "request", "status", "answer"}; headers, and with
them any key, are not recorded.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.agents.misbehaving_server import Answer, Handler, server_that

FOLDER = Path(__file__).parent / "exchanges"


def forwards_to(url: str, file: Path, server: str, weights: str) -> Answer:
    """An answer that asks the server at `url` and writes down what was said."""

    def answer(handler: Handler) -> None:
        path = handler.path.removeprefix("/v1")
        told = httpx2.post(url + path, json=handler.body, timeout=120)
        line = {
            "server": server,
            "weights": weights,
            "path": path,
            "request": handler.body,
            "status": told.status_code,
            "answer": told.text,
        }
        with file.open("a") as out:
            out.write(json.dumps(line) + "\n")
        handler.send(told.status_code, told.content)

    return answer


def recorded(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


@contextmanager
def replayed(name: str) -> Iterator[str]:
    """The address of a server that answers what the real one answered to the same request."""
    known = {json.dumps(line["request"], sort_keys=True): line for line in recorded(name)}

    def answer(handler: Handler) -> None:
        line = known.get(json.dumps(handler.body, sort_keys=True))
        if line is None:
            handler.send(400, b"this request was not recorded")
        else:
            handler.send(line["status"], line["answer"].encode())

    with server_that(answer) as (url, _):
        yield url
