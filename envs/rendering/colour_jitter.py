"""Small random changes of colours and light that leave every colour its name."""

import colorsys

import numpy as np

from handeye.envs.rendering.shading import Light

Colour = tuple[float, float, float]

COLOUR_SHIFTS = 16  # Objects beyond that number reuse the shifts of the first ones.
HUE_JITTER_RAD = float(np.deg2rad(4.0))


def shifted_colour(colour: Colour, shift: Colour) -> Colour:
    """sRGB `colour` after a shift of hue (rad) and factors on saturation and value."""
    turn, saturation, value = shift
    h, s, v = colorsys.rgb_to_hsv(*colour)
    hue = (h + turn / (2 * np.pi)) % 1.0
    return colorsys.hsv_to_rgb(hue, min(1.0, s * saturation), min(1.0, v * value))


def sample_colour_shift(rng: np.random.Generator, strength: float) -> Colour:
    """A shift for `shifted_colour` that leaves a colour its name; `strength` 0 to 1."""
    hue = strength * float(rng.uniform(-HUE_JITTER_RAD, HUE_JITTER_RAD))
    saturation = 1.0 - strength * float(rng.uniform(0.0, 0.15))
    return hue, saturation, 1.0 + strength * float(rng.uniform(-0.12, 0.08))


def neutral_colour(rng: np.random.Generator, strength: float) -> Colour:
    """A greyish colour, so that tables and walls are not taken for objects."""
    hue, saturation, spread = rng.uniform(), 0.2 * strength * rng.uniform(), 0.25 * strength
    value = np.clip(0.62 + rng.uniform(-spread, spread), 0.25, 0.95)
    return colorsys.hsv_to_rgb(float(hue), float(saturation), float(value))


def sample_light(rng: np.random.Generator, strength: float) -> Light:
    """A light from above whose direction, brightness and shadow depart from the default one."""
    azimuth, tilt = rng.uniform(0.0, 2 * np.pi), strength * rng.uniform(0.1, 0.35) + 0.15
    direction = (
        float(np.sin(tilt) * np.cos(azimuth)),
        float(np.sin(tilt) * np.sin(azimuth)),
        float(np.cos(tilt)),
    )
    ambient = 0.45 + min(1.0, strength) * float(rng.uniform(-0.12, 0.12))
    total = 1.0 - min(1.0, strength) * float(rng.uniform(0.0, 0.2))
    return Light(direction, ambient, total - ambient, 0.35 + 0.15 * float(rng.uniform(-1.0, 1.0)))
