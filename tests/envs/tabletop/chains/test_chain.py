"""Five instructions one after the other, judged one by one."""

import pytest

from handeye.envs.suites import make_suite_env
from handeye.envs.tabletop.chains.sampling import LENGTH
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.presses import Presses
from handeye.envs.tabletop.world.scene import Scene
from tests.envs.builders import jointed, state_of, thing

SEED = 900_000


@pytest.fixture
def env() -> TabletopEnv:
    made = make_suite_env("tabletop-chains", cameras=())
    assert isinstance(made, TabletopEnv)
    made.reset(seed=SEED, options={"can_terminate": True})
    return made


def carry_out(env: TabletopEnv) -> dict:
    while True:
        wanted = env.oracle_action()
        if wanted.done:
            return env.finish(wanted.answer, wanted.claim)
        info = env.step(wanted.values)[-1]
        if info["ended_by"]:
            return info


def test_the_oracle_carries_out_a_chain_and_a_fork_does_it_again(env: TabletopEnv) -> None:
    kinds = []
    for number in range(LENGTH):
        info = carry_out(env)
        assert info["is_success"], info
        assert (info["subtask"], info["subtasks"]) == (number, LENGTH)
        kinds.append(info["kind"])
        if number + 1 < LENGTH:
            before = env.state_hash
            observation, info = env.go_on()
            assert env.state_hash == before
            assert observation["instruction"] == env.instruction
            assert info["steps"] == 0
            assert not info["ended_by"]
    assert kinds == [goal.task for goal in env.task.chain.goals]
    assert len(set(kinds)) == LENGTH
    assert env.fork().state_hash == env.state_hash
    with pytest.raises(RuntimeError, match="at its end"):
        env.go_on()


def test_an_instruction_is_judged_from_its_own_beginning(env: TabletopEnv) -> None:
    carry_out(env)
    with pytest.raises(RuntimeError, match="reset"):
        env.step(env.action_space.sample())
    env.go_on()
    named = {i for goal in env.task.chain.goals[:2] for i in goal.referred}
    other = next(i for i, o in enumerate(env.scene.objects) if o.graspable and i not in named)
    x, y, _ = env.scene.objects[other].position_m
    env._simulator.displace(env.scene.body(other), x + 0.04, y)  # type: ignore[union-attr]
    info = carry_out(env)
    assert info["goal_reached"]
    assert not info["is_success"]
    assert [words.split()[0] for words in info["side_effects"]] == ["moved"]
    info = env.go_on()[1]  # What was moved before does not count any more.
    assert info["side_effects"] == []


def test_going_on_needs_an_end(env: TabletopEnv) -> None:
    with pytest.raises(RuntimeError, match="finish"):
        env.go_on()
    single = TabletopEnv("reach", cameras=())
    single.reset(seed=SEED)
    single.finish()
    with pytest.raises(RuntimeError, match="asks for nothing more"):
        single.go_on()


def test_a_button_that_is_still_down_is_not_pressed_again() -> None:
    scene = Scene((thing("button"),))
    down, up = jointed(state_of(scene), 9, -0.009), state_of(scene)
    presses = Presses(scene)
    presses.begin(down)
    presses.watch(down)
    assert presses.ticks == {0: []}
    presses.watch(up)
    presses.watch(down)
    assert len(presses.ticks[0]) == 1
