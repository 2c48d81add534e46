"""The software rasterizer: geometry, poses and cameras in; colour, depth and segmentation out.

It knows nothing of PyBullet, windows or graphics drivers. A `Geometry` is packed once per scene, a
`Shading` (colours, surfaces, ground, light) once per appearance; a `View` adds what changes from
frame to frame, the poses and the camera. The same view gives the same bytes whatever other views
share its call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from handeye.envs.rendering import raster_kernels as layout
from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.raster_frame import draw_frame
from handeye.envs.rendering.shading import Shading

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

    @cached_property
    def sphere(self) -> NDArray[np.float64]:
        """(4,) centre and radius of a sphere that holds all vertices."""
        points = self.vertices_m.astype(np.float64)
        centre = 0.5 * (points.min(axis=0) + points.max(axis=0))
        return np.append(centre, np.linalg.norm(points - centre, axis=1).max() + 1e-6)

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
            paint = mesh.paint_of_face + np.int32(len(materials))
            faces.append(np.column_stack([mesh.faces, paint]))
            materials += [(part.body_id, paint) for paint in part.paints]
            if hull is not None:
                shadow = np.full(len(hull.faces), layout.SHADOW, np.int32)
                hull_faces.append(np.column_stack([hull.faces, shadow]))
            ends = (vertex + count, face + len(faces[-1]))
            hull_ends = (hull_vertex + hull_count, hull_face + (len(hull.faces) if hull else 0))
            row[: layout.POSE_SLOT : 2] = vertex, face, hull_vertex, hull_face
            row[1 : layout.POSE_SLOT : 2] = *ends, *hull_ends
            row[layout.POSE_SLOT] = part.pose_slot
            (vertex, face), (hull_vertex, hull_face) = ends, hull_ends
        hulls = [part.hull.vertices_m for part in parts if part.hull]
        return cls(
            np.concatenate([part.mesh.vertices_m for part in parts], dtype=np.float32),
            np.concatenate([part.mesh.normals for part in parts], dtype=np.float32),
            np.concatenate(faces, dtype=np.int32),
            np.concatenate([np.zeros((0, 3)), *hulls], dtype=np.float32, casting="same_kind"),
            np.concatenate(hull_faces, dtype=np.int32),
            rows,
            np.array([part.mesh.sphere for part in parts]),
            np.array([body for body, _ in materials], dtype=np.int32),
            tuple(paint for _, paint in materials),
            1 + max(part.pose_slot for part in parts),
        )


@dataclass(frozen=True, eq=False)
class View:
    """One picture to take: `poses` (P, 7) float64 move the geometry's parts."""

    geometry: Geometry
    look: Shading
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

    @classmethod
    def empty(cls, count: int, height_px: int, width_px: int) -> "Frames":
        """Room for `count` frames, contents undefined."""
        size = (count, height_px, width_px)
        rgb, depth_m = np.empty((*size, 3), np.uint8), np.empty(size, np.float32)
        return cls(rgb, depth_m, np.empty(size, np.int32))

    def __len__(self) -> int:
        return len(self.rgb)

    def __getitem__(self, index: slice) -> "Frames":
        """Some of the frames, sharing memory."""
        return Frames(self.rgb[index], self.depth_m[index], self.segmentation[index])


def rasterize(views: Sequence[View], out: Frames | None = None) -> Frames:
    """Draw all views, which must share one image size, one after another on the calling thread.

    Args:
        views: What to draw; frame k of the result is view k's.
        out: Frames to write to and return, C-contiguous. Reusing them makes large batches faster:
            fresh memory costs about as much as drawing into it.

    Raises:
        ValueError: sizes differ, or poses or `out` do not fit.
    """
    sizes = {(view.camera.height_px, view.camera.width_px) for view in views}
    if len(sizes) != 1:
        raise ValueError(f"rasterize needs one or more views of one size, got {sorted(sizes)}")
    ((height, width),) = sizes
    frames = out if out is not None else Frames.empty(len(views), height, width)
    if frames.rgb.shape != (len(views), height, width, 3):
        raise ValueError(f"out.rgb is {frames.rgb.shape}, need {(len(views), height, width, 3)}")
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
            look.skin_of_material, look.skins, look.atlas,
            view.poses, np.ascontiguousarray(camera.world_from_camera, dtype=np.float64), lens,
            frames.rgb[index], frames.depth_m[index], frames.segmentation[index],
        )  # fmt: skip
    return frames
