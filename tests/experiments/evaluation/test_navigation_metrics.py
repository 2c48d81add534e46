"""Navigation metrics on cases worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.experiments.evaluation.navigation_metrics import (
    dynamic_time_warping_m,
    evenly_spaced,
    ndtw,
    path_length_m,
    sdtw,
    spl,
    weighted_success,
)

LINE = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
POINT = st.tuples(st.floats(-5, 5), st.floats(-5, 5))


def test_the_length_of_a_corner_and_of_a_point() -> None:
    assert path_length_m(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]])) == pytest.approx(7.0)
    assert path_length_m(np.array([[1.0, 2.0]])) == 0.0


def test_spl_of_a_straight_way_a_detour_a_failure_and_a_start_at_the_goal() -> None:
    assert weighted_success(True, 4.0, 4.0) == 1.0
    assert weighted_success(True, 4.0, 8.0) == 0.5
    assert weighted_success(True, 4.0, 3.9) == 1.0  # stopping short of the very goal gains nothing
    assert weighted_success(False, 4.0, 4.0) == 0.0
    assert weighted_success(True, 0.0, 0.0) == 1.0
    assert weighted_success(True, 0.0, 2.0) == 0.0
    assert spl([True, True, False], [4, 4, 4], [4, 8, 4]) == pytest.approx(0.5)
    assert math.isnan(spl([], [], []))


def test_dtw_aligns_what_only_differs_in_speed() -> None:
    slow = np.repeat(LINE, 3, axis=0)
    assert dynamic_time_warping_m(slow, LINE) == 0.0
    assert ndtw(slow, LINE) == 1.0


def test_dtw_of_a_parallel_path_is_the_gap_at_every_point() -> None:
    aside = LINE + np.array([0.0, 0.5])
    assert dynamic_time_warping_m(aside, LINE) == pytest.approx(1.5)
    assert ndtw(aside, LINE) == pytest.approx(math.exp(-0.5))


def test_dtw_of_a_path_that_stays_at_the_start() -> None:
    assert dynamic_time_warping_m(LINE[:1], LINE) == pytest.approx(0 + 1 + 2)
    assert ndtw(LINE[:1], LINE) == pytest.approx(math.exp(-1.0))


def test_a_path_backwards_is_worse_than_forwards() -> None:
    assert ndtw(LINE[::-1], LINE) < ndtw(LINE + 0.3, LINE)


def test_sdtw_counts_successes_alone() -> None:
    assert sdtw(True, LINE, LINE) == 1.0
    assert sdtw(False, LINE, LINE) == 0.0


def test_an_even_path_has_a_point_every_step_and_both_ends() -> None:
    corner = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.7]])
    expected = [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 0.7]]
    assert evenly_spaced(corner, 0.5) == pytest.approx(np.array(expected))
    assert evenly_spaced(LINE, 1.0) == pytest.approx(LINE)
    assert evenly_spaced(LINE[[0, 0]], 0.5) == pytest.approx(LINE[:1])


@given(st.lists(POINT, min_size=1, max_size=6), st.lists(POINT, min_size=1, max_size=6))
def test_dtw_is_symmetric_and_ndtw_a_share(a: list[tuple], b: list[tuple]) -> None:
    first, second = np.array(a), np.array(b)
    there, back = dynamic_time_warping_m(first, second), dynamic_time_warping_m(second, first)
    assert there == pytest.approx(back)
    assert 0.0 <= ndtw(first, second) <= 1.0
    assert dynamic_time_warping_m(first, first) == 0.0


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (np.zeros((0, 2)), "N >= 1"),
        (np.zeros((3, 3)), "x and y"),
        (np.array([[0.0, np.nan]]), "odometry"),
    ],
)
def test_bad_paths_are_named(path: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        path_length_m(path)


def test_a_goal_without_a_path_is_refused() -> None:
    with pytest.raises(ValueError, match="rejected when the scene is drawn"):
        weighted_success(False, math.inf, 3.0)
