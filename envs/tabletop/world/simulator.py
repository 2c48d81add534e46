"""The tabletop in physics: the Panda, the table and a scene's objects.

One `Simulator` holds one scene in a physics client of its own: a fresh client per scene makes the
same scene and the same actions give the same bits.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.bodies import BodySpec, Primitive
from handeye.envs.core.physics import Physics, SimulationError
from handeye.envs.tabletop.world import collision, shapes
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY, ROBOT_BODY, TABLE_BODY, Scene
from handeye.envs.tabletop.world.state import State, first_lost, lower_to_frames

if TYPE_CHECKING:
    from handeye.envs.rendering.camera import Camera

ARM_JOINTS = 7
FORCES_N = (87.0, 87.0, 87.0, 87.0, 40.0, 40.0, 40.0, 30.0, 30.0)  # arm (N m), fingers (N)
GAINS = (*(0.2,) * ARM_JOINTS, 0.1, 0.1)
FAR_M = 10.0  # a body beyond this has exploded
FELL_M = -0.5  # height of the floor that catches what falls off the table
PIT_HALF_WIDTH_M = 3.0


class Peak:
    """The greatest force (x y z, N) of several: level by its size, upright by its own.

    Attributes:
        force_n: of the force with the greatest level part x and y, of that with the greatest
            upright part z.
    """

    def __init__(self) -> None:
        self.force_n = [0.0, 0.0, 0.0]

    def meet(self, force_n: Sequence[float]) -> None:
        """Take in one more force."""
        x, y, z = force_n
        if math.hypot(x, y) > math.hypot(self.force_n[0], self.force_n[1]):
            self.force_n[:2] = x, y
        if abs(z) > abs(self.force_n[2]):
            self.force_n[2] = z


class Simulator:
    """A scene in physics.

    Args:
        scene: what to build.
        joint_positions: (9,) start of the arm and fingers.
        physics_hz: ticks a simulated second.
        every_tick: read the forces on the robot after every tick, which costs 5 % of a step, not
            only when the state is read.

    Raises:
        SimulationError: PyBullet refused a body.
    """

    def __init__(
        self,
        scene: Scene,
        joint_positions: NDArray[np.float64],
        physics_hz: int = 240,
        *,
        every_tick: bool = False,
    ) -> None:
        self._every_tick = every_tick
        self.scene = scene
        self.physics_hz = physics_hz
        self._physics = Physics(physics_hz)
        with self._physics.building():
            self._build(joint_positions)

    def _build(self, joint_positions: NDArray[np.float64]) -> None:
        robot, self._robot_joints = self._physics.load("panda.urdf")
        self._fingers = tuple(self._robot_joints[ARM_JOINTS:])
        for finger in self._fingers:
            self._physics.set_friction(robot, finger, 1.2, spinningFriction=0.02)
        self._physics.mirror_joints(robot, *self._fingers)  # as on the real hand
        self._bodies = [robot, self._add_table()]
        self._object_joints: list[int] = []  # bodies that have a slide
        self._mass_heights = np.zeros(self.scene.body_count)
        self._moving: list[int] = []
        for number, thing in enumerate(self.scene.objects, start=FIRST_OBJECT_BODY):
            spec = collision.body_spec(thing)
            half, height = thing.yaw_rad / 2, _mass_height(spec)
            quat = (0.0, 0.0, float(np.sin(half)), float(np.cos(half)))
            body = self._physics.add(spec, thing.position_m, quat, height)
            self._bodies.append(body)
            if spec.slide is not None:
                self._object_joints.append(body)
            if thing.kind not in shapes.FIXTURE_KINDS:
                self._moving.append(number)
                self._mass_heights[number] = height
        self._forces: dict[int, Peak] = {}  # by PyBullet's number of what the robot touched
        self._numbers = {body: number for number, body in enumerate(self._bodies)}
        self._static_poses = self._all_poses()
        self.reset_robot(joint_positions)
        for number in self._moving:
            self._physics.put_to_sleep(self._bodies[number])

    def _add_table(self) -> int:
        half = (*shapes.TABLE_HALF_SIZE_M, shapes.TABLE_THICKNESS_M / 2)
        centre = (*shapes.TABLE_CENTRE_M, -shapes.TABLE_THICKNESS_M / 2)
        self._physics.add_fixtures(pit())
        table = self._physics.add_fixture(half, centre)
        self._physics.set_friction(table, -1, 0.6)
        return table

    def reset_robot(self, joint_positions: NDArray[np.float64]) -> None:
        """Put the arm and fingers at (9,) joint positions, at rest, and hold them there."""
        for joint, value in zip(self._robot_joints, joint_positions, strict=True):
            self._physics.set_joint(self._bodies[ROBOT_BODY], joint, float(value))
        self.command(joint_positions.tolist())

    def set_slide(self, body: int, position_m: float) -> None:
        """Put the slide of an articulated body at `position_m`, at rest."""
        self._physics.set_joint(self._bodies[body], 0, position_m)

    def displace(self, body: int, x_m: float, y_m: float) -> None:
        """Put a loose body upright on the table, at rest, with its middle at (x, y)."""
        self._physics.move(self._bodies[body], (x_m, y_m, float(self._mass_heights[body])))

    def command(self, joint_targets: Sequence[float]) -> None:
        """Set the position targets (9,) that the joint motors track from now on."""
        robot = self._bodies[ROBOT_BODY]
        self._physics.drive_positions(robot, self._robot_joints, joint_targets, FORCES_N, GAINS)

    @property
    def tick(self) -> int:
        """Physics ticks since the scene was built."""
        return self._physics.tick

    def step(self, ticks: int) -> None:
        """Advance by `ticks` physics ticks."""
        if not self._every_tick:
            self._physics.step(ticks)
            return
        for _ in range(ticks):
            self._physics.step(1)
            self._feel()

    def _feel(self) -> None:
        for body, force in self._physics.net_forces_n(self._bodies[ROBOT_BODY]).items():
            self._forces.setdefault(body, Peak()).meet(force)

    def _all_poses(self) -> NDArray[np.float64]:
        poses = np.zeros((len(self._bodies), 7))
        poses[[ROBOT_BODY, TABLE_BODY], 6] = 1.0
        for i, thing in enumerate(self.scene.objects, start=FIRST_OBJECT_BODY):
            half = thing.yaw_rad / 2
            poses[i] = (*thing.position_m, 0.0, 0.0, np.sin(half), np.cos(half))
        return poses

    def state(self) -> State:
        """The truth now.

        Raises:
            SimulationError: a body's pose is not finite or it flew away; the message names it.
        """
        poses = self._static_poses.copy()
        for i in self._moving:
            poses[i] = self._physics.mass_centre(self._bodies[i])
        lower_to_frames(poses, self._mass_heights)
        joints = self._physics.joint_positions(self._bodies[ROBOT_BODY], self._robot_joints)
        for body in self._object_joints:
            joints += self._physics.joint_positions(body, (0,))
        positions = np.array(joints)
        self._guard(poses, positions)
        return State(poses, positions, self._finger_contacts(), self.tick, self._robot_forces())

    def _robot_forces(self) -> NDArray[np.float64]:
        """The greatest since the last call: a blow between two looks at the state is over soon."""
        if not self._every_tick:
            self._feel()
        forces = np.zeros((len(self._bodies), 3))
        for body, peak in self._forces.items():
            if body in self._numbers:
                forces[self._numbers[body]] = peak.force_n
        self._forces = {}
        return forces

    def _finger_contacts(self) -> NDArray[np.int32]:
        touched = [-1, -1]
        for side, finger in enumerate(self._fingers):
            contacts = self._physics.contacts(self._bodies[ROBOT_BODY], finger)
            pressing = [(force, self._numbers.get(b, -1)) for force, b in contacts if force > 0.1]
            touched[side] = max(pressing, default=(0.0, -1))[1]
        return np.array(touched, dtype=np.int32)

    def _guard(self, poses: NDArray[np.float64], joint_positions: NDArray[np.float64]) -> None:
        lost = first_lost(poses, FAR_M)
        if lost >= 0:
            body = lost - FIRST_OBJECT_BODY
            name = self.scene.objects[body].name if body >= 0 else "robot or table"
            raise SimulationError(f"the pose of {name!r} is not finite or left the room")
        if not np.isfinite(joint_positions).all():
            raise SimulationError("a joint of the robot or of a drawer or button is not finite")

    def paint(self, body: int, colour: Sequence[float], base: Sequence[float] = ()) -> None:
        """Give a body a colour (r g b, 0 to 1) in PyBullet's own pictures, its base another one."""
        number = self._bodies[body]
        self._physics.paint(number, -1, base or colour)
        if number in self._object_joints:
            self._physics.paint(number, 0, colour)

    def tiny_render(
        self, camera: "Camera", *, shadow: bool = False
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int32]]:
        """PyBullet's own software picture, for comparison: rgb (H, W, 3), depth_m, segmentation."""
        rgb, depth_m, ids = self._physics.tiny_picture(camera, shadow=shadow)
        numbers = {**self._numbers, -1: -1}
        flat = [numbers.get(int(body), -1) for body in ids.ravel()]
        return rgb, depth_m, np.array(flat, np.int32).reshape(ids.shape)

    def close(self) -> None:
        """Free the physics client; harmless when called twice."""
        self._physics.close()


def pit() -> list[Primitive]:
    """A floor below the table with a fence, unseen: what rolls off it must come to rest."""
    wide, thick, high = PIT_HALF_WIDTH_M, 0.05, 0.5
    floor = Primitive((wide, wide, thick), position_m=(0.0, 0.0, FELL_M - thick))
    sides = [(wide, 0.0), (-wide, 0.0), (0.0, wide), (0.0, -wide)]
    fence = [
        Primitive((thick, wide, high) if x else (wide, thick, high), position_m=(x, y, FELL_M))
        for x, y in sides
    ]
    return [floor, *fence]


def _mass_height(spec: BodySpec) -> float:
    """Height of the centre of mass above the body's frame, m."""
    if not spec.mass_kg:
        return 0.0
    heights = [p.height_m / 2 if p.mesh or p.hull_m else p.position_m[2] for p in spec.parts]
    return max(heights) * (0.5 if len(spec.parts) > 1 else 1.0)
