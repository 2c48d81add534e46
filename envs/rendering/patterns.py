"""Patterns that tile a plane and mix two colours: wood, tiles, stripes and others."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

PATTERN_SIZE = 128
PATTERNS = ("plain", "speckle", "wood", "checker", "stripes", "tiles", "cloud")


@lru_cache(maxsize=len(PATTERNS))
def pattern(name: str) -> NDArray[np.uint8]:
    """(PATTERN_SIZE, PATTERN_SIZE) uint8 that tiles the plane and mixes two colours."""
    rng = np.random.default_rng(PATTERNS.index(name))  # a picture, not chance: the same for ever
    rows, columns = np.mgrid[:PATTERN_SIZE, :PATTERN_SIZE] / PATTERN_SIZE
    if name == "checker":
        grid = (np.floor(4 * rows) + np.floor(4 * columns)) % 2
    elif name == "stripes":
        grid = np.floor(8 * rows) % 2
    elif name == "tiles":
        grid = 1.0 - ((4 * rows % 1 < 0.08) | (4 * columns % 1 < 0.08))
    elif name == "wood":
        rings = _noise(rng, 3.0, (1, 6))
        grid = 0.5 + 0.5 * np.sin(2 * np.pi * (6 * rows + 1.2 * rings))
    else:
        sharpness = {"plain": 0.0, "speckle": 0.3, "cloud": 3.0}[name]
        grid = 0.5 + (0.5 if sharpness else 0.1) * _noise(rng, sharpness, (1, 1))
    return np.rint(255 * np.clip(grid, 0.0, 1.0)).astype(np.uint8)


def _noise(
    rng: np.random.Generator, falloff: float, stretch: tuple[int, int]
) -> NDArray[np.float64]:
    """Tileable noise of about -1..1; a larger `falloff` gives larger blobs."""
    spectrum = np.fft.fft2(rng.standard_normal((PATTERN_SIZE, PATTERN_SIZE)))
    waves = np.fft.fftfreq(PATTERN_SIZE, 1 / PATTERN_SIZE)
    radius = np.hypot(waves[:, None] * stretch[0], waves[None, :] * stretch[1])
    spectrum /= np.maximum(radius, 1.0) ** (falloff / 2)
    spectrum[0, 0] = 0.0
    noise = np.fft.ifft2(spectrum).real
    return np.asarray(noise / (2.5 * noise.std()), dtype=np.float64)
