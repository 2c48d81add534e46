"""Physics: the only file that imports PyBullet.

One `Simulator` is one PyBullet DIRECT client holding one scene: the Panda, the table and the
scene's objects. Time advances only by `step`, in ticks of `1 / physics_hz` seconds; there is no
wall clock. A fresh client per scene makes the same scene and the same actions give the same bits.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from handeye.envs import collision, shapes
from handeye.envs.scene import FIRST_OBJECT_BODY, ROBOT_BODY, TABLE_BODY, Scene
from handeye.envs.state import State, first_lost, lower_to_frames

if TYPE_CHECKING:
    from handeye.envs.camera import Camera


@contextmanager
def _silenced_stderr() -> Iterator[None]:
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


with _silenced_stderr():  # PyBullet announces its build time from C, in every worker
    import pybullet

GRAVITY_M_S2 = 9.81
ARM_JOINTS = 7
ARM_FORCE_N = (87.0, 87.0, 87.0, 87.0, 40.0, 40.0, 40.0)
FINGER_FORCE_N = 30.0
FAR_M = 10.0  # a body beyond this has exploded
FELL_M = -0.5  # below this it lies on an invisible floor, so that nothing falls for ever
ASSETS = Path(__file__).parent / "assets"


class SimulationError(RuntimeError):
    """The physics left the real numbers or the room; the message names the body."""


class Simulator:
    """A physics client holding one scene.

    Args:
        scene: what to build.
        joint_positions: (9,) start of the arm and fingers.
        physics_hz: ticks a simulated second.

    Raises:
        SimulationError: PyBullet refused a body.
    """

    def __init__(
        self, scene: Scene, joint_positions: NDArray[np.float64], physics_hz: int = 240
    ) -> None:
        self.scene = scene
        self.physics_hz = physics_hz
        self.tick = 0
        self._client = pybullet.connect(pybullet.DIRECT)
        self._kw: dict[str, Any] = {"physicsClientId": self._client}
        try:
            self._build(joint_positions)
        except pybullet.error as error:
            self.close()
            raise SimulationError(f"PyBullet could not build the scene: {error}") from error

    def _build(self, joint_positions: NDArray[np.float64]) -> None:
        pybullet.setGravity(0, 0, -GRAVITY_M_S2, **self._kw)
        pybullet.setPhysicsEngineParameter(
            fixedTimeStep=1 / self.physics_hz,
            deterministicOverlappingPairs=1,
            numSolverIterations=50,
            **self._kw,
        )
        robot = pybullet.loadURDF(str(ASSETS / "panda.urdf"), useFixedBase=True, **self._kw)
        children = [
            pybullet.getJointInfo(robot, j, **self._kw)
            for j in range(pybullet.getNumJoints(robot, **self._kw))
        ]
        self._robot_joints = [c[0] for c in children if c[2] != pybullet.JOINT_FIXED]
        self._fingers = tuple(self._robot_joints[ARM_JOINTS:])
        for finger in self._fingers:
            pybullet.changeDynamics(
                robot, finger, lateralFriction=1.2, spinningFriction=0.02, **self._kw
            )
        gear = pybullet.createConstraint(  # the two fingers move as one, as on the real hand
            robot,
            self._fingers[0],
            robot,
            self._fingers[1],
            pybullet.JOINT_GEAR,
            (1, 0, 0),
            (0, 0, 0),
            (0, 0, 0),
            **self._kw,
        )
        pybullet.changeConstraint(gear, gearRatio=-1, erp=0.2, maxForce=200, **self._kw)
        self._bodies = [robot, self._add_table()]
        self._object_joints: list[int] = []  # bodies that have a slide
        for thing in self.scene.objects:
            spec = collision.body_spec(thing)
            half = thing.yaw_rad / 2
            quat = (0.0, 0.0, float(np.sin(half)), float(np.cos(half)))
            body = self._add_body(spec, thing.position_m, quat)
            self._bodies.append(body)
            if spec.slide is not None:
                self._object_joints.append(body)
        self._moving = [i for i in range(FIRST_OBJECT_BODY, len(self._bodies)) if self._is_free(i)]
        self._numbers = {body: number for number, body in enumerate(self._bodies)}
        self._mass_heights = np.zeros(len(self._bodies))
        for i in self._moving:
            thing = self.scene.objects[i - FIRST_OBJECT_BODY]
            self._mass_heights[i] = _mass_height(collision.body_spec(thing))
        self._static_poses = self._all_poses()
        self.reset_robot(joint_positions)
        for i in self._moving:  # at rest until touched: sleeping bodies cost nothing
            pybullet.changeDynamics(
                self._bodies[i], -1, activationState=pybullet.ACTIVATION_STATE_SLEEP, **self._kw
            )

    def _is_free(self, body: int) -> bool:
        return self.scene.objects[body - FIRST_OBJECT_BODY].kind not in shapes.FIXTURE_KINDS

    def _add_table(self) -> int:
        half = (*shapes.TABLE_HALF_SIZE_M, shapes.TABLE_THICKNESS_M / 2)
        centre = (*shapes.TABLE_CENTRE_M, -shapes.TABLE_THICKNESS_M / 2)
        floor = self._shape(collision.Primitive((3.0, 3.0, 0.05)))
        pybullet.createMultiBody(0, floor, -1, (0, 0, FELL_M - 0.05), **self._kw)
        table = pybullet.createMultiBody(
            0, self._shape(collision.Primitive(half)), -1, centre, **self._kw
        )
        pybullet.changeDynamics(table, -1, lateralFriction=0.6, **self._kw)
        return int(table)

    def _shape(self, part: collision.Primitive) -> int:
        if not part.mesh:
            return self._compound((part,))
        return int(
            pybullet.createCollisionShape(
                pybullet.GEOM_MESH,
                fileName=str(ASSETS / f"{part.mesh}.obj"),
                meshScale=(part.radius_m, part.radius_m, part.height_m),
                **self._kw,
            )
        )

    def _compound(self, parts: tuple[collision.Primitive, ...]) -> int:
        if not parts:
            return -1
        if parts[0].mesh:  # a mesh is always alone: it brings its own convex parts
            return self._shape(parts[0])
        box, cylinder = pybullet.GEOM_BOX, pybullet.GEOM_CYLINDER
        return int(
            pybullet.createCollisionShapeArray(
                shapeTypes=[box if p.half_extents_m else cylinder for p in parts],
                halfExtents=[p.half_extents_m or (1, 1, 1) for p in parts],
                radii=[p.radius_m for p in parts],
                lengths=[p.height_m for p in parts],
                collisionFramePositions=[p.position_m for p in parts],
                collisionFrameOrientations=[
                    pybullet.getQuaternionFromEuler(p.rpy_rad) for p in parts
                ],
                **self._kw,
            )
        )

    def _add_body(
        self,
        spec: collision.BodySpec,
        position: tuple[float, float, float],
        quat: tuple[float, float, float, float],
    ) -> int:
        links: dict[str, Any] = {}
        if spec.slide is not None:
            links = {
                "linkMasses": [spec.slide.mass_kg],
                "linkCollisionShapeIndices": [self._compound(spec.slide.parts)],
                "linkVisualShapeIndices": [-1],
                "linkPositions": [(0, 0, 0)],
                "linkOrientations": [(0, 0, 0, 1)],
                "linkInertialFramePositions": [(0, 0, 0)],
                "linkInertialFrameOrientations": [(0, 0, 0, 1)],
                "linkParentIndices": [0],
                "linkJointTypes": [pybullet.JOINT_PRISMATIC],
                "linkJointAxis": [spec.slide.axis],
            }
        inertial = (0, 0, _mass_height(spec))
        body = pybullet.createMultiBody(
            spec.mass_kg,
            self._compound(spec.parts),
            -1,
            position,
            quat,
            inertial,
            useMaximalCoordinates=spec.slide is None,
            **links,
            **self._kw,
        )
        if body < 0:
            raise SimulationError("PyBullet could not create a body")
        pybullet.changeDynamics(
            body,
            -1,
            lateralFriction=spec.friction,
            spinningFriction=0.001,
            rollingFriction=0.0001,
            activationState=pybullet.ACTIVATION_STATE_ENABLE_SLEEPING,
            **self._kw,
        )
        if spec.slide is not None:
            self._limit_slide(body, spec.slide)
        return int(body)

    def _limit_slide(self, body: int, slide: collision.Slide) -> None:
        pybullet.changeDynamics(
            body,
            0,
            jointLowerLimit=slide.lower_m,
            jointUpperLimit=slide.upper_m,
            lateralFriction=1.0,
            jointDamping=0.5,
            **self._kw,
        )
        if slide.spring_n_per_m:
            force = slide.spring_n_per_m * (slide.upper_m - slide.lower_m)
            pybullet.setJointMotorControl2(
                body,
                0,
                pybullet.POSITION_CONTROL,
                targetPosition=slide.upper_m,
                positionGain=0.1,
                velocityGain=0.5,
                force=force,
                **self._kw,
            )
        else:  # a velocity motor of limited force is dry friction
            pybullet.setJointMotorControl2(
                body,
                0,
                pybullet.VELOCITY_CONTROL,
                targetVelocity=0.0,
                force=slide.friction_n,
                **self._kw,
            )

    def reset_robot(self, joint_positions: NDArray[np.float64]) -> None:
        """Put the arm and fingers at (9,) joint positions, at rest, and hold them there."""
        for joint, value in zip(self._robot_joints, joint_positions, strict=True):
            pybullet.resetJointState(self._bodies[ROBOT_BODY], joint, float(value), 0, **self._kw)
        self.command(joint_positions)

    def set_slide(self, body: int, position_m: float) -> None:
        """Put the slide of an articulated body at `position_m`, at rest."""
        pybullet.resetJointState(self._bodies[body], 0, position_m, 0, **self._kw)

    def command(self, joint_targets: NDArray[np.float64]) -> None:
        """Set the position targets (9,) that the joint motors track from now on."""
        pybullet.setJointMotorControlArray(
            self._bodies[ROBOT_BODY],
            self._robot_joints,
            pybullet.POSITION_CONTROL,
            targetPositions=joint_targets.tolist(),
            forces=(*ARM_FORCE_N, FINGER_FORCE_N, FINGER_FORCE_N),
            positionGains=(*(0.2,) * ARM_JOINTS, 0.1, 0.1),
            **self._kw,
        )

    def step(self, ticks: int) -> None:
        """Advance by `ticks` physics ticks."""
        client = self._client
        for _ in range(ticks):
            pybullet.stepSimulation(client)
        self.tick += ticks

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
        poses, client = self._static_poses.copy(), self._client
        for i in self._moving:
            centre, quat = pybullet.getBasePositionAndOrientation(self._bodies[i], client)
            poses[i] = centre + quat
        lower_to_frames(poses, self._mass_heights)  # PyBullet reports centres of mass
        joints = [
            *pybullet.getJointStates(self._bodies[ROBOT_BODY], self._robot_joints, **self._kw),
            *(pybullet.getJointState(body, 0, client) for body in self._object_joints),
        ]
        positions = np.array([joint[0] for joint in joints])
        self._guard(poses, positions)
        return State(poses, positions, self._finger_contacts(), self.tick)

    def _finger_contacts(self) -> NDArray[np.int32]:
        touched = [-1, -1]
        for side, finger in enumerate(self._fingers):
            contacts = pybullet.getContactPoints(
                bodyA=self._bodies[ROBOT_BODY], linkIndexA=finger, **self._kw
            )
            pressing = [(c[9], self._numbers.get(c[2], -1)) for c in contacts if c[9] > 0.1]
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

    def tiny_render(
        self, camera: "Camera", *, shadow: bool = False
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int32]]:
        """PyBullet's own software picture, for comparison: rgb (H, W, 3), depth_m, segmentation.

        It shows collision shapes where no visual shape exists, as PyBullet does.
        """
        view = np.linalg.inv(camera.world_from_camera @ np.diag([1.0, -1.0, -1.0, 1.0]))
        near, far = camera.near_m, camera.far_m
        aspect = camera.width_px / camera.height_px
        lens = pybullet.computeProjectionMatrixFOV(
            float(np.degrees(camera.fov_y_rad)), aspect, near, far
        )
        _, _, rgba, buffer, ids = pybullet.getCameraImage(
            camera.width_px,
            camera.height_px,
            view.T.ravel().tolist(),
            lens,
            shadow=int(shadow),
            renderer=pybullet.ER_TINY_RENDERER,
            **self._kw,
        )
        size = (camera.height_px, camera.width_px)
        depth = far * near / (far - (far - near) * np.asarray(buffer, np.float32).reshape(size))
        numbers = {**self._numbers, -1: -1}
        flat = [numbers.get(int(i), -1) for i in np.asarray(ids).ravel()]
        rgb = np.asarray(rgba, np.uint8).reshape(*size, 4)[..., :3]
        return rgb, depth.astype(np.float32), np.array(flat, np.int32).reshape(size)

    def close(self) -> None:
        """Free the physics client; harmless when called twice."""
        if self._client >= 0:
            pybullet.disconnect(self._client)
            self._client = -1


def _mass_height(spec: collision.BodySpec) -> float:
    """Height of the centre of mass above the body's frame, m."""
    if not spec.mass_kg:
        return 0.0
    return max(p.position_m[2] if not p.mesh else p.height_m / 2 for p in spec.parts) * (
        0.5 if len(spec.parts) > 1 else 1.0
    )
