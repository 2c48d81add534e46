"""The suite `tabletop-long` in the environment: limits, endings, words at the end."""

from collections.abc import Iterator

import numpy as np
import pytest

from handeye.envs.tabletop.env import TabletopEnv


@pytest.fixture(scope="module")
def env() -> Iterator[TabletopEnv]:
    made = TabletopEnv("tabletop-long", action_mode="ee_pose", cameras=())
    yield made
    made.close()


def test_limits_grow_with_the_instruction(env: TabletopEnv) -> None:
    for length, most in (("short", 2), ("long", 6)):
        _, info = env.reset(seed=1, options={"task": "sequence", "length": length})
        assert env.max_steps == most * env.task.step_budget["ee_pose"]
        assert (info["length"], info["feasible"]) == (length, True)
        assert 0 <= info["conditions_met"] < info["conditions_total"]


@pytest.mark.slow
def test_the_chain_solves_an_episode_the_same_way_twice(env: TabletopEnv) -> None:
    hashes = set()
    for _ in range(2):
        env.reset(seed=5, options={"task": "buttons", "kind": "press_twice", "length": "short"})
        while not (action := env.oracle_action()).done:
            env.step(action.values)
        info = env.finish()
        assert info["is_success"]
        hashes.add(info["state_hash"])
    assert len(hashes) == 1


def impossible_goal(env: TabletopEnv) -> int:
    """The first of the scene's goals that cannot be done."""
    return next(i for i, goal in enumerate(env.goals) if not goal.feasible)


def test_what_cannot_be_done_is_solved_by_saying_so(env: TabletopEnv) -> None:
    for claim, solved in (("cannot", True), ("success", False), ("failure", False)):
        env.reset(seed=2, options={"task": "impossible"})
        env.reset(seed=2, options={"task": "impossible", "goal": impossible_goal(env)})
        assert env.oracle_action().claim == "cannot"
        info = env.finish("", claim)  # type: ignore[arg-type]
        assert info["is_success"] == solved
        assert info["feasible"] is False
        assert ("false_done" in info["events"]) == (claim == "success")


def test_a_user_who_is_asked_back_says_what_is_meant(env: TabletopEnv) -> None:
    env.reset(seed=3, options={"task": "unclear", "kind": "unclear_button"})
    colour = env.scene.objects[env.goal.subgoals[0].item].colour
    meant = [s.item for s in env.goal.subgoals if s.skill == "press"]
    assert env.ask("which button?") == env.goal.clarification
    assert colour in env.goal.clarification or len(meant) > 1
    assert env.ask("  ") == "What do you want to know?"
    env.reset(seed=3, options={"task": "sequence"})
    assert env.ask("which one?") == "I have nothing to add."
    assert env.finish()["questions"] == 1


def test_an_episode_goes_on_after_success() -> None:
    env = TabletopEnv("press_button", action_mode="ee_pose", cameras=())
    env.reset(seed=1, options={"can_terminate": True})
    for _ in range(4):
        _, _, terminated, _, info = env.step(env.oracle_action().values)
        assert not terminated
        assert not info["is_success"]
    assert info["goal_reached"]
    assert env.finish()["is_success"]
    env.reset(seed=1)
    info = env.finish()
    assert not info["is_success"]
    assert "false_done" in info["events"]
    env.close()


def test_long_wishes_are_refused_by_other_tasks(env: TabletopEnv) -> None:
    core = TabletopEnv("put_in", cameras=())
    with pytest.raises(ValueError, match="tabletop-long"):
        core.reset(seed=1, options={"kind": "stow"})
    with pytest.raises(ValueError, match="stow"):
        env.reset(seed=1, options={"task": "drawers", "kind": "stowe"})


def test_drawers_begin_open_or_closed(env: TabletopEnv) -> None:
    for kind, slide in (("close_both", 0.095), ("open_both", 0.0)):
        env.reset(seed=1, options={"task": "drawers", "kind": kind})
        joints = [env.scene.joint(i) for i, o in enumerate(env.scene.objects) if o.kind == "drawer"]
        np.testing.assert_allclose(env.state.joint_positions[joints[:2]], slide, atol=0.002)
