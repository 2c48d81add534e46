"""How long pictures and steps of the mobile base take in full apartments, beside TinyRenderer's.

PyBullet's own renderer gets the boxes that collide, ours the furniture with its legs and cushions.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.core.bodies import Primitive
from handeye.envs.core.physics import Physics
from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.apartments.floor import WALL_HEIGHT_M, Door, Rect, Room
from handeye.envs.rooms.apartments.furnishing import DENSE_PIECES_PER_M2, draw_apartment
from handeye.envs.rooms.pictures.appearance import sample_home_look
from handeye.envs.rooms.pictures.rendering import HomeRenderer
from handeye.envs.rooms.scene.ego_camera import ego_camera
from handeye.envs.rooms.scene.mobile_base import (
    FORWARD,
    LEFT,
    PHYSICS_HZ,
    RIGHT,
    BasePose,
    MobileBase,
)
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.experiments.bench.measurement import Measurement, interleaved_ms

SIZE_PX = 128
SEED = 1_000_000
POSES = 32
BURST = 8  # repetitions in a turn
STEPS_FROM_A_POSE = 8  # then the base is put elsewhere, or it would end in a corner
CROWD_ROOMS = ("hallway", "living room", "kitchen", "bedroom")
CROWD_KINDS = ("chair", "plant", "box", "lamp")
CROWD_SIDE_M = 16  # of each of the four rooms, with one thing on every square metre


def measure_rooms(rounds: int) -> list[Measurement]:
    """Frames of an apartment and of a crowd, steps with a camera, and how renderers are built."""
    home, many = full_apartment(), crowd()
    poses, spots = free_poses(home), free_poses(many)
    look = sample_home_look(np.random.default_rng(SEED), len(home.apartment.rooms))
    ours, theirs = HomeRenderer(home, look), TinyHome(home)
    our_crowd, their_crowd = HomeRenderer(many, look), TinyHome(many)
    with_camera, bare = Rover(home, poses, ours), Rover(home, poses)
    actions: dict[str, Callable[[], object]] = {
        "frame": Tour(poses, lambda pose: ours.render([pose], (SIZE_PX, SIZE_PX))).next,
        "their frame": Tour(poses, theirs.draw).next,
        "crowd": Tour(spots, lambda pose: our_crowd.render([pose], (SIZE_PX, SIZE_PX))).next,
        "their crowd": Tour(spots, their_crowd.draw).next,
        "step": with_camera.step,
        "bare step": bare.step,
        "build": lambda: HomeRenderer(home, look),
    }
    ms = interleaved_ms(actions, max(rounds // BURST, 4), BURST)
    return list(rooms_figures(ms, len(home.things), len(many.things)))


def rooms_figures(ms: dict[str, float], things: int, crowded: int) -> Iterator[Measurement]:
    """From the medians to what is compared."""
    tiny = "PyBullet's TinyRenderer without shadow on the same things as plain boxes"
    yield Measurement.of_costs(
        "rooms_frame_128", ms["frame"], ms["their frame"], "ms",
        f"colour, depth and segmentation, 128 x 128, from the mobile base in a full apartment: "
        f"our rasterizer, and {tiny}", things=float(things), build_ms=ms["build"],
    )  # fmt: skip
    yield Measurement.of_costs(
        "rooms_frame_128_crowd", ms["crowd"], ms["their crowd"], "ms",
        "the same in four large rooms with a thing on every square metre", things=float(crowded),
    )  # fmt: skip
    yield Measurement.of_rates(
        "rooms_step_with_camera", 1e3 / ms["step"], 1e3 / (ms["bare step"] + ms["their frame"]),
        "steps/s", "base_discrete steps (half a simulated second, 30 physics steps) with one such "
        f"frame in a full apartment, on one core: with our rasterizer, and with {tiny}",
        things=float(things), without_camera=1e3 / ms["bare step"],
    )  # fmt: skip


def full_apartment() -> RoomScene:
    """Eight rooms with as much furniture as fits."""
    rng = np.random.default_rng(SEED)
    home = draw_apartment(rng, rooms=8, pieces_per_m2=DENSE_PIECES_PER_M2)
    return RoomScene(home, BasePose(0.0, 0.0, 0.0))


def crowd() -> RoomScene:
    """Four rooms two by two, each with a thing on every square metre, joined by four doorways."""
    side, colours = float(CROWD_SIDE_M), list(COLOURS)
    corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]
    rooms = [
        Room(kind, Rect(x, y, x + side, y + side))
        for kind, (x, y) in zip(CROWD_ROOMS, corners, strict=True)
    ]
    middles = [(side, 8.0), (24.0, side), (side, 24.0), (8.0, side)]
    doors = [Door((n, (n + 1) % 4), middle) for n, middle in enumerate(middles)]
    furniture = []
    for room, (x, y) in enumerate(corners):
        for spot in range(CROWD_SIDE_M**2):
            row, column = divmod(spot, CROWD_SIDE_M)
            kind, colour = CROWD_KINDS[(row + column) % 4], colours[(row + 3 * column) % 8]
            at = (x + column + 0.5, y + row + 0.5)
            furniture.append(Furniture(f"{room}_{spot}", kind, colour, room, at, spot % 4))
    home = Apartment(tuple(rooms), tuple(doors), tuple(furniture))
    return RoomScene(home, BasePose(0.0, 0.0, 0.0))


def free_poses(scene: RoomScene) -> list[BasePose]:
    """Random poses where the base fits."""
    rng, bounds = np.random.default_rng(SEED), scene.apartment.bounds
    poses: list[BasePose] = []
    while len(poses) < POSES:
        x, y = rng.uniform(bounds[:2], bounds[2:]).tolist()
        if scene.free.is_free(x, y):
            poses.append(BasePose(x, y, float(rng.uniform(-np.pi, np.pi))))
    return poses


def boxes(scene: RoomScene) -> list[Primitive]:
    """Walls and things as the boxes that they are in physics."""
    corners = [((w.x0, w.y0, 0.0), (w.x1, w.y1, WALL_HEIGHT_M)) for w in scene.walls]
    corners += [(thing.low_m, thing.high_m) for thing in scene.things.values()]
    found = []
    for low, high in corners:
        half = (np.array(high) - np.array(low)) / 2
        x, y, z = half.tolist()
        a, b, c = (np.array(low) + half).tolist()
        found.append(Primitive((x, y, z), position_m=(a, b, c)))
    return found


class Tour:
    """Does something at one pose after another, round and round."""

    def __init__(self, poses: Sequence[BasePose], visit: Callable[[BasePose], object]) -> None:
        self._poses, self._visit = cycle(poses), visit

    def next(self) -> None:
        """Visit the next pose."""
        self._visit(next(self._poses))


class TinyHome:
    """The boxes of a scene in PyBullet, with a floor, for its own renderer to draw."""

    def __init__(self, scene: RoomScene) -> None:
        self._physics = Physics(PHYSICS_HZ)
        bounds = scene.apartment.bounds
        half = ((bounds.x1 - bounds.x0) / 2, (bounds.y1 - bounds.y0) / 2, 0.05)
        self._physics.add_fixture(half, (*bounds.centre, -0.05))
        for box in boxes(scene):
            assert box.half_extents_m is not None
            self._physics.add_fixture(box.half_extents_m, box.position_m)

    def draw(self, pose: BasePose) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Colour, depth (m) and body ids as the base's camera sees them."""
        return self._physics.tiny_picture(ego_camera(pose, SIZE_PX, SIZE_PX))


class Rover:
    """The base driving about at random, with a frame after every step if there is a renderer."""

    def __init__(
        self, scene: RoomScene, poses: Sequence[BasePose], renderer: HomeRenderer | None = None
    ) -> None:
        physics = Physics(PHYSICS_HZ)
        physics.add_fixtures(boxes(scene))
        self._base, self._poses = MobileBase(physics, poses[0]), cycle(poses)
        self._renderer, self._rng, self._steps = renderer, np.random.default_rng(SEED), 0

    def step(self) -> None:
        """Forward or a turn."""
        if self._steps % STEPS_FROM_A_POSE == 0:
            self._base.place(next(self._poses))
        self._steps += 1
        action = self._rng.choice((FORWARD, FORWARD, LEFT, RIGHT))
        for _ in self._base.execute(action, "base_discrete"):
            pass
        if self._renderer is not None:
            self._renderer.render([self._base.pose], (SIZE_PX, SIZE_PX))
