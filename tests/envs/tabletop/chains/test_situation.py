"""What can be asked of a table in symbols, and what is true when it is done."""

import numpy as np

from handeye.envs.tabletop.chains.sampling import LENGTH, sample_chain
from handeye.envs.tabletop.chains.situation import (
    CATEGORIES,
    PLACING,
    Situation,
    after,
    feasible_goals,
)
from handeye.envs.tabletop.tasks import Goal
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.scene import Scene
from tests.envs.builders import thing

BLOCK, STAR, BOWL, BUTTON, ZONE, DRAWER = range(6)
TABLE = Situation(
    Scene(
        (
            thing("block", x=0.55, y=-0.05),
            thing("star", "blue", size="small", x=0.64, y=0.05),
            thing("bowl", "green", x=0.62, y=-0.18),
            thing("button", "blue", x=0.4, y=-0.05),
            thing("zone", "cyan", x=0.4, y=-0.18),
            thing("drawer", "red", x=0.36, y=0.185),
        )
    ),
    {DRAWER: "half"},
)


def asked(situation: Situation) -> set[str]:
    return {task for task in CATEGORIES if feasible_goals(situation, task)}


def test_what_is_in_the_hand_has_to_be_put_somewhere_first() -> None:
    held = after(TABLE, Goal((STAR,), task="pick_up"))
    assert held.held == STAR
    assert asked(held) <= set(PLACING)
    put = [goal for task in PLACING for goal in feasible_goals(held, task)]
    assert {goal.referred[0] for goal in put} == {STAR}
    assert after(held, Goal((STAR, BOWL), task="put_in")).held == -1


def test_what_lies_in_or_on_something_is_asked_for_no_more() -> None:
    stacked = after(TABLE, Goal((STAR, BLOCK), task="stack"))
    assert stacked.lies == {STAR: ("on", BLOCK)}
    assert not feasible_goals(stacked, "pick_up")  # Neither the star nor what it stands on.
    filled = after(TABLE, Goal((STAR, BOWL), task="put_in"))
    assert not feasible_goals(filled, "put_in")
    assert [goal.referred for goal in feasible_goals(filled, "reach")] == [(BLOCK,)]


def test_a_drawer_is_asked_for_what_it_is_not() -> None:
    assert {goal.relation for goal in feasible_goals(TABLE, "move_drawer")} == {"open", "close"}
    opened = after(TABLE, Goal((DRAWER,), "open", "move_drawer"))
    assert [goal.relation for goal in feasible_goals(opened, "move_drawer")] == ["close"]


def test_a_zone_that_is_taken_takes_nothing_else() -> None:
    pushed = after(TABLE, Goal((BLOCK, ZONE), task="push_to_zone"))
    assert pushed.scene.objects[BLOCK].position_m[:2] == (0.4, -0.18)
    assert not feasible_goals(pushed, "push_to_zone")


def test_a_chain_has_goals_of_distinct_tasks_each_feasible_after_the_last() -> None:
    seen = set()
    for seed in range(4):
        chain, _ = sample_chain(np.random.default_rng(seed), "seen")
        assert chain == sample_chain(np.random.default_rng(seed), "seen")[0]
        assert len({goal.task for goal in chain.goals}) == LENGTH
        for goal, situation in zip(chain.goals, chain.situations, strict=False):
            assert goal in feasible_goals(situation, goal.task)
        pairs = {(o.kind, o.colour) for o in chain.situations[0].scene.objects}
        assert len(pairs) == len(chain.situations[0].scene.objects)
        assert not pairs & HELD_OUT
        seen.add(chain.goals)
    assert len(seen) == 4


def test_of_held_out_combinations_every_goal_is_about_one() -> None:
    chain, _ = sample_chain(np.random.default_rng(0), "combination")
    objects = chain.situations[0].scene.objects
    for goal in chain.goals:
        assert any((objects[i].kind, objects[i].colour) in HELD_OUT for i in goal.referred)
