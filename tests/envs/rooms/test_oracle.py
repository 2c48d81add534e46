"""The scripted expert of rooms: it arrives, comes nearer with every move, and keeps to its legs."""

import math
from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.apartments.floor import WALL_M, Door, Rect, Room
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.oracle import ARRIVED_M, FACING_RAD, NEAR_M, Aim, RoomsOracle, heading_error
from handeye.envs.rooms.scene.mobile_base import (
    BASE_MODES,
    FORWARD,
    LEFT,
    RADIUS_M,
    RIGHT,
    STOP,
    BasePose,
)
from handeye.envs.rooms.scene.scene import MARGIN_M, BaseTrajectory, Leg, RoomScene
from handeye.envs.rooms.tasks import ROOM_TASKS
from tests.envs.route_home import HALLWAY, HOME

WORSE_M = {"base_discrete": 0.05, "base_velocity": 0.10}  # by which an arc may lead away at first
SIDE_M = RADIUS_M + 0.05  # from a wall's middle: it touches no wall and stands in the margin


class Drive:
    """The expert drives the physics through legs in a scene of its own."""

    def __init__(self, scene: RoomScene, *legs: Leg, mode: str = "base_discrete") -> None:
        self.env = RoomsEnv("room_goal", action_mode=mode, cameras=())
        self.env.reset(seed=1_000_003, options={"scene": scene})
        self.navigator = RoomsOracle(scene, legs, mode, "")
        self.said: list[str] = []

    def run(self, most: int = 400) -> BasePose:
        """Where it stops."""
        for _ in range(most):
            move = self.navigator.next_move(self.env.state)
            self.said.append(move.subgoal)
            if move.done:
                return self.env.state.here
            self.env.step(move.values)
        raise AssertionError(f"no stop in {most} moves, at {self.env.state.here}")

    def nearest_m(self, point: tuple[float, float]) -> float:
        """How near to a point the walk has come."""
        return float(np.hypot(*(self.env.state.track[:, :2] - point).T).min())

    def first_at(self, point: tuple[float, float]) -> int:
        """The tick at which the walk has come within `NEAR_M` of a point."""
        return int((np.hypot(*(self.env.state.track[:, :2] - point).T) <= NEAR_M).argmax())


def at(x: float, y: float, yaw_rad: float = 0.0, home: Apartment = HOME) -> RoomScene:
    return RoomScene(home, BasePose(x, y, yaw_rad))


def follow(task: str, mode: str, seed: int) -> None:
    """The goal is reached without a touch, and a way of one leg gets shorter with every move."""
    env = RoomsEnv(task, action_mode=mode, cameras=())
    env.reset(seed=seed)
    legs = env.task.legs(env.scene, env.goal)
    field = env.scene.free.field_to(legs[-1].points_m)
    least_m = math.inf
    while not (move := env.oracle_action()).done:
        if len(legs) == 1:
            left_m = field.distance_m(*env.state.here.xy)
            assert left_m <= least_m + WORSE_M[mode], f"{task} {seed}: from {least_m} to {left_m} m"
            least_m = min(least_m, left_m)
        _, _, terminated, truncated, info = env.step(move.values)
        assert (terminated, truncated) == (False, False), (task, seed, info)
    assert move.answer == env.goal.answer
    info = env.finish(move.answer)
    assert info["is_success"], (task, seed, info)
    assert info["events"] == [], (task, seed, info)
    env.close()


@pytest.mark.slow
@pytest.mark.parametrize("mode", BASE_MODES)
@pytest.mark.parametrize("task", ROOM_TASKS)
def test_it_reaches_goals_and_never_worsens(task: str, mode: str) -> None:
    for seed in (1_000_021, 1_000_022):
        follow(task, mode, seed)


@pytest.mark.heavy
@pytest.mark.parametrize("mode", BASE_MODES)
@pytest.mark.parametrize("task", ROOM_TASKS)
def test_it_reaches_twenty_goals_of_each_task(task: str, mode: str) -> None:
    for seed in range(1_000_100, 1_000_120):
        follow(task, mode, seed)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["go_back", "count_things", "object_goal"])
@pytest.mark.parametrize("mode", BASE_MODES)
def test_its_word_depends_on_the_walk_alone(task: str, mode: str) -> None:
    env = RoomsEnv(task, action_mode=mode, cameras=())
    env.reset(seed=1_000_004)
    legs = env.task.legs(env.scene, env.goal)
    rng = np.random.default_rng(0)
    while not (move := env.oracle_action()).done:
        if rng.random() < 0.1:
            fresh = RoomsOracle(env.scene, legs, mode, env.goal.answer).next_move(env.state)
            np.testing.assert_array_equal(fresh.values, move.values)
            assert fresh[1:] == move[1:]
        astray = rng.integers(1, 4) if mode == "base_discrete" else rng.uniform(-1, 1, 2)
        env.step(astray if rng.random() < 0.2 else move.values)
    assert env.finish(move.answer)["is_success"]


# --------------------------------------------------------------- tight places


@pytest.mark.parametrize("mode", BASE_MODES)
@pytest.mark.parametrize("yaw_rad", [0.0, math.pi / 2, -2.0, math.pi])
def test_it_leaves_the_margin_of_a_wall(mode: str, yaw_rad: float) -> None:
    """As after a push: nearer to the wall than paths are planned and starts are drawn."""
    drive = Drive(at(2.0, 3.8, yaw_rad), Leg(((6.0, 3.8),)), mode=mode)
    inside = BasePose(0.05 + SIDE_M, 3.05 + SIDE_M, yaw_rad)  # in a corner of the hallway
    assert not drive.env.scene.free.is_free(*inside.xy)
    drive.env._base.place(inside)
    drive.env._after_tick()
    drive.env._look()
    assert math.dist(drive.run().xy, (6.0, 3.8)) <= NEAR_M
    assert drive.env.collisions == 0


@pytest.mark.parametrize("mode", BASE_MODES)
def test_it_gets_away_from_a_wall_that_it_touches(mode: str) -> None:
    drive = Drive(at(1.0, 3.8, math.pi / 2), Leg(((6.0, 3.5),)), mode=mode)
    for _ in range(16):
        drive.env.step(FORWARD if mode == "base_discrete" else np.array([1.0, 0.0]))
    assert "collision" in drive.env._info()["events"]
    assert drive.env.state.here.y_m == pytest.approx(4.55 - RADIUS_M, abs=0.02)
    assert math.dist(drive.run().xy, (6.0, 3.5)) <= NEAR_M


def gap(width_m: float) -> Apartment:
    """A room that two cabinets part, but for a gap around y = 1.4 m."""
    low, high = 1.4 - width_m / 2 - 0.5, 1.4 + width_m / 2 + 0.5  # a cabinet is 1.0 m wide
    pieces = [
        Furniture(f"red_cabinet_{k}", "cabinet", "red", 0, (2.5, y), 0)
        for k, y in enumerate((low, high))
    ]
    room = Rect(0.0, low - 0.5 - WALL_M / 2, 5.0, high + 0.5 + WALL_M / 2)
    return Apartment((Room("kitchen", room),), (), tuple(pieces))


@pytest.mark.parametrize("mode", BASE_MODES)
@pytest.mark.parametrize("yaw_rad", [0.0, 0.4, 2.0])
def test_it_threads_a_gap_that_is_just_wide_enough(mode: str, yaw_rad: float) -> None:
    env = RoomsEnv("point_goal", action_mode=mode, cameras=())
    there = (4.3, 0.8)
    scene = at(0.8, 2.0, yaw_rad, gap(2 * (RADIUS_M + MARGIN_M + 0.005)))
    env.reset(seed=1, options={"scene": scene, "goal": {"place_m": there}})
    while not (move := env.oracle_action()).done:
        env.step(move.values)
    info = env.finish()
    assert info["is_success"]
    assert info["collisions"] == 0
    assert math.dist(env.state.here.xy, there) <= NEAR_M


def test_a_gap_that_is_too_narrow_is_no_way() -> None:
    scene = at(0.8, 2.0, 0.0, gap(2 * (RADIUS_M + MARGIN_M - 0.005)))
    assert scene.free.field_to((4.3, 0.8)).distance_m(0.8, 2.0) == math.inf


# ----------------------------------------------------------------------- legs


@pytest.mark.parametrize("mode", BASE_MODES)
def test_legs_are_passed_in_their_order(mode: str) -> None:
    places = [(6.0, 1.0), (2.0, 1.5), (10.0, 1.5), (6.0, 1.0)]
    drive = Drive(at(6.0, 2.0), *(Leg((place,)) for place in places), mode=mode)
    end = drive.run(1200)
    assert math.dist(end.xy, places[-1]) <= NEAR_M
    assert all(drive.nearest_m(place) <= NEAR_M for place in places)
    assert 0 < drive.first_at(places[0]) < drive.first_at(places[1]) < drive.first_at(places[2])
    said = list(dict.fromkeys(drive.said))
    assert said == [f"leg {k} of 4" for k in (1, 2, 3, 4)] + ["stop"]


def test_a_leg_is_passed_at_its_nearest_point() -> None:
    drive = Drive(at(6.0, 2.0), Leg(((2.0, 1.5), (6.0, 1.0))), Leg(((10.0, 1.5),)))
    drive.run()
    assert drive.nearest_m((6.0, 1.0)) <= NEAR_M
    assert drive.nearest_m((2.0, 1.5)) > 2.0


@pytest.mark.parametrize("mode", BASE_MODES)
def test_it_looks_where_every_leg_says(mode: str) -> None:
    place = (6.0, 2.0)
    looks = [(x + 6.0, y + 2.0) for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    drive = Drive(at(6.0, 1.0, 3.0), *(Leg((place,), look) for look in looks), mode=mode)
    end = drive.run()
    poses = [BasePose(*row) for row in drive.env.state.track.tolist()]
    faced = [
        next(
            tick
            for tick, pose in enumerate(poses)
            if math.dist(pose.xy, place) <= NEAR_M
            and abs(heading_error(pose, look)) <= FACING_RAD
            and tick >= drive.first_at(place)
        )
        for look in looks
    ]
    assert all(drive.first_at(place) <= tick for tick in faced)
    assert abs(heading_error(end, looks[-1])) <= FACING_RAD
    turned_rad = np.ptp([pose.yaw_rad for pose in poses[drive.first_at(place) :]])
    assert turned_rad > 1.25 * math.pi  # three quarters, less what counts as facing


def test_who_counts_has_looked_all_around() -> None:
    env = RoomsEnv("count_things", cameras=())
    env.reset(seed=1_000_003)
    around = env.task.legs(env.scene, env.goal)[:4]
    while not (move := env.oracle_action()).done:
        env.step(move.values)
    poses = [BasePose(*row) for row in env.state.track.tolist()]
    for leg in around:
        assert leg.face_m is not None
        assert any(
            math.dist(pose.xy, leg.points_m[0]) <= NEAR_M
            and abs(heading_error(pose, leg.face_m)) <= FACING_RAD
            for pose in poses
        )


def test_it_stops_where_it_stands_if_there_is_nothing_to_do() -> None:
    scene = at(6.0, 2.0)
    move = RoomsOracle(scene, (Leg(((6.0, 2.1),)),), "base_discrete", "3").next_move(
        BaseTrajectory(np.array([(6.0, 2.0, 0.0)]))
    )
    assert (int(move.values), move.done, move.subgoal, move.answer) == (STOP, True, "stop", "3")
    still = RoomsOracle(scene, (Leg(((6.0, 2.1),)),), "base_velocity", "").next_move(
        BaseTrajectory(np.array([(6.0, 2.0, 0.0)]))
    )
    assert still.values.tolist() == [0.0, 0.0]
    assert math.dist((6.0, 2.1), (6.0, 2.0)) <= ARRIVED_M


@pytest.mark.parametrize(("yaw_rad", "action"), [(0.0, FORWARD), (-1.0, LEFT), (1.0, RIGHT)])
def test_first_moves_by_hand(yaw_rad: float, action: int) -> None:
    """Down a bare hallway along +x."""
    scene = at(2.0, 3.8, yaw_rad)
    walk = BaseTrajectory(np.array([(2.0, 3.8, yaw_rad)]))
    discrete = RoomsOracle(scene, (Leg(((6.0, 3.8),)),), "base_discrete", "").next_move(walk)
    assert int(discrete.values) == action
    speed, turn = (
        RoomsOracle(scene, (Leg(((6.0, 3.8),)),), "base_velocity", "").next_move(walk).values
    )
    assert speed == pytest.approx(1.0 if yaw_rad == 0.0 else 0.0, abs=1e-6)
    assert np.sign(turn) == np.sign(-yaw_rad)


def test_a_walk_that_starts_anew_is_read_from_the_start() -> None:
    scene = at(6.0, 2.0)
    navigator = RoomsOracle(scene, (Leg(((6.0, 1.0),)), Leg(((2.0, 3.8),))), "base_discrete", "")
    passed = BaseTrajectory(np.array([(6.0, 2.0, 0.0), (6.0, 1.5, 0.0), (6.0, 1.0, 0.0)]))
    assert navigator.next_move(passed).subgoal == "leg 2 of 2"
    assert navigator.next_move(BaseTrajectory(passed.track[:1])).subgoal == "leg 1 of 2"


def test_who_is_where_no_path_begins_is_sent_straight_on() -> None:
    scene = at(6.0, 2.0)
    inside = BaseTrajectory(np.array([(6.0, 2.0, 0.0), (-3.0, 1.0, 0.0)]))  # beyond the outer wall
    navigator = RoomsOracle(scene, (Leg(((6.0, 1.0),)),), "base_velocity", "")
    assert scene.free.field_to((6.0, 1.0)).distance_m(-3.0, 1.0) == math.inf
    assert navigator.next_move(inside).values.tolist() == pytest.approx([1.0, 0.0])
    assert navigator.aim(inside, 1.0) == Aim((-2.0, 1.0), 9.0, True)


def test_an_aim_lies_on_the_way_and_ends_with_it() -> None:
    scene = at(2.0, 3.8, 0.0)
    walk = BaseTrajectory(np.array([(2.0, 3.8, 0.0)]))
    legs = Leg(((6.0, 3.8),)), Leg(((6.0, 3.8),), (6.0, 0.0))
    aim = RoomsOracle(scene, legs, "base_discrete", "").aim(walk, 1.0)
    assert (aim.point_m, aim.left_m, aim.last) == (pytest.approx((3.0, 3.8)), 4.0, False)
    there = BaseTrajectory(np.array([(2.0, 3.8, 0.0), (6.0, 3.8, 0.0)]))
    aim = RoomsOracle(scene, legs, "base_discrete", "").aim(there, 1.0)
    assert aim == Aim((6.0, 0.0), 0.0, False)  # it has only to turn


def test_a_leg_that_cannot_be_reached_is_an_error() -> None:
    walled = replace(HOME, doors=HOME.doors[1:])  # the bedroom has no door
    scene = at(6.0, 2.0, home=walled)
    navigator = RoomsOracle(scene, (Leg(((2.0, 1.5),)),), "base_velocity", "")
    with pytest.raises(ValueError, match="no path"):
        navigator.next_move(BaseTrajectory(np.array([(6.0, 2.0, 0.0)])))
    with pytest.raises(ValueError, match="at least one goal"):
        RoomsOracle(scene, (Leg(()),), "base_velocity", "")
    assert Door((HALLWAY, 1), (2.0, 3.0)) not in walled.doors
