"""How a scene looks: light, textures, colours and where exactly the cameras stand.

An `Appearance` holds everything visual that a task does not fix, as plain numbers, so that an
episode can be drawn again under another one. Object colours are shifted so little that orange
never looks red nor blue purple (hues of neighbouring colours stand 25 degrees or more apart).
"""

import colorsys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rendering.camera import CAMERA_NAMES, Camera
from handeye.envs.rendering.shading import Light

Colour = tuple[float, float, float]
Shift = tuple[float, float, float, float, float, float]

PATTERN_SIZE = 128
PATTERNS = ("plain", "speckle", "wood", "checker", "stripes", "tiles", "cloud")
COLOUR_SHIFTS = 16  # objects beyond that reuse the first ones' shifts
HUE_JITTER_RAD = float(np.deg2rad(4.0))
CAMERA_JITTER_M, CAMERA_JITTER_RAD = 0.004, float(np.deg2rad(0.3))
WRIST_JITTER_M, WRIST_JITTER_RAD = 0.002, float(np.deg2rad(0.5))
NO_SHIFT: Shift = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Appearance:
    """One look of the tabletop.

    Attributes:
        light: Direction, brightness and shadow.
        table_pattern: A name in `PATTERNS`.
        table_colours: Two sRGB colours in 0..1 that the pattern mixes.
        table_cells_per_m: Pattern cells per metre; a pattern repeats after `PATTERN_SIZE` cells.
        table_angle_rad: Turn of the pattern about z.
        background: sRGB behind everything, at the top and at the bottom of the image.
        robot_brightness: Factor on the robot's colours.
        colour_shifts: Per object (cyclic) shift of hue (rad), factors on saturation and value.
        camera_shifts: Per camera a small motion in its own axes: x y z (m), then a rotation
            vector (rad).
    """

    light: Light = field(default_factory=Light)
    table_pattern: str = "speckle"
    table_colours: tuple[Colour, Colour] = ((0.62, 0.60, 0.57), (0.70, 0.68, 0.65))
    table_cells_per_m: float = 160.0
    table_angle_rad: float = 0.0
    background: tuple[Colour, Colour] = ((0.80, 0.83, 0.86), (0.42, 0.43, 0.45))
    robot_brightness: float = 1.0
    colour_shifts: tuple[Colour, ...] = ((0.0, 1.0, 1.0),)
    camera_shifts: Mapping[str, Shift] = field(
        default_factory=lambda: dict.fromkeys(CAMERA_NAMES, NO_SHIFT)
    )

    def __post_init__(self) -> None:
        """Refuse unknown patterns."""
        if self.table_pattern not in PATTERNS:
            raise ValueError(
                f"unknown pattern {self.table_pattern!r}; known: {', '.join(PATTERNS)}"
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Appearance":
        """The appearance that `to_dict` wrote, after a trip through JSON too.

        Raises:
            ValueError: a field is missing or unknown.
        """
        try:
            fields = dict(data)
            light = dict(fields.pop("light"))
            light["direction"] = tuple(light["direction"])
            for key in ("table_colours", "background", "colour_shifts"):
                fields[key] = tuple(tuple(row) for row in fields[key])
            shifts = {name: tuple(row) for name, row in fields.pop("camera_shifts").items()}
            return cls(light=Light(**light), camera_shifts=shifts, **fields)
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"not an appearance: {error}; write appearances with Appearance.to_dict"
            ) from error

    def object_colour(self, index: int, colour: Colour) -> Colour:
        """sRGB of object number `index`, whose nominal colour is `colour`."""
        return shifted_colour(colour, self.colour_shifts[index % len(self.colour_shifts)])

    def shifted(self, camera: Camera) -> Camera:
        """`camera`, nudged as this appearance says."""
        shift = self.camera_shifts.get(camera.name, NO_SHIFT)
        if shift == NO_SHIFT:
            return camera
        return camera.moved(camera.world_from_camera @ small_motion(shift))


DEFAULT_APPEARANCE = Appearance()


def shifted_colour(colour: Colour, shift: Colour) -> Colour:
    """sRGB `colour` after a shift of hue (rad) and factors on saturation and value."""
    turn, saturation, value = shift
    h, s, v = colorsys.rgb_to_hsv(*colour)
    hue = (h + turn / (2 * np.pi)) % 1.0
    return colorsys.hsv_to_rgb(hue, min(1.0, s * saturation), min(1.0, v * value))


def small_motion(shift: Shift) -> NDArray[np.float64]:
    """(4, 4) rigid transform of a shift (m) and a rotation vector (rad), by Rodrigues' formula."""
    rotation = np.asarray(shift[3:], dtype=np.float64)
    angle = float(np.linalg.norm(rotation))
    motion = np.eye(4)
    motion[:3, 3] = shift[:3]
    if angle > 0.0:
        x, y, z = rotation / angle
        cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        motion[:3, :3] += np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return motion


def sample_appearance(rng: np.random.Generator, strength: float = 1.0) -> Appearance:
    """Draw an appearance; `strength` 0 is the default one, 1 the usual spread, up to 2 harder.

    Args:
        rng: Source of all randomness.
        strength: Scale of every departure from `DEFAULT_APPEARANCE`.
    """
    if not 0.0 <= strength <= 2.0:
        raise ValueError(f"strength must be between 0 and 2, got {strength}")
    if strength == 0.0:
        return DEFAULT_APPEARANCE
    shifts = {name: _camera_shift(rng, strength, wrist=name == "wrist") for name in CAMERA_NAMES}
    first = neutral_colour(rng, strength)
    contrast = 1.0 + min(1.0, strength) * float(rng.uniform(-0.25, 0.25))
    second = tuple(min(1.0, channel * contrast) for channel in first)
    walls = (neutral_colour(rng, strength), neutral_colour(rng, strength))
    return Appearance(
        light=sample_light(rng, strength),
        table_pattern=str(rng.choice(PATTERNS)),
        table_colours=(first, (second[0], second[1], second[2])),
        table_cells_per_m=float(rng.uniform(90.0, 300.0)),
        table_angle_rad=float(rng.uniform(0.0, np.pi)),
        background=walls,
        robot_brightness=1.0 - min(1.0, strength) * float(rng.uniform(0.0, 0.15)),
        colour_shifts=tuple(
            sample_colour_shift(rng, min(1.0, strength)) for _ in range(COLOUR_SHIFTS)
        ),
        camera_shifts=shifts,
    )


def _camera_shift(rng: np.random.Generator, strength: float, *, wrist: bool) -> Shift:
    metres = strength * (WRIST_JITTER_M if wrist else CAMERA_JITTER_M)
    radians = strength * (WRIST_JITTER_RAD if wrist else CAMERA_JITTER_RAD)
    x, y, z = rng.uniform(-metres, metres, 3).tolist()
    a, b, c = rng.uniform(-radians, radians, 3).tolist()
    return x, y, z, a, b, c


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
