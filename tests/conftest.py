"""What holds for every test."""

import gc
import os
import signal

import pytest

# A process a core runs the suite: several threads in each would only wait for one another. The
# libraries read these when they are first imported, and the processes that tests start inherit
# them.
for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(library, "1")

# Collecting the tests makes millions of objects that live to the end: looking through them for
# garbage again and again took a fourth of the time.
gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with slow tests first, so that no process is left alone with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave what has been collected out of every later search for garbage."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def interrupts_are_heard() -> None:
    """Ctrl-C can be tested wherever the suite runs.

    A shell starts background jobs with SIGINT ignored, and programs inherit that.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
