"""What a long task remembers of its episode, and what it says of its goals."""

from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.core.task import SceneSamplingError
from handeye.envs.tabletop.long import FAMILIES
from handeye.envs.tabletop.long import task as long_task
from handeye.envs.tabletop.long.casting import Unfit
from handeye.envs.tabletop.long.goal import STEPS, Clause, Condition, LongGoal
from handeye.envs.tabletop.long.judging import History, is_answer, verdicts
from handeye.envs.tabletop.long.task import LONG, LONG_TASKS, OPEN_M, LongTask
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State
from tests.envs.builders import jointed, state_of, thing

DRAWER, BUTTON, OTHER = range(3)
SCENE = Scene((
    thing("drawer", "red", 0.36, 0.12), thing("button", "blue", 0.5, 0.0),
    thing("button", "red", 0.6, 0.0),
))  # fmt: skip
OPENED, CLOSED = Condition("open", DRAWER), Condition("closed", DRAWER)


def goal(*conditions: Condition, **more: object) -> LongGoal:
    """A goal of these conditions, reached by saying something."""
    made = LongGoal(
        "steps_in_order", "medium", "vague", (), True, (Subgoal("say", -1),), (None,), conditions
    )
    return replace(made, **more)  # type: ignore[arg-type]


def at(tick: int, slide: float = 0.0, *caps: float) -> State:
    """A moment: how far the drawer is open, and where the caps are (share of their travel)."""
    state = jointed(state_of(SCENE), SCENE.joint(DRAWER), slide)
    for button, share in zip((BUTTON, OTHER), caps, strict=False):
        state = jointed(state, SCENE.joint(button), -share * shapes.BUTTON.travel_m)
    return replace(state, tick=tick)


def lived(wanted: LongGoal, *states: State) -> History:
    """What is remembered of these moments."""
    history = History(SCENE, [wanted])
    for state in states:
        history.watch(state)
    return history


# -------------------------------------------------------------------------------------- history


def test_a_press_is_remembered_by_its_tick_and_button() -> None:
    history = lived(goal(), at(0), at(4, 0.0, 0.9), at(5), at(9, 0.0, 0.0, 0.9), at(12, 0.0, 0.9))
    assert history.presses == {BUTTON: [4, 12], OTHER: [9]}


def test_a_cap_is_up_again_above_a_quarter_of_its_travel() -> None:
    down = at(1, 0.0, 0.9)
    assert lived(goal(), down, at(2, 0.0, 0.3), down).presses[BUTTON] == [1]
    assert lived(goal(), down, at(2, 0.0, 0.2), down).presses[BUTTON] == [1, 1]


def test_buttons_that_are_down_at_the_beginning_count_once() -> None:
    assert lived(goal(), at(0, 0.0, 0.9), at(1, 0.0, 0.9)).presses[BUTTON] == [0]


def test_a_condition_is_remembered_by_when_it_held_first_and_came_about_last() -> None:
    history = lived(goal(OPENED), at(0), at(3, 0.09), at(5), at(8, 0.09), at(9, 0.09))
    assert history.first[OPENED] == 3
    assert history.since[OPENED] == 8


def test_what_lasts_is_achieved_while_it_holds_only() -> None:
    once = replace(OPENED, lasting=False)
    history = lived(goal(OPENED, once), at(0), at(3, 0.09), at(5))
    assert not history.achieved(OPENED)
    assert history.achieved(once)


def test_effects_are_watched_as_well_as_conditions() -> None:
    history = lived(goal(effects=(OPENED,)), at(0, 0.09))
    assert history.achieved(OPENED)


def test_a_condition_that_nobody_asks_for_is_not_watched() -> None:
    assert not lived(goal(OPENED), at(0)).achieved(CLOSED)


# ------------------------------------------------------------------------------------- verdicts


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (goal(OPENED), {"open(0)"}),
        (goal(OPENED, CLOSED, order=((0, 1),)), {"open(0)", "closed(0)", "order"}),
        (goal(OPENED, answer="two"), {"open(0)", "answer"}),
        (goal(OPENED, subgoals=(Subgoal("slide", 0, -1, "open"),)), {"open(0)", "released"}),
        (goal(subgoals=(Subgoal("press", 1),)), set()),
        (goal(OPENED, infeasible="there is none"), {"declined"}),
    ],
    ids=["a condition", "an order", "an answer", "a hand", "a press", "the impossible"],
)
def test_verdicts_name_what_is_asked_and_no_more(wanted: LongGoal, names: set[str]) -> None:
    history = lived(wanted, at(0))
    assert set(verdicts(wanted, SCENE, at(0), history)) == names


def test_an_order_needs_both_of_its_conditions() -> None:
    wanted = goal(replace(OPENED, lasting=False), CLOSED, order=((0, 1),))
    for states, so in (((at(0),), False), ((at(0), at(1, 0.09)), False),
                       ((at(0), at(1, 0.09), at(2)), True)):  # fmt: skip
        assert verdicts(wanted, SCENE, states[-1], lived(wanted, *states))["order"] == so


@pytest.mark.parametrize(
    ("said", "right", "counts"),
    [
        ("ZERO", "no", True), ("none of them", "no", True), ("no, there is one", "one", False),
        ("12", "two", False), ("a red block", "block", True), ("a red block", "red", True),
        ("red or blue", "red", False), ("blocks", "block", True),
        ("10", "ten", True), ("ten", "10", True), ("9 or 10", "ten", False), ("1234", "1234", True),
        ("²", "two", False), ("٣", "three", True), ("", "ten", False), ("ten", "", False),
        ("schräg", "schräg", True), ("café au lait", "lait", True), ("thé", "lait", False),
    ],
)  # fmt: skip
def test_one_answer_of_its_sort_counts(said: str, right: str, counts: bool) -> None:
    assert is_answer(said, right) == counts


# ---------------------------------------------------------------------------------------- tasks


@pytest.fixture
def task() -> LongTask:
    """A task in an episode that has just begun."""
    made = LONG_TASKS["drawers"]()
    made.begin(SCENE, [goal(OPENED, answer="two")])
    return made


def test_the_suite_has_a_task_for_each_family() -> None:
    assert LONG.tasks == tuple(LONG_TASKS) == tuple(FAMILIES)
    assert all(cls.name == name and cls.__doc__ for name, cls in LONG_TASKS.items())


def test_a_task_judges_by_what_it_has_watched_and_heard(task: LongTask) -> None:
    wanted = goal(OPENED, answer="two")
    assert task.conditions(SCENE, wanted, at(0)) == {"open(0)": False, "answer": False}
    task.watch(at(1, 0.09))
    task.hear("there are two", "success")
    assert task.done(SCENE, wanted, at(1, 0.09))
    task.begin(SCENE, [wanted])
    assert not task.done(SCENE, wanted, at(0)), "another episode"


def test_hearing_a_claim_remembers_both_words(task: LongTask) -> None:
    task.hear("", "cannot")
    assert (task.history.answer, task.history.claim) == ("", "cannot")


@pytest.mark.parametrize(("length", "most"), [("short", 2), ("medium", 4), ("long", 6)])
def test_the_step_budget_grows_with_length(task: LongTask, length: str, most: int) -> None:
    assert most == STEPS[length][-1]  # type: ignore[index]
    for mode, steps in (("ee_pose", 16), ("ee_delta", 200)):
        assert task.max_steps(goal(length=length), mode) == most * steps


def test_a_task_tells_what_its_goal_is_like(task: LongTask) -> None:
    about = {"kind": "steps_in_order", "length": "medium", "vagueness": "vague"}
    assert task.about(goal()) == {**about, "feasible": True}
    assert task.about(goal(infeasible="never")) == {**about, "feasible": False}


def test_asked_back_it_tells_what_is_meant_if_that_is_unclear(task: LongTask) -> None:
    clause = Clause("put_in", ("the block", 1))
    left_open = task.unclear(goal(clarification="the red one", clauses=(clause,)))
    assert left_open is not None
    assert (left_open.about, left_open.answer) == ("block", "the red one")
    assert task.unclear(goal()) is None


def test_its_subgoals_are_the_goals(task: LongTask) -> None:
    assert task.subgoals(goal()) == (Subgoal("say", -1),)


@pytest.mark.parametrize(("kind", "slide_m"), [("open_both", 0.0), ("close_both", OPEN_M)])
def test_drawers_begin_as_they_are_laid_out(kind: str, slide_m: float) -> None:
    task, rng = LONG_TASKS["drawers"](), np.random.default_rng(0)
    task.wish(kind=kind, length="short")
    scene, _, _ = task.draw_scene(rng, "seen")
    drawers = [i for i, o in enumerate(scene.objects) if o.kind == "drawer"]
    assert [task.slide_m(i, rng) for i in drawers] == [slide_m, slide_m]


def test_a_family_without_a_solvable_scene_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_task, "can_be_done", lambda scene, goal: False)
    monkeypatch.setattr(long_task, "LONG_SCENE_TRIES", 2)
    with pytest.raises(SceneSamplingError, match="no solvable scene for 'sort' in 2 draws"):
        LONG_TASKS["sort"]().draw_scene(np.random.default_rng(0), "seen")


def test_a_given_scene_without_room_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_task, "can_be_done", lambda scene, goal: False)
    monkeypatch.setattr(long_task, "GIVEN_TRIES", 3)
    task = LONG_TASKS["buttons"]()
    task.wish(kind="press_twice", length="short", scene=SCENE)
    with pytest.raises(Unfit, match=r"allows no goal of press_twice .*has no room"):
        task.draw_scene(np.random.default_rng(0), "seen")
