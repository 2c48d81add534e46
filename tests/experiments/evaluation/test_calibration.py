import pytest

from handeye.experiments.evaluation.calibration import Calibration


def test_figures_by_hand() -> None:
    told = Calibration.of([0.9, 0.9, 0.1, 0.1], [True, False, False, False])
    assert told.brier == pytest.approx((0.01 + 0.81 + 0.01 + 0.01) / 4)
    assert told.brier_of_rate == pytest.approx(0.25 * 0.75)
    assert told.ece == pytest.approx((abs(1.8 - 1) + abs(0.2 - 0)) / 4)
    assert told.to_dict()["n"] == 4


def test_the_perfect_and_the_certain() -> None:
    assert Calibration.of([1.0, 0.0], [True, False]) == Calibration(2, 0.0, 0.25, 0.0)
    assert Calibration.of([1.0, 1.0], [False, False]).ece == 1.0


@pytest.mark.parametrize(("p", "y"), [([], []), ([0.5], []), ([1.5], [True]), ([-0.1], [True])])
def test_what_is_no_prediction_is_refused(p: list[float], y: list[bool]) -> None:
    with pytest.raises(ValueError, match="one in"):
        Calibration.of(p, y)


@pytest.mark.parametrize(
    ("p", "y", "ece"),
    [
        ([0.5, 0.5], [True, False], 0.0),  # right on average
        ([0.45, 0.41], [True, False], 0.07),  # one bin: |0.86 - 1| / 2
        ([0.1, 0.2], [True, False], 0.55),  # two bins: (0.9 + 0.2) / 2
        ([0.099, 0.1], [False, False], 0.0995),  # a bin begins at its lower edge
        ([1.0, 0.95], [True, True], 0.025),  # certainty is in the last bin
    ],
)
def test_gaps_are_weighed_within_equal_bins(p: list[float], y: list[bool], ece: float) -> None:
    assert Calibration.of(p, y).ece == pytest.approx(ece)


def test_stating_the_rate_is_as_good_as_its_variance() -> None:
    told = Calibration.of([0.25] * 4, [True, False, False, False])
    assert told.brier == pytest.approx(told.brier_of_rate)
    assert told.ece == pytest.approx(0.0)
