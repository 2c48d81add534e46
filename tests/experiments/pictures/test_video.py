"""Videos and drawings."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from handeye.experiments.pictures.video import (
    decode_mp4,
    draw_caption,
    draw_heat,
    draw_marks,
    encode_jpeg,
    encode_mp4,
    encode_png,
    enlarge,
    frame_strip,
    spread,
)


def plain(value: int, height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


def test_video_comes_back_in_order_and_colour() -> None:
    frames = [np.full((48, 64, 3), colour, np.uint8) for colour in np.eye(3) * 200 + 20]
    decoded = decode_mp4(encode_mp4(frames, fps=10))
    assert len(decoded) == 3
    for seen, shown in zip(decoded, frames, strict=True):
        assert np.abs(seen.astype(int) - shown).max() < 12


def test_video_is_mp4_for_browsers() -> None:
    content = encode_mp4([plain(i * 20) for i in range(10)], fps=10)
    assert content[4:8] == b"ftyp"
    assert b"avc1" in content


def test_odd_sides_are_cut() -> None:
    assert decode_mp4(encode_mp4([plain(9, 47, 65)], fps=5))[0].shape == (46, 64, 3)


def test_video_refuses_what_it_cannot_show() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        encode_mp4([], fps=10)
    with pytest.raises(ValueError, match="frame 1 is"):
        encode_mp4([plain(0), plain(0, 10, 10)], fps=10)


def test_png_keeps_rgb() -> None:
    frame = plain(0)
    frame[..., 0] = 250
    decoded = cv2.imdecode(np.frombuffer(encode_png(frame), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert tuple(decoded[0, 0]) == (0, 0, 250)  # OpenCV reads blue first


def test_jpeg_is_close_and_smaller() -> None:
    frame = np.random.default_rng(0).integers(90, 110, (64, 64, 3), np.uint8)
    frame[..., 0] += 100
    content = encode_jpeg(frame)
    assert content[:2] == b"\xff\xd8"
    assert len(content) < len(encode_png(frame)) / 2
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded[..., 2].mean() == pytest.approx(frame[..., 0].mean(), abs=2)


@pytest.mark.parametrize(
    ("total", "count", "picked"),
    [(9, 3, [0, 4, 8]), (2, 24, [0, 1]), (1, 24, [0]), (0, 24, []), (100, 2, [0, 99])],
)
def test_spread_keeps_first_and_last(total: int, count: int, picked: list[int]) -> None:
    assert spread(total, count) == picked


def test_strip_holds_first_and_last() -> None:
    strip = frame_strip([plain(i) for i in range(9)], count=3, gap_px=2)
    assert strip.shape == (48, 3 * 64 + 2 * 2, 3)
    assert [strip[0, x, 0] for x in (0, 66, 132)] == [0, 4, 8]
    assert frame_strip([plain(5)], count=4).shape == (48, 64, 3)


def test_marks_are_drawn_where_told() -> None:
    frame = plain(128)
    drawn = draw_marks(frame, np.array([[0.5, 0.5], [np.nan, 0.1]]), radius_px=5)
    assert (frame == 128).all()
    changed = np.argwhere((drawn != frame).any(axis=-1))
    assert np.abs(changed.mean(axis=0) - [23.5, 31.5]).max() < 1.0


def test_heat_is_warm_where_the_weights_are() -> None:
    weights = np.zeros((6, 8))
    weights[0, 0] = 0.2
    drawn = draw_heat(plain(100), weights)
    assert drawn[2, 2, 0] > 150
    assert drawn[-1, -1, 0] == 100
    assert (draw_heat(plain(100), np.zeros((6, 8))) == 100).all()


def test_captions_and_sizes() -> None:
    assert draw_caption(plain(0), ["put it “there”", "second"]).shape[0] > 48
    assert enlarge(plain(0), 96).shape == (96, 128, 3)
