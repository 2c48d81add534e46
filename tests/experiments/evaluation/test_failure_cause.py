"""The cause of a failure is read off the last state, at the table and in apartments."""

import re

import pytest

from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.evaluation.failure_cause import failure_of
from handeye.experiments.records.failure import FailureRecord


@pytest.mark.slow
def test_what_was_moved_instead_is_named() -> None:
    env = TabletopEnv("put_in", cameras=(), action_mode="ee_pose")
    env.reset(seed=1_000_000)
    first, last = env.goal.referred
    other = next(i for i, thing in enumerate(env.scene.objects) if thing.graspable and i != first)
    untouched = failure_of(env)
    env.displace(other, 0.55, 0.22)
    failed = failure_of(env)
    names = [f"{o.size} {o.colour} {o.kind}".strip() for o in env.scene.objects]
    env.close()
    assert untouched.moved == ()
    assert failed.moved == (names[other],)
    assert failed.meant == (names[first], names[last])
    assert "inside" in failed.unmet
    assert failed.distance_m is not None
    assert 0.05 < failed.distance_m < 0.6
    assert f"moved the {names[other]} instead of the {names[first]}" in failed.sentence("limit")


def test_conditions_of_long_instructions_name_objects() -> None:
    env = TabletopEnv("tabletop-long", cameras=(), action_mode="ee_pose")
    env.reset(seed=1_000_003, options={"task": "drawers"})
    unmet = failure_of(env).unmet
    env.close()
    assert re.search(r"inside\((small |large )?\w+ \w+,\w+ drawer\)", " ".join(unmet))


def test_a_robot_is_said_to_stand_somewhere_and_how_far_off() -> None:
    env = RoomsEnv("object_goal", split="unseen", cameras=())
    env.reset(seed=1_000_000)
    failed = failure_of(env)
    env.close()
    assert failed.place in {room.kind for room in env.scene.apartment.rooms} | {"doorway"}
    assert failed.distance_m is not None
    assert failed.distance_m > 1.0
    assert "m from the goal" in failed.sentence("limit")


@pytest.mark.parametrize(
    "known", [FailureRecord(), FailureRecord(("on",), ("a", "b"), ("c",), "", 0.1)]
)
def test_a_record_is_read_back(known: FailureRecord) -> None:
    assert FailureRecord.from_dict({**known.__dict__, "unmet": list(known.unmet)}) == known
    with pytest.raises(TypeError):
        FailureRecord.from_dict({**known.__dict__, "colour": "red"})


def test_distances_are_plain_numbers() -> None:
    env = TabletopEnv("reach", cameras=())
    env.reset(seed=1_000_001)
    failed = failure_of(env)
    env.close()
    assert type(failed.distance_m) is float
    assert "the hand is" in failed.sentence("limit")
