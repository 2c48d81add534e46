"""What went wrong in an episode, read off the states: the names by which failures are counted."""

from collections.abc import Iterable

import numpy as np

from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.world.arm import UNREACHED
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY, Scene
from handeye.envs.tabletop.world.state import State

OFF_TABLE_M = -0.05
DROPPED_M = 0.10  # between the tcp and what it held
SHUT_M = 0.002  # width of a gripper that closed on nothing


class Incidents:
    """Watches one episode; each incident counts once.

    Args:
        scene: what is on the table.
        wanted: indices of the objects that the goal is about.
        grasps: whether the goal asks to grasp, so that closing on nothing is a miss.
    """

    def __init__(self, scene: Scene, wanted: Iterable[int], *, grasps: bool) -> None:
        self._scene, self._grasps = scene, grasps
        buttons = (i for i, thing in enumerate(scene.objects) if thing.kind == "button")
        self._wanted = {scene.body(index) for index in (*wanted, *buttons)}  # none is grasped
        self._carried = -1  # body held since the gripper was told to close
        self._names: dict[str, None] = {}

    @property
    def names(self) -> list[str]:
        """Incidents so far, in order of appearance."""
        return list(self._names)

    def note(self, name: str) -> None:
        """An incident that shows elsewhere, such as a timeout."""
        self._names[name] = None

    def watch(self, state: State, gripper: float, ik_residual: float) -> None:
        """Look at the state after a control tick.

        `gripper` is the command (-1 closed, +1 open), `ik_residual` how far the commanded joints
        miss the commanded pose (m or rad, the larger).
        """
        held = state.held_body
        if held >= FIRST_OBJECT_BODY and held not in self._wanted:
            self.note("wrong_object_grasped")
        if (state.body_poses[FIRST_OBJECT_BODY:, 2] < OFF_TABLE_M).any():
            self.note("object_off_table")
        if ik_residual > UNREACHED:
            self.note("limit_reached")
        if gripper > 0:
            self._carried = -1
        elif self._carried == -1:
            self._carried = held if held >= FIRST_OBJECT_BODY else -1
            if self._grasps and held == -1 and state.joint_positions[7:9].sum() < SHUT_M:
                self.note("missed_grasp")
        elif held != self._carried and self._far_from_tcp(state):
            self.note("object_dropped")

    def _far_from_tcp(self, state: State) -> bool:
        tcp = tcp_target(state.joint_positions)[:3]
        away = np.linalg.norm(state.body_poses[self._carried, :3] - tcp)
        return bool(away > DROPPED_M) and not self._slides()

    def _slides(self) -> bool:
        thing = self._scene.objects[self._carried - FIRST_OBJECT_BODY]
        return thing.articulated  # its handle is held, far from its frame
