"""Processes that share a batch."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from handeye.experiments.training.data_parallel import Team, run_team


class Deadly:
    """An argument that ends the process which receives it."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[int]]:
        return os._exit, (3,)


def work(team: Team, argument: Any) -> int:
    """Importable by name, as `run_team` asks."""
    return 0


@pytest.mark.slow
def test_a_process_that_dies_before_it_begins_is_told_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(RuntimeError, match=r"ended with exit code 3; .* continue with --resume"):
        run_team(work, Deadly(), 2)
    assert time.monotonic() - began < 60  # not for as long as one waits for an evaluation
