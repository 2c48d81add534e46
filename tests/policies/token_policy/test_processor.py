from typing import Any

import numpy as np
import pytest
import torch

from tests.policies.builders import observation, processor


def test_frames_become_floats_channels_first() -> None:
    seen = observation()
    batch = processor()(seen, "Pick up the red block!")
    assert batch["front"].shape == (1, 3, 128, 128)
    expected = torch.from_numpy(seen["rgb_front"]).permute(2, 0, 1) / 255
    torch.testing.assert_close(batch["front"][0], expected)
    assert batch["words"][0, :7].tolist() == [2, 3, 4, 5, 6, 7, 0]


def test_larger_frames_are_averaged_down() -> None:
    large = observation()["rgb_front"].repeat(2, 0).repeat(2, 1)
    once = processor().frames(observation()["rgb_front"][None], 128)
    torch.testing.assert_close(processor().frames(large[None], 128), once)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("rgb_front", np.zeros((128, 96, 3), np.uint8), "shape"),
        ("rgb_front", np.zeros((128, 128, 4), np.uint8), "shape"),
        ("rgb_front", np.zeros((100, 100, 3), np.uint8), "does not reduce"),
        ("rgb_front", np.zeros((128, 128, 3), np.float32), "uint8"),
        ("proprio", np.full(14, np.nan), "not finite"),
        ("proprio", np.zeros(9), "14 numbers"),
    ],
)
def test_a_bad_observation_is_named(key: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        processor()({**observation(), key: value}, "pick up the red block")


def test_a_missing_camera_is_named() -> None:
    seen = observation()
    del seen["rgb_wrist"]
    with pytest.raises(ValueError, match="front and wrist cameras"):
        processor()(seen, "pick up the red block")


@pytest.mark.parametrize(
    ("instruction", "message"),
    [("", "empty"), (" ?! ", "empty"), ("x" * 10_000, "10000 characters"), ("a " * 40, "40 words")],
)
def test_a_bad_instruction_is_named(instruction: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        processor()(observation(), instruction)


def test_an_instruction_must_be_text() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        processor()(observation(), None)  # type: ignore[arg-type]
