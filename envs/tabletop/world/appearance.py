"""How a scene looks: light, textures, colours and where exactly the cameras stand.

An `Appearance` holds everything visual that a task does not fix, as plain numbers, so that an
episode can be drawn again under another one. Object colours are shifted so little that orange
never looks red nor blue purple (hues of neighbouring colours stand 25 degrees or more apart).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.colour_jitter import (
    COLOUR_SHIFTS,
    Colour,
    neutral_colour,
    sample_colour_shift,
    sample_light,
    shifted_colour,
)
from handeye.envs.rendering.patterns import PATTERNS
from handeye.envs.rendering.shading import Light

Shift = tuple[float, float, float, float, float, float]

CAMERA_JITTER_M, CAMERA_JITTER_RAD = 0.004, float(np.deg2rad(0.3))
WRIST_JITTER_M, WRIST_JITTER_RAD = 0.002, float(np.deg2rad(0.5))
# Frozen: one camera more among them would change how every recorded episode looks.
JITTERED_CAMERAS = ("front", "wrist", "overhead")
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
        default_factory=lambda: dict.fromkeys(JITTERED_CAMERAS, NO_SHIFT)
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
    shifts = {
        name: _camera_shift(rng, strength, wrist=name == "wrist") for name in JITTERED_CAMERAS
    }
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
