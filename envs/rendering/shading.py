"""What a rasterized scene looks like: paints, surfaces, a ground, one light, a background."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from handeye.envs.rendering import raster_kernels as layout
from handeye.envs.rendering.surfaces import Surface, pack_skins


@dataclass(frozen=True)
class Ground:
    """A level textured rectangle, drawn exactly; it also catches the shadows.

    Attributes:
        body_id: What its pixels are called in the segmentation.
        centre_m: x, y of its centre.
        half_size_m: Half its extent along x and y.
        height_m: Its z.
        colours: Two sRGB colours in 0..1 that the pattern mixes.
        cells_per_m: Pattern cells per metre.
        angle_rad: The pattern is turned by this about z.
    """

    body_id: int
    centre_m: tuple[float, float]
    half_size_m: tuple[float, float]
    height_m: float = 0.0
    colours: tuple[tuple[float, float, float], tuple[float, float, float]] = (
        (0.6, 0.6, 0.6),
        (0.7, 0.7, 0.7),
    )
    cells_per_m: float = 128.0
    angle_rad: float = 0.0


@dataclass(frozen=True)
class Light:
    """One distant light. `direction` points towards it (z > 0); brightness: 0..1 of full white."""

    direction: tuple[float, float, float] = (0.3, -0.4, 0.87)
    ambient: float = 0.45
    diffuse: float = 0.55
    shadow: float = 0.35  # share of the light that a shadow takes away; 0: no shadows

    def __post_init__(self) -> None:
        """Refuse light that would overflow a colour."""
        total = self.ambient + self.diffuse
        if min(self.ambient, self.diffuse, self.shadow) < 0 or max(total, self.shadow) > 1 + 1e-9:
            raise ValueError(
                f"brightness must lie in 0..1: ambient {self.ambient} + diffuse {self.diffuse}, "
                f"shadow {self.shadow}"
            )


@dataclass(frozen=True, eq=False)
class Shading:
    """Colours, surfaces, ground, light and background of one appearance, as the kernels read them.

    `skin_of_material` (M,) int32 is each material's row in `skins`, -1 where it is plain; `skins`
    (K, SKIN_COLUMNS) float64 are the surfaces and `atlas` (T, S, S) uint8 their patterns.
    """

    colours: NDArray[np.float32]
    numbers: NDArray[np.float64]
    pattern: NDArray[np.uint8]
    ground_colours: NDArray[np.uint8]
    skin_of_material: NDArray[np.int32]
    skins: NDArray[np.float64]
    atlas: NDArray[np.uint8]

    @classmethod
    def pack(
        cls,
        names: Sequence[str],
        paints: Mapping[str, ArrayLike],
        ground: Ground,
        light: Light,
        background: ArrayLike,
        pattern: NDArray[np.uint8],
        surfaces: Mapping[str, Surface] | None = None,
    ) -> "Shading":
        """Pack an appearance.

        Args:
            names: The paints of a geometry, in its order (`Geometry.paints`).
            paints: sRGB in 0..1 of each of them, and maybe of others.
            ground: The table top.
            light: Where light comes from.
            background: (2, 3) sRGB of the topmost and the lowest row behind everything.
            pattern: (S, S) uint8 that tiles the ground, S a power of two: 0 is the ground's first
                colour, 255 the second.
            surfaces: By paint, the patterns on materials that do not move; all patterns of one
                size. The other paints are plain.

        Raises:
            ValueError: a pattern's shape, the light's direction or the surfaces do not fit.
        """
        if pattern.ndim != 2 or len(pattern) & (len(pattern) - 1) or len(set(pattern.shape)) > 1:
            raise ValueError(f"pattern must be (S, S), S a power of two; got {pattern.shape}")
        numbers = np.zeros(layout.LOOK_ENTRIES)
        direction = np.asarray(light.direction, dtype=np.float64)
        if not direction[2] > 0.0:
            raise ValueError(f"light must come from above the table, got {light.direction}")
        numbers[layout.LIGHT : layout.LIGHT + 3] = direction / np.linalg.norm(direction)
        numbers[layout.AMBIENT], numbers[layout.DIFFUSE] = light.ambient, light.diffuse
        numbers[layout.SHADOW_STRENGTH] = light.shadow
        numbers[layout.GROUND_CENTRE : layout.GROUND_CENTRE + 2] = ground.centre_m
        numbers[layout.GROUND_HALF : layout.GROUND_HALF + 2] = ground.half_size_m
        numbers[layout.GROUND_HEIGHT], numbers[layout.GROUND_BODY] = ground.height_m, ground.body_id
        cosine, sine = np.cos(ground.angle_rad), np.sin(ground.angle_rad)
        turn = ground.cells_per_m * np.array([cosine, sine, -sine, cosine])
        numbers[layout.PATTERN_U : layout.PATTERN_U + 4] = turn
        numbers[layout.BACKGROUND : layout.BACKGROUND + 6] = 255 * np.ravel(background)
        colours = np.array([paints[name] for name in names], dtype=np.float32)
        palette = ground_palette(ground, light, numbers)
        skins = pack_skins(names, surfaces or {})
        return cls(
            255 * colours, numbers, pattern, palette, skins.of_material, skins.rows, skins.atlas
        )


def ground_palette(ground: Ground, light: Light, numbers: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(2, 256, 3) colours of the ground's pattern values, in the open and in shadow."""
    upright = (numbers[layout.LIGHT + 2] + layout.WRAP) / (1 + layout.WRAP)
    shade = light.ambient + light.diffuse * upright
    first, second = np.asarray(ground.colours, dtype=np.float64)
    mix = np.linspace(0.0, 1.0, 256)[:, None]
    lit = 255 * shade * (first + mix * (second - first))
    return np.stack([lit, lit * (1 - light.shadow)]).astype(np.uint8)
