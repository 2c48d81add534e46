"""The moving picture shows real episodes with their words, and its words fit."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from handeye.experiments.showcase.lettering import Line, height_of, panel, wrapped
from handeye.experiments.showcase.moving_picture import (
    FPS,
    HEIGHT_PX,
    STAGE_PX,
    WIDTH_PX,
    MovingPictureConfig,
    agent_part,
    arm_part,
    encode_webp,
    hurried,
    with_titles,
)

CONFIG = replace(
    MovingPictureConfig(), policy="oracle", task="press_button", agent_task="press_button",
    tools="truth", planner="scripted",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("part", [arm_part, agent_part])
def test_a_part_fills_the_stage_and_moves(part: object) -> None:
    pictures = part(CONFIG)  # type: ignore[operator]
    assert {picture.shape for picture in pictures} == {(STAGE_PX, WIDTH_PX, 3)}
    apart = np.abs(pictures[0].astype(int) - pictures[-1])
    assert apart[:, :STAGE_PX].mean() > 0.5  # the scene
    assert apart[:, STAGE_PX:].mean() > 0.5  # the words
    assert with_titles(pictures[0], 1).shape == (HEIGHT_PX, WIDTH_PX, 3)


def test_a_long_episode_is_hurried_and_its_end_held() -> None:
    pictures = [np.full((8, 8, 3), value, np.uint8) for value in range(100)]
    shown = [int(picture[0, 0, 0]) for picture in hurried(pictures, 3.0)]
    assert shown[: 3 * FPS] == sorted(set(shown))
    assert shown[0] == 0
    assert shown[3 * FPS - 1 :] == [99] * (len(shown) - 3 * FPS + 1)
    assert len(shown) > 4 * FPS


def test_the_animation_repeats_for_ever() -> None:
    pictures = [np.full((32, 48, 3), value, np.uint8) for value in (0, 120, 240)]
    read = Image.open(io.BytesIO(encode_webp(pictures, 80)))
    assert (read.format, read.n_frames, read.size) == ("WEBP", 3, (48, 32))
    assert read.info["loop"] == 0


def test_words_are_wrapped_to_fit() -> None:
    line = Line("put the large blue star in the pink bowl " * 3)
    rows = wrapped(line, 200)
    assert len(rows) > 3
    assert " ".join(rows) == line.words.strip()
    height_px = round(height_of([line], 200 + 32))
    drawn = panel([line], 200 + 32, height_px)
    assert (drawn[:, -16:] == 255).all()  # nothing runs over the margins
    assert (drawn[-12:] == 255).all()
    assert (drawn[-48:-12] < 255).any()
