"""Point goal in training: what is rewarded, and that a seed gives the same series of episodes."""

import numpy as np
import pytest
from stable_baselines3.common.env_checker import check_env

from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.scene.mobile_base import LEFT, STOP
from handeye.experiments.rl import point_goal_env
from handeye.experiments.rl.point_goal_env import A_STEP, FALSE_STOP, SUCCESS, PointGoalEnv


@pytest.fixture
def rooms() -> RoomsEnv:
    return RoomsEnv("point_goal", image_size_px=32)


@pytest.mark.slow
def test_it_is_an_environment_for_stable_baselines(rooms: RoomsEnv) -> None:
    env = PointGoalEnv(rooms)
    check_env(env)
    env.close()


@pytest.mark.slow
def test_the_way_of_the_oracle_earns_its_length_and_the_success(rooms: RoomsEnv) -> None:
    env = PointGoalEnv(rooms)
    env.reset(seed=3)
    way_m, earned, bumps, steps, over = rooms.shortest_path_m(), 0.0, 0, 0, False
    while not over:
        decided = rooms.oracle_action()
        action = STOP if decided.done else int(decided.values)
        seen, reward, over, truncated, info = env.step(action)
        assert env.observation_space.contains(seen)
        assert not truncated
        earned, steps = earned + float(reward), steps + 1
        bumps += rooms.proprio()[4] > 0
    assert info["is_success"]
    gained_m = earned - SUCCESS - A_STEP * steps - point_goal_env.A_BUMP * bumps
    assert way_m - 1.0 <= gained_m <= way_m + 0.1
    env.close()


def test_a_false_stop_costs_and_changes_nothing(
    rooms: RoomsEnv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(point_goal_env, "MAX_STEPS", 2)
    env = PointGoalEnv(rooms)
    env.reset(seed=0)
    before = rooms.state.here
    _, reward, terminated, truncated, info = env.step(STOP)
    assert reward == A_STEP + FALSE_STOP
    assert (terminated, truncated, info["is_success"]) == (False, False, False)
    assert rooms.state.here == before
    assert env.step(LEFT)[2:4] == (False, True)
    env.close()


@pytest.mark.slow
def test_a_seed_gives_the_same_training_episodes(rooms: RoomsEnv) -> None:
    env = PointGoalEnv(rooms)
    series = []
    for seed in (7, 7, 8):
        seeds = [env.reset(seed=seed)[1]["seed"], env.reset()[1]["seed"]]
        assert max(seeds) < 1_000_000
        series.append(seeds)
    assert series[0] == series[1] != series[2]
    assert len(np.unique(series[0])) == 2
    env.close()
