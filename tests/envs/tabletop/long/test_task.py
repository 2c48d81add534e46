"""Long goals on a table: where things begin, free spots, what the chain does next."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from handeye.base.names import UnknownName
from handeye.envs.tabletop.long.casting import Unfit
from handeye.envs.tabletop.long.exclusion import solves
from handeye.envs.tabletop.long.goal import Condition, Layout, LongGoal, Start
from handeye.envs.tabletop.long.judging import History
from handeye.envs.tabletop.long.oracle import OVER_TRAY_M, CarefulOracle, LongOracle
from handeye.envs.tabletop.long.registry import FAMILY_OF, HELD_OUT_KINDS
from handeye.envs.tabletop.long.scene_layout import can_be_done, lay, layout_of
from handeye.envs.tabletop.long.task import LONG_TASKS, LongTask
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.oracle_placement import free_spot
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene
from tests.envs.builders import jointed, moved, state_of, thing

LAYOUT = Layout(
    (
        ObjectSpec("block", "red", "large"), ObjectSpec("hexagon", "blue", "large"),
        ObjectSpec("star", "red", "small"), ObjectSpec("plate", "cyan"), ObjectSpec("zone", "pink"),
        ObjectSpec("block", "blue", "small"), ObjectSpec("star", "blue", "small"),
        ObjectSpec("drawer", "green"),
    ),
    (Start("on", 0, 1), Start("inside", 2, 3), Start("in_zone", 5, 4), Start("inside", 6, 7)),
)  # fmt: skip


def test_things_begin_where_the_layout_says() -> None:
    for seed in range(5):
        scene = lay(LAYOUT, np.random.default_rng(seed))
        state = state_of(scene)
        assert predicates.is_on(scene, state, 0, 1)
        assert predicates.is_inside(scene, state, 2, 3)
        assert predicates.is_in_zone(scene, state, 5, 4)
        assert predicates.is_stowed(scene, state, 6, 7)
        assert not predicates.is_stowed(scene, state, 2, 7)
        assert layout_of(scene) == LAYOUT


BOWL = Scene((
    thing("bowl", "red", 0.5, 0.0), thing("star", "blue", 0.4, 0.15, size="small"),
    thing("star", "pink", 0.4, -0.15, size="small"), thing("block", "cyan", 0.6, 0.15),
    thing("zone", "green", 0.6, -0.15), thing("drawer", "green", 0.36, -0.35),
))  # fmt: skip


def test_the_next_thing_goes_where_nothing_is_yet() -> None:
    state = state_of(BOWL)
    first = free_spot(BOWL, state, 1, 0)
    body = BOWL.body(1)
    by = (first[0] - 0.4, first[1] - 0.15, first[2])
    second = free_spot(BOWL, moved(state, body, by=by), 2, 0)
    assert np.hypot(first[0] - second[0], first[1] - second[1]) > 0.04
    assert np.hypot(second[0] - 0.5, second[1]) < shapes.VESSELS["bowl"].base_radius_m
    assert free_spot(BOWL, state, 3, 0)[:2] == pytest.approx((0.5, 0.0))  # large: the middle


def test_a_zone_has_room_beside_what_stands_in_its_middle() -> None:
    state = state_of(BOWL)
    middle = free_spot(BOWL, state, 1, 4)
    assert middle[:2] == pytest.approx((0.6, -0.15))
    there = moved(state, BOWL.body(3), by=(0.0, -0.30, 0.0))
    x, y, _ = free_spot(BOWL, there, 1, 4)
    assert max(abs(x - 0.6), abs(y + 0.15)) < shapes.ZONE_HALF_WIDTH_M
    assert np.hypot(x - 0.6, y + 0.15) > 0.06


def test_a_tray_moves_with_its_drawer() -> None:
    state = state_of(BOWL)
    shut, drawn = (
        free_spot(BOWL, jointed(state, BOWL.joint(5), slide), 1, 5)[0] for slide in (0.0, 0.1)
    )
    assert drawn - shut == pytest.approx(0.1)


# ------------------------------------------------------------------------------------ chain

STOW = Subgoal("put", 1, 5, "inside")
PRESS = Subgoal("press", 0)


def chain(
    scene: Scene, *steps: tuple[Subgoal, Condition | None], **more: str
) -> tuple[LongOracle, History]:
    """The expert of a goal that is reached by these steps, in an episode that has just begun."""
    goal = LongGoal(
        "steps_in_order", "short", "ordinary", (), True, tuple(s for s, _ in steps),
        tuple(c for _, c in steps), tuple(c for _, c in steps if c), (),
        more.get("answer", ""), more.get("infeasible", ""),
    )  # fmt: skip
    history = History(scene, [goal])
    history.watch(state_of(scene))
    return LongOracle(scene, goal, history), history


def test_a_closed_drawer_is_opened_before_something_goes_in() -> None:
    oracle, _ = chain(BOWL, (STOW, Condition("inside", 1, 5)))
    state = state_of(BOWL)
    assert oracle.next_waypoint(state, False).subgoal.startswith("slide(5")
    drawn = jointed(state, BOWL.joint(5), 0.1)
    assert oracle.next_waypoint(drawn, False).subgoal.startswith("grasp(1")


def test_it_goes_on_when_a_step_is_achieved_and_back_when_it_is_undone() -> None:
    inside, on_zone = Condition("inside", 1, 0), Condition("in_zone", 3, 4)
    oracle, history = chain(
        BOWL, (Subgoal("put", 1, 0, "inside"), inside), (Subgoal("put", 3, 4), on_zone)
    )
    state = state_of(BOWL)
    there = moved(state, BOWL.body(1), by=(0.1, -0.15, 0.004))
    for now, item in ((state, 1), (there, 3), (state, 1)):
        history.watch(replace(now, tick=history.first.get(inside, 0) + 1))
        assert oracle.next_waypoint(now, False).subgoal.startswith(f"grasp({item}")


def test_a_second_press_begins_by_going_up() -> None:
    scene = Scene((thing("button", "red", 0.5, 0.0), thing("block", "blue", 0.4, 0.1)))
    steps = [(PRESS, Condition("press", 0, number=n, lasting=False)) for n in (1, 2)]
    oracle, history = chain(scene, *steps)
    state = jointed(state_of(scene), scene.joint(0), -0.009)
    history.watch(state)
    assert oracle.next_waypoint(state, False).values[2] > 0.1


def test_it_says_the_answer_and_what_cannot_be_done() -> None:
    state = state_of(BOWL)
    said = chain(BOWL, (Subgoal("say", -1), None), answer="two")[0].next_waypoint(state, False)
    assert (said.done, said.answer, said.claim) == (True, "two", "success")
    never = chain(BOWL, infeasible="there is none")[0].next_waypoint(state, False)
    assert (never.done, never.claim) == (True, "cannot")


def test_fingers_stay_above_a_trays_sides() -> None:
    scene = Scene((
        thing("drawer", "red", 0.36, 0.12),
        thing("star", "blue", 0.37, 0.12, size="small", z=0.008),
    ))  # fmt: skip
    state = moved(jointed(state_of(scene), scene.joint(0), 0.1), scene.body(1), by=(0.1, 0.0, 0.0))
    assert predicates.is_stowed(scene, state, 1, 0)
    oracle = CarefulOracle(scene, (Subgoal("grasp", 1),))
    assert oracle.grasp_height(state, 1) == OVER_TRAY_M
    beside = moved(state, scene.body(1), by=(0.0, 0.1, -0.008))
    assert oracle.grasp_height(beside, 1) < OVER_TRAY_M


# ------------------------------------------------------------------------------------ tasks


def drawn(
    family: str, seed: int, split: str = "seen", **wishes: object
) -> tuple[LongTask, Scene, list[LongGoal]]:
    task = LONG_TASKS[family]()
    task.wish(**wishes)  # type: ignore[arg-type]
    scene, goals, _ = task.draw_scene(np.random.default_rng(seed), split)
    return task, scene, goals


@pytest.mark.parametrize("family", LONG_TASKS)
def test_families_draw_four_goals_that_exclude_each_other(family: str) -> None:
    for seed in range(6):
        task, scene, goals = drawn(family, seed)
        assert len(goals) == 4
        assert {FAMILY_OF[g.kind] for g in goals} == {family}
        assert len({(g.length, g.vagueness) for g in goals}) == 1
        assert all(can_be_done(scene, g) for g in goals)
        words = {task.instruction(scene, g, "seen", np.random.default_rng(0)) for g in goals}
        assert len(words) == 4
        assert sum(g.feasible for g in goals) == (2 if family == "impossible" else 4)
        assert task.chance(goals) == (0.5 if family == "impossible" else 0.25)
        feasible = [g for g in goals if g.feasible]
        known = layout_of(scene)
        layout = Layout(known.things, (*known.starts, *open_drawers(task, scene)))
        assert not any(
            solves(layout, done, asked) for done, asked in itertools.permutations(feasible, 2)
        )
        assert all(solves(layout, goal, goal) for goal in feasible)


def test_kinds_that_training_never_shows_distract_nobody_in_training() -> None:
    for seed in range(6):
        _, _, goals = drawn("buttons", seed)
        assert not HELD_OUT_KINDS.intersection(goal.kind for goal in goals)
        task, scene, goals = drawn("buttons", seed, split="kind")
        pursued = {goals[i].kind for i in task.pursuable(scene, goals, "kind")}
        assert pursued
        assert pursued <= HELD_OUT_KINDS


def open_drawers(task: LongTask, scene: Scene) -> list[Start]:
    """Drawers that are open at reset."""
    rng = np.random.default_rng(0)
    drawers = [i for i, thing in enumerate(scene.objects) if thing.kind == "drawer"]
    return [Start("open", i) for i in drawers if task.slide_m(i, rng)]


def test_wishes_are_heeded_or_refused() -> None:
    task, scene, goals = drawn("build", 0, kind="swap_zones", length="short", vagueness="vague")
    assert {(g.length, g.vagueness) for g in goals} == {("short", "vague")}
    assert {goals[i].kind for i in task.pursuable(scene, goals, "seen")} == {"swap_zones"}
    with pytest.raises(UnknownName, match="row_of_three"):
        drawn("build", 0, kind="row_of_tree")
    with pytest.raises(Unfit, match="more steps"):
        drawn("build", 0, kind="swap_plates", length="short")


def test_a_given_scene_is_used_or_told_what_it_lacks() -> None:
    _, made, _ = drawn("sort", 3, kind="gather_shape", length="short")
    _, scene, goals = drawn("sort", 4, kind="gather_shape", length="short", scene=made.to_dict())
    assert scene == made
    assert goals[0].kind == "gather_shape"
    with pytest.raises(Unfit, match="allows no goal of open_both"):
        drawn("drawers", 0, kind="open_both", scene=made)
    with pytest.raises(ValueError, match="not a scene"):
        drawn("sort", 0, scene={"things": []})
