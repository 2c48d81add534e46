"""The one way this package compiles numeric code to machine code.

Every kernel is cached on disk (compiling takes seconds), releases the GIL, follows IEEE division
and never reorders floating-point sums, so that a frame is the same to the bit in every call.

The cache is keyed by content: numba would key it by the path and time of a source file, so every
clone would compile anew, and would keep machine code that holds old versions of kernels and numbers
from other files. Here a kernel is found by its own code, by the numbers that it reads and by the
kernels that it calls; clones share one folder, and whoever changes a kernel compiles no other.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core import caching

Kernel = TypeVar("Kernel", bound=Callable[..., object])
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": False}


def compiled(function: Kernel) -> Kernel:
    """Compile `function` with numba: cached, without the GIL, without fast-math."""
    jit: Any = numba.njit(**OPTIONS)(function)
    folder = cache_folder()
    if folder is not None and isinstance(function, FunctionType):
        jit._cache = _KernelCache(function, folder)  # what `cache=True` does, found by content
    return cast(Kernel, jit)


@lru_cache(maxsize=1)
def cache_folder() -> Path | None:
    """Return the folder of compiled kernels; None where nothing can be written.

    `NUMBA_CACHE_DIR` is honoured. Otherwise it is `$XDG_CACHE_HOME/handeye` (`~/.cache/handeye`),
    and where that cannot be written a folder of this user's own in the temporary folder.
    """
    for place in _places():
        folder = place / "kernels"
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            # Cached code is run, so a folder that another user put there is never used unasked.
            owners = {place.stat().st_uid, folder.stat().st_uid}
        except OSError:
            continue
        if os.environ.get("NUMBA_CACHE_DIR") or owners == {os.getuid()}:
            return folder
    return None


def _places() -> Iterator[Path]:
    """Folders that may hold the cache, the preferred one first."""
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(given)
        return
    with suppress(RuntimeError):  # raised where no home folder is known
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "handeye"
    yield Path(tempfile.gettempdir()) / f"handeye-{os.getuid()}"


class _KernelCacheImpl(caching.CompileResultCacheImpl):
    """How compiled functions are written and read."""

    def __init__(self, function: FunctionType) -> None:
        self._lineno = function.__code__.co_firstlineno
        self._locator = SimpleNamespace(_py_file=function.__code__.co_filename)  # for warnings


class _KernelCache(caching.Cache):
    """Numba's cache of one kernel, in our folder; each signature has files of its own.

    Two processes that save two signatures of a kernel at the same time never write the same file.
    """

    def __init__(self, function: FunctionType, folder: Path) -> None:
        self._py_func = function
        self._name = repr(function)
        self._cache_path = str(folder)
        self._impl = _KernelCacheImpl(function)
        self.enable()

    def load_overload(self, sig: object, target_context: object) -> object:
        """Return the machine code for a signature, or None where it was never compiled."""
        self._cache_file = self._file_of(sig)
        return super().load_overload(sig, target_context)

    def save_overload(self, sig: object, data: Any) -> None:
        """Keep what was compiled; a disk that is full costs the next process time, nothing else."""
        if not self._impl.check_cachable(data):
            return
        with suppress(OSError):
            key = self._index_key(sig, data.codegen)
            self._file_of(sig).save(key, self._impl.reduce(data))

    def _file_of(self, sig: object) -> Any:
        content = f"{content_of(self._py_func)} {sig}"
        digest = hashlib.sha256(content.encode()).hexdigest()[:16]
        name = f"{Path(self._py_func.__code__.co_filename).stem}.{self._py_func.__name__}-{digest}"
        return caching.IndexDataCacheFile(self._cache_path, name, source_stamp="")


def content_of(function: FunctionType, above: tuple[FunctionType, ...] = ()) -> str:
    """Return a hash over all that decides what a kernel computes.

    That is its code (without names of files, lines and docstrings), the values that it reads from
    its module and from modules of this package, and the content of the kernels that it calls.

    Args:
        function: the kernel's Python function.
        above: the kernels that call it, which it may call in turn.
    """
    digest = hashlib.sha256(repr((OPTIONS, sys.version_info[:2], function.__defaults__)).encode())
    above = (*above, function)
    for code in _codes(function.__code__):
        told = [c for c in code.co_consts if not isinstance(c, CodeType) and c != function.__doc__]
        digest.update(repr((code.co_code, told, code.co_names, code.co_varnames)).encode())
        for name in code.co_names:
            value = function.__globals__.get(name)
            digest.update(f"{name} {_described(value, above)}".encode())
            if isinstance(value, ModuleType) and value.__name__.startswith("handeye."):
                for inner in code.co_names:
                    digest.update(_described(getattr(value, inner, None), above).encode())
    return digest.hexdigest()


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a code object and those inside it (comprehensions, for one)."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def _described(value: object, above: tuple[FunctionType, ...]) -> str:
    """Return what tells a value of a module apart from others of its name."""
    function = getattr(value, "py_func", None)  # of a kernel
    if isinstance(function, FunctionType):
        return "itself" if function in above else content_of(function, above)
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {value.tobytes().hex()}"
    if isinstance(value, int | float | complex | str | bytes | tuple | np.generic | None):
        return repr(value)
    return f"{getattr(value, '__module__', '')} {getattr(value, '__qualname__', type(value))}"
