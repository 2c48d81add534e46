"""What a limits file protects is understood word by word, or the run does not begin."""

import numpy as np
import pytest

from handeye.agents.safety.gate import Limits
from handeye.envs.base.colours import COLOURS
from handeye.envs.tabletop.world.language import KIND_WORDS, SIZE_WORDS
from handeye.experiments.oracles.lookahead import check_limits
from handeye.experiments.oracles.protected_objects import ProtectedObject, read_protected


@pytest.mark.parametrize("kind", KIND_WORDS)
def test_every_kind_colour_and_size_can_be_protected(kind: str) -> None:
    for word in KIND_WORDS[kind]:
        assert read_protected(word) == ProtectedObject(kind)
        assert read_protected(f"every {word}") == ProtectedObject(kind)
        for colour in COLOURS:
            assert read_protected(f"the {colour} {word}") == ProtectedObject(kind, colour)
        for size, words in SIZE_WORDS.items():
            assert read_protected(f"{words[0]} red {word}") == ProtectedObject(kind, "red", size)


@pytest.mark.parametrize(
    "entry",
    [
        "", " ", "the", "red", "small red", "knob", "red knob", "the button on the left",
        "button left of the bowl", "leftmost button", "cyan button and purple hexagon",
        "red button, blue bowl", "red blue button", "button bowl", "not the red button",
        "everything but the cup", "handle of the green drawer", "chair", "small large cup",
        "button.", "#3", "кнопка",
    ],
)  # fmt: skip
def test_what_is_not_one_readable_object_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="cannot be protected"):
        check_limits(Limits(protected=("red button", entry)), foresees=True)


def test_no_word_of_an_entry_is_ever_passed_over() -> None:
    known = ["red", "small", "button", "the", "left", "of", "and", "knob", "bowl", "nearest"]
    rng = np.random.default_rng(0)
    for _ in range(300):
        words = list(rng.choice(known, size=int(rng.integers(1, 6))))
        try:
            read = read_protected(" ".join(words))
        except ValueError:
            continue
        assert sorted(word for word in words if word != "the") == sorted(filter(None, read))


@pytest.mark.parametrize(
    "limits",
    [
        Limits(protected=("red button",)), Limits(force_n=60.0), Limits(speed_m_s=0.5),
        Limits(fixture_force_n=60.0), Limits(fall_m=0.01),
    ],
)  # fmt: skip
def test_a_limit_that_nothing_would_keep_is_refused(limits: Limits) -> None:
    check_limits(limits, foresees=True)
    with pytest.raises(ValueError, match="leave out --no-foresee"):
        check_limits(limits, foresees=False)
    check_limits(Limits(), foresees=False)
