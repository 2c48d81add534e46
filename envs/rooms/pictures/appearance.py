"""How an apartment looks: light, floors and walls room by room, small shifts of colours.

As on the tabletop, everything visual that a task does not fix is plain numbers, and the colours of
things are shifted so little that each keeps its name; floors, walls and ceiling stay greyish.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

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

PLAIN = "plain"  # such a wall or floor carries no pattern at all, which draws faster
FLOOR_PATTERNS = tuple(name for name in PATTERNS if name != PLAIN)
WALL_PATTERNS = (PLAIN, PLAIN, "stripes", "speckle")
FLOOR_CELLS_PER_M, WALL_CELLS_PER_M = (50.0, 130.0), (50.0, 150.0)  # coarse: they are seen from far
INDOORS = 0.2  # more of the light comes from all around than on the tabletop
CONTRAST = 0.15  # of the two colours of a pattern, as a share of their brightness


@dataclass(frozen=True)
class Covering:
    """What a floor or the walls of a room are covered with.

    Attributes:
        pattern: a name in `appearance.PATTERNS`.
        colours: two sRGB colours in 0..1 that the pattern mixes.
        cells_per_m: pattern cells per metre.
        angle_rad: turn of a floor's pattern about z; walls ignore it.
    """

    pattern: str
    colours: tuple[Colour, Colour]
    cells_per_m: float = 100.0
    angle_rad: float = 0.0

    def __post_init__(self) -> None:
        """Refuse unknown patterns."""
        if self.pattern not in PATTERNS:
            raise ValueError(f"unknown pattern {self.pattern!r}; known: {', '.join(PATTERNS)}")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Covering":
        """The inverse of `dataclasses.asdict`, after a trip through JSON too."""
        first, second = data["colours"]
        return cls(**{**data, "colours": (tuple(first), tuple(second))})


FLOOR = Covering("wood", ((0.58, 0.53, 0.47), (0.68, 0.63, 0.57)), 70.0)
WALL = Covering(PLAIN, ((0.88, 0.87, 0.84), (0.88, 0.87, 0.84)))


@dataclass(frozen=True)
class ApartmentAppearance:
    """One look of an apartment.

    Attributes:
        light: direction and brightness; nothing throws a shadow indoors.
        floors: per room (cyclic).
        walls: per room (cyclic).
        ceiling: two sRGB colours.
        colour_shifts: per thing (cyclic) shift of hue (rad), factors on saturation and value.
    """

    light: Light = field(default_factory=lambda: Light(ambient=0.65, diffuse=0.35, shadow=0.0))
    floors: tuple[Covering, ...] = (FLOOR,)
    walls: tuple[Covering, ...] = (WALL,)
    ceiling: tuple[Colour, Colour] = ((0.93, 0.93, 0.92), (0.96, 0.96, 0.95))
    colour_shifts: tuple[Colour, ...] = ((0.0, 1.0, 1.0),)

    def __post_init__(self) -> None:
        """Refuse what a cyclic look-up or a room without sky cannot use."""
        if not (self.floors and self.walls and self.colour_shifts):
            raise ValueError("a home look needs at least one floor, one wall and one colour shift")
        if self.light.shadow > 0.0:
            raise ValueError(f"the light of a home throws no shadow; got {self.light.shadow}")

    def thing_colour(self, index: int, colour: Colour) -> Colour:
        """sRGB of thing number `index`, whose nominal colour is `colour`."""
        return shifted_colour(colour, self.colour_shifts[index % len(self.colour_shifts)])

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ApartmentAppearance":
        """The look that `to_dict` wrote, after a trip through JSON too.

        Raises:
            ValueError: a field is missing or unknown.
        """
        try:
            fields = dict(data)
            light = dict(fields.pop("light"))
            light["direction"] = tuple(light["direction"])
            for key in ("floors", "walls"):
                fields[key] = tuple(Covering.from_dict(row) for row in fields[key])
            for key in ("ceiling", "colour_shifts"):
                fields[key] = tuple(tuple(row) for row in fields[key])
            return cls(light=Light(**light), **fields)
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"not a look of a home: {error}; write looks with ApartmentAppearance.to_dict"
            ) from error


DEFAULT_HOME_LOOK = ApartmentAppearance()


def sample_home_look(
    rng: np.random.Generator, rooms: int, strength: float = 1.0
) -> ApartmentAppearance:
    """Draw a look; `strength` 0 is the default one, 1 the usual spread, up to 2 harder.

    Args:
        rng: Source of all randomness.
        rooms: How many rooms get floors and walls of their own.
        strength: Scale of every departure from `DEFAULT_HOME_LOOK`.
    """
    if not 0.0 <= strength <= 2.0:
        raise ValueError(f"strength must be between 0 and 2, got {strength}")
    if rooms < 1:
        raise ValueError(f"a home has at least one room, got {rooms}")
    if strength == 0.0:
        return DEFAULT_HOME_LOOK
    sampled = sample_light(rng, strength)
    total = sampled.ambient + sampled.diffuse
    ambient = sampled.ambient + INDOORS
    light = Light(sampled.direction, ambient, total - ambient, 0.0)
    share = min(1.0, strength)
    return ApartmentAppearance(
        light=light,
        floors=tuple(
            _covering(rng, strength, FLOOR_PATTERNS, FLOOR_CELLS_PER_M) for _ in range(rooms)
        ),
        walls=tuple(
            _covering(rng, strength, WALL_PATTERNS, WALL_CELLS_PER_M, lightest=True)
            for _ in range(rooms)
        ),
        colour_shifts=tuple(sample_colour_shift(rng, share) for _ in range(COLOUR_SHIFTS)),
    )


def _covering(
    rng: np.random.Generator,
    strength: float,
    patterns: tuple[str, ...],
    cells_per_m: tuple[float, float],
    *,
    lightest: bool = False,
) -> Covering:
    """A covering in two shades of a greyish colour; walls are `lightest`, so that they stand out.

    A floor pattern lies along the walls or diagonally.
    """
    r, g, b = neutral_colour(rng, strength)
    if lightest:
        r, g, b = (0.45 + 0.5 * channel for channel in (r, g, b))
    factor = 1.0 + CONTRAST * min(1.0, strength) * float(rng.choice((-1.0, 1.0)))
    second = (min(1.0, factor * r), min(1.0, factor * g), min(1.0, factor * b))
    angle = float(rng.integers(4)) * np.pi / 4
    name = patterns[int(rng.integers(len(patterns)))]
    return Covering(name, ((r, g, b), second), float(rng.uniform(*cells_per_m)), angle)
