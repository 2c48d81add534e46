import numba
import numpy as np

from handeye.envs.compiled import cache_folder, compiled


def halves(x: float) -> float:
    return x / 2.0


def test_a_kernel_computes_what_its_source_says_and_divides_as_ieee() -> None:
    kernel = compiled(halves)
    assert kernel(3.0) == 1.5
    assert np.isinf(kernel(np.inf))


def test_compiling_leaves_the_numba_settings_of_others_alone() -> None:
    before = numba.config.CACHE_DIR
    compiled(halves)
    assert before == numba.config.CACHE_DIR


def test_the_cache_folder_is_named_after_the_sources_of_all_kernels() -> None:
    assert cache_folder() == cache_folder()
    assert cache_folder().name.startswith("kernels-")
    assert cache_folder().parent.name == "__pycache__"
