"""Visual meshes of the robot and of every kind of object, and which pose moves which mesh.

Everything is built from the numbers and primitives that collision uses (`shapes.py`,
`collision.py`), except the Panda, whose decimated meshes are a shipped asset.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from handeye.base.compiled import compiled
from handeye.envs.core.bodies import Primitive
from handeye.envs.rendering.rasterizer import Geometry, Mesh, Part
from handeye.envs.robots.kinematics import PANDA_LINKS, ROBOT_JOINTS, compose, panda_chain
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.collision import body_spec, prism_outline
from handeye.envs.tabletop.world.scene import (
    FIRST_OBJECT_BODY,
    ROBOT_BODY,
    TABLE_BODY,
    Scene,
    SceneObject,
)

PANDA_ASSET = Path(__file__).parents[2] / "assets" / "panda_visual.npz"
ROBOT_PAINTS = ("shell", "joint", "accent")
LATHE_SEGMENTS = 24
# Pose slots: the Panda's links, the table, the objects, then the moving half of articulated ones.
TABLE_SLOT = len(PANDA_LINKS)
FIRST_OBJECT_SLOT = TABLE_SLOT + 1


def joined(meshes: list[Mesh]) -> Mesh:
    """One mesh made of several."""
    starts = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes)])
    return Mesh(
        np.concatenate([mesh.vertices_m for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([m.faces + np.int32(s) for m, s in zip(meshes, starts, strict=False)]),
        np.concatenate([mesh.paint_of_face for mesh in meshes]),
    )


def box(half_extents_m: ArrayLike, centre_m: ArrayLike = (0.0, 0.0, 0.0), paint: int = 0) -> Mesh:
    """A box with flat faces."""
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return Mesh.flat(signs * np.asarray(half_extents_m) + np.asarray(centre_m), triangles, paint)


def prism(outline_m: NDArray[np.float64], height_m: float) -> Mesh:
    """A flat-shaded prism over an outline (K, 2), counter-clockwise and star-shaped about 0."""
    count = len(outline_m)
    ring = np.column_stack([outline_m, np.zeros(count)])
    lift = np.array([0.0, 0.0, height_m])
    vertices = np.vstack([ring, ring + lift, np.zeros(3), lift])
    faces = []
    for a in range(count):
        b = (a + 1) % count
        faces += [(a, b, b + count), (a, b + count, a + count)]
        faces += [(2 * count, b, a), (2 * count + 1, a + count, b + count)]
    return Mesh.flat(vertices, faces)


def lathe(profile_m: ArrayLike, paints: ArrayLike, segments: int = LATHE_SEGMENTS) -> Mesh:
    """A profile (K, 2) of (radius, z) turned about z; the outside lies right of its direction.

    `paints` (K - 1,) gives each band's paint. Bands are smooth around and creased at the profile.
    """
    profile = np.asarray(profile_m, dtype=np.float64)
    angle = np.arange(segments + 1) * 2 * np.pi / segments
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    bands = []
    for (r0, z0), (r1, z1), paint in zip(profile[:-1], profile[1:], paints, strict=True):  # type: ignore[arg-type]
        normal = np.array([z1 - z0, r0 - r1]) / np.hypot(r1 - r0, z1 - z0)
        lower = np.column_stack([r0 * circle, np.full(segments + 1, z0)])
        upper = np.column_stack([r1 * circle, np.full(segments + 1, z1)])
        normals = np.column_stack([normal[0] * circle, np.full(segments + 1, normal[1])])
        a = np.arange(segments)
        b, c, d = a + 1, a + segments + 2, a + segments + 1
        halves = [([a, b, c], r0), ([a, c, d], r1)]  # where a radius is 0 half a band is empty
        faces = np.concatenate([np.stack(f, axis=1) for f, r in halves if r > 0]).astype(np.int32)
        bands.append(
            Mesh(
                np.vstack([lower, upper]).astype(np.float32),
                np.vstack([normals, normals]).astype(np.float32),
                faces,
                np.full(len(faces), paint, dtype=np.int32),
            )
        )
    return joined(bands)


def tube(radius_m: float, bottom_m: float, top_m: float, segments: int = LATHE_SEGMENTS) -> Mesh:
    """A solid upright cylinder."""
    profile = [(0, bottom_m), (radius_m, bottom_m), (radius_m, top_m), (0, top_m)]
    return lathe(profile, (0, 0, 0), segments)


def vessel(v: shapes.Vessel) -> Mesh:
    """A round open container; its inside has paint 1."""
    profile = [
        (0, 0),
        (v.base_radius_m, 0),
        (v.rim_radius_m, v.height_m),
        (v.rim_radius_m - v.wall_m, v.height_m),
        (v.base_radius_m - v.wall_m, v.floor_m),
        (0, v.floor_m),
    ]
    return lathe(profile, (0, 0, 0, 1, 1))


def boxes(primitives: tuple[Primitive, ...], paints: tuple[int, ...]) -> Mesh:
    """The collision boxes of a fixture as one mesh."""
    return joined(
        [
            box(primitive.half_extents_m, primitive.position_m, paint)
            for primitive, paint in zip(primitives, paints, strict=True)
            if primitive.half_extents_m is not None
        ]
    )


@lru_cache(maxsize=64)
def still_mesh(kind: str, size: str) -> tuple[Mesh, Mesh | None, tuple[str, ...]]:
    """Mesh, shadow hull and paint suffixes of an object's part that moves with its body."""
    if kind in shapes.PRISMS:
        form = shapes.PRISMS[kind][size]
        if kind == "cylinder":
            hull = tube(form.radius_m, 0.0, form.height_m, 12)
            return tube(form.radius_m, 0.0, form.height_m), hull, ("",)
        mesh = prism(prism_outline(kind, form.radius_m), form.height_m)
        return mesh, mesh, ("",)
    if kind in shapes.VESSELS:
        v = shapes.VESSELS[kind]
        profile = [(0, 0), (v.base_radius_m, 0), (v.rim_radius_m, v.height_m), (0, v.height_m)]
        return vessel(v), lathe(profile, (0, 0, 0), 16), ("", "inside")
    if kind == "zone":
        half = shapes.ZONE_HALF_WIDTH_M
        thickness = shapes.ZONE_THICKNESS_M
        return box((half, half, thickness / 2), (0, 0, thickness / 2)), None, ("",)
    spec = body_spec(SceneObject("", kind, "red", size, (0.0, 0.0, 0.0), 0.0))
    mesh = boxes(spec.parts, (0,) * len(spec.parts))
    if kind == "button":
        return mesh, mesh, ("housing",)
    d = shapes.DRAWER
    middle = d.height_m / 2
    return mesh, box((d.half_depth_m, d.half_width_m, middle), (0, 0, middle)), ("",)


@lru_cache(maxsize=8)
def sliding_mesh(kind: str) -> tuple[Mesh, Mesh, tuple[str, ...]]:
    """Mesh, shadow hull and paint suffixes of an articulated object's moving part."""
    if kind == "button":
        b = shapes.BUTTON
        # The cap reaches into the housing, so that no gap shows while it is pressed.
        cap = tube(b.cap_radius_m, b.travel_m / 2, b.base_height_m + b.cap_height_m)
        return cap, tube(b.cap_radius_m, 0.0, b.base_height_m + b.cap_height_m, 12), ("",)
    spec = body_spec(SceneObject("", kind, "red", "", (0.0, 0.0, 0.0), 0.0))
    assert spec.slide is not None
    tray = boxes(spec.slide.parts, (0, 1, 0, 0, 2))
    d = shapes.DRAWER
    centre = (d.half_depth_m - d.tray_half_depth_m, 0.0, d.tray_height_m / 2)
    hull = box((d.tray_half_depth_m, d.tray_half_width_m, d.tray_height_m / 2), centre)
    fin = boxes(spec.slide.parts[-1:], (0,))
    return tray, joined([hull, fin]), ("inside", "", "handle")


@lru_cache(maxsize=1)
def robot_parts() -> tuple[Part, ...]:
    """The Panda's parts, read from the shipped asset.

    Raises:
        FileNotFoundError: the asset is missing from the installation.
    """
    if not PANDA_ASSET.exists():
        raise FileNotFoundError(f"{PANDA_ASSET} is missing; reinstall handeye")
    names = [*(f"link{index}" for index in range(8)), "hand", "finger", "finger"]
    slots = [*range(8), *range(9, 12)]
    parts = []
    with np.load(PANDA_ASSET, allow_pickle=False) as arrays:
        for name, slot in zip(names, slots, strict=True):
            half_turn = np.array([-1, -1, 1], np.float32) if slot == slots[-1] else np.float32(1)
            normals = arrays[f"{name}.normals"].astype(np.float32)
            normals /= np.linalg.norm(normals, axis=1, keepdims=True)
            mesh = Mesh(
                arrays[f"{name}.vertices"] * half_turn,
                normals * half_turn,
                arrays[f"{name}.faces"].astype(np.int32),
                arrays[f"{name}.paints"].astype(np.int32),
            )
            points = arrays[f"{name}.hull_vertices"] * half_turn
            triangles = arrays[f"{name}.hull_faces"].astype(np.int32)
            unused = np.zeros_like(points), np.zeros(len(triangles), np.int32)
            hull = Mesh(points, unused[0], triangles, unused[1])
            parts.append(Part(mesh, slot, ROBOT_BODY, ROBOT_PAINTS, hull))
    return tuple(parts)


@lru_cache(maxsize=1)
def table_part() -> Part:
    """The table's sides and underside; its top is the rasterizer's ground."""
    half, depth = shapes.TABLE_HALF_SIZE_M, shapes.TABLE_THICKNESS_M / 2
    slab = box((*half, depth), (*shapes.TABLE_CENTRE_M, -depth))
    below = (slab.vertices_m[slab.faces][:, :, 2] < 0).any(axis=1)
    mesh = Mesh(slab.vertices_m, slab.normals, slab.faces[below], slab.paint_of_face[below])
    return Part(mesh, TABLE_SLOT, TABLE_BODY, ("table",))


def scene_geometry(scene: Scene) -> Geometry:
    """The packed geometry of a scene; object i's paints are named "<i>" and "<i>.<detail>"."""
    return _geometry(tuple((thing.kind, thing.size) for thing in scene.objects))


@lru_cache(maxsize=64)
def _geometry(kinds: tuple[tuple[str, str], ...]) -> Geometry:
    parts = [*robot_parts(), table_part()]
    sliding_slot = FIRST_OBJECT_SLOT + len(kinds)
    for index, (kind, size) in enumerate(kinds):
        body = FIRST_OBJECT_BODY + index
        mesh, hull, details = still_mesh(kind, size)
        names = tuple(f"{index}.{detail}" for detail in details)
        parts.append(Part(mesh, FIRST_OBJECT_SLOT + index, body, names, hull))
        if kind in ("drawer", "button"):
            mesh, hull, details = sliding_mesh(kind)
            names = tuple(f"{index}.{detail}" for detail in details)
            parts.append(Part(mesh, sliding_slot, body, names, hull))
            sliding_slot += 1
    return Geometry.pack(parts)


def slides(scene: Scene) -> NDArray[np.int32]:
    """(A, 2) int32: body and local axis (0: x, 2: z) of each articulated object, in body order."""
    rows = [
        (FIRST_OBJECT_BODY + index, 0 if thing.kind == "drawer" else 2)
        for index, thing in enumerate(scene.objects)
        if thing.articulated
    ]
    return np.array(rows, dtype=np.int32).reshape(-1, 2)


@compiled
def part_poses(
    slides: NDArray[np.int32],
    body_poses: NDArray[np.float64],
    joint_positions: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Poses (P, 7) float64 of all pose slots.

    Args:
        slides: (A, 2) int32 from `slides(scene)`.
        body_poses: (B, 7) float64 world poses of the robot's base, the table and the objects.
        joint_positions: (9 + A,) float64.
    """
    bodies = len(body_poses)
    poses = np.empty((TABLE_SLOT + bodies - 1 + len(slides), 7))
    panda_chain(body_poses[0], joint_positions, poses)
    poses[TABLE_SLOT : TABLE_SLOT + bodies - 1] = body_poses[1:]
    local = np.zeros(7)
    local[6] = 1.0
    for k in range(len(slides)):
        local[:3] = 0.0
        local[slides[k, 1]] = joint_positions[ROBOT_JOINTS + k]
        compose(body_poses[slides[k, 0]], local, poses[TABLE_SLOT + bodies - 1 + k])
    return poses
