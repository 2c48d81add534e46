"""Jobs for worker processes, in a module whose import costs next to nothing."""

import os


def process_of(number: int) -> int:
    return os.getpid()


def twice(number: int) -> int:
    return 2 * number


def fault(number: int) -> int:
    raise ValueError("broken")
