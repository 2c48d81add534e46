"""Pictures of a scene: a renderer per scene and appearance, and many states in one call."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.colours import COLOURS, SUITE_COLOURS
from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.patterns import pattern
from handeye.envs.rendering.rasterizer import Frames, View, rasterize
from handeye.envs.rendering.shading import Ground, Shading
from handeye.envs.robots.kinematics import HAND
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.appearance import Appearance
from handeye.envs.tabletop.world.cameras import (
    CAMERA_NAMES,
    HAND_FROM_WRIST_CAMERA,
    WRIST_FOV_RAD,
    front_camera,
    overhead_camera,
    wrist_camera,
)
from handeye.envs.tabletop.world.meshes import PANDA_ASSET, part_poses, scene_geometry, slides
from handeye.envs.tabletop.world.scene import TABLE_BODY, Scene

RENDERER_VERSION = 1  # raise it when the same numbers begin to give other pictures
SHELL, JOINT, ACCENT = (0.94, 0.94, 0.93), (0.22, 0.22, 0.24), (0.10, 0.45, 0.65)
HOUSING, HANDLE = (0.25, 0.25, 0.27), (0.88, 0.88, 0.86)
INSIDE_SHADE = 0.72  # insides get less light from all around
TABLE_SIDE_SHADE = 0.6


class Posed(Protocol):
    """Anything that says where everything is: a simulator's state, a row of an episode."""

    @property
    def body_poses(self) -> NDArray[np.float64]:
        """(B, 7) world poses of all bodies."""

    @property
    def joint_positions(self) -> NDArray[np.float64]:
        """(J,) the robot's nine joints, then one per articulated object."""


class Configuration(NamedTuple):
    """The smallest `Posed`: body_poses (B, 7) and joint_positions (J,)."""

    body_poses: NDArray[np.float64]
    joint_positions: NDArray[np.float64]


class SceneRenderer:
    """Draws one scene under one appearance.

    Args:
        scene: What stands on the table.
        appearance: How it looks.
        own_cameras: Cameras that stand still somewhere, besides those of `CAMERA_NAMES`.
    """

    def __init__(
        self, scene: Scene, appearance: Appearance, own_cameras: Sequence[Camera] = ()
    ) -> None:
        self.scene = scene
        self._own_cameras = {camera.name: camera for camera in own_cameras}
        self.appearance = appearance
        self._geometry = scene_geometry(scene)
        self._slides = slides(scene)
        self._look = self._pack_look()

    def _pack_look(self) -> Shading:
        appearance = self.appearance
        gain = appearance.robot_brightness
        colours: dict[str, tuple[float, ...]] = {
            name: tuple(gain * channel for channel in colour)
            for name, colour in (("shell", SHELL), ("joint", JOINT), ("accent", ACCENT))
        }
        first = appearance.table_colours[0]
        colours["table"] = tuple(TABLE_SIDE_SHADE * channel for channel in first)
        for index, thing in enumerate(self.scene.objects):
            own = appearance.object_colour(index, COLOURS[thing.colour])
            colours[f"{index}."] = own
            colours[f"{index}.inside"] = tuple(INSIDE_SHADE * channel for channel in own)
            colours[f"{index}.housing"], colours[f"{index}.handle"] = HOUSING, HANDLE
        ground = Ground(
            TABLE_BODY,
            shapes.TABLE_CENTRE_M,
            shapes.TABLE_HALF_SIZE_M,
            colours=appearance.table_colours,
            cells_per_m=appearance.table_cells_per_m,
            angle_rad=appearance.table_angle_rad,
        )
        return Shading.pack(
            self._geometry.paints,
            colours,
            ground,
            appearance.light,
            appearance.background,
            pattern(appearance.table_pattern),
        )

    def views(
        self,
        body_poses: NDArray[np.float64],
        joint_positions: NDArray[np.float64],
        cameras: Sequence[str],
        size_px: tuple[int, int] = (128, 128),
    ) -> list[View]:
        """One view per camera name.

        Args:
            body_poses: (B, 7) world poses, any float type.
            joint_positions: (J,) joint positions, any float type.
            cameras: Names out of `CAMERA_NAMES` and of own cameras.
            size_px: Height and width of the pictures.

        Raises:
            ValueError: an array's shape does not fit the scene, or a camera is unknown.
        """
        bodies, joints = self.scene.body_count, self.scene.joint_count
        if np.shape(body_poses) != (bodies, 7) or np.shape(joint_positions) != (joints,):
            raise ValueError(
                f"this scene has body_poses ({bodies}, 7) and joint_positions ({joints},); "
                f"got {np.shape(body_poses)} and {np.shape(joint_positions)}"
            )
        poses = self._part_poses(body_poses, joint_positions)
        return [
            View(self._geometry, self._look, poses, self.camera(name, poses[HAND], size_px))
            for name in cameras
        ]

    def _part_poses(
        self, body_poses: NDArray[np.float64], joint_positions: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return part_poses(
            self._slides,
            np.ascontiguousarray(body_poses, dtype=np.float64),
            np.ascontiguousarray(joint_positions, dtype=np.float64),
        )

    def hand_pose(self, state: Posed) -> NDArray[np.float64]:
        """Return the pose (7,) of the hand that carries the wrist camera."""
        return self._part_poses(state.body_poses, state.joint_positions)[HAND]

    def camera(
        self, name: str, hand_pose: NDArray[np.float64], size_px: tuple[int, int] = (128, 128)
    ) -> Camera:
        """The camera `name`, where this appearance puts it, for a hand at `hand_pose` (7,)."""
        height_px, width_px = size_px
        if name in self._own_cameras:
            return replace(self._own_cameras[name], height_px=height_px, width_px=width_px)
        if name == "wrist":
            return self.appearance.shifted(wrist_camera(hand_pose, width_px, height_px))
        return self.appearance.shifted(standing_camera(name, height_px, width_px))

    def standing_points(self, name: str, depth_m: NDArray[np.floating]) -> NDArray[np.float64]:
        """(H, W, 3) world points, m, of a frame's depth (H, W) from a camera that stands still.

        Exact, since it knows how far the camera stands off its published place.
        """
        height_px, width_px = depth_m.shape
        camera = self.appearance.shifted(standing_camera(name, height_px, width_px))
        rows, columns = np.indices(depth_m.shape)
        pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)
        return camera.unproject(pixels, depth_m.ravel()).reshape(*depth_m.shape, 3)

    def render(
        self, state: Posed, cameras: Sequence[str], size_px: tuple[int, int] = (128, 128)
    ) -> Frames:
        """What `cameras` see in `state`; frame k is camera k's."""
        return rasterize(self.views(state.body_poses, state.joint_positions, cameras, size_px))

    def render_from(self, state: Posed, cameras: Sequence[Camera]) -> Frames:
        """What cameras anywhere see in `state`; frame k is camera k's."""
        poses = self._part_poses(state.body_poses, state.joint_positions)
        return rasterize([View(self._geometry, self._look, poses, camera) for camera in cameras])


@lru_cache(maxsize=64)
def standing_camera(name: str, height_px: int, width_px: int) -> Camera:
    """The camera `name` that stands still, before any shift.

    Raises:
        ValueError: no such camera.
    """
    if name == "front":
        return front_camera(width_px, height_px)
    if name == "overhead":
        return overhead_camera(width_px, height_px)
    raise ValueError(f"unknown camera {name!r}; known: {', '.join(CAMERA_NAMES)}")


def render_states(
    renderers: Sequence[SceneRenderer],
    states: Sequence[Posed],
    cameras: Sequence[str],
    height_px: int = 128,
    width_px: int = 128,
    out: Frames | None = None,
) -> Mapping[str, Frames]:
    """Draw every (renderer, state) pair from every camera in one call.

    Args:
        renderers: N renderers; the same one may stand several times.
        states: N states.
        cameras: Camera names.
        height_px: Height of the pictures.
        width_px: Width of the pictures.
        out: Room for N x len(cameras) frames to draw into (see `rasterize`), camera by camera.

    Returns:
        Per camera name the frames in the order of the pairs: rgb (N, H, W, 3) and so on.
    """
    if len(renderers) != len(states):
        raise ValueError(f"{len(renderers)} renderers for {len(states)} states; give one each")
    count = len(states)
    rows = [
        renderer.views(state.body_poses, state.joint_positions, cameras, (height_px, width_px))
        for renderer, state in zip(renderers, states, strict=True)
    ]
    frames = rasterize([row[index] for index in range(len(cameras)) for row in rows], out)
    return {name: frames[i * count : (i + 1) * count] for i, name in enumerate(cameras)}


def _fingerprint() -> str:
    """Hash of all that decides a picture besides scene, state and appearance."""
    digest = hashlib.sha256(f"{RENDERER_VERSION}".encode())
    prisms = {kind: shapes.PRISMS[kind] for kind in shapes.GRASPABLE_KINDS}
    colours = {name: COLOURS[name] for name in SUITE_COLOURS}
    numbers = (
        prisms, shapes.VESSELS, shapes.BUTTON, shapes.DRAWER, shapes.TABLE_CENTRE_M,
        shapes.TABLE_HALF_SIZE_M, colours, SHELL, JOINT, ACCENT, HOUSING, HANDLE, Appearance(),
        front_camera().world_from_camera.round(9).tolist(), front_camera().fov_y_rad,
        HAND_FROM_WRIST_CAMERA.round(9).tolist(), WRIST_FOV_RAD,
    )  # fmt: skip
    digest.update(repr(numbers).encode())
    digest.update(PANDA_ASSET.read_bytes() if PANDA_ASSET.exists() else b"")
    return digest.hexdigest()[:16]


RENDERER_FINGERPRINT = _fingerprint()
"""16 hex digits that change when the same state begins to give another picture."""
