"""Pictures of episodes: H.264 videos, frame strips, the policy's grounding drawn on what it saw."""

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]  # (H, W, 3) sRGB, row 0 on top

MARK_COLOURS = ((235, 64, 52), (36, 113, 235), (20, 160, 90), (200, 120, 10))


def encode_mp4(frames: Sequence[Frame], fps: int, crf: int = 23) -> bytes:
    """H.264 in an MP4, which every browser plays.

    Args:
        frames: (H, W, 3) uint8 pictures of one size; an odd side loses its last row or column,
            since H.264's chroma is half as large.
        fps: pictures per second.
        crf: x264's constant quality, lower is better and larger.
    """
    if not frames:
        raise ValueError("a video needs at least one frame; this episode recorded none")
    height, width = (side - side % 2 for side in frames[0].shape[:2])
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream(
            "libx264", rate=fps, options={"crf": str(crf), "preset": "fast", "threads": "1"}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index, frame in enumerate(frames):
            if frame.shape != frames[0].shape or frame.dtype != np.uint8:
                raise ValueError(
                    f"frame {index} is {frame.dtype}{frame.shape}, the first one "
                    f"uint8{frames[0].shape}: a video's frames must be alike"
                )
            picture = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(frame[:height, :width]), format="rgb24"
            )
            picture.pts, picture.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return buffer.getvalue()


def decode_mp4(content: bytes) -> list[Frame]:
    """All frames of a video, (H, W, 3) uint8."""
    with av.open(io.BytesIO(content), "r") as container:
        pictures = container.decode(video=0)
        return [np.asarray(picture.to_ndarray(format="rgb24"), np.uint8) for picture in pictures]


def encode_png(frame: Frame) -> bytes:
    """A frame as PNG."""
    done, encoded = cv2.imencode(".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    if not done:
        raise ValueError(f"a picture of shape {frame.shape} cannot be written as PNG")
    return encoded.tobytes()


def encode_jpeg(frame: Frame, quality: int = 85) -> bytes:
    """A frame as JPEG, a fifth of its PNG."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality]
    done, encoded = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), settings)
    if not done:
        raise ValueError(f"a picture of shape {frame.shape} cannot be written as JPEG")
    return encoded.tobytes()


def spread(total: int, count: int) -> list[int]:
    """Up to `count` of the indices below `total`, evenly, the first and the last among them."""
    picked: list[int] = np.unique(np.linspace(0, total - 1, count).round().astype(int)).tolist()
    return picked if total else []


def enlarge(frame: Frame, height_px: int) -> Frame:
    """The frame scaled to a height, smooth."""
    width_px = round(frame.shape[1] * height_px / frame.shape[0])
    return np.asarray(
        cv2.resize(frame, (width_px, height_px), interpolation=cv2.INTER_CUBIC), dtype=np.uint8
    )


def frame_strip(frames: Sequence[Frame], count: int, gap_px: int = 4) -> Frame:
    """`count` frames spread evenly over an episode, first and last among them, side by side."""
    if not frames or count < 1:
        raise ValueError("a strip needs at least one frame")
    gap = np.full((frames[0].shape[0], gap_px, 3), 255, np.uint8)
    parts: list[Frame] = []
    for index in spread(len(frames), count):
        parts += [frames[index], gap]
    return np.concatenate(parts[:-1], axis=1)


def draw_marks(frame: Frame, points: NDArray[np.floating], radius_px: int = 7) -> Frame:
    """Rings at positions given as shares of width and height.

    Args:
        frame: (H, W, 3) uint8, left as it is.
        points: (N, 2) x, y in [0, 1]; x to the right, y down. The first is the target's.
        radius_px: of the rings.
    """
    drawn = frame.copy()
    height, width = frame.shape[:2]
    for number, (x, y) in enumerate(np.asarray(points, dtype=np.float64).reshape(-1, 2)):
        if not np.isfinite([x, y]).all():
            continue
        centre = (round(x * (width - 1)), round(y * (height - 1)))
        cv2.circle(drawn, centre, radius_px + 1, (255, 255, 255), 3, cv2.LINE_AA)
        colour = MARK_COLOURS[number % len(MARK_COLOURS)]
        cv2.circle(drawn, centre, radius_px, colour, 2, cv2.LINE_AA)
    return drawn


def draw_heat(frame: Frame, weights: NDArray[np.floating], opacity: float = 0.55) -> Frame:
    """Attention over the frame: (rows, columns) weights, scaled to their largest, as warm light."""
    peak = float(weights.max())
    if not peak > 0.0:
        return frame.copy()
    share = np.asarray(weights, dtype=np.float32) / peak
    size = (frame.shape[1], frame.shape[0])
    mask = np.clip(cv2.resize(share, size, interpolation=cv2.INTER_CUBIC), 0, 1)[..., None]
    warm = np.array([255, 170, 0], dtype=np.float32)
    mixed = frame * (1 - opacity * mask) + warm * (opacity * mask)
    return np.asarray(mixed.round(), dtype=np.uint8)


def draw_caption(frame: Frame, lines: Sequence[str], line_px: int = 18) -> Frame:
    """The frame with a white strip of text under it."""
    strip = np.full((line_px * len(lines) + 8, frame.shape[1], 3), 255, np.uint8)
    for row, line in enumerate(lines):
        origin = (6, line_px * (row + 1) - 2)
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(strip, _ascii(line), origin, font, 0.42, (30, 30, 30), 1, cv2.LINE_AA)
    return np.concatenate([frame, strip])


def _ascii(text: str) -> str:
    # OpenCV's fonts know no other letters and would print question marks for them.
    return text.encode("ascii", "replace").decode()
