"""Collision shapes of scene objects as lists of primitives, in the object's frame.

The simulator turns these into physics; nothing here knows which engine does it. Concave things
(bowls, stars) are unions of convex pieces.
"""

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.bodies import BodySpec, Primitive, Slide
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.scene import SceneObject


def prism_outline(kind: str, radius_m: float) -> NDArray[np.float64]:
    """Corners (K, 2) of a prism's base, counter-clockwise; a cylinder has 24."""
    if kind == "block":
        return radius_m * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    corners = 2 * shapes.STAR_POINTS if kind == "star" else shapes.CORNERS[kind]
    angle = np.arange(corners) * 2 * np.pi / corners
    radii = np.full(corners, radius_m)
    if kind == "star":
        radii[1::2] *= shapes.STAR_INNER_RATIO
    return np.stack([radii * np.cos(angle), radii * np.sin(angle)], axis=1)


def body_spec(thing: SceneObject) -> BodySpec:
    """The physical description of a scene object."""
    if thing.kind in shapes.PRISMS:
        return _prism(thing.kind, shapes.PRISMS[thing.kind][thing.size])
    if thing.kind in shapes.VESSELS:
        return _vessel(shapes.VESSELS[thing.kind])
    return {"button": _button, "drawer": _drawer, "zone": _zone}[thing.kind]()


def _prism(kind: str, size: shapes.Prism) -> BodySpec:
    half = size.height_m / 2
    if kind == "block":
        extents = (size.radius_m, size.radius_m, half)
        parts: tuple[Primitive, ...] = (Primitive(extents, position_m=(0, 0, half)),)
    elif kind == "cylinder":
        parts = (
            Primitive(radius_m=size.radius_m, height_m=size.height_m, position_m=(0, 0, half)),
        )
    elif kind in shapes.GRASPABLE_KINDS:
        parts = (Primitive(radius_m=size.radius_m, height_m=size.height_m, mesh=kind),)
    else:
        outline = prism_outline(kind, size.radius_m).tolist()
        hull = tuple((x, y, z) for z in (0.0, size.height_m) for x, y in outline)
        parts = (Primitive(height_m=size.height_m, hull_m=hull),)
    return BodySpec(parts, mass_kg=0.08)


def _vessel(v: shapes.Vessel) -> BodySpec:
    floor = Primitive(
        radius_m=v.base_radius_m, height_m=v.floor_m, position_m=(0, 0, v.floor_m / 2)
    )
    lean = float(np.arctan2(v.rim_radius_m - v.base_radius_m, v.height_m))
    slant = float(np.hypot(v.rim_radius_m - v.base_radius_m, v.height_m))
    middle = (v.base_radius_m + v.rim_radius_m) / 2 - v.wall_m / 2
    half_chord = v.rim_radius_m * float(np.tan(np.pi / shapes.VESSEL_WALLS))
    walls = []
    for i in range(shapes.VESSEL_WALLS):
        angle = 2 * np.pi * i / shapes.VESSEL_WALLS
        centre = (middle * float(np.cos(angle)), middle * float(np.sin(angle)), v.height_m / 2)
        extents = (v.wall_m / 2, half_chord, slant / 2)
        walls.append(Primitive(extents, position_m=centre, rpy_rad=(0.0, lean, float(angle))))
    return BodySpec((floor, *walls), mass_kg=0.6)  # heavy enough not to slide when touched


def _button() -> BodySpec:
    b = shapes.BUTTON
    base = Primitive(
        (b.half_width_m, b.half_width_m, b.base_height_m / 2),
        position_m=(0, 0, b.base_height_m / 2),
    )
    cap_centre = b.base_height_m + b.cap_height_m / 2
    cap = Primitive(radius_m=b.cap_radius_m, height_m=b.cap_height_m, position_m=(0, 0, cap_centre))
    slide = Slide((cap,), (0, 0, 1), -b.travel_m, 0.0, 0.05, friction_n=0.0, spring_n_per_m=400.0)
    return BodySpec((base,), 0.0, slide=slide)


def _drawer() -> BodySpec:
    d = shapes.DRAWER
    wall, depth, width, height = d.wall_m / 2, d.half_depth_m, d.half_width_m, d.height_m
    cabinet = (
        Primitive((depth, wall, height / 2), position_m=(0, width - wall, height / 2)),
        Primitive((depth, wall, height / 2), position_m=(0, wall - width, height / 2)),
        Primitive((wall, width, height / 2), position_m=(wall - depth, 0, height / 2)),
        Primitive((depth, width, wall), position_m=(0, 0, height - wall)),
    )
    tx, ty, th, floor = d.tray_half_depth_m, d.tray_half_width_m, d.tray_height_m / 2, 0.003
    fin_height = (d.fin_top_m - d.fin_bottom_m) / 2
    front = d.half_depth_m  # the tray's front face is flush with the cabinet when closed
    fin_at = (front + d.fin_length_m / 2, 0.0, d.fin_bottom_m + fin_height)
    tray = (
        Primitive((tx, ty, floor), position_m=(front - tx, 0, floor + 0.002)),
        Primitive((wall, ty, th), position_m=(front - wall, 0, th + 0.002)),
        Primitive((tx, wall, th / 2), position_m=(front - tx, ty - wall, th / 2 + 0.002)),
        Primitive((tx, wall, th / 2), position_m=(front - tx, wall - ty, th / 2 + 0.002)),
        Primitive((d.fin_length_m / 2, d.fin_half_thickness_m, fin_height), position_m=fin_at),
    )
    slide = Slide(tray, (1, 0, 0), 0.0, d.travel_m, 0.3, friction_n=1.0)
    return BodySpec(cabinet, 0.0, slide=slide)


def _zone() -> BodySpec:
    return BodySpec((), 0.0)  # paint on the table: nothing to touch
