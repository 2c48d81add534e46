"""The core tasks on mixed tables, from starts that earlier instructions left."""

import pytest

from handeye.envs.suites import make_suite_env
from handeye.envs.tabletop.chains.task import MIXED, MIXED_TASKS
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.oracles.baselines import OraclePolicy
from handeye.policies.rollout import rollout

HELD_SEED = 900_001  # of an episode of mixed_stack that begins with the object in the hand


@pytest.fixture(scope="module")
def env() -> TabletopEnv:
    made = make_suite_env("tabletop-mixed", cameras=())
    assert isinstance(made, TabletopEnv)
    return made


def test_the_suite_is_the_core_tasks() -> None:
    assert MIXED.tasks == tuple(MIXED_TASKS)
    assert all(f"mixed_{task.category}" == name for name, task in MIXED_TASKS.items())


def test_an_episode_may_begin_with_something_in_the_hand(env: TabletopEnv) -> None:
    env.reset(seed=HELD_SEED, options={"task": "mixed_stack"})
    assert env.state.held_body == env.scene.body(env.goal.referred[0])
    assert {goal.task for goal in env.goals} <= {"put_in", "stack", "place_beside"}
    result = rollout(env, OraclePolicy(env), seed=HELD_SEED, options={"task": "mixed_stack"})
    assert result.info["is_success"]


def test_states_are_labelled_for_goals_of_several_tasks(env: TabletopEnv) -> None:
    episode = record_episode(env, "mixed_press_button", 900_002, goals=4, noise=0.0)
    assert episode.success
    assert episode.goals[0].task == "press_button"
    assert len({goal.task for goal in episode.goals}) > 1


def test_the_split_placement_goes_to_the_edges() -> None:
    wide = TabletopEnv("mixed_reach", split="placement", cameras=())
    ys = []
    for seed in range(4):
        wide.sample_episode(seed=seed)
        ys += [abs(o.position_m[1]) for o in wide.scene.objects if o.graspable]
    assert max(ys) > 0.21
