"""What stands on the table: objects with a kind, a colour, a size and a place, as plain data.

A `Scene` holds no simulator handles: it is what an episode stores, what the rasterizer draws and
what `simulator.py` builds. Bodies are numbered the same way everywhere: 0 is the robot, 1 the
table, 2 + i is `scene.objects[i]`; -1 is the background of a segmentation.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.core.task import SceneSamplingError
from handeye.envs.tabletop.world import shapes

ROBOT_BODY, TABLE_BODY, FIRST_OBJECT_BODY = 0, 1, 2
ROBOT_JOINTS = 9  # seven of the arm, two fingers
PLACEMENT_TRIES = 200


def footprint_radius_m(kind: str, size: str) -> float:
    """Radius of a disc about the frame of an object of that kind that covers its footprint."""
    if kind in shapes.PRISMS:
        radius = shapes.PRISMS[kind][size].radius_m
        return radius * 1.4143 if kind == "block" else radius
    if kind in shapes.VESSELS:
        return shapes.VESSELS[kind].rim_radius_m
    if kind == "button":
        return shapes.BUTTON.half_width_m * 1.4143
    return shapes.ZONE_HALF_WIDTH_M * 1.4143 if kind == "zone" else shapes.DRAWER.half_width_m


@dataclass(frozen=True)
class SceneObject:
    """One thing on the table. `position_m`: centre of its bottom face at reset, world frame."""

    name: str
    kind: str
    colour: str
    size: str  # "small" or "large" for graspables, else ""
    position_m: tuple[float, float, float]
    yaw_rad: float

    @property
    def height_m(self) -> float:
        """Height of the object's highest point above its own frame."""
        if self.kind in shapes.PRISMS:
            return shapes.PRISMS[self.kind][self.size].height_m
        if self.kind in shapes.VESSELS:
            return shapes.VESSELS[self.kind].height_m
        if self.kind == "button":
            return shapes.BUTTON.base_height_m + shapes.BUTTON.cap_height_m
        return shapes.DRAWER.height_m if self.kind == "drawer" else shapes.ZONE_THICKNESS_M

    @property
    def radius_m(self) -> float:
        """Radius of a disc about the object's frame that covers its footprint."""
        return footprint_radius_m(self.kind, self.size)

    @property
    def words(self) -> str:
        """Return size, colour and kind, such as "small red block"."""
        return f"{self.size} {self.colour} {self.kind}".strip()

    @property
    def graspable(self) -> bool:
        """Return whether the gripper can pick it up."""
        return self.kind in shapes.PRISMS

    @property
    def articulated(self) -> bool:
        """Return whether it has a joint (drawer: slide in m; button: cap travel in m, negative)."""
        return self.kind in ("drawer", "button")


@dataclass(frozen=True)
class Scene:
    """The objects of one table-top."""

    objects: tuple[SceneObject, ...]

    def __post_init__(self) -> None:
        names = [o.name for o in self.objects]
        if len(set(names)) != len(names):
            raise ValueError(f"object names must be unique in a scene, got {names}")
        for o in self.objects:
            kinds = (*shapes.PRISMS, *shapes.VESSELS, *shapes.FIXTURE_KINDS)
            if o.kind not in kinds or o.colour not in COLOURS:
                raise ValueError(
                    f"object {o.name!r} has kind {o.kind!r} and colour {o.colour!r}; "
                    f"kinds are {kinds}, colours {tuple(COLOURS)}"
                )
            if not np.isfinite([*o.position_m, o.yaw_rad]).all():
                raise ValueError(f"object {o.name!r} has a non-finite pose; give finite metres")

    @property
    def body_count(self) -> int:
        """Number of bodies: robot, table and the objects."""
        return FIRST_OBJECT_BODY + len(self.objects)

    def body(self, index: int) -> int:
        """Body number of `objects[index]`."""
        return FIRST_OBJECT_BODY + index

    def joint(self, index: int) -> int:
        """Column of `objects[index]`'s joint in a state's joint arrays.

        Raises:
            ValueError: the object has no joint.
        """
        if not self.objects[index].articulated:
            raise ValueError(f"{self.objects[index].name!r} has no joint")
        return ROBOT_JOINTS + sum(o.articulated for o in self.objects[:index])

    @property
    def joint_count(self) -> int:
        """Number of joints: the robot's nine and one per articulated object."""
        return ROBOT_JOINTS + sum(o.articulated for o in self.objects)

    def shifted(self, rng: np.random.Generator, most_m: float) -> "Scene":
        """Return the scene with every loose object up to `most_m` elsewhere along x and y."""
        by_m = rng.uniform(-most_m, most_m, (len(self.objects), 2))
        loose = [o.kind not in shapes.FIXTURE_KINDS for o in self.objects]
        return Scene(
            tuple(
                replace(o, position_m=(o.position_m[0] + dx, o.position_m[1] + dy, o.position_m[2]))
                if moves
                else o
                for o, moves, (dx, dy) in zip(self.objects, loose, by_m.tolist(), strict=True)
            )
        )

    def to_dict(self) -> dict[str, Any]:
        """The scene as JSON-able data."""
        return {"objects": [asdict(o) for o in self.objects]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Scene":
        """The inverse of `to_dict`.

        Raises:
            ValueError: a field is missing or of a wrong kind.
        """
        try:
            objects = tuple(
                SceneObject(**{**o, "position_m": tuple(o["position_m"])}) for o in data["objects"]
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a scene: {error}; write scenes with Scene.to_dict") from error
        return cls(objects)


@dataclass(frozen=True)
class ObjectSpec:
    """An object before it has a place."""

    kind: str
    colour: str
    size: str = ""

    @property
    def radius_m(self) -> float:
        """Radius of a disc about the object's frame that covers its footprint."""
        return footprint_radius_m(self.kind, self.size)


# Where the tcp may go: x y z in m, roll pitch yaw in rad.
WORKSPACE_LOW = np.array([0.25, -0.40, 0.012, -0.5, -0.5, -1.6])
WORKSPACE_HIGH = np.array([0.75, 0.40, 0.50, 0.5, 0.5, 1.6])

# Where object frames may lie; every point can be reached from above with any yaw.
PLACEMENT_X_M, PLACEMENT_Y_M = (0.35, 0.67), (-0.21, 0.21)
CLEARANCE_M = 0.02  # between footprints
FINGER_REACH_M = 0.060  # an open finger's outer side, from the middle of what it grasps
DRAWER_DISCS = ((0.0, 0.085), (0.08, 0.085), (0.15, 0.055))  # x offset, radius: fully open
DRAWER_X_M, DRAWER_Y_M = 0.36, 0.12  # drawers stand at the robot's side and open towards the camera


def place(specs: list[ObjectSpec], rng: np.random.Generator) -> Scene:
    """Put objects at random, collision-free places, in the order given.

    Args:
        specs: what to place; at most two drawers.
        rng: the only source of randomness.

    Raises:
        SceneSamplingError: an object found no free place in `PLACEMENT_TRIES` draws.
    """
    discs: list[tuple[float, float, float]] = []
    objects: list[SceneObject] = []
    sides = [-1.0, 1.0] if rng.random() < 0.5 else [1.0, -1.0]
    ordered = sorted(range(len(specs)), key=lambda i: -_priority(specs[i]))
    poses: dict[int, tuple[float, float, float]] = {}
    for i in ordered:
        spec = specs[i]
        if spec.kind == "drawer":
            poses[i] = (DRAWER_X_M, DRAWER_Y_M * sides.pop(), 0.0)
            discs += [(poses[i][0] + dx, poses[i][1], radius) for dx, radius in DRAWER_DISCS]
            continue
        poses[i] = free_pose(spec, discs, rng)
        discs.append((poses[i][0], poses[i][1], spec.radius_m))
    for i, spec in enumerate(specs):
        x, y, yaw = poses[i]
        name = f"{spec.size + '_' if spec.size else ''}{spec.colour}_{spec.kind}_{i}"
        objects.append(SceneObject(name, spec.kind, spec.colour, spec.size, (x, y, 0.0), yaw))
    return Scene(tuple(objects))


def _priority(spec: ObjectSpec) -> float:
    return 1.0 if spec.kind == "drawer" else spec.radius_m


def _spacing(a_m: float, b_m: float) -> float:
    """Least distance of two footprints' middles such that a gripper fits around either."""
    return max(a_m + b_m + CLEARANCE_M, FINGER_REACH_M + max(a_m, b_m))


Span = tuple[float, float]


def free_pose(
    spec: ObjectSpec,
    discs: list[tuple[float, float, float]],
    rng: np.random.Generator,
    within: tuple[Span, Span] = (PLACEMENT_X_M, PLACEMENT_Y_M),
) -> tuple[float, float, float]:
    """A place on the table that keeps clear of what is there: x, y (m) and yaw (rad).

    Args:
        spec: what is to stand there.
        discs: x, y and radius (m) of what stands there.
        rng: the only source of randomness.
        within: least and greatest x, then y, of its middle in m.

    Raises:
        SceneSamplingError: none was found in `PLACEMENT_TRIES` draws.
    """
    margin = 0.0 if spec.radius_m < 0.05 else 0.02  # keep wide objects wholly in reach and in view
    for _ in range(PLACEMENT_TRIES):
        x = float(rng.uniform(within[0][0] + margin, within[0][1] - margin))
        y = float(rng.uniform(within[1][0] + margin, within[1][1] - margin))
        free = all(
            np.hypot(x - dx, y - dy) > _spacing(spec.radius_m, radius) for dx, dy, radius in discs
        )
        if free:
            upright = spec.kind in ("button", "zone")
            yaw = 0.0 if upright else float(rng.uniform(-np.pi, np.pi))
            return x, y, yaw
    raise SceneSamplingError(f"no free place left for a {spec.colour} {spec.kind}")
