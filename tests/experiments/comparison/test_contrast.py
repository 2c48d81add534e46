"""Pairs of sides: what is counted, what is said."""

from collections.abc import Mapping, Sequence

import pytest

from handeye.experiments.comparison.contrast import contrasts
from handeye.experiments.comparison.side import Side
from handeye.experiments.records.significance import barnard


def side(name: str, outcomes: Mapping[str, Sequence[bool]], first: int = 0) -> Side:
    solved = {(task, first + i): won for task, row in outcomes.items() for i, won in enumerate(row)}
    return Side.of_episodes(name, name, {"suite": "s"}, solved)


A = side("A", {"reach": [True] * 50, "stack": [True] * 20 + [False] * 30})
B = side("B", {"reach": [True] * 49 + [False], "stack": [True] * 35 + [False] * 15})


def test_a_better_side_is_named_with_its_interval() -> None:
    (found,) = contrasts([A, B])
    assert found.paired
    assert found.better(0.05) is B
    assert (found.overall.only_a, found.overall.only_b) == (1, 15)
    assert found.overall.difference.value == pytest.approx(0.14)
    assert found.verdict(0.05).startswith("B is better by 14.0 points (95 % interval ")
    assert found.only_a == (("reach", 49),)
    assert len(found.only_b) == 15
    assert found.further == 0
    assert set(found.tasks) == {"reach", "stack"}
    (turned,) = contrasts([B, A])
    assert turned.verdict(0.05) == found.verdict(0.05)


def test_equal_sides_cannot_be_told_apart() -> None:
    (found,) = contrasts([A, side("C", A.outcomes)])
    assert found.better(0.05) is None
    assert found.further is None
    assert found.verdict(0.05).startswith(
        "A and C cannot be told apart: differences under 8 points would not have shown with 100"
    )


def test_small_differences_need_further_episodes() -> None:
    (found,) = contrasts([A, side("D", {**A.outcomes, "reach": [True] * 48 + [False] * 2})])
    assert found.better(0.05) is None
    assert found.further is not None
    assert 200 < found.further < 500


def test_other_seeds_are_compared_unpaired_when_asked() -> None:
    other = side("B", B.outcomes, first=1000)
    with pytest.raises(ValueError, match="no episode in common"):
        contrasts([A, other])
    (found,) = contrasts([A, other], unpaired=True)
    assert not found.paired
    assert found.overall.only_a is None
    assert found.overall.p_value == pytest.approx(barnard(70, 100, 84, 100))
    (paired,) = contrasts([A, B])
    assert found.overall.difference.interval95[0] < paired.overall.difference.interval95[0]


def test_sides_without_seeds_are_unpaired() -> None:
    bare = Side("L", "l", {"suite": "s"}, {}, {"reach": [True] * 10})
    (found,) = contrasts([A, bare])
    assert not found.paired
    assert (found.overall.n, list(found.tasks)) == ((50, 10), ["reach"])


def test_several_pairs_are_adjusted_by_holm() -> None:
    found = contrasts([A, B, side("C", A.outcomes)])
    assert [(one.a.name, one.b.name) for one in found] == [("A", "B"), ("A", "C"), ("B", "C")]
    assert found[0].adjusted == pytest.approx(3 * found[0].overall.p_value)
    assert found[1].adjusted == 1.0


def test_only_common_episodes_count_and_the_mean_is_over_the_tasks_that_test_words() -> None:
    short = side("E", {"reach": [True] * 10, "stack": [False] * 10})
    (found,) = contrasts([A, short], counted=lambda tasks: ["stack"])
    assert found.overall.n == (10, 10)
    assert found.overall.difference.value == -1.0
    assert found.left_out == 80
