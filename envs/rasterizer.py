"""The software rasterizer: geometry, poses and cameras in; colour, depth and segmentation out.

It knows nothing of PyBullet, windows or graphics drivers. A `Geometry` is packed once per scene, a
`Look` (colours, ground, light) once per appearance; a `View` adds what changes from frame to frame,
the poses and the camera. The same view gives the same bytes whatever other views share its call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from handeye.envs import raster_kernels as layout
from handeye.envs.camera import Camera
from handeye.envs.raster_frame import draw_frame

BACKGROUND_BODY = -1


@dataclass(frozen=True, eq=False)
class Mesh:
    """A closed triangle mesh in its own frame; triangles run counter-clockwise seen from outside.

    Attributes:
        vertices_m: (N, 3) float32.
        normals: (N, 3) float32 unit vectors; shared vertices shade smoothly, split ones flat.
        faces: (F, 3) int32 vertex indices.
        paint_of_face: (F,) int32, which of its part's paints colours each triangle.
    """

    vertices_m: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.int32]
    paint_of_face: NDArray[np.int32]

    @classmethod
    def flat(cls, vertices_m: ArrayLike, faces: ArrayLike, paint: int = 0) -> "Mesh":
        """A mesh shaded flat: every triangle gets its own vertices and its own normal."""
        triangles = np.asarray(faces, dtype=np.int32)
        corners = np.asarray(vertices_m, dtype=np.float32)[triangles]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-20)
        own = np.arange(3 * len(triangles), dtype=np.int32).reshape(-1, 3)
        slots = np.full(len(triangles), paint, dtype=np.int32)
        return cls(corners.reshape(-1, 3), np.repeat(normals, 3, axis=0), own, slots)


@dataclass(frozen=True, eq=False)
class Part:
    """A mesh that moves with one pose.

    Attributes:
        mesh: What is drawn.
        pose_slot: Row of the view's poses that moves it.
        body_id: What its pixels are called in the segmentation.
        paints: Name of the paint behind each value of `mesh.paint_of_face`.
        hull: Coarse closed mesh that throws its shadow; None: it throws none.
    """

    mesh: Mesh
    pose_slot: int
    body_id: int
    paints: tuple[str, ...]
    hull: Mesh | None = None


@dataclass(frozen=True, eq=False)
class Geometry:
    """All parts of one scene in the arrays the kernels read; `Geometry.pack` makes it."""

    vertices_m: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.int32]
    hull_vertices_m: NDArray[np.float32]
    hull_faces: NDArray[np.int32]
    parts: NDArray[np.int32]
    spheres: NDArray[np.float64]
    bodies: NDArray[np.int32]
    paints: tuple[str, ...]
    pose_slots: int

    @classmethod
    def pack(cls, parts: Sequence[Part]) -> "Geometry":
        """Pack `parts`. Materials are numbered part by part, paint by paint."""
        rows = np.zeros((len(parts), layout.PART_COLUMNS), np.int32)
        faces, hull_faces = [np.zeros((0, 4), np.int32)], [np.zeros((0, 4), np.int32)]
        materials: list[tuple[int, str]] = []
        vertex = face = hull_vertex = hull_face = 0
        for row, part in zip(rows, parts, strict=True):
            mesh, hull = part.mesh, part.hull
            count, hull_count = len(mesh.vertices_m), len(hull.vertices_m) if hull else 0
            faces.append(np.column_stack([mesh.faces, mesh.paint_of_face + len(materials)]))
            materials += [(part.body_id, paint) for paint in part.paints]
            if hull is not None:
                shadow = np.full(len(hull.faces), layout.SHADOW)
                hull_faces.append(np.column_stack([hull.faces, shadow]))
            ends = (vertex + count, face + len(faces[-1]))
            hull_ends = (hull_vertex + hull_count, hull_face + (len(hull.faces) if hull else 0))
            row[: layout.POSE_SLOT : 2] = vertex, face, hull_vertex, hull_face
            row[1 : layout.POSE_SLOT : 2] = *ends, *hull_ends
            row[layout.POSE_SLOT] = part.pose_slot
            (vertex, face), (hull_vertex, hull_face) = ends, hull_ends
        hulls = [part.hull.vertices_m for part in parts if part.hull]
        return cls(
            np.concatenate([part.mesh.vertices_m for part in parts]).astype(np.float32),
            np.concatenate([part.mesh.normals for part in parts]).astype(np.float32),
            np.concatenate(faces).astype(np.int32),
            np.concatenate([np.zeros((0, 3)), *hulls]).astype(np.float32),
            np.concatenate(hull_faces).astype(np.int32),
            rows,
            np.array([bounding_sphere(part.mesh.vertices_m) for part in parts]),
            np.array([body for body, _ in materials], dtype=np.int32),
            tuple(paint for _, paint in materials),
            1 + max(part.pose_slot for part in parts),
        )


def bounding_sphere(vertices_m: NDArray[np.float32]) -> NDArray[np.float64]:
    """(4,) centre and radius of a sphere that holds all vertices (N, 3)."""
    points = vertices_m.astype(np.float64)
    centre = 0.5 * (points.min(axis=0) + points.max(axis=0))
    return np.append(centre, np.linalg.norm(points - centre, axis=1).max() + 1e-6)


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
class Look:
    """Colours, ground, light and background of one appearance in the arrays the kernels read."""

    colours: NDArray[np.float32]
    numbers: NDArray[np.float64]
    pattern: NDArray[np.uint8]
    ground_colours: NDArray[np.uint8]

    @classmethod
    def pack(
        cls,
        geometry: Geometry,
        paints: Mapping[str, ArrayLike],
        ground: Ground,
        light: Light,
        background: ArrayLike,
        pattern: NDArray[np.uint8],
    ) -> "Look":
        """Pack an appearance of `geometry`.

        Args:
            geometry: Whose paints are to be coloured.
            paints: sRGB in 0..1 of every name in `geometry.paints`.
            ground: The table top.
            light: Where light comes from.
            background: (2, 3) sRGB of the topmost and the lowest row behind everything.
            pattern: (S, S) uint8 that tiles the ground, S a power of two: 0 is the ground's first
                colour, 255 the second.
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
        colours = np.array([paints[name] for name in geometry.paints], dtype=np.float32)
        return cls(255 * colours, numbers, pattern, ground_palette(ground, light, numbers))


def ground_palette(ground: Ground, light: Light, numbers: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(2, 256, 3) colours of the ground's pattern values, in the open and in shadow."""
    upright = (numbers[layout.LIGHT + 2] + layout.WRAP) / (1 + layout.WRAP)
    shade = light.ambient + light.diffuse * upright
    first, second = np.asarray(ground.colours, dtype=np.float64)
    mix = np.linspace(0.0, 1.0, 256)[:, None]
    lit = 255 * shade * (first + mix * (second - first))
    return np.stack([lit, lit * (1 - light.shadow)]).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class View:
    """One picture to take: `poses` (P, 7) float64 move the geometry's parts."""

    geometry: Geometry
    look: Look
    poses: NDArray[np.float64]
    camera: Camera


@dataclass(frozen=True, eq=False)
class Frames:
    """What the cameras of V views saw.

    Attributes:
        rgb: (V, H, W, 3) uint8 sRGB, row 0 on top.
        depth_m: (V, H, W) float32 along the optical axis; 0 where nothing is within reach.
        segmentation: (V, H, W) int32 body ids, -1 for the background.
    """

    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    segmentation: NDArray[np.int32]


def rasterize(views: Sequence[View]) -> Frames:
    """Draw all views, which must share one image size, one after another on the calling thread."""
    sizes = {(view.camera.height_px, view.camera.width_px) for view in views}
    if len(sizes) != 1:
        raise ValueError(f"rasterize needs one or more views of one size, got {sorted(sizes)}")
    ((height, width),) = sizes
    rgb = np.empty((len(views), height, width, 3), np.uint8)
    depth_m = np.empty((len(views), height, width), np.float32)
    segmentation = np.empty((len(views), height, width), np.int32)
    for index, view in enumerate(views):
        geometry, look, camera = view.geometry, view.look, view.camera
        if view.poses.shape != (geometry.pose_slots, 7):
            raise ValueError(
                f"view {index} has poses of shape {view.poses.shape}; "
                f"its geometry needs ({geometry.pose_slots}, 7)"
            )
        lens = np.array(
            [camera.focal_px, 0.5 * (width - 1), 0.5 * (height - 1), camera.near_m, camera.far_m]
        )
        draw_frame(
            geometry.vertices_m, geometry.normals, geometry.faces,
            geometry.hull_vertices_m, geometry.hull_faces,
            geometry.parts, geometry.spheres, geometry.bodies,
            look.colours, look.numbers, look.pattern, look.ground_colours,
            view.poses, np.ascontiguousarray(camera.world_from_camera, dtype=np.float64), lens,
            rgb[index], depth_m[index], segmentation[index],
        )  # fmt: skip
    return Frames(rgb, depth_m, segmentation)
