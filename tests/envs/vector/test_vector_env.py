"""Vector environments: equal for every number of workers, and hard to bring down."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from handeye.envs.vector.vector_env import SupervisedVectorEnv
from handeye.envs.vector.worker import WorkerLost
from handeye.envs.vector.worker_process import descendants
from tests.envs.vector.toy_envs import (
    DIE,
    GOOD,
    HANG,
    NAN,
    NAN_REWARD,
    RAISE,
    STOP,
    WRONG_SHAPE,
    BrokenEnv,
    ToyEnv,
    VectorToyEnv,
)


def make(num_envs: int = 5, workers: int = 2, **kwargs: Any) -> SupervisedVectorEnv:
    return SupervisedVectorEnv([ToyEnv] * num_envs, workers=workers, deadline_s=20.0, **kwargs)


def actions(num_envs: int = 5, **faults: int) -> np.ndarray:
    """Actions of 0.5, all good but env<i>=fault."""
    batch = np.tile(np.array([0.5, GOOD], np.float32), (num_envs, 1))
    for name, fault in faults.items():
        batch[int(name.removeprefix("env")), 1] = fault
    return batch


def record(env: SupervisedVectorEnv, steps: int = 20) -> list[Any]:
    observations, infos = env.reset(seed=11)
    rows = [(observations, infos)]
    rng = np.random.default_rng(3)
    for _ in range(steps):
        batch = actions(env.num_envs)
        batch[:, 0] = rng.uniform(-1, 1, env.num_envs)
        rows.append(env.step(batch))
    env.close()
    return rows


def assert_equal(left: Any, right: Any) -> None:
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            assert_equal(left[key], right[key])
    elif isinstance(left, tuple | list):
        assert len(left) == len(right)
        for a, b in zip(left, right, strict=True):
            assert_equal(a, b)
    elif isinstance(left, np.ndarray) and left.dtype == object:
        assert_equal(list(left), list(right))
    else:
        np.testing.assert_array_equal(left, right)


MODES = [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP]


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_results_do_not_depend_on_the_workers(mode: AutoresetMode) -> None:
    runs = [record(make(workers=workers, autoreset_mode=mode)) for workers in (1, 2, 3)]
    assert_equal(runs[0], runs[1])
    assert_equal(runs[0], runs[2])


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_it_agrees_with_gymnasium(mode: AutoresetMode) -> None:
    ours = record(make(num_envs=3, autoreset_mode=mode))
    theirs = record(gymnasium.vector.SyncVectorEnv([ToyEnv] * 3, autoreset_mode=mode))
    assert_equal(ours, theirs)


@pytest.mark.slow
def test_observations_lie_in_their_space_and_are_copies() -> None:
    env = make()
    observations, infos = env.reset(seed=0)
    assert env.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
    assert env.observation_space.contains(observations)
    assert isinstance(observations["instruction"], tuple)
    assert infos["begun"].all()
    before = observations["rgb_front"].copy()
    env.step(actions())
    np.testing.assert_array_equal(before, observations["rgb_front"])
    env.close()


@pytest.mark.slow
def test_arrays_and_discrete_actions_work_too() -> None:
    env = SupervisedVectorEnv([VectorToyEnv] * 3, workers=2)
    observations, _ = env.reset(seed=0)
    assert observations.shape == (3, 2)
    assert env.step(np.array([0, 1, 2]))[1].tolist() == [0.0, 1.0, 2.0]
    env.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (NAN, "environment 3: observation 'proprio' holds NaN"),
        (RAISE, "the block went through the table"),
        (NAN_REWARD, "environment 3: the reward is nan"),
        (WRONG_SHAPE, "observation 'proprio' has shape (2,)"),
    ],
)
def test_a_faulty_environment_loses_its_own_episode_alone(fault: int, named: str) -> None:
    env = make()
    env.reset(seed=0)
    env.step(actions())
    observations, rewards, _, truncated, infos = env.step(actions(env3=fault))
    assert truncated.tolist() == [False, False, False, True, False]
    assert infos["worker_lost"].tolist() == truncated.tolist()
    assert named in infos["worker_lost_reason"][3]
    assert rewards[3] == 0.0
    assert np.isfinite(observations["proprio"]).all()
    _, _, _, truncated, infos = env.step(actions())
    assert not truncated.any()
    assert "worker_lost" not in infos
    assert env.get_attr("seed_given")[3] == 3 + 5
    assert env.get_attr("steps") == (3, 3, 3, 0, 3)
    env.close()


@pytest.mark.slow
@pytest.mark.parametrize("fault", [DIE, HANG, STOP])
def test_a_lost_worker_costs_the_episodes_it_hosted(fault: int) -> None:
    before = descendants(os.getpid())  # multiprocessing's own helper may live since other tests
    env = SupervisedVectorEnv([ToyEnv] * 5, workers=2, deadline_s=1.5)
    env.reset(seed=0)
    _, _, _, truncated, infos = env.step(actions(env1=fault))
    assert truncated.tolist() == [True, True, True, False, False]
    assert infos["worker_lost"].tolist() == truncated.tolist()
    reason = "SIGKILL" if fault == DIE else "did not answer within 1.5 s"
    assert reason in infos["worker_lost_reason"][0]
    env.step(actions())
    assert env.get_attr("steps") == (0, 0, 0, 2, 2)
    env.close()
    assert descendants(os.getpid()) <= before


@pytest.mark.slow
def test_the_survivors_go_on_as_if_nothing_had_happened() -> None:
    calm, stormy = make(), make()
    for env in (calm, stormy):
        env.reset(seed=5)
    calm.step(actions())
    stormy.step(actions(env0=DIE))
    one, other = calm.step(actions()), stormy.step(actions())
    for key in ("rgb_front", "proprio"):
        np.testing.assert_array_equal(one[0][key][3:], other[0][key][3:])
    calm.close()
    stormy.close()


@pytest.mark.slow
def test_same_step_mode_replaces_a_lost_episode_at_once() -> None:
    env = make(autoreset_mode=AutoresetMode.SAME_STEP)
    before, _ = env.reset(seed=0)
    _, _, _, truncated, infos = env.step(actions(env4=DIE))
    assert truncated.tolist() == [False, False, False, True, True]
    assert infos["worker_lost"][3:].all()
    assert infos["final_info"]["worker_lost"][3:].all()
    np.testing.assert_array_equal(infos["final_obs"][4]["proprio"], before["proprio"][4])
    assert env.get_attr("steps") == (1, 1, 1, 0, 0)
    env.close()


@pytest.mark.slow
def test_disabled_autoreset_waits_for_a_masked_reset() -> None:
    env = make(autoreset_mode=AutoresetMode.DISABLED)
    env.reset(seed=0)
    env.step(actions(env2=RAISE))
    mask = np.array([False, False, True, False, False])
    _, infos = env.reset(seed=100, options={"reset_mask": mask})
    assert infos["_begun"].tolist() == mask.tolist()
    env.step(actions())
    assert env.get_attr("steps") == (2, 2, 1, 2, 2)
    env.close()


@pytest.mark.slow
def test_an_environment_that_always_fails_is_an_error() -> None:
    env = make(num_envs=2)
    env.reset(seed=0)
    for _ in range(4):  # lost, replaced, lost, replaced
        env.step(actions(2, env1=RAISE))
    with pytest.raises(WorkerLost, match="through the table"):
        env.step(actions(2, env1=RAISE))
    env.close()


@pytest.mark.slow
def test_bad_calls_are_refused_with_the_cause() -> None:
    env = make()
    with pytest.raises(WorkerLost, match="nothing answers to that instruction"):
        env.reset(options={"instruction": "sing"})
    with pytest.raises(ValueError, match="3 seeds for 5"):
        env.reset(seed=[1, 2, 3])
    env.reset(seed=0)
    poisoned = actions()
    poisoned[2, 0] = np.nan
    with pytest.raises(ValueError, match="action for environment 2 is not finite"):
        env.step(poisoned)
    with pytest.raises(ValueError, match="3 actions for 5"):
        env.step(poisoned[:3])
    env.close()


@pytest.mark.slow
def test_environments_must_exist_and_agree() -> None:
    before = descendants(os.getpid())
    with pytest.raises(ValueError, match=">= 1 environment"):
        SupervisedVectorEnv([], workers=1)
    with pytest.raises(WorkerLost, match=r"panda\.urdf is missing"):
        SupervisedVectorEnv([ToyEnv, BrokenEnv], workers=2)
    for workers in (1, 2):
        with pytest.raises((WorkerLost, ValueError), match="environment 1 has other spaces"):
            SupervisedVectorEnv([ToyEnv, VectorToyEnv], workers=workers)
    assert descendants(os.getpid()) <= before


@pytest.mark.slow
def test_a_loss_outside_a_step_is_reported_by_the_next_one() -> None:
    env = make(num_envs=3)
    env.reset(seed=0)
    with pytest.raises(WorkerLost):
        env.call("no_such_attribute")
    _, _, _, truncated, infos = env.step(actions(3))
    assert truncated.all()
    assert "no_such_attribute" in infos["worker_lost_reason"][2]
    env.close()


@pytest.mark.slow
def test_render_gives_a_frame_of_each() -> None:
    env = SupervisedVectorEnv([partial(ToyEnv, length=3)] * 3, workers=2)
    env.reset(seed=0)
    env.step(actions(3))
    assert [frame.mean() for frame in env.render()] == [1, 1, 1]
    env.close()
