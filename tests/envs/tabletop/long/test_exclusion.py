"""Whether what solves one goal of a table would solve another one."""

from handeye.envs.tabletop.long.exclusion import excludes_all, solves
from handeye.envs.tabletop.long.goal import Clause, Condition, Layout, LongGoal, Start
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.scene import ObjectSpec

# 0 and 1 stand on the zone 2; two bowls, three buttons, a drawer.
LAYOUT = Layout(
    (
        ObjectSpec("star", "red", "small"), ObjectSpec("block", "blue", "small"),
        ObjectSpec("zone", "pink"), ObjectSpec("bowl", "green"), ObjectSpec("bowl", "cyan"),
        ObjectSpec("button", "red"), ObjectSpec("button", "blue"), ObjectSpec("drawer", "green"),
    ),
    (Start("in_zone", 0, 2), Start("in_zone", 1, 2)),
)  # fmt: skip


def goal(
    words: str, steps: tuple[Subgoal, ...], *conditions: Condition, answer: str = "",
    order: tuple[tuple[int, int], ...] = (), infeasible: str = "",
) -> LongGoal:  # fmt: skip
    return LongGoal(
        "any", "short", "ordinary", (Clause(words, ()),), True, steps, (None,) * len(steps),
        conditions, order, answer, infeasible,
    )  # fmt: skip


def put(item: int, bowl: int) -> Subgoal:
    return Subgoal("put", item, bowl, "inside")


def press(*buttons: int) -> tuple[Subgoal, ...]:
    return tuple(Subgoal("press", button) for button in buttons)


CLEARED = goal(
    "clear", (put(0, 3), put(1, 3)), Condition("off_zone", 0, 2), Condition("off_zone", 1, 2)
)
INTO = goal(
    "clear into", (put(0, 4), put(1, 4)), Condition("inside", 0, 4), Condition("inside", 1, 4)
)
ONE_INTO = goal("one into", (put(0, 4),), Condition("inside", 0, 4), Condition("outside", 1, 4))


def test_who_does_more_than_is_asked_may_have_done_what_is_asked() -> None:
    assert solves(LAYOUT, INTO, CLEARED)
    assert not solves(LAYOUT, CLEARED, INTO)
    assert not excludes_all(LAYOUT, CLEARED, [INTO])
    assert not solves(LAYOUT, INTO, ONE_INTO)
    assert excludes_all(LAYOUT, ONE_INTO, [INTO, CLEARED])


def test_what_moves_things_that_another_goal_leaves_alone_does_not_serve_it() -> None:
    pressed = goal("press", press(5), Condition("presses", 5, number=1))
    moved_too = goal("both", (put(0, 3), *press(5)), Condition("presses", 5, number=1))
    assert solves(LAYOUT, pressed, pressed)
    assert not solves(LAYOUT, moved_too, pressed)


def test_presses_count_and_their_order_where_it_is_asked() -> None:
    totals = (Condition("presses", 5, number=1), Condition("presses", 6, number=1))
    once = Condition("press", 5, number=1, lasting=False)
    then = Condition("press", 6, number=1, lasting=False)
    all_of_them = goal("all", press(5, 6), *totals)
    there = goal("in order", press(5, 6), once, then, *totals, order=((0, 1),))
    back = goal("in order", press(6, 5), once, then, *totals, order=((1, 0),))
    assert solves(LAYOUT, all_of_them, there)
    assert not solves(LAYOUT, all_of_them, back)
    assert not solves(LAYOUT, back, there)
    assert solves(LAYOUT, there, all_of_them)
    assert not solves(LAYOUT, goal("twice", press(5, 5, 6), *totals), all_of_them)


def test_towers_counts_drawers_and_answers() -> None:
    tower = goal("tower", (Subgoal("put", 0, 1, "on"),), Condition("tower", among=(0, 1)))
    counted = Condition("count_inside", -1, 3, 1, (0, 1))
    one_of = goal("one of them", (put(1, 3),), counted)
    opened = goal("open", (Subgoal("slide", 7, relation="open"),), Condition("open", 7))
    closed = goal("close", (Subgoal("slide", 7, relation="close"),), Condition("closed", 7))
    three, two = (goal(word, (), answer=word) for word in ("three", "two"))
    assert all(solves(LAYOUT, each, each) for each in (tower, one_of, opened, closed, three))
    assert excludes_all(LAYOUT, opened, [closed, one_of, tower])
    assert excludes_all(LAYOUT, three, [two])
    assert not excludes_all(LAYOUT, three, [goal("three of them", (), answer="three")])


def test_what_cannot_be_done_needs_other_words_only() -> None:
    one, other = (goal(word, (), infeasible="it is not there") for word in ("one", "other"))
    assert excludes_all(LAYOUT, one, [other, CLEARED])
    assert not excludes_all(LAYOUT, one, [one])
