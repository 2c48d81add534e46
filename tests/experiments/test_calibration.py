import pytest

from handeye.experiments.calibration import Calibration


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
