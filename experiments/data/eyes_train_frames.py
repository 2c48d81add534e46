"""Frames of tables and apartments for `handeye-eyes`: drawn on the fly, with their facts.

Tables come from recorded episodes, recoloured, or are laid anew from everything that a table can
hold, with things put into, onto and beside one another, held, drawers anywhere, buttons down.
Nothing has to be physically sound to the millimetre: it has to look as what it is called.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.colours import COLOURS
from handeye.envs.core.task import SceneSamplingError
from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.rooms.apartments.splits import HELD_OUT_FURNITURE
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.pictures.appearance import sample_home_look
from handeye.envs.rooms.pictures.rendering import HomeRenderer
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.appearance import sample_appearance
from handeye.envs.tabletop.world.palette import HELD_OUT, Palette
from handeye.envs.tabletop.world.pictures import SceneRenderer
from handeye.envs.tabletop.world.scene import ROBOT_JOINTS, Scene, place
from handeye.envs.tabletop.world.state import State
from handeye.experiments.data.augmentation import recolour, recolouring
from handeye.experiments.labels.scene_facts import (
    RELATIONS,
    ROOM_KINDS,
    TABLE_KINDS,
    Facts,
    room_facts,
    table_facts,
)
from handeye.experiments.labels.scene_nouns import Wordlist
from handeye.perception.mapping.camera_geometry import STANDING_CAMERAS
from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose

TABLE_WORDS = Wordlist(TABLE_KINDS, tuple(COLOURS), RELATIONS, HELD_OUT)
ROOM_WORDS = Wordlist(ROOM_KINDS, tuple(COLOURS), ("left", "right"), HELD_OUT_FURNITURE)
TABLE_PX, ROOM_PX = 256, 128
FRAMES_A_TABLE, FRAMES_A_HOME = 3, 4  # making a renderer costs as much as several frames
RECORDED_SHARE, RECOLOURED_SHARE = 0.45, 0.8
OVERHEAD_SHARE = 0.1
MOVED_SHARE, HELD_SHARE = 0.5, 0.25  # of the things that are put somewhere; of the tables
INTO_DRAWER_SHARE, OPEN_ENOUGH = 0.4, 0.4  # where there is one; of its way
LOOSE_M = 0.008
TURNED_SHARE = 0.6
NO_CONTACTS = np.full(2, -1, np.int32)


class Shot(NamedTuple):
    """A frame (H, W), what it shows, and what is true of it."""

    rgb: NDArray[np.uint8]
    points_m: NDArray[np.float32]
    facts: Facts


def table_shots(
    episodes: Sequence[Episode], rng: np.random.Generator, count: int, jitter: float = 1.0
) -> list[Shot]:
    """`count` frames of tables, `FRAMES_A_TABLE` of each."""
    shots: list[Shot] = []
    while len(shots) < count:
        scene, laid = _table(episodes, rng)
        renderer = SceneRenderer(scene, sample_appearance(rng, jitter))
        for _ in range(min(FRAMES_A_TABLE, count - len(shots))):
            state = laid_out(scene, laid, rng) if rng.random() < MOVED_SHARE else laid
            camera = "overhead" if rng.random() < OVERHEAD_SHARE else "front"
            shots.append(table_shot(renderer, state, camera))
            laid = _another(episodes, scene, laid, rng)
    return shots


def table_shot(renderer: SceneRenderer, state: State, camera: str, held: int | None = None) -> Shot:
    """One camera's frame of a table in a state."""
    frames = renderer.render(state, [camera], (TABLE_PX, TABLE_PX))
    exact = renderer.standing_points(camera, frames.depth_m[0])
    facts = table_facts(renderer.scene, state, frames.segmentation[0], exact, held)
    points = STANDING_CAMERAS[camera].points(frames.depth_m[0]).astype(np.float32)
    return Shot(frames.rgb[0], points, facts)


def room_shots(
    episodes: Sequence[RoomEpisode], rng: np.random.Generator, count: int, jitter: float = 1.0
) -> list[Shot]:
    """`count` frames of apartments, `FRAMES_A_HOME` of each."""
    shots: list[Shot] = []
    while len(shots) < count:
        episode = episodes[int(rng.integers(len(episodes)))]
        rooms = len(episode.scene.apartment.rooms)
        renderer = HomeRenderer(episode.scene, sample_home_look(rng, rooms, jitter))
        poses = [_pose(episode, rng) for _ in range(min(FRAMES_A_HOME, count - len(shots)))]
        shots += [room_shot(renderer, episode.scene, pose) for pose in poses]
    return shots


def room_shot(renderer: HomeRenderer, scene: RoomScene, pose: BasePose) -> Shot:
    """The base's camera's frame from a pose; places are ahead, left and up of the robot."""
    frames = renderer.render([pose], (ROOM_PX, ROOM_PX))
    points = EgoCamera().points(frames.depth_m[0], EgoPose(0.0, 0.0, 0.0)).astype(np.float32)
    return Shot(frames.rgb[0], points, room_facts(scene, frames.segmentation[0], frames.depth_m[0]))


def _pose(episode: RoomEpisode, rng: np.random.Generator) -> BasePose:
    x, y, yaw = episode.poses[int(rng.integers(len(episode.poses)))].tolist()
    turned = rng.random() < TURNED_SHARE
    return BasePose(x, y, float(rng.uniform(-np.pi, np.pi)) if turned else yaw)


def _table(episodes: Sequence[Episode], rng: np.random.Generator) -> tuple[Scene, State]:
    """A scene and a state of it."""
    episode = episodes[int(rng.integers(len(episodes)))]
    time = int(rng.integers(len(episode.body_poses)))
    recorded = State(
        episode.body_poses[time].astype(np.float64),
        episode.joint_positions[time].astype(np.float64),
        NO_CONTACTS,
        0,
    )
    if rng.random() < RECORDED_SHARE:
        renamed = recolouring(episode.scene, rng) if rng.random() < RECOLOURED_SHARE else None
        return recolour(episode.scene, renamed) if renamed else episode.scene, recorded
    try:
        scene = mixed_scene(rng)
    except SceneSamplingError:
        return episode.scene, recorded
    return scene, standing(scene, recorded.joint_positions[:ROBOT_JOINTS], rng)


def _another(
    episodes: Sequence[Episode], scene: Scene, state: State, rng: np.random.Generator
) -> State:
    """The scene again, with the arm elsewhere and the joints of things moved."""
    episode = episodes[int(rng.integers(len(episodes)))]
    arm = episode.joint_positions[int(rng.integers(len(episode.joint_positions)))][:ROBOT_JOINTS]
    return State(state.body_poses, _joints(scene, arm, rng), NO_CONTACTS, 0)


def mixed_scene(rng: np.random.Generator) -> Scene:
    """A table with anything on it.

    Raises:
        SceneSamplingError: it did not fit.
    """
    palette = Palette(rng, "seen")
    specs = palette.same_kind("drawer", int(rng.choice(3, p=[0.6, 0.25, 0.15])))
    specs += palette.containers(int(rng.choice(4, p=[0.25, 0.35, 0.3, 0.1])))
    for kind in ("zone", "button"):
        specs += palette.same_kind(kind, int(rng.choice(3, p=[0.6, 0.25, 0.15])))
    specs += palette.graspables(int(rng.integers(1, 6)))
    return place(specs, rng)


def standing(scene: Scene, arm: NDArray[np.floating], rng: np.random.Generator) -> State:
    """Everything where the scene places it; drawers and buttons anywhere on their ways."""
    poses = np.zeros((scene.body_count, 7))
    poses[:, 6] = 1.0
    for index, thing in enumerate(scene.objects):
        poses[scene.body(index)] = _pose_at(np.array(thing.position_m), thing.yaw_rad)
    return State(poses, _joints(scene, arm, rng), NO_CONTACTS, 0)


def _joints(
    scene: Scene, arm: NDArray[np.floating], rng: np.random.Generator
) -> NDArray[np.float64]:
    joints = np.zeros(scene.joint_count)
    joints[:ROBOT_JOINTS] = arm
    for index, thing in enumerate(scene.objects):
        end = float(rng.random())
        if thing.kind == "drawer":
            share = 0.12 * end if end < 0.3 else (0.8 + 0.2 * end if end > 0.7 else rng.random())
            joints[scene.joint(index)] = share * shapes.DRAWER.travel_m
        elif thing.kind == "button":
            down = rng.uniform(0.6, 1.0) if end < 0.4 else 0.0
            joints[scene.joint(index)] = -down * shapes.BUTTON.travel_m
    return joints


def _pose_at(position_m: NDArray[np.float64], yaw_rad: float) -> NDArray[np.float64]:
    return np.array([*position_m, 0.0, 0.0, np.sin(yaw_rad / 2), np.cos(yaw_rad / 2)])


def laid_out(scene: Scene, state: State, rng: np.random.Generator) -> State:
    """The state with graspable things put into, onto, beside others, or into the hand."""
    poses, joints = state.body_poses.copy(), state.joint_positions.copy()
    items = [i for i, thing in enumerate(scene.objects) if thing.graspable]
    taken: set[int] = set()
    for item in rng.permutation(items).tolist():
        others = [i for i in range(len(scene.objects)) if i not in taken and i != item]
        if item in taken or rng.random() > MOVED_SHARE or not others:
            continue
        drawers = [i for i in others if scene.objects[i].kind == "drawer"]
        likely = drawers if drawers and rng.random() < INTO_DRAWER_SHARE else others
        base = likely[int(rng.integers(len(likely)))]
        spot = _spot_on(scene, replace(state, body_poses=poses), item, base, rng)
        if spot is not None:
            poses[scene.body(item)] = _pose_at(spot, float(rng.uniform(-np.pi, np.pi)))
            full = scene.objects[base].kind not in ("zone", "drawer")
            taken.update((item, base) if full else (item,))
    free = [item for item in items if item not in taken]
    tcp = tcp_target(joints)
    if free and rng.random() < HELD_SHARE and tcp[2] > 0.05:
        item = free[int(rng.integers(len(free)))]
        thing = scene.objects[item]
        middle = tcp[:3] - [0.0, 0.0, thing.height_m / 2]
        poses[scene.body(item)] = _pose_at(middle, float(tcp[5]))
        joints[7:9] = min(0.9 * thing.radius_m, 0.036)
    return State(poses, joints, NO_CONTACTS, 0)


def _spot_on(
    scene: Scene, state: State, item: int, base: int, rng: np.random.Generator
) -> NDArray[np.float64] | None:
    """Where the item lies when it is put in, on, or beside the base; None if it does not fit."""
    thing, under = scene.objects[item], scene.objects[base]
    if under.kind == "drawer":  # something may lie there already: they may touch, as things do
        size = shapes.DRAWER
        room = np.array([size.tray_half_depth_m, size.tray_half_width_m]) - thing.radius_m
        if state.joint_positions[scene.joint(base)] < OPEN_ENOUGH * size.travel_m:
            return None
        along, across = rng.uniform(-room, room).tolist()
        ahead, aside = np.cos(under.yaw_rad), np.sin(under.yaw_rad)
        off = [along * ahead - across * aside, along * aside + across * ahead, 0.0]
        return predicates.tray_middle(scene, state, base) + off
    x, y, z = state.body_poses[scene.body(base), :3] + [*rng.uniform(-LOOSE_M, LOOSE_M, 2), 0.0]
    if rng.random() < 0.2:  # beside: a near miss
        away = under.radius_m + thing.radius_m + float(rng.uniform(0.0, 0.03))
        angle = float(rng.uniform(-np.pi, np.pi))
        return np.array([x + away * np.cos(angle), y + away * np.sin(angle), 0.0])
    if under.kind in shapes.VESSELS:
        vessel = shapes.VESSELS[under.kind]
        if thing.radius_m > vessel.base_radius_m - vessel.wall_m:
            return None
        return np.array([x, y, z + vessel.floor_m])
    if under.kind == "zone":
        aside = rng.uniform(-1.5, 1.5, 2) * shapes.ZONE_HALF_WIDTH_M
        return np.array([x + aside[0], y + aside[1], z])
    if under.kind in shapes.PRISMS and under.size == "large":
        return np.array([x, y, z + under.height_m])
    return None
