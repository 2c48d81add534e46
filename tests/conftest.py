"""What holds for every test."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def interrupts_are_heard() -> None:
    """Ctrl-C can be tested wherever the suite runs.

    A shell starts background jobs with SIGINT ignored, and programs inherit that.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
