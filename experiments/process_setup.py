"""What a command's process needs before anything else: streams that never end it, and Ctrl-C.

A run of hours must not end because a terminal cannot show "✓", or because `| head` has seen enough.
"""

import io
import os
import signal
import sys
from types import FrameType
from typing import Any, TextIO

INTERRUPTED_EXIT_CODE = 130


class OpenEndedStream(io.RawIOBase):
    """Bytes for a file descriptor; when its reader has gone, they go nowhere."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._heard = True

    def write(self, content: Any) -> int:
        """Write what fits; pretend so when nobody reads."""
        if self._heard:
            try:
                return os.write(self._descriptor, content)
            except BrokenPipeError:
                self._heard = False
        return len(content)

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        """Return True."""
        return True


def open_ended(stream: TextIO) -> TextIO:
    """Return a stream for the same file that no character and no leaving reader breaks."""
    raw = OpenEndedStream(stream.fileno())
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=stream.encoding, errors="replace",
        line_buffering=raw.isatty() or stream is sys.stderr,
    )  # fmt: skip


def prepare_process(*, stdout: bool) -> None:
    """Make both streams open-ended (`stdout` if wanted), and let a second Ctrl-C end at once."""
    if stdout and sys.stdout is not None:
        sys.stdout = open_ended(sys.stdout)
    if sys.stderr is not None:
        sys.stderr = open_ended(sys.stderr)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, _end_at_once)
    raise KeyboardInterrupt


def _end_at_once(number: int, frame: FrameType | None) -> None:
    os.write(2, b"interrupted again: ended at once\n")
    os._exit(INTERRUPTED_EXIT_CODE)
