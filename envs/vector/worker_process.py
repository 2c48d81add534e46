"""The far side of a worker: the channel both sides speak and the loop that answers calls.

Messages are pickles between two processes of one program over an anonymous socket pair; nothing
read from a disk or a network passes here.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_THREADS = ("OMP", "MKL", "OPENBLAS", "NUMBA", "RAYON")
ONE_THREAD = dict.fromkeys((f"{library}_NUM_THREADS" for library in _THREADS), "1")
_PROGRAM = (
    "import json, sys; parent = json.loads(sys.argv[1]); sys.path[:] = parent['path'];"
    "from handeye.envs.vector.worker_process import serve; serve(**parent['serve'])"
)
_HEADER = struct.Struct("!Q")
_PR_SET_PDEATHSIG = 1


class Channel:
    """Length-prefixed pickles over a socket, every transfer bounded by a due time.

    multiprocessing's connections can only bound the wait for a message's first byte; here a
    peer that stops in the middle of one cannot hold the caller either.
    """

    def __init__(self, endpoint: socket.socket) -> None:
        self.endpoint = endpoint

    def send(self, message: object, due_s: float | None) -> None:
        """Send one picklable object before `due_s` (time.monotonic; None: no bound)."""
        self.send_bytes(pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL), due_s)

    def send_bytes(self, body: bytes, due_s: float | None) -> None:
        """Send one already pickled object."""
        self.endpoint.settimeout(_remaining_s(due_s))
        self.endpoint.sendall(_HEADER.pack(len(body)) + body)

    def receive(self, due_s: float | None) -> Any:
        """One message; TimeoutError after `due_s`, EOFError when the peer is gone."""
        return pickle.loads(self.receive_bytes(due_s))

    def receive_bytes(self, due_s: float | None) -> bytes:
        """One message, still pickled."""
        (length,) = _HEADER.unpack(self._read(_HEADER.size, due_s))
        return bytes(self._read(length, due_s))

    def _read(self, length: int, due_s: float | None) -> bytearray:
        body = bytearray(length)
        filled = 0
        while filled < length:
            self.endpoint.settimeout(_remaining_s(due_s))
            received = self.endpoint.recv_into(memoryview(body)[filled:])
            if received == 0:
                raise EOFError("the other end closed the connection")
            filled += received
        return body


def _remaining_s(due_s: float | None) -> float | None:
    # A due time in the past still gets a moment, so that an answer already sent is read.
    return None if due_s is None else max(due_s - time.monotonic(), 1e-3)


def start_process(fd: int, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start a fresh interpreter that runs `serve` on the inherited socket `fd`.

    `pass_fds` are inherited too, under the same numbers. Not multiprocessing's spawn: that
    would import the caller's `__main__` again, and one process's thread count could not
    differ from its parent's.
    """
    serve_arguments = {
        "fd": fd,
        "parent_pid": os.getpid(),
        # The kernel's parent-death signal follows the creating thread, not the process.
        "dies_with_thread": threading.current_thread() is threading.main_thread(),
    }
    parent = {"path": [os.path.abspath(p) for p in sys.path], "serve": serve_arguments}
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, json.dumps(parent)],
        pass_fds=(fd, *pass_fds),
        stdin=subprocess.DEVNULL,
        stdout=2,  # a library's chatter must not mix with the command's own output
        env={**os.environ, **ONE_THREAD},
        start_new_session=True,
    )


def serve(fd: int, parent_pid: int, dies_with_thread: bool) -> None:
    """A worker process's main loop: build the target, answer calls until the parent hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent(parent_pid, dies_with_thread)
    channel = Channel(socket.socket(fileno=fd))
    target: object = None
    while True:
        try:
            body = channel.receive_bytes(None)
        except (EOFError, ConnectionError):
            return  # the parent hung up
        try:
            first, args = pickle.loads(body)
            if callable(first):
                target = first(*args)
                answer = pickle.dumps(("started", None))
            else:
                answer = pickle.dumps(("result", getattr(target, first)(*args)))
        except BaseException:  # reported with its traceback; the parent decides
            answer = pickle.dumps(("raised", traceback.format_exc()))
        try:
            channel.send_bytes(answer, None)
        except ConnectionError:
            return


def _die_with_parent(parent_pid: int, dies_with_thread: bool) -> None:
    if dies_with_thread and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch_parent, args=(parent_pid,), daemon=True).start()
    if os.getppid() != parent_pid:  # it died before the lines above
        os._exit(1)


def _watch_parent(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(0.5)
    os._exit(1)


def descendants(pid: int) -> set[int]:
    """Ids of the living processes below `pid`, read from /proc (Linux)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it may end while it is looked at
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(entry.name)] = int(parent)
    found: set[int] = set()
    new = {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found
