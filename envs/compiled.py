"""The one way this package compiles numeric code to machine code.

Every kernel is cached on disk (compiling takes seconds), releases the GIL, follows IEEE division
and never reorders floating-point sums, so that a frame is the same to the bit in every call.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def compiled(function: Kernel) -> Kernel:
    """Compile `function` with numba: cached, without the GIL, without fast-math."""
    jit = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=False)
    return cast(Kernel, jit(function))
