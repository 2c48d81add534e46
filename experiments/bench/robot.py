"""How much of the stock Panda's silhouette the decimated robot keeps."""

import numpy as np
from numpy.typing import NDArray

from handeye.envs.assets import build_panda
from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.rasterizer import Geometry, Mesh, Part, View, rasterize
from handeye.envs.rendering.shading import Ground, Light, Shading
from handeye.envs.robots.inverse_kinematics import HOME_JOINTS
from handeye.envs.robots.kinematics import HAND, panda_link_poses
from handeye.envs.tabletop.world.cameras import front_camera, overhead_camera, wrist_camera
from handeye.envs.tabletop.world.meshes import ROBOT_PAINTS, robot_parts
from handeye.envs.tabletop.world.scene import ROBOT_BODY
from handeye.experiments.bench.measurement import Measurement

SIZE_PX = 128
BEND_RAD = 0.4  # of every joint at most, from the home pose
MIRRORED_FINGER = 11  # pose slot of the finger that is the other one turned half a turn


def measure_robot(bends: int) -> list[Measurement]:
    """The worst camera's overlap over `bends` poses of the arm."""
    overlaps = robot_overlap(bends)
    worst = min(overlaps, key=overlaps.__getitem__)
    triangles = [len(Geometry.pack(parts).faces) for parts in (list(robot_parts()), stock_robot())]
    meaning = (
        f"pixels covered by both over pixels covered by either, {SIZE_PX} x {SIZE_PX}, worst of "
        f"{len(overlaps)} cameras ({worst}): our decimated robot, and the stock meshes themselves"
    )
    return [
        Measurement.of_rates(
            "robot_iou", overlaps[worst], 1.0, "IoU", meaning,
            our_triangles=float(triangles[0]), stock_triangles=float(triangles[1]),
        )
    ]  # fmt: skip


def robot_overlap(bends: int) -> dict[str, float]:
    """Intersection over union of the two robots' pixels per camera, over `bends` poses."""
    rng = np.random.default_rng(0)
    packed = [Geometry.pack(parts) for parts in (stock_robot(), list(robot_parts()))]
    paints = dict.fromkeys(ROBOT_PAINTS, (1.0, 1.0, 1.0))
    looks = [
        Shading.pack(
            geometry.paints, paints, Ground(1, (0.5, 0), (0.45, 0.6)), Light(shadow=0.0),
            np.zeros((2, 3)), np.zeros((1, 1), np.uint8),
        )
        for geometry in packed
    ]  # fmt: skip
    counts: dict[str, NDArray[np.int64]] = {}
    for _ in range(bends):
        joints = HOME_JOINTS.copy()
        joints[:7] += rng.uniform(-BEND_RAD, BEND_RAD, 7)
        joints[7:] = rng.uniform(0, 0.04)
        poses = panda_link_poses(joints)
        for camera in cameras(poses[HAND]):
            stock, mine = (
                rasterize([View(geometry, look, poses, camera)]).segmentation[0] == ROBOT_BODY
                for geometry, look in zip(packed, looks, strict=True)
            )
            counted = np.array([(stock & mine).sum(), (stock | mine).sum()])
            counts[camera.name] = counts.get(camera.name, 0) + counted
    return {name: float(both / either) for name, (both, either) in counts.items()}


def stock_robot() -> list[Part]:
    """The 103,000 stock triangles, slots as in the shipped robot."""
    names = [*(f"link{index}" for index in range(8)), "hand", "finger", "finger"]
    parts = []
    for name, part in zip(names, robot_parts(), strict=True):
        mesh = build_panda.as_mesh(build_panda.read_source(name))
        if part.pose_slot == MIRRORED_FINGER:
            turn = np.array([-1, -1, 1], np.float32)
            mesh = Mesh(mesh.vertices_m * turn, mesh.normals * turn, mesh.faces, mesh.paint_of_face)
        parts.append(Part(mesh, part.pose_slot, part.body_id, part.paints))
    return parts


def cameras(hand: NDArray[np.float64]) -> list[Camera]:
    """From the side, and the three that policies know; `hand` is the hand's pose."""
    side = Camera.look_at(
        "side", (0.9, -0.9, 0.8), (0.2, 0, 0.35), fov_y_rad=0.8, width_px=SIZE_PX, height_px=SIZE_PX
    )
    return [side, front_camera(), overhead_camera(), wrist_camera(hand)]
