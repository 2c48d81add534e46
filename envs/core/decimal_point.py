"""Decimal points for C libraries that read numbers, whatever the locale of the process.

PyBullet reads URDFs and meshes with `atof`, which stops at the point of "2.8973" where the locale
writes a comma. Python's `setlocale` would change every thread and could be changed back by one;
POSIX's `uselocale` holds for the calling thread alone.
"""

import ctypes
import locale
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

NUMBERS_MASK = 1 << locale.LC_NUMERIC


@cache
def _libc() -> tuple[Any, int]:
    """The C library, and a locale of it that writes decimal points; made once a process."""
    libc = ctypes.CDLL(None)
    libc.newlocale.restype = libc.uselocale.restype = ctypes.c_void_p
    libc.newlocale.argtypes = ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p
    libc.uselocale.argtypes = (ctypes.c_void_p,)
    return libc, libc.newlocale(NUMBERS_MASK, b"C", None)


@contextmanager
def decimal_point() -> Iterator[None]:
    """Let C code that this thread calls read and write numbers with a decimal point."""
    libc, plain = _libc()
    before = libc.uselocale(plain)
    try:
        yield
    finally:
        libc.uselocale(before)
