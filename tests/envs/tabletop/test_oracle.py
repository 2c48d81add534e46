"""The scripted expert: what it does next, skill by skill, on states made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.core.oracle_action import OracleAction
from handeye.envs.robots.inverse_kinematics import HOME_JOINTS, solve_ik
from handeye.envs.robots.kinematics import tcp_target_pose
from handeye.envs.tabletop import oracle as expert
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.oracle import (
    DeltaOracle,
    TabletopOracle,
    grasp_yaw,
    place_target,
)
from handeye.envs.tabletop.tasks import Subgoal
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.arm import ACTION_MODES, DELTA_SCALE, GRIPPER_TICKS
from handeye.envs.tabletop.world.predicates import BESIDE_M, DIRECTIONS, top
from handeye.envs.tabletop.world.scene import ROBOT_JOINTS, Scene
from handeye.envs.tabletop.world.state import State
from tests.envs.builders import jointed, moved, state_of, thing, touched

OPEN_WIDTH, CLOSED_WIDTH, FORK_WIDTH = 0.08, 0.0, 0.024


def with_hand(
    state: State, x: float, y: float, z: float, *, yaw: float = 0.0, width: float = OPEN_WIDTH
) -> State:
    """The state with the tcp at that place, pointing down, its fingers `width` apart."""
    arm = np.zeros(7)
    target = np.array([x, y, z, 0.0, 0.0, yaw])
    assert solve_ik(tcp_target_pose(target), HOME_JOINTS[:7], arm) < 2e-3
    joints = state.joint_positions.copy()
    joints[:ROBOT_JOINTS] = [*arm, width / 2, width / 2]
    return replace(state, joint_positions=joints)


def turned(state: State, body: int, yaw: float) -> State:
    poses = state.body_poses.copy()
    poses[body, 3:] = (0.0, 0.0, np.sin(yaw / 2), np.cos(yaw / 2))
    return replace(state, body_poses=poses)


def wanted(scene: Scene, state: State, *subgoals: Subgoal) -> np.ndarray:
    waypoint = TabletopOracle(scene, subgoals).next_waypoint(state, False)
    assert not waypoint.done
    mode = ACTION_MODES["ee_pose"]
    assert (waypoint.values >= mode.low).all()
    assert (waypoint.values <= mode.high).all()
    assert waypoint.values.dtype == np.float32
    return waypoint.values


TWO = Scene((thing("block", x=0.5, y=0.1), thing("hexagon", "blue", x=0.5, y=-0.1)))
GRASP, STACK = Subgoal("grasp", 0), Subgoal("place", 0, 1, "on")


# --------------------------------------------------------------------------------- done, reach


@pytest.mark.parametrize(("width", "gripper"), [(OPEN_WIDTH, 1.0), (0.045, -1.0), (0.0, -1.0)])
def test_done_is_said_and_nothing_moves_any_more(width: float, gripper: float) -> None:
    state = with_hand(state_of(TWO), 0.45, 0.05, 0.2, yaw=0.3, width=width)
    waypoint = TabletopOracle(TWO, (GRASP,)).next_waypoint(state, True)
    assert waypoint.done
    assert waypoint.subgoal == "done"
    np.testing.assert_allclose(waypoint.values, [0.45, 0.05, 0.2, 0, 0, 0.3, gripper], atol=2e-3)


def test_reach_goes_to_just_above_the_object() -> None:
    state = moved(state_of(TWO), 2, by=(0.03, 0.0, 0.1))
    goal = wanted(TWO, state, Subgoal("reach", 0))
    height = TWO.objects[0].height_m
    np.testing.assert_allclose(goal[:3], [0.53, 0.1, 0.1 + height + 0.02], atol=1e-6)
    assert goal[6] == expert.OPEN


# --------------------------------------------------------------------------------------- grasp


def test_grasp_hovers_first() -> None:
    goal = wanted(TWO, with_hand(state_of(TWO), 0.42, 0.0, 0.28), GRASP)
    np.testing.assert_allclose(goal[:3], [0.5, 0.1, expert.HOVER_M], atol=1e-6)
    assert goal[6] == expert.OPEN


def test_a_low_hand_rises_before_it_crosses_the_table() -> None:
    goal = wanted(TWO, with_hand(state_of(TWO), 0.42, 0.0, 0.05, yaw=0.4), GRASP)
    np.testing.assert_allclose(goal[:3], [0.42, 0.0, expert.HOVER_M], atol=2e-3)
    assert goal[5] == pytest.approx(0.4, abs=2e-3)


def test_grasp_descends_when_aligned_and_closes_on_the_middle() -> None:
    goal = wanted(TWO, with_hand(state_of(TWO), 0.51, 0.09, expert.HOVER_M), GRASP)
    middle = TWO.objects[0].height_m / 2
    np.testing.assert_allclose(goal[:3], [0.5, 0.1, middle], atol=1e-6)
    assert goal[6] == expert.CLOSED


@pytest.mark.parametrize(
    ("x", "z", "width"),
    [
        (0.5 + expert.ALIGNED_M + 0.004, expert.HOVER_M, OPEN_WIDTH),  # not above it
        (0.5, expert.HOVER_M, 0.05),  # the fingers would land on it
        (0.5, 0.05, OPEN_WIDTH),  # beside its top already: would be a push
    ],
)
def test_grasp_does_not_descend_unless_all_is_ready(x: float, z: float, width: float) -> None:
    goal = wanted(TWO, with_hand(state_of(TWO), x, 0.1, z, width=width), GRASP)
    assert goal[2] == pytest.approx(expert.HOVER_M)
    assert goal[6] == expert.OPEN


def test_grasp_follows_an_object_that_was_knocked_away() -> None:
    state = moved(state_of(TWO), 2, by=(0.06, -0.05, 0.0))
    goal = wanted(TWO, with_hand(state, 0.56, 0.05, expert.HOVER_M), GRASP)
    np.testing.assert_allclose(goal[:2], [0.56, 0.05], atol=1e-6)
    assert goal[6] == expert.CLOSED


def test_the_wrong_object_is_put_down_where_the_hand_is() -> None:
    state = touched(with_hand(state_of(TWO), 0.5, -0.1, 0.2, width=0.04), 3, 3)
    for subgoals in ((GRASP,), (GRASP, STACK)):
        goal = wanted(TWO, state, *subgoals)
        np.testing.assert_allclose(goal[:2], [0.5, -0.1], atol=2e-3)
        assert goal[2] == pytest.approx(expert.PUT_DOWN_Z_M)
        assert goal[6] == expert.OPEN


def test_what_is_held_is_lifted_when_that_was_all() -> None:
    state = touched(with_hand(state_of(TWO), 0.5, 0.1, 0.02, width=0.04), 2, 2)
    goal = wanted(TWO, state, GRASP)
    np.testing.assert_allclose(goal[:3], [0.5, 0.1, expert.HOVER_M], atol=2e-3)
    assert goal[6] == expert.CLOSED


@pytest.mark.parametrize(
    ("kind", "period"),
    [("block", np.pi / 2), ("hexagon", np.pi / 3), ("triangle", np.pi / 3), ("star", np.pi / 5)],
)
def test_grasp_yaw_repeats_with_the_symmetry_and_takes_the_shortest_turn(
    kind: str, period: float
) -> None:
    scene = Scene((thing(kind),))
    flat = state_of(scene)
    for yaw in np.linspace(-3, 3, 25):
        angle = grasp_yaw(scene, turned(flat, 2, yaw), 0)
        assert -period / 2 - 1e-9 <= angle < period / 2 + 1e-9
        again = grasp_yaw(scene, turned(flat, 2, yaw + period), 0)
        assert abs(np.sin((again - angle) * np.pi / period)) < 1e-6
        # Turning the object turns the hand as much.
        more = grasp_yaw(scene, turned(flat, 2, yaw + 0.05), 0)
        assert abs(np.sin((more - angle - 0.05) * np.pi / period)) < 1e-6


@pytest.mark.parametrize(("kind", "sides"), [("block", 4), ("hexagon", 6)])
def test_fingers_close_on_flat_sides(kind: str, sides: int) -> None:
    """The closing direction (world y, turned by the yaw) is a side's normal."""
    scene = Scene((thing(kind),))
    for yaw in (0.0, 0.3, 1.1):
        closing = grasp_yaw(scene, turned(state_of(scene), 2, yaw), 0) + np.pi / 2
        first_normal = yaw + (np.pi / 6 if kind == "hexagon" else 0.0)
        off = (closing - first_normal) / (2 * np.pi / sides)
        assert off == pytest.approx(round(off), abs=1e-6)


def test_a_round_thing_is_held_with_an_unturned_hand() -> None:
    scene = Scene((thing("cylinder"),))
    assert grasp_yaw(scene, turned(state_of(scene), 2, 0.7), 0) == 0.0


# --------------------------------------------------------------------------------------- place


def held(scene: Scene, x: float, y: float, z: float, *, slip: float = 0.0) -> State:
    """Object 0 in the hand at (x, y, z), its middle `slip` off the tcp along y."""
    start, height = scene.objects[0].position_m, scene.objects[0].height_m
    shift = (x - start[0], y + slip - start[1], z - height / 2)
    state = moved(state_of(scene), 2, by=shift)
    return touched(with_hand(state, x, y, z, width=0.045), 2, 2)


def test_place_rises_before_it_moves_and_then_travels_closed() -> None:
    low = wanted(TWO, held(TWO, 0.5, 0.1, 0.03), GRASP, STACK)
    np.testing.assert_allclose(low[:3], [0.5, 0.1, expert.HOVER_M], atol=2e-3)
    high = wanted(TWO, held(TWO, 0.5, 0.1, expert.HOVER_M), GRASP, STACK)
    np.testing.assert_allclose(high[:3], [0.5, -0.1, expert.HOVER_M], atol=2e-3)
    assert low[6] == high[6] == expert.CLOSED


def test_place_lowers_to_just_above_the_target_and_opens() -> None:
    goal = wanted(TWO, held(TWO, 0.5, -0.1, expert.HOVER_M), GRASP, STACK)
    bottom = goal[2] - TWO.objects[0].height_m / 2
    assert bottom == pytest.approx(TWO.objects[1].height_m + expert.RELEASE_GAP_M, abs=2e-3)
    assert goal[6] == expert.OPEN


def test_a_crooked_grip_is_allowed_for() -> None:
    goal = wanted(TWO, held(TWO, 0.5, -0.1, expert.HOVER_M, slip=0.012), GRASP, STACK)
    np.testing.assert_allclose(goal[:2], [0.5, -0.112], atol=2e-3)


@pytest.mark.parametrize("kind", shapes.CONTAINER_KINDS)
def test_fingers_open_above_the_rim(kind: str) -> None:
    scene = Scene((thing("block", x=0.5, y=0.1), thing(kind, "blue", x=0.5, y=-0.1)))
    put = Subgoal("place", 0, 1, "inside")
    goal = wanted(scene, held(scene, 0.5, -0.1, expert.HOVER_M), GRASP, put)
    assert goal[2] >= scene.objects[1].height_m + expert.RIM_GAP_M - 1e-6
    assert goal[2] < expert.HOVER_M
    assert goal[6] == expert.OPEN


def test_a_dropped_object_is_grasped_again() -> None:
    state = moved(state_of(TWO), 2, by=(0.05, -0.1, 0.0))
    goal = wanted(TWO, with_hand(state, 0.5, -0.05, expert.HOVER_M, width=0.0), GRASP, STACK)
    np.testing.assert_allclose(goal[:3], [0.55, 0.0, expert.HOVER_M], atol=1e-6)
    assert goal[6] == expert.OPEN


def test_place_target_on_and_inside() -> None:
    state = moved(state_of(TWO), 3, by=(0.02, 0.03, 0.0))
    np.testing.assert_allclose(place_target(TWO, state, STACK), top(TWO, state, 1))
    scene = Scene((thing("block", y=0.1), thing("bowl", "blue", x=0.55)))
    inside = place_target(scene, state_of(scene), Subgoal("place", 0, 1, "inside"))
    np.testing.assert_allclose(inside, [0.55, 0.0, shapes.VESSELS["bowl"].floor_m])


@pytest.mark.parametrize("side", DIRECTIONS)
@pytest.mark.parametrize("kind", ["block", "plate"])
def test_place_target_beside_is_on_the_table_on_that_side(side: str, kind: str) -> None:
    scene = Scene((thing("star", y=0.2), thing(kind, "blue", x=0.5)))
    state = moved(state_of(scene), 3, by=(0.01, -0.02, 0.05))
    x, y, z = place_target(scene, state, Subgoal("place", 0, 1, side))
    gap = np.array([x - 0.51, y + 0.02])
    assert gap @ DIRECTIONS[side] == pytest.approx(np.linalg.norm(gap))
    assert scene.objects[1].radius_m < np.linalg.norm(gap) < BESIDE_M
    assert z == 0.0


# ------------------------------------------------------------------------- push, press, slide

PUSH_SCENE = Scene((thing("cylinder", x=0.5, y=-0.1), thing("zone", "blue", x=0.5, y=0.1)))
PUSH = Subgoal("push", 0, 1)


def test_push_starts_behind_the_object_seen_from_the_zone() -> None:
    goal = wanted(PUSH_SCENE, with_hand(state_of(PUSH_SCENE), 0.42, 0.0, 0.28), PUSH)
    assert goal[0] == pytest.approx(0.5)
    assert goal[1] < -0.1 - PUSH_SCENE.objects[0].radius_m - expert.FINGER_HALF_M
    assert goal[2] == pytest.approx(expert.HOVER_M)
    assert goal[6] == pytest.approx(expert.FORK)
    assert abs(goal[5]) == pytest.approx(np.pi / 2)  # the two points side by side behind it


def test_push_comes_down_only_with_the_fork_and_above_its_start() -> None:
    state = state_of(PUSH_SCENE)
    start = wanted(PUSH_SCENE, with_hand(state, 0.42, 0.0, 0.28), PUSH)
    above = with_hand(state, start[0], start[1], expert.HOVER_M, yaw=1.5, width=FORK_WIDTH)
    down = wanted(PUSH_SCENE, above, PUSH)
    np.testing.assert_allclose(down[:3], [start[0], start[1], expert.PUSH_Z_M], atol=1e-6)
    wide = with_hand(state, start[0], start[1], expert.HOVER_M, yaw=1.5)
    assert wanted(PUSH_SCENE, wide, PUSH)[2] == pytest.approx(expert.HOVER_M)


def test_push_ends_with_the_object_in_the_middle_of_the_zone() -> None:
    radius = PUSH_SCENE.objects[0].radius_m
    state = with_hand(
        state_of(PUSH_SCENE), 0.5, -0.1 - radius - 0.03, expert.PUSH_Z_M, yaw=1.5, width=FORK_WIDTH
    )
    goal = wanted(PUSH_SCENE, state, PUSH)
    assert goal[2] == pytest.approx(expert.PUSH_Z_M)
    assert goal[0] == pytest.approx(0.5)
    assert goal[1] + expert.FINGER_HALF_M + radius == pytest.approx(0.1, abs=0.006)


def test_push_goes_round_when_the_hand_is_on_the_wrong_side() -> None:
    state = with_hand(state_of(PUSH_SCENE), 0.5, 0.0, expert.PUSH_Z_M, yaw=1.5, width=FORK_WIDTH)
    goal = wanted(PUSH_SCENE, state, PUSH)
    np.testing.assert_allclose(goal[:3], [0.5, 0.0, expert.HOVER_M], atol=2e-3)


BUTTONS = Scene((thing("button", x=0.55, y=0.1), thing("button", "blue", x=0.45, y=-0.1)))


def test_press_hovers_closed_and_then_pushes_the_cap_down() -> None:
    press, state = Subgoal("press", 0), state_of(BUTTONS)
    first = wanted(BUTTONS, with_hand(state, 0.42, 0.0, 0.28), press)
    np.testing.assert_allclose(first[:3], [0.55, 0.1, expert.HOVER_M], atol=1e-6)
    open_above = with_hand(state, 0.55, 0.1, expert.HOVER_M)
    assert wanted(BUTTONS, open_above, press)[2] == pytest.approx(expert.HOVER_M)
    ready = with_hand(state, 0.55, 0.1, expert.HOVER_M, width=CLOSED_WIDTH)
    down = wanted(BUTTONS, ready, press)
    pressed = shapes.BUTTON.base_height_m + shapes.BUTTON.cap_height_m - shapes.BUTTON.travel_m / 2
    assert down[2] < pressed
    assert down[2] > shapes.BUTTON.base_height_m
    assert first[6] == down[6] == expert.CLOSED


DRAWERS = Scene((thing("drawer", x=0.36, y=0.12), thing("drawer", "blue", x=0.36, y=-0.12)))


@pytest.mark.parametrize("way", ["open", "close"])
def test_slide_hovers_over_the_fin_descends_and_holds_it(way: str) -> None:
    slide = Subgoal("slide", 1, relation=way)
    state = jointed(state_of(DRAWERS), DRAWERS.joint(1), 0.045)
    fin = top(DRAWERS, state, 1)
    assert fin[0] > 0.36 + shapes.DRAWER.half_depth_m + 0.045
    hover = wanted(DRAWERS, with_hand(state, 0.42, 0.0, 0.28), slide)
    np.testing.assert_allclose(hover[:3], [fin[0], -0.12, expert.HOVER_M], atol=1e-6)
    assert hover[6] == expert.OPEN
    down = wanted(DRAWERS, with_hand(state, fin[0], -0.12, expert.HOVER_M), slide)
    np.testing.assert_allclose(down[:3], [fin[0], -0.12, expert.FIN_GRASP_Z_M], atol=1e-6)
    assert down[6] == expert.CLOSED
    assert shapes.DRAWER.fin_bottom_m < down[2] < shapes.DRAWER.fin_top_m


@pytest.mark.parametrize(("way", "end"), [("open", shapes.DRAWER.travel_m), ("close", 0.0)])
def test_a_held_fin_is_pulled_or_pushed_the_rest_of_the_way(way: str, end: float) -> None:
    state = jointed(state_of(DRAWERS), DRAWERS.joint(0), 0.045)
    x = float(top(DRAWERS, state, 0)[0])
    state = touched(with_hand(state, x, 0.12, expert.FIN_GRASP_Z_M, width=0.016), 2, 2)
    goal = wanted(DRAWERS, state, Subgoal("slide", 0, relation=way))
    assert goal[0] - x == pytest.approx(end - 0.045, abs=2e-3)
    assert goal[1] == pytest.approx(0.12, abs=2e-3)
    assert goal[2] == pytest.approx(expert.FIN_GRASP_Z_M)
    assert goal[6] == expert.OPEN  # let go at the end of the way


# ------------------------------------------------------------------------------------- deltas


class StandIn:
    """What a delta oracle reads of an arm."""

    def __init__(self, target: np.ndarray) -> None:
        self.target, self.gripper = target.copy(), 1.0

    def obey(self, action: np.ndarray) -> None:
        self.target = self.target + action[:6] * DELTA_SCALE
        self.gripper = float(action[6])


class Fixed(TabletopOracle):
    """Hands out waypoints from a list and counts how often it is asked."""

    def __init__(self, *goals: np.ndarray) -> None:
        self.goals, self.asked = list(goals), 0

    def next_waypoint(self, state: State, done: bool) -> OracleAction:
        self.asked += 1
        index = min(self.asked, len(self.goals)) - 1
        return OracleAction(self.goals[index].astype(np.float32), done, f"goal{index}")


def test_deltas_commit_to_a_waypoint_and_close_only_there() -> None:
    start = np.array([0.45, 0.0, 0.25, 0.0, 0.0, 0.0])
    first = np.array([0.52, 0.11, 0.02, 0.0, 0.0, 0.6, -1.0])
    second = np.array([0.52, 0.11, 0.17, 0.0, 0.0, 0.6, -1.0])
    source, arm, state = Fixed(first, second), StandIn(start), state_of(TWO)
    delta = DeltaOracle(source)
    for _ in range(30):
        step = delta.next_action(state, False, arm)  # type: ignore[arg-type]
        if step.subgoal != "goal0":
            break
        assert source.asked == 1
        assert (np.abs(step.values) <= 1.0).all()
        there = np.abs(first[:6] - arm.target).max() < 2e-3
        assert step.values[6] == (-1.0 if there else 1.0)
        arm.obey(step.values)
    np.testing.assert_allclose(arm.target, first[:6], atol=2e-3)
    assert source.asked == 2
    assert step.values[2] == pytest.approx(1.0)  # on to the second, at full speed
    assert step.values[6] == -1.0  # still closed


def test_deltas_wait_for_the_gripper() -> None:
    here = np.array([0.5, 0.1, 0.02, 0.0, 0.0, 0.0])
    source, arm = Fixed(np.array([*here, -1.0]), np.array([*here, 1.0])), StandIn(here)
    delta = DeltaOracle(source)
    closing = 0
    while source.asked < 2 and closing < 20:
        step = delta.next_action(state_of(TWO), False, arm)  # type: ignore[arg-type]
        closing += step.values[6] == -1.0
        arm.obey(step.values)
    assert closing == GRIPPER_TICKS


def test_done_interrupts_a_waypoint() -> None:
    far = np.array([0.7, 0.2, 0.1, 0.0, 0.0, 0.0, 1.0])
    source, arm = Fixed(far, far), StandIn(np.array([0.45, 0.0, 0.25, 0.0, 0.0, 0.0]))
    delta = DeltaOracle(source)
    assert not delta.next_action(state_of(TWO), False, arm).done  # type: ignore[arg-type]
    assert delta.next_action(state_of(TWO), True, arm).done  # type: ignore[arg-type]


def test_labelling_a_state_twice_gives_the_same_waypoint() -> None:
    env = TabletopEnv("stack", action_mode="ee_pose", cameras=())
    env.reset(seed=5)
    for _ in range(3):
        first, again = env.oracle_action(), env.oracle_action()
        np.testing.assert_array_equal(first.values, again.values)
        env.step(first.values)
    env.close()


# --------------------------------------------------------------------------------------- aims


def test_aims_are_the_object_and_the_place_it_goes_to_whoever_holds_what() -> None:
    state = with_hand(state_of(TWO), 0.42, 0.0, 0.28)
    left = Subgoal("place", 0, 1, "left")
    for here in (state, touched(state, 3, 3)):
        begin, end = TabletopOracle(TWO, (GRASP, left)).aims(here)
        np.testing.assert_allclose(begin, top(TWO, state, 0), atol=1e-6)
        np.testing.assert_allclose(end, place_target(TWO, state, left), atol=1e-6)


def test_what_goes_nowhere_has_one_aim() -> None:
    begin, end = TabletopOracle(TWO, (Subgoal("reach", 1),)).aims(state_of(TWO))
    np.testing.assert_allclose(begin, top(TWO, state_of(TWO), 1), atol=1e-6)
    np.testing.assert_array_equal(begin, end)


def test_a_push_aims_behind_the_object_and_short_of_the_middle_of_the_zone() -> None:
    begin, end = TabletopOracle(PUSH_SCENE, (PUSH,)).aims(state_of(PUSH_SCENE))
    hover = wanted(PUSH_SCENE, with_hand(state_of(PUSH_SCENE), 0.42, 0.0, 0.28), PUSH)
    np.testing.assert_allclose(begin[:2], hover[:2], atol=1e-6)
    assert begin[1] < -0.1 < end[1] < 0.1


@pytest.mark.parametrize(
    ("way", "moves"), [("open", shapes.DRAWER.travel_m - 0.03), ("close", -0.03)]
)
def test_a_drawer_aims_at_its_fin_and_where_that_will_be(way: str, moves: float) -> None:
    state = jointed(state_of(DRAWERS), DRAWERS.joint(0), 0.03)
    begin, end = TabletopOracle(DRAWERS, (Subgoal("slide", 0, relation=way),)).aims(state)
    np.testing.assert_allclose(begin, top(DRAWERS, state, 0), atol=1e-6)
    np.testing.assert_allclose(end - begin, [moves, 0, 0], atol=1e-6)
