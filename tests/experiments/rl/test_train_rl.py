"""`handeye train-rl` in small: every file of a run, SB3 reading it back, refusals."""

import json
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from stable_baselines3 import PPO, SAC
from stable_baselines3.common.evaluation import evaluate_policy

from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.suites import world_of
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.state_wrapper import GoalView, make_goal_env
from handeye.envs.vector.worker_process import descendants
from handeye.experiments.actors.load_policy import open_policy
from handeye.experiments.rl import rl_tasks as rl_lessons
from handeye.experiments.rl import train_rl
from handeye.experiments.rl.config import TrainRLConfig
from handeye.experiments.rl.supervised_vec_env import SupervisedVecEnv
from handeye.experiments.rl.train_rl import run
from handeye.policies.rl.policy import RLPolicy, load_rl_policy
from handeye.policies.rollout import rollout
from tests.envs.vector.toy_envs import DIE, GOOD, ToyEnv


def small(folder: Path, algo: str, steps: int, **changes: object) -> TrainRLConfig:
    return TrainRLConfig(
        algo=algo,  # type: ignore[arg-type]
        steps=steps,
        envs=2,
        workers=1,
        eval_episodes=2,
        output_dir=folder,
        **changes,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module", params=["sac", "ppo"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param) / "run"
    before = descendants(os.getpid())  # multiprocessing's own helper may live since other tests
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_rl, "LEARNING_STARTS", 110)
        assert run(small(folder, request.param, 128)) == 0
    assert descendants(os.getpid()) <= before
    return folder


@pytest.mark.slow
def test_a_run_leaves_a_policy_that_rolls_out(trained: Path) -> None:
    policy = load_rl_policy(trained)
    env = TabletopEnv("reach", action_mode="ee_delta", cameras=(), max_steps=5)
    result = rollout(env, policy.reading(GoalView(env)), seed=1_000_000)
    assert 1 <= result.steps <= 5
    env.close()
    figures = json.loads((trained / "train_info.json").read_text())
    assert figures["success"]["n"] == 2
    assert {"steps", "wall_s", "commit", "machine", "lost"} <= figures.keys()
    assert list((trained / "tensorboard").rglob("events*"))


@pytest.mark.slow
def test_sb3_reads_the_model_and_evaluates_it(trained: Path) -> None:
    algorithm = {"sac": SAC, "ppo": PPO}[load_rl_policy(trained).card.algorithm]
    model = algorithm.load(trained / "model.zip", device="cpu")
    env = make_goal_env("reach")
    mean, _ = evaluate_policy(model, env, n_eval_episodes=2, warn=False)
    assert np.isfinite(mean)
    env.close()


@pytest.mark.slow
@pytest.mark.parametrize("trained", ["ppo"], indirect=True)
def test_equal_seeds_learn_equal_policies(trained: Path, tmp_path: Path) -> None:
    run(small(tmp_path / "again", "ppo", 128))
    policies: list[RLPolicy] = [load_rl_policy(path) for path in (trained, tmp_path / "again")]
    weights = [policy.model.policy.state_dict() for policy in policies]
    assert all((weights[0][key] == weights[1][key]).all() for key in weights[0])


@pytest.mark.slow
def test_a_run_is_not_overwritten_but_continues(trained: Path) -> None:
    card = load_rl_policy(trained).card
    with pytest.raises(FileExistsError, match="--resume"):
        run(small(trained, card.algorithm, card.steps))
    assert run(small(trained, card.algorithm, card.steps + 128, resume=True)) == 0
    assert load_rl_policy(trained).card.steps >= card.steps + 128
    other = "ppo" if card.algorithm == "sac" else "sac"
    with pytest.raises(ValueError, match="Give the same --algo"):
        run(small(trained, other, 10, resume=True))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "reech"}, "Did you mean 'reach'"),
        ({"seed": 1_000_000}, "Seeds of training"),
        ({"time_limit_s": 0.0}, "--time_limit_s"),
        ({"task": "point_goal"}, "algorithm for point_goal 'sac'"),
    ],
)
def test_bad_flags_are_refused_before_anything_is_written(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        run(small(tmp_path / "run", "sac", 10, **change))
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_point_goal_is_learned_from_what_every_policy_sees(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rl_lessons, "RoomsEnv", partial(RoomsEnv, max_steps=5, image_size_px=32))
        patch.setitem(rl_lessons.PointGoalLesson.ppo, "n_steps", 32)
        assert run(small(folder, "ppo", 64, task="point_goal")) == 0
    source = open_policy(str(folder))
    assert source.action_mode == "base_discrete"
    assert source.reads
    source.check_suite("point_goal", world_of("point_goal"))
    for suite in ("rooms", "reach"):
        with pytest.raises(ValueError, match="give --suite point_goal"):
            source.check_suite(suite, world_of(suite))
    env = RoomsEnv("point_goal", max_steps=5)
    result = rollout(env, source.build(env), seed=1_000_000)
    assert 0 <= result.steps <= 5
    env.close()


@pytest.mark.slow
def test_a_lost_worker_is_a_truncated_episode_for_sb3() -> None:
    env = SupervisedVecEnv([ToyEnv] * 3, compute_reward=lambda a, d, i: a, workers=2)
    env.seed(4)
    env.reset()
    assert env.get_attr("seed_given") == [4, 5, 6]
    _, _, dones, infos = env.step(np.array([[0, GOOD], [0, GOOD], [0, DIE]], np.float32))
    assert dones.tolist() == [False, False, True]
    assert infos[2]["TimeLimit.truncated"]
    assert infos[2]["worker_lost"]
    assert infos[2]["terminal_observation"]["proprio"].shape == (3,)
    assert env.lost == 1
    assert env.env_method("compute_reward", 1, 2, 3) == [1]
    with pytest.raises(NotImplementedError, match="build the environments"):
        env.set_attr("length", 3)
    env.close()
