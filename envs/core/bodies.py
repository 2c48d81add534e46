"""Physical bodies as lists of primitives, in the body's own frame; no engine is known here."""

from dataclasses import dataclass

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Primitive:
    """A box (half extents), a z-aligned cylinder (radius, height), a mesh of `assets/` or a hull.

    A mesh has radius 1 and height 1, stands on its origin, is stretched to `radius_m` and
    `height_m`, and counts as the union of its convex parts. A hull is the convex one of points; it
    stands on its origin, `height_m` tall. `position_m` is the piece's centre (the origin of a mesh
    or hull), `rpy_rad` its orientation.
    """

    half_extents_m: Vector | None = None
    radius_m: float = 0.0
    height_m: float = 0.0
    mesh: str = ""
    hull_m: tuple[Vector, ...] = ()
    position_m: Vector = (0.0, 0.0, 0.0)
    rpy_rad: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Slide:
    """A prismatic joint along `axis` carrying `parts`; `lower_m <= q <= upper_m`."""

    parts: tuple[Primitive, ...]
    axis: Vector
    lower_m: float
    upper_m: float
    mass_kg: float
    friction_n: float  # dry friction that holds the slide where it is
    spring_n_per_m: float = 0.0


@dataclass(frozen=True)
class BodySpec:
    """Everything physical about one body. Mass 0 means fixed to the world."""

    parts: tuple[Primitive, ...]
    mass_kg: float
    friction: float = 0.8
    slide: Slide | None = None
