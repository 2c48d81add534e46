"""The one way this package compiles numeric code to machine code.

Every kernel is cached on disk (compiling takes seconds), releases the GIL, follows IEEE division
and never reorders floating-point sums, so that a frame is the same to the bit in every call.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., object])


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Where compiled kernels are kept: one folder per state of all sources that hold kernels.

    Numba alone would look only at the file a kernel stands in, and keep using machine code that
    contains old versions of kernels from other files.
    """
    here = Path(__file__).parent
    sources = [path.read_bytes() for path in sorted(here.glob("*.py"))]
    kernels = [source for source in sources if b"@compiled\n" in source]
    digest = hashlib.sha256(b"".join([Path(__file__).read_bytes(), *kernels])).hexdigest()
    return here / "__pycache__" / f"kernels-{digest[:12]}"


def compiled(function: Kernel) -> Kernel:
    """Compile `function` with numba: cached, without the GIL, without fast-math."""
    settings = cast(Any, numba.config)
    usual = settings.CACHE_DIR
    settings.CACHE_DIR = str(cache_folder())  # read while the dispatcher is made, only then
    try:
        jit = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=False)
        return cast(Kernel, jit(function))
    finally:
        settings.CACHE_DIR = usual
