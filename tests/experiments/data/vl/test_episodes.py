"""Narrations, plans and "is it done" against the episodes that they are about."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from handeye.envs.rooms.scene.scene import BaseTrajectory
from handeye.envs.tabletop.world import predicates
from handeye.experiments.data.tabletop_dataset import recorded_state
from handeye.experiments.data.vl.balance import Tally
from handeye.experiments.data.vl.dialogues import dialogues
from handeye.experiments.data.vl.done import is_undone
from handeye.experiments.data.vl.episodes import (
    numbered,
    plan_of,
    rooms_driven,
    steps_done,
)
from handeye.experiments.data.vl.record import examples_of, times_of
from tests.experiments.data.vl.shown import FRAMES, homes, said, table_views, tables


def test_plans_are_those_of_the_oracle() -> None:
    put_in, drawers, stack = tables()
    skills = [[(s.skill, s.relation) for s in plan_of(e, e.goals[0])] for e in tables()]
    assert skills[0] == [("grasp", ""), ("place", "inside")]
    assert skills[1] == [("slide", drawers.goals[0].relation)]
    assert skills[2] == [("grasp", ""), ("place", "on")]
    for episode in (put_in, stack):
        assert [s.item for s in plan_of(episode, episode.goals[0])] == [
            episode.goals[0].referred[0]
        ] * 2


def test_a_thing_in_the_hand_is_not_picked_up_first() -> None:
    episode = next(e for e in tables() if e.task == "put_in")
    item = episode.goals[0].referred[0]
    lifted = [
        t
        for t in range(len(episode.proprio))
        if predicates.position(episode.scene, recorded_state(episode, t), item)[2] > 0.05
    ]
    under_way = replace(
        episode,
        body_poses=episode.body_poses[lifted[0] :],
        joint_positions=episode.joint_positions[lifted[0] :],
    )
    assert [step.skill for step in plan_of(under_way, episode.goals[0])] == ["place"]


def test_what_was_done_again_is_told_once() -> None:
    episode = tables()[0]
    again = ("grasp(0,-1,)", "place(0,3,inside)", "grasp(0,-1,)", "wait", "place(0,3,inside)")
    steps = steps_done(replace(episode, subgoals=again))
    assert [step.skill for step in steps] == ["grasp", "place"]


def test_every_goal_has_a_plan_that_begins_with_one() -> None:
    plans = [one for one in said("plan") if one.about == "steps"]
    assert sum(len(e.goals) for e in tables()) <= len(plans)
    assert all(one.answer.startswith("1: ") and one.frames[0].time == 0 for one in plans)
    assert numbered(["go", "stop"]) == "1: go. 2: stop."


def test_narrations_show_the_episode_in_order() -> None:
    for one in said("narration"):
        times = [frame.time for frame in one.frames]
        assert times == sorted(times)
        assert one.answer.startswith("the robot ")


def test_the_goal_is_reached_at_the_end_and_not_before() -> None:
    episodes = (*tables(), *homes())
    for one in said("vqa"):
        if one.about == "done":
            episode = episodes[one.frames[0].episode]
            pursued = any(words in one.question for words in episode.goals[0].instructions)
            at_the_end = one.frames[0].time == len(episode.proprio) - 1
            assert (one.answer == "yes") == (pursued and at_the_end)
    for episode in tables():
        last = len(episode.proprio) - 1
        assert not is_undone(episode, episode.goals[0], last)
        assert is_undone(episode, episode.goals[0], 0)


def test_rooms_are_told_in_the_order_of_the_drive() -> None:
    for episode in homes():
        rooms, home = rooms_driven(episode), episode.scene.apartment
        walk = BaseTrajectory(episode.poses.astype(np.float64))
        assert rooms[-1] == home.rooms[home.room_at(*walk.here.xy)].kind
        assert all(a != b for a, b in pairwise(rooms))


def test_frames_are_spread_over_the_episode() -> None:
    rng = np.random.default_rng(0)
    assert times_of(1, 4, rng) == [0]
    assert times_of(2, 4, rng) == [0, 1]
    times = times_of(20, 4, rng)
    assert (times[0], times[-1], len(set(times))) == (0, 19, 4)


@pytest.mark.slow
def test_examples_are_a_function_of_the_episode() -> None:
    episode = tables()[1]
    assert examples_of(episode, 1, FRAMES) == examples_of(episode, 1, FRAMES)


@pytest.mark.slow
def test_dialogues_come_in_three_kinds() -> None:
    kinds = {one.about for one in said("dialogue")}
    assert kinds == {"conversation", "description", "reasoning"}
    rng = np.random.default_rng(0)
    replies = [
        one.answer
        for view in table_views()
        for _ in range(6)
        for one in dialogues(view, Tally(rng), rng)
        if one.about == "reasoning"
    ]
    assert any("gripper is empty" in reply for reply in replies)
    assert any("is behind it" in reply for reply in replies)
