"""Textured materials: walls, floors, signs and pictures as patterns painted on the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rendering import skin_kernels as layout

UNIT_TOLERANCE = 1e-6  # a longer or shorter axis would silently change the size of a cell
MOST_ALIGNED = 0.999  # cosine above which two axes no longer span a surface


@dataclass(frozen=True, eq=False)
class Surface:
    """A pattern painted on a material, fixed in the world.

    It mixes the material's own (first) colour with a second one. World point p shows the pattern's
    cell at column floor(u), row floor(v), where u = cells_per_m[0] * (p - origin_m) . u_m and v
    likewise. So a picture whose row 0 is its top needs `v_m` to point down, and `u_m` to point
    right for someone who looks at its front.

    The map knows world points only: what carries a surface must not move. Its vertices are in
    world coordinates or its pose never changes; else the pattern stays behind as it moves.

    Attributes:
        colour: Second sRGB colour, in 0..1.
        pattern: (S, S) uint8, S a power of two: 0 is the first colour, 255 the second.
        origin_m: World point of the outer corner of cell (0, 0).
        u_m: World direction of growing columns, a unit vector.
        v_m: World direction of growing rows, a unit vector.
        cells_per_m: Cells per metre along u and along v.
        tiling: Whether the pattern repeats for ever; else all outside it shows the first colour.
    """

    colour: tuple[float, float, float]
    pattern: NDArray[np.uint8]
    origin_m: tuple[float, float, float]
    u_m: tuple[float, float, float]
    v_m: tuple[float, float, float]
    cells_per_m: tuple[float, float]
    tiling: bool = True

    def __post_init__(self) -> None:
        """Refuse what could not be drawn as meant."""
        size = len(self.pattern) if np.ndim(self.pattern) else 0
        if np.shape(self.pattern) != (size, size) or size < 1 or size & (size - 1):
            raise ValueError(
                f"pattern must be (S, S), S a power of two; got {np.shape(self.pattern)}"
            )
        if self.pattern.dtype != np.uint8:
            raise ValueError(f"pattern must be uint8 (0..255), got {self.pattern.dtype}")
        for name, axis in (("u_m", self.u_m), ("v_m", self.v_m)):
            if np.shape(axis) != (3,) or not abs(np.linalg.norm(axis) - 1.0) < UNIT_TOLERANCE:
                raise ValueError(f"{name} must be a unit vector (3,), got {axis}")
        if abs(float(np.dot(self.u_m, self.v_m))) > MOST_ALIGNED:
            raise ValueError(f"u_m {self.u_m} and v_m {self.v_m} must not be parallel")
        if np.shape(self.origin_m) != (3,) or not np.isfinite(self.origin_m).all():
            raise ValueError(f"origin_m must be a world point (3,), got {self.origin_m}")
        cells = np.asarray(self.cells_per_m, dtype=np.float64)
        if cells.shape != (2,) or not (np.isfinite(cells) & (cells > 0.0)).all():
            raise ValueError(f"cells_per_m must be two numbers above 0, got {self.cells_per_m}")
        colour = np.asarray(self.colour, dtype=np.float64)
        if colour.shape != (3,) or not ((colour >= 0.0) & (colour <= 1.0)).all():
            raise ValueError(f"colour must be sRGB in 0..1, got {self.colour}")


class Skins(NamedTuple):
    """All surfaces of one look in the arrays the kernels read."""

    of_material: NDArray[np.int32]  # (M,) row of each material, -1: plain
    rows: NDArray[np.float64]  # (K, SKIN_COLUMNS)
    atlas: NDArray[np.uint8]  # (T, S, S) patterns, equal ones once


def pack_skins(names: Sequence[str], surfaces: Mapping[str, Surface]) -> Skins:
    """Pack `surfaces`, by paint, for the materials whose paints are `names` (M,).

    Raises:
        ValueError: a surface's paint is not among `names`, or pattern sizes differ.
    """
    unknown = sorted(set(surfaces) - set(names))
    if unknown:
        raise ValueError(
            f"surfaces for paints {unknown}, which this geometry lacks; it has {sorted(set(names))}"
        )
    sizes = sorted({len(surface.pattern) for surface in surfaces.values()})
    if len(sizes) > 1:
        raise ValueError(f"the patterns of one look must share one size, got {sizes}")
    row_of_paint = {paint: row for row, paint in enumerate(surfaces)}
    rows = np.zeros((len(surfaces), layout.SKIN_COLUMNS))
    layers: dict[bytes, int] = {}
    patterns: list[NDArray[np.uint8]] = []
    for row, surface in zip(rows, surfaces.values(), strict=True):
        key = surface.pattern.tobytes()
        if key not in layers:
            layers[key] = len(patterns)
            patterns.append(surface.pattern)
        axes = np.array([surface.u_m, surface.v_m]) * np.array(surface.cells_per_m)[:, None]
        offsets = -axes @ np.asarray(surface.origin_m, dtype=np.float64)
        row[: layout.SECOND_COLOUR] = np.column_stack([axes, offsets]).ravel()
        row[layout.SECOND_COLOUR : layout.IS_TILING] = 255 * np.asarray(surface.colour)
        row[layout.IS_TILING], row[layout.LAYER] = surface.tiling, layers[key]
    of_material = np.array([row_of_paint.get(name, -1) for name in names], dtype=np.int32)
    atlas = np.stack(patterns) if patterns else np.zeros((0, 1, 1), np.uint8)
    return Skins(of_material, rows, atlas)
