"""Perceptions that are half true: which half does what, on masks drawn by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from handeye.agents.sight.perception import Answer, Detection, Perception
from handeye.experiments.oracles.partial_oracles import OracleGrounding, OracleLocalization

HEIGHT = WIDTH = 20


def thing(name: str, left: int, width: int = 4, score: float = 1.0) -> Detection:
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    mask[5:10, left : left + width] = True
    return Detection(name, score, (left, 5, left + width, 10), mask, "front")


class Told:
    """A perception that finds what it is told for each phrase."""

    def __init__(self, name: str, found: dict[str, list[Detection]]) -> None:
        self.perception_id, self._found = name, found

    def detect(self, words: str, observation: Mapping[str, Any], camera: str) -> list[Detection]:
        return self._found.get(words, [])

    def ask(self, question: str, observation: Mapping[str, Any], camera: str) -> Answer:
        return Answer(self.perception_id, 1.0)

    def caption(self, observation: Mapping[str, Any], camera: str) -> str:
        return self.perception_id


RED, BLUE = thing("red block", 2), thing("blue block", 12)
TRUTH = Told("truth", {"object": [RED, BLUE], "red block": [RED], "blue block": [BLUE]})


def names(perception: Perception, words: str) -> list[str]:
    return [one.name for one in perception.detect(words, {}, "front")]


def test_true_places_mend_extents_but_not_the_choice() -> None:
    ragged, elsewhere = thing("red thing", 3, 2, 0.7), thing("ghost", 18, 2)
    seen = Told("eyes", {"red block": [ragged, elsewhere], "blue block": [ragged]})
    half = OracleLocalization(seen, TRUTH)
    (found,) = half.detect("red block", {}, "front")  # the ghost is nowhere
    assert (found.name, found.box, found.score) == ("red block", RED.box, 0.7)
    assert names(half, "blue block") == ["red block"]  # the wrong one, as the eyes chose
    assert half.ask("?", {}, "front").text == "eyes"
    assert half.caption({}, "front") == "truth"
    assert "oracle" in half.perception_id


def test_two_finds_of_one_thing_are_one() -> None:
    seen = Told("eyes", {"block": [thing("a", 2, 3, 0.9), thing("b", 3, 3, 0.5)]})
    (found,) = OracleLocalization(seen, TRUTH).detect("block", {}, "front")
    assert found.score == 0.9


def test_true_words_mend_the_choice_but_not_what_is_seen() -> None:
    ragged = thing("something", 11, 4)
    seen = Told("eyes", {"object": [ragged], "blue block": []})
    half = OracleGrounding(seen, TRUTH)
    (found,) = half.detect("blue block", {}, "front")
    assert found.name == "blue block"
    assert found.box == ragged.box  # as it is seen
    assert names(half, "red block") == []  # it is not seen at all
    assert half.ask("?", {}, "front").text == "truth"
    assert half.caption({}, "front") == "eyes"


@pytest.mark.parametrize("made_of", [OracleLocalization, OracleGrounding])
def test_nothing_is_found_where_nothing_is(
    made_of: type[OracleLocalization] | type[OracleGrounding],
) -> None:
    assert made_of(Told("eyes", {}), TRUTH).detect("green star", {}, "front") == []
