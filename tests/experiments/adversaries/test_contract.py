"""No task can be won without its words: every one that is registered is played by who never reads.

The fast tests leave out some of the shipped tasks; a task that is new is played.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.suites import TABLETOP, WORLDS, make_suite_env
from handeye.envs.tabletop.long.task import LONG_TASKS
from handeye.experiments.adversaries.registry import build
from handeye.experiments.checks.adversaries import AdversariesConfig, judged, trials
from handeye.experiments.checks.adversary_trials import play
from handeye.policies.rollout import rollout

SEEDS = range(900_000, 900_005)
# Shipped tasks that `test_no_adversary_beats_chance` alone plays, to save time.
PLAYED_LATER = frozenset(
    {
        *("put_in", "place_beside", "pick_up"),
        *("sort", "build", "drawers", "sequence", "decide", "count", "sense", "unclear"),
        *("mixed_reach", "mixed_pick_up", "mixed_put_in", "mixed_stack", "mixed_push_to_zone"),
        *("mixed_place_beside", "mixed_move_drawer"),
        *("point_goal", "object_goal", "relational", "follow_sign", "route_following"),
        *("count_things", "visit_in_order", "visit_reversed", "shuttle", "each_of", "room_with"),
        *("back_to_nth", "retrace", "ask_which", "where_is", "search_through", "whether"),
        *("as_many", "if_there", "where_most", "how_many", "which_has", "stay_or_go", "total"),
        *("most", "how_many_in_all", "if_more_than", "how_many_more"),
        *("patrol", "how_many_rooms"),
    }
)


def played_soon() -> Iterator[tuple[str, str]]:
    """Yield adversary and task: the sweeper at the table, the tour in apartments."""
    for world in WORLDS:
        name = "sweeper" if world.env is TABLETOP.env else "tour"
        for task, kind in world.tasks.items():
            if kind.tests_words and task not in PLAYED_LATER:
                yield name, task


@cache
def environment(task: str) -> InstructedEnv:
    """The cheapest there is: no cameras, and at the table a coarser physics."""
    more: dict[str, Any] = {"physics_hz": 120} if task in TABLETOP.tasks else {}
    return make_suite_env(task, cameras=(), **more)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), list(played_soon()))
def test_who_tries_everything_or_goes_everywhere_does_not_always_win(name: str, task: str) -> None:
    env = environment(task)
    options = {"length": "short"} if task in LONG_TASKS else {}
    wins = 0
    for seed in SEEDS:
        end = rollout(env, build(name, env), seed=seed, options=options)
        assert end.info["chance"] <= 0.5
        if not end.info["is_success"]:
            return
        wins += 1
    pytest.fail(f"{name} never reads and won {task} {wins} times of {wins}: it needs other goals")


@pytest.mark.heavy
@pytest.mark.parametrize("suite", [name for world in WORLDS for name in world.suites])
def test_no_adversary_beats_chance(suite: str) -> None:
    config = AdversariesConfig((suite,), ("sweeper", "tour"), episodes=200, seed=SEEDS.start)
    rows = judged(map(play, trials(config)))
    assert [row for row in rows if row.verdict == "beats chance"] == []
