"""The README's picture is made of real episodes."""

from pathlib import Path

import cv2
import numpy as np

from handeye.experiments.showcase.picture import PictureConfig, run, stack


def test_picture_is_written(tmp_path: Path) -> None:
    output = tmp_path / "picture.png"
    config = PictureConfig(output=output, tasks=("reach", "press_button"), frames=2, height_px=64)
    assert run(config) == 0
    picture = cv2.imread(str(output))
    assert picture is not None
    assert picture.shape[0] > 2 * 64
    assert picture.std() > 10


def test_strips_of_unequal_length_are_filled() -> None:
    short, long = np.zeros((4, 6, 3), np.uint8), np.zeros((4, 9, 3), np.uint8)
    stacked = stack([short, long])
    assert stacked.shape == (20, 9, 3)
    assert (stacked[0, 6:] == 255).all()
