"""Compiled geometry behind `ego_camera`: which points of a box a camera sees among other boxes."""

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled


@compiled
def meets_box(eye: NDArray[np.float64], ray: NDArray[np.float64], box: NDArray[np.float64]) -> bool:
    """Whether the line from `eye` to `eye + ray` enters a box before its end (slab method).

    Args:
        eye: (3,) where the line begins, m.
        ray: (3,) all of the line; its end counts as outside what it touches.
        box: (6,) low x y z, high x y z, m.
    """
    enter, leave = -np.inf, np.inf
    for axis in range(3):
        low, high = box[axis] - eye[axis], box[axis + 3] - eye[axis]
        if ray[axis] == 0.0:
            if low > 0.0 or high < 0.0:
                return False
            continue
        near, far = low / ray[axis], high / ray[axis]
        enter, leave = max(enter, min(near, far)), min(leave, max(near, far))
        if enter >= leave:
            return False
    return leave > 0.0 and enter < 1.0 - 1e-9


@compiled
def shares_in_sight(
    poses: NDArray[np.float64],
    points: NDArray[np.float64],
    boxes: NDArray[np.float64],
    skipped: int,
    lens: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Share of the points (P, 3) that lie in the frame and behind no box, from each pose: (K,).

    Args:
        poses: (K, 3) x, y (m) and yaw (rad) of the base that carries the camera.
        points: (P, 3) in the world, m.
        boxes: (N, 6) low x y z, high x y z of what hides, m.
        skipped: index of a box that hides nothing; -1 for none.
        lens: eye height (m), downward tilt (rad), tangent of half the field of view, near (m).
    """
    height_m, tilt, half, near_m = lens
    cos_tilt, sin_tilt = np.cos(tilt), np.sin(tilt)
    shares, eye, ray = np.zeros(len(poses)), np.empty(3), np.empty(3)
    for k in range(len(poses)):
        eye[0], eye[1], eye[2] = poses[k, 0], poses[k, 1], height_m
        cos, sin = np.cos(poses[k, 2]), np.sin(poses[k, 2])
        seen, last = 0, 0  # what hid one point often hides the next one
        for p in range(len(points)):
            for axis in range(3):
                ray[axis] = points[p, axis] - eye[axis]
            ahead = ray[0] * cos + ray[1] * sin
            depth = cos_tilt * ahead - sin_tilt * ray[2]
            right = ray[0] * sin - ray[1] * cos
            down = -sin_tilt * ahead - cos_tilt * ray[2]
            edge = depth * half
            if depth <= near_m or not (-edge <= right < edge and -edge <= down < edge):
                continue
            hidden = False
            for i in range(len(boxes)):
                box = (last + i) % len(boxes)
                if box != skipped and meets_box(eye, ray, boxes[box]):
                    hidden, last = True, box
                    break
            seen += not hidden
        shares[k] = seen / len(points)
    return shares
