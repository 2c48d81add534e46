"""A few dozen numbers from which a small network can drive to a point named in words.

They come from depth, odometry and the instruction alone. Dead ends need a memory, so the obstacles
of the last frames are kept where odometry says they are, and the path gone so far is told too.
"""

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose
from handeye.policies.modular.frontier_policy import parse_point
from handeye.policies.tokens.action_tokenizer import DISCRETE_ACTIONS

BEAMS = 32  # of the scan ahead, over the camera's field of view
AROUND = 48  # of the scan all around
FRAMES = 64  # whose obstacles are remembered
REACH_M = 5.0  # what is further away, or was never seen, reads so
LOW_M, HIGH_M = 0.08, 0.45  # what stands at this height is in the way
TRAIL = (1, 2, 4, 8, 16, 32, 64)  # actions ago, of which the place is told
NEAR_M, FAR_M = 2.0, 10.0  # scales of the distance to go
FEATURES = BEAMS + AROUND + 4 + 2 * len(TRAIL) + 2 + DISCRETE_ACTIONS


class PointGoalObserver:
    """Turns the observations of one episode into (`FEATURES`,) float32.

    In order: the scan ahead (`BEAMS`, from right to left) and all around (`AROUND`, from behind
    over the right), as shares of `REACH_M`; cosine and sine of the bearing of the point and its
    distance on two scales; places `TRAIL` actions ago (ahead, left) as shares of `REACH_M`; whether
    the last action touched something, and its speed; the last action, one-hot.
    """

    def __init__(self) -> None:
        self._camera = EgoCamera()
        self.begin("")

    def begin(self, instruction: str) -> None:
        """Start an episode; `point_m` is None where the words name no point."""
        self.point_m = parse_point(instruction)
        self.left_m = math.inf  # straight to the point, when last observed
        self._seen: deque[NDArray[np.float64]] = deque(maxlen=FRAMES)
        self._path: list[tuple[float, float]] = []

    def observe(self, observation: Mapping[str, Any], last_action: int | None) -> NDArray[Any]:
        """The features now.

        Args:
            observation: with `depth_ego` (H, W) m and `proprio` (6,).
            last_action: that led here; None at the start.
        """
        proprio = observation["proprio"]
        pose = EgoPose.from_proprio(proprio)
        ahead_m = self._scan(observation["depth_ego"])
        self._remember(ahead_m, pose)
        around_m = nearest_by_bearing(
            _robot_frame(np.concatenate(self._seen), pose), AROUND, math.pi
        )
        self._path.append((pose.x_m, pose.y_m))
        past = np.array([self._path[max(-1 - ago, -len(self._path))] for ago in TRAIL])
        done = np.zeros(DISCRETE_ACTIONS)
        if last_action is not None:
            done[last_action] = 1.0
        parts = [
            ahead_m / REACH_M,
            around_m / REACH_M,
            self._goal(pose),
            np.clip(_robot_frame(past, pose).ravel() / REACH_M, -2.0, 2.0),
            proprio[4:6],
            done,
        ]
        return np.concatenate(parts).astype(np.float32)

    def _scan(self, depth: NDArray[np.float32]) -> NDArray[np.float64]:
        """Distance to what is in the way, by bearing: (`BEAMS`,) m."""
        points = self._camera.points(depth, EgoPose(0.0, 0.0, 0.0)).reshape(-1, 3)
        blocking = points[(points[:, 2] > LOW_M) & (points[:, 2] < HIGH_M)]
        return nearest_by_bearing(blocking[:, :2], BEAMS, self._camera.fov_rad / 2)

    def _remember(self, ahead_m: NDArray[np.float64], pose: EgoPose) -> None:
        """Keep where the scan ahead met something, in the start frame."""
        half_rad = self._camera.fov_rad / 2
        met = ahead_m < REACH_M
        bearing = pose.yaw_rad - half_rad + 2 * half_rad / BEAMS * (np.arange(BEAMS)[met] + 0.5)
        x, y = np.cos(bearing) * ahead_m[met], np.sin(bearing) * ahead_m[met]
        self._seen.append(np.stack([pose.x_m + x, pose.y_m + y], axis=1))

    def _goal(self, pose: EgoPose) -> NDArray[np.float64]:
        if self.point_m is None:
            return np.zeros(4)
        bearing = pose.bearing_rad(*self.point_m)
        self.left_m = math.dist(self.point_m, pose[:2])
        scaled = min(self.left_m / NEAR_M, 1.0), min(self.left_m / FAR_M, 1.0)
        return np.array([math.cos(bearing), math.sin(bearing), *scaled])


def nearest_by_bearing(
    points_m: NDArray[np.float64], beams: int, half_rad: float
) -> NDArray[np.float64]:
    """Distance of the nearest point in each of the beams (B,), `REACH_M` where there is none.

    Args:
        points_m: (P, 2) ahead and to the left.
        beams: B equal parts of the field of view, from right to left.
        half_rad: half the field of view.
    """
    bearing = np.arctan2(points_m[:, 1], points_m[:, 0])
    beam = np.floor((bearing + half_rad) / (2 * half_rad) * beams).astype(np.int64)
    inside = (beam >= 0) & (beam < beams)
    nearest = np.full(beams, REACH_M)
    np.minimum.at(nearest, beam[inside], np.hypot(points_m[inside, 0], points_m[inside, 1]))
    return nearest


def _robot_frame(points_m: NDArray[np.float64], pose: EgoPose) -> NDArray[np.float64]:
    """Points (P, 2) of the start frame as (ahead, left) of the robot, m."""
    dx, dy = points_m[:, 0] - pose.x_m, points_m[:, 1] - pose.y_m
    cos, sin = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
    return np.stack([cos * dx + sin * dy, cos * dy - sin * dx], axis=1)
