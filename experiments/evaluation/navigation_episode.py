"""What is measured and drawn of one episode of navigation: its record and its map.

Both are made from the scene, the task and the goal of an environment that was reset to the episode;
nothing here steps a simulation.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.scene.mobile_base import FORWARD_M
from handeye.envs.rooms.scene.scene import RoomGoal, RoomScene
from handeye.envs.rooms.tasks import RoomTask
from handeye.experiments.evaluation.navigation_metrics import evenly_spaced, ndtw, path_length_m
from handeye.experiments.pictures.floor_map_picture import floor_map_svg
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord, NavigationRecord

SPACING_M = FORWARD_M  # of the points that nDTW compares


def record_of(env: RoomsEnv, visited_xy: Sequence[tuple[float, float]]) -> NavigationRecord:
    """The navigation part of the record of an episode that has just ended.

    Args:
        env: in which it was run; not yet reset to another one.
        visited_xy: where the base stood after every decision, m; the start is added.
    """
    return navigation_record(
        env.scene,
        env.task,
        env.goal,
        [env.scene.start.xy, *visited_xy],
        collisions=env.collisions,
        oracle_success=env.record.reached,
    )


def navigation_record(
    scene: RoomScene,
    task: RoomTask,
    goal: RoomGoal,
    path_xy: ArrayLike,
    *,
    collisions: int,
    oracle_success: bool,
) -> NavigationRecord:
    """The record of a way through a scene.

    nDTW compares both paths at a point every `SPACING_M`, so that neither turns in place nor the
    rate of decisions count.

    Args:
        scene: as the environment drew it.
        task: of the episode.
        goal: of the episode; its `path_m` is the reference path where it has one.
        path_xy: (D + 1, 2) where the base stood at the start and after every decision, m.
        collisions: control ticks in contact.
        oracle_success: whether the goal was satisfied at some time.
    """
    path = np.round(np.asarray(path_xy, dtype=np.float64).reshape(-1, 2), 2)
    likeness = None
    if goal.path_m:
        reference = evenly_spaced(np.array(goal.path_m), SPACING_M)
        likeness = ndtw(evenly_spaced(path, SPACING_M), reference)
    return NavigationRecord(
        shortest_m=path_length_m(shortest_path(scene, task, goal)),
        path_xy=tuple((x, y) for x, y in path.tolist()),
        collisions=collisions,
        ndtw=likeness,
        oracle_success=oracle_success,
    )


def shortest_path(scene: RoomScene, task: RoomTask, goal: RoomGoal) -> NDArray[np.float64]:
    """The shortest way (K >= 1, 2) from the scene's start to the goal.

    A goal with a path of its own is reached at that path's end, by whatever way; any other by the
    legs of the task in their order, each at its nearest point.

    Raises:
        ValueError: there is no way.
    """
    legs = task.legs(scene, goal)
    here = scene.free.nearest_free(*scene.start.xy)
    points = [np.array(here)]
    for leg in legs[-1:] if goal.path_m else legs:
        back = scene.free.field_to(here)
        ways_m = back.distances_m(leg.points_m)
        if not len(ways_m) or not np.isfinite(ways_m).any():
            raise ValueError(f"no way to {goal}: such a goal must be rejected with its scene")
        here = leg.points_m[int(ways_m.argmin())]
        points += list(back.path(*here)[-2::-1])
    return np.array(points)


def episode_map(
    scene: RoomScene,
    task: RoomTask,
    goal: RoomGoal,
    walked: NavigationRecord,
    bumps_xy: ArrayLike = (),
) -> str:
    """The episode from above as SVG, with its reference path or, where it has none, the shortest.

    Args:
        scene: as the environment drew it.
        task: of the episode.
        goal: of the episode.
        walked: how the episode went.
        bumps_xy: (B, 2) where something was touched, m, if that is known.
    """
    legs = task.legs(scene, goal)
    places = [point for leg in (legs[-1:] if goal.path_m else legs) for point in leg.points_m]
    return floor_map_svg(
        scene,
        walked.path_xy,
        goal.path_m or shortest_path(scene, task, goal),
        places,
        bumps_xy=bumps_xy,
        referred=goal.referred,
        dashed_is="described path" if goal.path_m else "shortest path",
    )


def draw_map(job: EpisodeJob, record: EpisodeRecord, bumps_xy: ArrayLike = ()) -> str:
    """`episode_map` of a record under true words: the scene is drawn anew, nothing is run again.

    Raises:
        ValueError: the record is not of navigation, or its goal was not the episode's own.
    """
    if record.navigation is None or job.condition == "contradictory":
        raise ValueError(f"{record.episode_id}: only navigation to an episode's own goal has a map")
    env = RoomsEnv(job.suite, split=job.split, cameras=())
    env.reset(seed=job.seed, options={"task": job.task})
    picture = episode_map(env.scene, env.task, env.goal, record.navigation, bumps_xy)
    env.close()
    return picture
