import numpy as np
import pytest

from handeye.experiments.evaluation.evaluate_eyes import box_iou, inner_point
from handeye.experiments.evaluation.eyes_metrics import (
    Trial,
    balanced_accuracy,
    calibration_error,
    f1,
    most_frequent,
    summary,
)


def trials(group: str, *pairs: tuple[str, str, float]) -> list[Trial]:
    return [Trial(group, truth, said, score) for truth, said, score in pairs]


YES_NO = trials("x", ("yes", "yes", 0.9), ("yes", "no", 0.6), ("no", "no", 0.8), ("no", "no", 0.7))


def test_shares_by_hand() -> None:
    assert f1(YES_NO) == pytest.approx(2 / 3)
    assert f1(trials("x", ("no", "no", 1.0))) == 0.0
    assert balanced_accuracy(YES_NO) == pytest.approx(0.75)
    assert most_frequent(YES_NO) == 0.5


def test_calibration_by_hand() -> None:
    assert calibration_error(trials("x", ("a", "a", 1.0), ("a", "b", 0.0))) == 0.0
    assert calibration_error(trials("x", ("a", "b", 0.95))) == pytest.approx(0.95)
    assert calibration_error(YES_NO) == pytest.approx((0.1 + 0.6 + 0.2 + 0.3) / 4)


def test_a_summary_names_every_figure() -> None:
    several = [
        Trial("refer", "found", "found", 0.9, pointed=True, held_out=True),
        Trial("refer", "found", "red block", 0.6),
        *trials("presence positive", ("yes", "yes", 0.9)),
        *trials("presence adversarial", ("no", "yes", 0.6)),
        *trials("vqa colour", ("red", "red", 0.9), ("blue", "red", 0.4)),
        *trials("success", ("yes", "yes", 0.9), ("no", "no", 0.9)),
    ]
    figures = summary(several)
    rates, numbers = figures["rates"], figures["numbers"]
    assert rates["refer Acc@0.5"]["k"] == 1
    assert rates["refer Acc@0.5, held-out pairs"]["n"] == 1
    assert rates["refer pointing"]["rate"] == 0.5
    assert rates["presence, adversarial negatives"]["rate"] == 0.5
    assert numbers["presence yes-rate, adversarial"] == 1.0
    assert numbers["success, balanced accuracy"] == 1.0
    assert numbers["vqa colour, most frequent answer"] == 0.5
    assert "presence, random negatives" not in rates


def test_boxes_and_points() -> None:
    assert box_iou((0, 0, 2, 2), (0, 0, 2, 2)) == 1.0
    assert box_iou((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert box_iou((0, 0, 1, 1), (5, 5, 6, 6)) == 0.0
    ring = np.ones((5, 5), np.bool_)
    ring[1:4, 1:4] = False
    row, column = inner_point(ring)
    assert ring[row, column]
