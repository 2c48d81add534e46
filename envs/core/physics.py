"""The physics engine: the only file that imports PyBullet.

One `Physics` is one PyBullet DIRECT client. Time advances only by `step`, in ticks of
`1 / physics_hz` seconds; there is no wall clock. Bodies, links and joints go by PyBullet's numbers.
"""

import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.bodies import BodySpec, Primitive, Slide
from handeye.envs.core.decimal_point import decimal_point
from handeye.envs.core.urdf import read_urdf

if TYPE_CHECKING:
    from handeye.envs.rendering.camera import Camera


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
FIXTURES_IN_A_BODY = 16  # PyBullet's limit for one compound
ASSETS = Path(__file__).parents[1] / "assets"
Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


class SimulationError(RuntimeError):
    """The physics refused a body, or left the real numbers or the room; the message names it."""


class Physics:
    """A physics client.

    Args:
        physics_hz: ticks a simulated second.
    """

    def __init__(self, physics_hz: int) -> None:
        self.tick = 0
        self._client = pybullet.connect(pybullet.DIRECT)
        # PyBullet holds 27 MB a client, and those of environments that nobody closed until exit.
        self._disconnect = weakref.finalize(self, pybullet.disconnect, self._client)
        self._kw: dict[str, Any] = {"physicsClientId": self._client}
        pybullet.setGravity(0, 0, -GRAVITY_M_S2, **self._kw)
        pybullet.setPhysicsEngineParameter(
            fixedTimeStep=1 / physics_hz,
            deterministicOverlappingPairs=1,
            numSolverIterations=50,
            **self._kw,
        )

    @contextmanager
    def building(self) -> Iterator[None]:
        """While a scene is built: a refusal closes the client and becomes a `SimulationError`."""
        try:
            yield
        except pybullet.error as error:
            self.close()
            raise SimulationError(f"PyBullet could not build the scene: {error}") from error

    def load(self, urdf: str) -> tuple[int, list[int]]:
        """Load a fixed-base robot of `assets/`; its body and the numbers of its moving joints.

        Raises:
            SimulationError: the file is no sound URDF, or PyBullet read other numbers in it.
        """
        path = ASSETS / urdf
        try:
            written = read_urdf(path)
        except ValueError as error:
            raise SimulationError(str(error)) from error
        with decimal_point():
            body = int(pybullet.loadURDF(str(path), useFixedBase=True, **self._kw))
        joints = [
            pybullet.getJointInfo(body, joint, **self._kw)
            for joint in range(pybullet.getNumJoints(body, **self._kw))
        ]
        for joint in joints:
            name, link = joint[1].decode(), joint[12].decode()
            mass_kg = pybullet.getDynamicsInfo(body, joint[0], **self._kw)[0]
            limits = joint[8], joint[9], joint[11]
            _compare(f"the mass of link {link!r}", (mass_kg,), (written.masses_kg.get(link),))
            _compare(f"the limits of joint {name!r}", limits, written.limits.get(name, ()))
        return body, [joint[0] for joint in joints if joint[2] != pybullet.JOINT_FIXED]

    def add_fixture(self, half_extents_m: Vector, centre_m: Vector) -> int:
        """A box that never moves."""
        shape = self._compound((Primitive(half_extents_m),))
        return int(pybullet.createMultiBody(0, shape, -1, centre_m, **self._kw))

    def add_fixtures(self, parts: Sequence[Primitive]) -> None:
        """Pieces that never move, by the dozen in one body: many bodies would slow every tick."""
        for start in range(0, len(parts), FIXTURES_IN_A_BODY):
            shape = self._compound(tuple(parts[start : start + FIXTURES_IN_A_BODY]))
            body = pybullet.createMultiBody(0, shape, -1, (0, 0, 0), **self._kw)
            self.set_friction(body, -1, 0.1)

    def add(
        self, spec: BodySpec, position: Vector, quat: Quaternion, mass_height_m: float = 0.0
    ) -> int:
        """A body whose centre of mass lies `mass_height_m` above its frame.

        Raises:
            SimulationError: PyBullet refused it.
        """
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
        body = pybullet.createMultiBody(
            spec.mass_kg,
            self._compound(spec.parts),
            -1,
            position,
            quat,
            (0, 0, mass_height_m),
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

    def _compound(self, parts: tuple[Primitive, ...]) -> int:
        if not parts:
            return -1
        if parts[0].mesh:  # a mesh is always alone: it brings its own convex parts
            with decimal_point():
                return int(
                    pybullet.createCollisionShape(
                        pybullet.GEOM_MESH,
                        fileName=str(ASSETS / f"{parts[0].mesh}.obj"),
                        meshScale=(parts[0].radius_m, parts[0].radius_m, parts[0].height_m),
                        **self._kw,
                    )
                )
        if parts[0].hull_m:  # alone as well
            return int(
                pybullet.createCollisionShape(
                    pybullet.GEOM_MESH, vertices=parts[0].hull_m, **self._kw
                )
            )
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

    def _limit_slide(self, body: int, slide: Slide) -> None:
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
            self.drive_velocities(body, [0], [0.0], [slide.friction_n])

    def set_friction(self, body: int, link: int, lateral: float, **others: float) -> None:
        """Friction of a link (-1: the base); `others` are PyBullet's further coefficients."""
        pybullet.changeDynamics(body, link, lateralFriction=lateral, **others, **self._kw)

    def put_to_sleep(self, body: int) -> None:
        """Let a body at rest cost nothing until something touches it."""
        state = pybullet.ACTIVATION_STATE_SLEEP
        pybullet.changeDynamics(body, -1, activationState=state, **self._kw)

    def move(self, body: int, mass_centre_m: Sequence[float]) -> None:
        """Put a body somewhere, upright and at rest, by its centre of mass."""
        upright = (0.0, 0.0, 0.0, 1.0)
        pybullet.resetBasePositionAndOrientation(body, mass_centre_m, upright, **self._kw)
        pybullet.resetBaseVelocity(body, (0, 0, 0), (0, 0, 0), **self._kw)
        wake = pybullet.ACTIVATION_STATE_WAKE_UP
        pybullet.changeDynamics(body, -1, activationState=wake, **self._kw)

    def mirror_joints(self, body: int, first: int, second: int) -> None:
        """Make two joints move as one, in opposite directions."""
        gear = pybullet.createConstraint(
            body, first, body, second, pybullet.JOINT_GEAR, (1, 0, 0), (0, 0, 0), (0, 0, 0),
            **self._kw,
        )  # fmt: skip
        pybullet.changeConstraint(gear, gearRatio=-1, erp=0.2, maxForce=200, **self._kw)

    def set_joint(self, body: int, joint: int, position: float) -> None:
        """Put a joint (rad or m) somewhere, at rest."""
        pybullet.resetJointState(body, joint, position, 0, **self._kw)

    def drive_positions(
        self,
        body: int,
        joints: Sequence[int],
        targets: Sequence[float],
        forces: Sequence[float],
        gains: Sequence[float],
    ) -> None:
        """Let motors of limited force (N or N m) track positions (rad or m) from now on."""
        pybullet.setJointMotorControlArray(
            body,
            joints,
            pybullet.POSITION_CONTROL,
            targetPositions=targets,
            forces=forces,
            positionGains=gains,
            **self._kw,
        )

    def drive_velocities(
        self, body: int, joints: Sequence[int], targets: Sequence[float], forces: Sequence[float]
    ) -> None:
        """Let motors of limited force track velocities (rad/s or m/s) from now on."""
        pybullet.setJointMotorControlArray(
            body,
            joints,
            pybullet.VELOCITY_CONTROL,
            targetVelocities=targets,
            forces=forces,
            **self._kw,
        )

    def step(self, ticks: int) -> None:
        """Advance by `ticks` physics ticks."""
        client = self._client
        for _ in range(ticks):
            pybullet.stepSimulation(client)
        self.tick += ticks

    def mass_centre(self, body: int) -> tuple[float, ...]:
        """Pose of a body's centre of mass: x y z (m), quaternion xyzw."""
        centre, quat = pybullet.getBasePositionAndOrientation(body, self._client)
        return tuple(centre + quat)

    def joint_positions(self, body: int, joints: Sequence[int]) -> list[float]:
        """Positions of joints (rad or m)."""
        return [state[0] for state in pybullet.getJointStates(body, joints, **self._kw)]

    def contacts(self, body: int, link: int) -> list[tuple[float, int]]:
        """(normal force in N, other body) of everything that touches a link (-1: the base)."""
        points = pybullet.getContactPoints(bodyA=body, linkIndexA=link, **self._kw)
        return [(point[9], point[2]) for point in points]

    def net_forces_n(self, body: int) -> dict[int, list[float]]:
        """The sum of the normal forces (x y z, N) on a body by each other one that touches it: what
        presses from opposite sides, as fingers do, cancels out.
        """
        sums: dict[int, list[float]] = {}
        for point in pybullet.getContactPoints(bodyA=body, **self._kw):
            force = sums.setdefault(point[2], [0.0, 0.0, 0.0])
            for axis in range(3):
                force[axis] += point[9] * point[7][axis]
        return sums

    def paint(self, body: int, link: int, colour: Sequence[float]) -> None:
        """Give a link (-1: the base) a colour (r g b, 0 to 1) in PyBullet's own pictures."""
        pybullet.changeVisualShape(body, link, rgbaColor=[*colour, 1.0], **self._kw)

    def tiny_picture(
        self, camera: "Camera", *, shadow: bool = False
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int64]]:
        """PyBullet's own software picture: rgb (H, W, 3), depth_m (H, W), its body ids (H, W).

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
        rgb = np.asarray(rgba, np.uint8).reshape(*size, 4)[..., :3]
        return rgb, depth.astype(np.float32), np.asarray(ids, np.int64).reshape(size)

    def close(self) -> None:
        """Free the client; harmless when called twice."""
        self._disconnect()
        self._client = -1


def _compare(what: str, loaded: Sequence[float], written: Sequence[float | None]) -> None:
    """SimulationError if PyBullet loaded other numbers than the file gives; None is not given."""
    for ours, theirs in zip(written, loaded, strict=False):
        if ours is not None and not np.isclose(ours, theirs, rtol=1e-6, atol=1e-9):
            raise SimulationError(
                f"PyBullet loaded {what} as {list(loaded)}, the URDF says {list(written)}; "
                "is a decimal-comma locale set that this system cannot lift?"
            )
