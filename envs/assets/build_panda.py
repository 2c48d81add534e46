"""Write `panda_visual.npz`: the Panda's visual meshes, cut down for the rasterizer.

Run by hand (`python -m handeye.envs.assets.build_panda`) after installing the `assets` extra. The
source is the franka_panda folder of PyBullet's data package (franka_ros, Apache-2.0; 103,000
triangles). Triangles that no camera outside a link can see are dropped first, so that quadric edge
collapse (Garland and Heckbert 1997) spends its budget on the outer shell.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.rasterizer import Geometry, Mesh, Part, View, rasterize
from handeye.envs.rendering.shading import Ground, Light, Shading

PAINTS = {"shell": (1.0, 1.0, 1.0), "joint": (0.25, 0.25, 0.25), "accent": (0.04, 0.54, 0.78)}
SOURCES = {
    "link0": "collision/link0.obj",
    **{f"link{i}": f"visual/link{i}.obj" for i in range(1, 7)},
    "link7": "collision/link7.obj",
    "hand": "visual/hand.obj",
    "finger": "visual/finger.obj",
}
BUDGET = {"link0": 200, "link7": 200, "hand": 420, "finger": 220}
DEFAULT_BUDGET = 440
HULL_DIRECTIONS = 26
CREASE_RAD = float(np.deg2rad(40.0))
VIEWS, VIEW_PX = 60, 640


@dataclass(frozen=True, eq=False)
class Source:
    """A stock mesh: `vertices_m` (N, 3), `faces` (F, 3), `paints` (F,) index into PAINTS."""

    vertices_m: NDArray[np.float64]
    faces: NDArray[np.int64]
    paints: NDArray[np.int64]


def stock_folder() -> Path:
    """Where PyBullet's data package keeps the Panda's meshes.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    found = importlib.util.find_spec("pybullet_data")
    if found is None or found.origin is None:
        raise FileNotFoundError("pybullet_data is missing; install pybullet")
    return Path(found.origin).parent / "franka_panda" / "meshes"


def read_materials(path: Path) -> dict[str, int]:
    """Paint index of every material of an MTL file, by its diffuse colour; {} without a file."""
    palette, paints, name = np.array(list(PAINTS.values())), {}, ""
    for line in path.read_text().splitlines() if path.exists() else []:
        words = line.split()
        if words[:1] == ["newmtl"]:
            name = words[1]
        elif words[:1] == ["Kd"]:
            distance = np.abs(palette - np.array(words[1:4], dtype=float)).sum(axis=1)
            paints[name] = int(distance.argmin())
    return paints


def read_source(name: str) -> Source:
    """Read the stock mesh of the link `name`, polygons cut into triangles, equal corners merged."""
    path = stock_folder() / SOURCES[name]
    materials, paint = read_materials(path.with_suffix(".mtl")), 0
    vertices: list[list[float]] = []
    faces: list[tuple[int, int, int]] = []
    paints: list[int] = []
    for line in path.read_text().splitlines():
        words = line.split()
        if words[:1] == ["v"]:
            vertices.append([float(word) for word in words[1:4]])
        elif words[:1] == ["usemtl"]:
            paint = materials.get(words[1], 0)
        elif words[:1] == ["f"]:
            corners = [int(word.split("/")[0]) - 1 for word in words[1:]]
            for k in range(1, len(corners) - 1):
                faces.append((corners[0], corners[k], corners[k + 1]))
                paints.append(paint)
    points, first = np.unique(np.round(vertices, 7), axis=0, return_inverse=True)
    return Source(points, first.reshape(-1)[np.array(faces)], np.array(paints))


def as_mesh(source: Source) -> Mesh:
    """The stock mesh, unsimplified, as the rasterizer draws it."""
    flat = Mesh.flat(source.vertices_m, source.faces)
    return Mesh(flat.vertices_m, flat.normals, flat.faces, source.paints.astype(np.int32))


def seen_faces(source: Source) -> NDArray[np.bool_]:
    """(F,) whether any of many cameras around the mesh sees each triangle's outside."""
    flat = Mesh.flat(source.vertices_m, source.faces)
    own = np.arange(len(source.faces), dtype=np.int32)
    mesh = Mesh(flat.vertices_m, flat.normals, flat.faces, own)
    parts = [Part(mesh, 0, 0, tuple("a" for _ in own))]
    geometry = Geometry.pack(parts)
    geometry.bodies[:] = own
    ground = Ground(-1, (0.0, 0.0), (0.0, 0.0))
    look = Shading.pack(
        geometry.paints,
        {"a": (1, 1, 1)},
        ground,
        Light(shadow=0.0),
        np.zeros((2, 3)),
        np.zeros((1, 1), np.uint8),
    )
    centre = 0.5 * (source.vertices_m.min(axis=0) + source.vertices_m.max(axis=0))
    reach = float(np.linalg.norm(source.vertices_m - centre, axis=1).max())
    poses = np.array([[0.0, 0, 0, 0, 0, 0, 1]])
    seen = np.zeros(len(own), dtype=bool)
    steps = np.arange(VIEWS) + 0.5
    for z, turn in zip(1 - 2 * steps / VIEWS, np.pi * (1 + 5**0.5) * steps, strict=True):
        across = np.sqrt(1 - z * z)
        eye = centre + 8 * reach * np.array([across * np.cos(turn), across * np.sin(turn), z])
        camera = Camera.look_at(
            "orbit", eye, centre, (0.1, 0.2, 1.0), fov_y_rad=0.26, width_px=VIEW_PX,
            height_px=VIEW_PX,
        )  # fmt: skip
        ids = rasterize([View(geometry, look, poses, camera)]).segmentation
        seen[np.unique(ids[ids >= 0])] = True
    return seen


def simplified(source: Source, triangles: int) -> Source:
    """`source` with about `triangles` faces; surfaces of different paint are collapsed apart."""
    seen = seen_faces(source)
    touched = np.isin(source.faces, source.faces[seen]).any(axis=1)  # slivers fall between pixels
    faces, paints = source.faces[touched], source.paints[touched]
    if len(faces) <= triangles:
        return Source(source.vertices_m, faces, paints)
    corners = source.vertices_m[faces]
    areas = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    pieces, start = [], 0
    for paint in np.unique(paints):
        mine = paints == paint
        share = 0.5 * areas[mine].sum() / areas.sum() + 0.5 * mine.mean()
        vertices, own = collapsed(source.vertices_m, faces[mine], round(share * triangles))
        pieces.append(Source(vertices, own + start, np.full(len(own), paint)))
        start += len(vertices)
    return Source(
        np.concatenate([piece.vertices_m for piece in pieces]),
        np.concatenate([piece.faces for piece in pieces]),
        np.concatenate([piece.paints for piece in pieces]),
    )


def collapsed(
    vertices_m: NDArray[np.float64], faces: NDArray[np.int64], triangles: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices and faces of the surface `faces` (F, 3) after edge collapse to `triangles`."""
    import fast_simplification  # of the `assets` extra: only this script's own work needs it

    used, own = np.unique(faces, return_inverse=True)
    points, own = vertices_m[used], own.reshape(-1, 3)
    if len(own) > triangles:
        points, own = fast_simplification.simplify(
            points.astype(np.float32), own.astype(np.int32), target_count=triangles, agg=3.0
        )
    return np.asarray(points, np.float64), np.asarray(own, np.int64)


def smoothed(source: Source) -> Mesh:
    """A mesh whose normals are averaged over neighbours that bend less than the crease angle."""
    corners = source.vertices_m[source.faces]
    areas = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(areas, axis=1)
    good = lengths > 1e-12
    faces, areas, paints = source.faces[good], areas[good], source.paints[good]
    units = areas / lengths[good, None]
    around: dict[int, list[int]] = {}
    for face, triple in enumerate(faces):
        for vertex in triple:
            around.setdefault(int(vertex), []).append(face)
    rows = []
    for face, triple in enumerate(faces):
        for vertex in triple:
            near = np.array(around[int(vertex)])
            near = near[units[near] @ units[face] > np.cos(CREASE_RAD)]
            normal = areas[near].sum(axis=0)
            rows.append([*source.vertices_m[vertex], *(normal / np.linalg.norm(normal))])
    unique, index = np.unique(np.round(rows, 5), axis=0, return_inverse=True)
    return Mesh(
        unique[:, :3].astype(np.float32),
        unique[:, 3:].astype(np.float32),
        index.reshape(-1, 3).astype(np.int32),
        paints.astype(np.int32),
    )


def shadow_hull(source: Source) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices (N, 3) and outward faces (F, 3) of the hull of the points that reach farthest out.

    The points are the farthest ones along `HULL_DIRECTIONS` directions spread over the sphere.
    """
    steps = np.arange(HULL_DIRECTIONS) + 0.5
    z, turn = 1 - 2 * steps / HULL_DIRECTIONS, np.pi * (1 + 5**0.5) * steps
    across = np.sqrt(1 - z * z)
    directions = np.column_stack([across * np.cos(turn), across * np.sin(turn), z])
    farthest = np.unique((source.vertices_m @ directions.T).argmax(axis=0))
    points = source.vertices_m[farthest]
    hull = ConvexHull(points)
    faces = hull.simplices.astype(np.int64)
    corners = points[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inward = (normals * hull.equations[:, :3]).sum(axis=1) < 0
    faces[inward] = faces[inward][:, ::-1]
    return points, faces


def main() -> None:
    """Write the asset beside this script and print its size."""
    arrays: dict[str, Any] = {}
    total = 0
    for name in SOURCES:
        source = read_source(name)
        mesh = smoothed(simplified(source, BUDGET.get(name, DEFAULT_BUDGET)))
        hull_vertices, hull_faces = shadow_hull(source)
        arrays[f"{name}.vertices"] = mesh.vertices_m
        arrays[f"{name}.normals"] = np.round(127 * mesh.normals).astype(np.int8)
        arrays[f"{name}.faces"] = mesh.faces.astype(np.uint16)
        arrays[f"{name}.paints"] = mesh.paint_of_face.astype(np.uint8)
        arrays[f"{name}.hull_vertices"] = hull_vertices.astype(np.float32)
        arrays[f"{name}.hull_faces"] = hull_faces.astype(np.uint16)
        total += len(mesh.faces)
        print(f"{name}: {len(source.faces)} -> {len(mesh.faces)} triangles")
    path = Path(__file__).with_name("panda_visual.npz")
    np.savez_compressed(path, **arrays)
    hulls = sum(len(arrays[f"{name}.hull_faces"]) for name in SOURCES)
    print(f"shadow hulls: {hulls} triangles")
    print(f"{path.name}: {total} triangles, {path.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
