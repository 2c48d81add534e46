"""When something stands still, and what a verdict is made of."""

import pytest

from handeye.envs.core.verdict import STILL_TICKS, Record, SideEffect, Stillness


def test_still_is_a_second_without_motion_of_place_or_gripper() -> None:
    still = Stillness(0.001)
    for tick in range(STILL_TICKS + 1):
        assert not still.lasts
        still.watch((0.5, 0.0, 0.1 + 0.0001 * tick), 0.04)
    assert still.lasts
    still.watch((0.5, 0.0, 0.1), 0.05)
    assert not still.lasts


@pytest.mark.parametrize(
    ("met", "meant", "spoilt", "success"),
    [(True, True, False, True), (False, True, False, False), (True, False, False, False),
     (True, True, True, False)],
)  # fmt: skip
def test_success_is_all_three(met: bool, meant: bool, spoilt: bool, success: bool) -> None:
    record = Record()
    effects = [SideEffect("wrong_button_pressed", "pressed red button")] * spoilt
    events = record.judge("terminate", "success", met=met, meant=meant, effects=effects)
    assert (record.success, record.reached) == (success, met)
    assert record.side_effects == ["pressed red button"] * spoilt
    assert events == ["wrong_button_pressed"] * spoilt + ["false_done"] * (not met)
