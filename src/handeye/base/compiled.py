"""The one way this package compiles numeric code to machine code.

Every kernel is cached on disk (compiling takes seconds), releases the GIL, follows IEEE division
and never reorders floating-point sums, so that a frame is the same to the bit in every call.

The cache is keyed by content: numba would key it by the path and time of a source file, so every
clone would compile anew, and would keep machine code that holds old versions of kernels from other
files. Here the folder is named after the sources of all kernels, and clones share it.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import caching

Kernel = TypeVar("Kernel", bound=Callable[..., object])
PACKAGE = Path(__file__).parents[1]


def compiled(function: Kernel) -> Kernel:
    """Compile `function` with numba: cached, without the GIL, without fast-math."""
    jit: Any = numba.njit(nogil=True, error_model="numpy", fastmath=False)(function)
    if cache_folder() is not None:
        jit._cache = _KernelCache(function)  # what `cache=True` does, with a locator of our own
    return cast(Kernel, jit)


@lru_cache(maxsize=1)
def cache_folder() -> Path | None:
    """Return the folder of compiled kernels; None where nothing can be written.

    `NUMBA_CACHE_DIR` is honoured. Otherwise it is `$XDG_CACHE_HOME/handeye` (`~/.cache/handeye`),
    and where that cannot be written a folder of this user's own in the temporary folder.
    """
    name = f"kernels-{_digest_of_kernels()[:12]}"
    for place in _places():
        folder = place / name
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


def _digest_of_kernels() -> str:
    """Return a hash over all sources that hold kernels, and over this module."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for hall in sorted(PACKAGE.iterdir()):
        folder = hall.resolve()  # the halls are links in a checkout, and `rglob` follows none
        for path in sorted(folder.rglob("*.py")) if folder.is_dir() else ():
            source = path.read_bytes()
            if b"@compiled\n" in source:
                digest.update(f"{hall.name}/{path.relative_to(folder)}".encode() + source)
    return digest.hexdigest()


class _KernelLocator(caching._CacheLocator):
    """Where numba keeps one kernel: in `cache_folder`, valid as long as that folder's name."""

    def __init__(self, py_file: str) -> None:
        self._py_file = py_file

    def get_cache_path(self) -> str:
        return str(cache_folder())

    def get_source_stamp(self) -> str:
        return Path(self.get_cache_path()).name

    def get_disambiguator(self) -> str:
        halls = Path(self._py_file).resolve().parts[-4:]  # two modules may have one name
        return hashlib.sha256("/".join(halls).encode()).hexdigest()[:10]

    @classmethod
    def from_function(cls, py_func: object, py_file: str) -> "_KernelLocator":
        return cls(py_file)


class _KernelCacheImpl(caching.CompileResultCacheImpl):
    """Compiled functions, found by content."""

    def __init__(self, py_func: Any) -> None:
        source = py_func.__code__
        self._lineno = source.co_firstlineno
        self._locator = _KernelLocator(source.co_filename)
        name = f"{Path(source.co_filename).stem}.{py_func.__qualname__}-{self._lineno}"
        self._filename_base = self.get_filename_base(name, "")


class _KernelCache(caching.Cache):
    """Numba's cache of one kernel, in our folder."""

    _impl_class: Any = _KernelCacheImpl

    def save_overload(self, sig: object, data: object) -> None:
        """Keep what was compiled; a disk that is full costs the next process time, nothing else."""
        with suppress(OSError):
            super().save_overload(sig, data)
