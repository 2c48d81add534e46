"""Labels for a `HistoryPolicy` about one goal of a recorded episode, from the simulator."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.oracle import RoomsOracle
from handeye.envs.rooms.pictures.meshes import thing_body
from handeye.envs.rooms.registry import ROOMS
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import BaseTrajectory, RoomGoal, RoomScene
from handeye.experiments.labels.program_labels import ROOMS_VOCABULARY
from handeye.experiments.labels.room_cells import spot_classes
from handeye.perception.instructions.navigation_program import END, OPS, ProgramStep

WAYPOINT_M = 1.0  # how far along the expert's way the waypoint lies
NEAR_ENOUGH_M = 0.4  # of the way left: who is that near and has succeeded may stop


class DecisionTruth(NamedTuple):
    """The truth at one time of an episode, for one of its goals."""

    waypoint_m: tuple[float, float]  # ahead and left of the robot
    terminate: bool


class HistoryFrameLabels(NamedTuple):
    """The truth about one frame of `cells` x `cells`."""

    referred: NDArray[np.float32]  # (cells * cells,) share of each cell
    cells: NDArray[np.int64]  # (3, cells, cells) kind, colour and room


def decisions_of(episode: RoomEpisode, goal: int, times: Sequence[int]) -> list[DecisionTruth]:
    """The truth at increasing times.

    To stop is also right where the goal's conditions hold and `NEAR_ENOUGH_M` of the way are left:
    the expert goes on to the very end, which a learner need not.
    """
    task, scene, wanted = ROOMS.make_task(episode.task), episode.scene, episode.goals[goal].goal
    legs = task.legs(scene, wanted)
    navigator = RoomsOracle(scene, legs, episode.action_mode, wanted.answer)
    track = episode.poses.astype(np.float64)
    rows = []
    for time in times:
        walk = BaseTrajectory(track[: time + 1])
        aim = navigator.aim(walk, WAYPOINT_M)
        done = bool(episode.terminate[goal, time])
        if not done and aim.last and aim.left_m <= NEAR_ENOUGH_M:
            done = all(task.conditions(scene, wanted, walk).values())
        rows.append(DecisionTruth(_seen_from(walk.here, aim.point_m), done))
    return rows


def _seen_from(here: BasePose, point: tuple[float, float]) -> tuple[float, float]:
    dx, dy = point[0] - here.x_m, point[1] - here.y_m
    cos, sin = np.cos(here.yaw_rad), np.sin(here.yaw_rad)
    return float(cos * dx + sin * dy), float(cos * dy - sin * dx)


def frame_truth(
    scene: RoomScene,
    goal: RoomGoal,
    pose: BasePose,
    depth_m: NDArray[np.float32],
    bodies: NDArray[np.int32],
    cells: int,
) -> HistoryFrameLabels:
    """Label a frame, and the place in it of what the goal refers to first: a thing, or a room.

    Args:
        scene: what is seen.
        goal: what is asked for.
        pose: from where.
        depth_m: (H, H), see `rasterizer.Frames`.
        bodies: (H, H) segmentation.
        cells: along each side; H is a multiple.
    """
    spots = spot_classes(scene, pose, depth_m, bodies)
    name = goal.referred[0] if goal.referred else ""
    if name in scene.things:
        shown = bodies == thing_body(scene, name)
    elif name in ROOM_KINDS:
        shown = spots.rooms == 1 + ROOM_KINDS.index(name)
    else:
        shown = np.zeros_like(bodies, dtype=np.bool_)
    size = len(shown) // cells
    share = shown.reshape(cells, size, cells, size).mean(axis=(1, 3), dtype=np.float32)
    return HistoryFrameLabels(share.ravel(), np.stack([_middles(part, cells) for part in spots]))


def _middles(classes: NDArray[np.int64], cells: int) -> NDArray[np.int64]:
    """Return of spots (rows, rows) those in the middles of (cells, cells)."""
    step = len(classes) // cells
    return classes[step // 2 :: step, step // 2 :: step]


def named_classes(steps: Sequence[ProgramStep]) -> NDArray[np.bool_]:
    """Return the classes that the first step with a thing or a room allows: (1, classes).

    Where the words say nothing all are allowed.
    """
    said = next((step for step in steps if step.kind or step.room), ProgramStep(END))
    lists = ROOMS_VOCABULARY
    parts = [(said.kind, lists.kinds), (said.colour, lists.colours), (said.room, lists.rooms)]
    allowed = [[not word or word == name for name in listed] for word, listed in parts]
    return np.array([[*allowed[0], *allowed[1], *allowed[2]]])


def intent_of(steps: Sequence[ProgramStep]) -> int:
    """Return what is to be done first, and whether the robot is to come back: see `INTENTS`."""
    return OPS.index(steps[0].op) + len(OPS) * (steps[-1].op == "start")
