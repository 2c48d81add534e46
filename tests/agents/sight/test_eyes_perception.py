from typing import Any

import numpy as np
import pytest
import torch

from handeye.agents.sight.eyes_perception import EyesPerception
from handeye.agents.sight.perception import called, captioned
from handeye.perception.eyes.eyes import Eyes
from handeye.perception.eyes.processor import EyesProcessor
from tests.perception.eyes.test_eyes import WORDS, small_config, two_things

PX = 64


class PaintedEyes(Eyes):
    """Sees two things, whatever is shown; counts how often it looks."""

    looked = 0

    def look(self, frames: torch.Tensor) -> Any:
        self.looked += 1
        owners = two_things()
        masks = torch.stack([owners[0] == number for number in (1, 2)])
        things = self._named(self.pixels(frames), frames, masks)
        sight = super().look(frames)
        return sight._replace(masks=masks, scores=torch.ones(2), things=things)

    def read(self, sight: Any, words: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor([[0.7, 0.9]]), torch.tensor([[0.2, 0.5, 0.3]])


@pytest.fixture
def eyes() -> EyesPerception:
    torch.manual_seed(0)
    return EyesPerception(PaintedEyes(small_config()), EyesProcessor(WORDS))


def observation() -> dict[str, Any]:
    rgb = np.zeros((PX, PX, 3), np.uint8)
    return {"rgb_front": rgb, "depth_front": np.ones((PX, PX), np.float32), "rgb_ego": rgb}


def test_what_words_mean_comes_surest_first(eyes: EyesPerception) -> None:
    found = eyes.detect("the red block", observation(), "front")
    assert [detection.score for detection in found] == pytest.approx([0.9, 0.7])
    assert found[1].box == (16, 20, 32, 36)
    assert found[1].camera == "front"
    assert all(detection.name.split()[-1] in ("block", "bowl") for detection in found)


def test_a_frame_is_looked_at_once(eyes: EyesPerception) -> None:
    seen = observation()
    assert eyes.ask("is it red", seen, "front").text == "no"
    assert eyes.ask("is it red", seen, "front").score == pytest.approx(0.5)
    eyes.caption(seen, "front")
    assert eyes.model.looked == 1  # type: ignore[attr-defined]
    eyes.ask("is it red", observation(), "front")
    assert eyes.model.looked == 2  # type: ignore[attr-defined]


def test_it_sees_without_depth_and_says_which_frame_is_missing(eyes: EyesPerception) -> None:
    assert eyes.detect("block", observation(), "ego")
    with pytest.raises(ValueError, match="rgb_overhead"):
        eyes.detect("block", observation(), "overhead")


def test_names_and_captions() -> None:
    assert called("small", "red", "block") == "small red block"
    assert called("", "blue", "bowl") == "blue bowl"
    assert called("", "blue", "handle") == "handle of blue drawer"
    none = np.zeros((2, 2), np.bool_)
    inside = np.array([[False, True], [False, False]])
    names = ["red block", "blue bowl"]
    assert captioned(names, ["held", ""], none, none) == "red block (held); blue bowl"
    assert captioned(names, ["", ""], inside, none) == "red block in the blue bowl; blue bowl"
    assert captioned([], [], none, none) == "nothing"
