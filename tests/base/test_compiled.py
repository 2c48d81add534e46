import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from handeye.base import compiled as module
from handeye.base.compiled import cache_folder, compiled, content_of


def halves(x: float) -> float:
    return x / 2.0


def run(code: str, **variables: str) -> str:
    """What a fresh Python process prints."""
    environment = {**os.environ, **variables}
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.strip()


SHOW = "from handeye.base.compiled import cache_folder; print(cache_folder())"


def test_a_kernel_computes_what_its_source_says_and_divides_as_ieee() -> None:
    kernel = compiled(halves)
    assert kernel(3.0) == 1.5
    assert np.isinf(kernel(np.inf))


def test_compiling_leaves_the_numba_settings_of_others_alone() -> None:
    before = numba.config.CACHE_DIR
    compiled(halves)
    assert before == numba.config.CACHE_DIR


def test_the_cache_is_outside_the_package_and_shared_by_clones() -> None:
    folder = cache_folder()
    assert folder is not None
    assert folder == cache_folder()
    assert folder.name == "kernels"
    assert not folder.is_relative_to(Path(module.__file__).resolve().parents[2])


SOURCE = """
SIZE_M = 0.5
inner = lambda x: x + 1.0
inner.py_func = inner  # as a kernel has it

def kernel(x):
    {doc}
    total = 0.0
    for row in [x, 2.0 * x]:
        total += row * SIZE_M + inner(row)
    return total
"""


def content(source: str) -> str:
    space: dict[str, Any] = {}
    exec(source, space)
    return content_of(space["kernel"])


def test_what_changes_no_result_compiles_nothing_anew() -> None:
    plain = content(SOURCE.format(doc='"Add up."'))
    assert plain == content("# moved\n\n" + SOURCE.format(doc='"Return the sum."'))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SIZE_M = 0.5", "SIZE_M = 0.25"),  # a number that may stand in another file
        ("x + 1.0", "x - 1.0"),  # a kernel that it calls
        ("2.0 * x", "3.0 * x"),
        ("total += row", "total -= row"),
        ("def kernel(x)", "def kernel(x, y=2)"),
    ],
)
def test_whatever_changes_the_result_is_compiled_anew(old: str, new: str) -> None:
    plain = SOURCE.format(doc='"Add up."')
    assert old in plain
    assert content(plain) != content(plain.replace(old, new))


def test_kernels_that_call_themselves_have_a_content() -> None:
    again = "def kernel(x):\n    return kernel(x - 1) if x else 0\nkernel.py_func = kernel\n"
    assert content(again) == content(again)


@pytest.mark.slow
def test_a_second_process_compiles_nothing_anew(tmp_path: Path) -> None:
    code = (
        "from tests.base.test_compiled import *\n"
        "kernel = compiled(halves); kernel(3.0); print(sum(kernel.stats.cache_hits.values()))"
    )
    assert run(code, NUMBA_CACHE_DIR=str(tmp_path)) == "0"
    assert run(code, NUMBA_CACHE_DIR=str(tmp_path)) == "1"


@pytest.mark.slow
def test_the_cache_dir_of_numba_is_honoured(tmp_path: Path) -> None:
    assert Path(run(SHOW, NUMBA_CACHE_DIR=str(tmp_path))).parent == tmp_path


@pytest.mark.slow
def test_without_a_home_the_cache_goes_to_the_temporary_folder(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder is wanted")
    told = run(SHOW, XDG_CACHE_HOME=str(blocked), NUMBA_CACHE_DIR="", TMPDIR=str(tmp_path))
    assert Path(told).parent == tmp_path / f"handeye-{os.getuid()}"


def test_where_nothing_can_be_written_kernels_are_compiled_uncached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder is wanted")
    monkeypatch.setattr(module, "_places", lambda: iter([blocked / "below"]))
    cache_folder.cache_clear()
    try:
        assert cache_folder() is None
        assert compiled(halves)(3.0) == 1.5
    finally:
        cache_folder.cache_clear()
