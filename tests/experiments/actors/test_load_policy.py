"""What `--policy.path` may say."""

from pathlib import Path

import numpy as np
import pytest

from handeye.base.names import UnknownName
from handeye.envs.suites import make_suite_env, world_of
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.actors.load_policy import (
    BASELINES,
    open_policy,
    policy_source,
    shipped_policies,
)
from handeye.experiments.adversaries.registry import ADVERSARIES
from handeye.policies.rollout import rollout

SEED = 1_000_000


def environment(task: str, action_mode: str = "ee_pose") -> TabletopEnv:
    return TabletopEnv(task, action_mode=action_mode, cameras=())


@pytest.mark.slow
@pytest.mark.parametrize("name", BASELINES)
def test_baselines_act_and_read_nothing(name: str) -> None:
    source = open_policy(name)
    task, cameras = ("object_goal", ("ego",)) if name in ("frontier", "tour") else ("put_in", ())
    env = make_suite_env(task, action_mode=source.action_mode, cameras=cameras)
    policy = source.build(env)
    assert policy.policy_id == name
    assert not source.reads
    end = rollout(env, policy, seed=SEED)
    assert (end.steps == 0) == (name in ("cannot", "idle"))
    assert name not in ADVERSARIES or end.info["ended_by"] == "terminate"


def test_oracle_serves_both_action_modes() -> None:
    for mode in ("ee_pose", "ee_delta"):
        env = environment("reach", mode)
        assert rollout(env, open_policy("oracle").build(env), seed=SEED).info["is_success"]


@pytest.mark.slow
def test_blind_is_as_good_as_its_guess() -> None:
    env = environment("pick_up")
    policy = open_policy("blind").build(env)
    outcomes = [rollout(env, policy, seed=SEED + i).info for i in range(16)]
    solved = sum(info["is_success"] for info in outcomes)
    assert 0 < solved < 10  # chance is 1 in 4 to 6
    assert any("wrong_object_grasped" in info["events"] for info in outcomes)


@pytest.mark.slow
def test_blind_guesses_by_its_seed_alone() -> None:
    env = environment("pick_up")
    policy = open_policy("blind").build(env)
    first = rollout(env, policy, seed=SEED).info["state_hash"]
    rollout(env, policy, seed=SEED + 1)
    assert rollout(env, policy, seed=SEED).info["state_hash"] == first
    words = {"instruction": "something else"}
    assert rollout(env, policy, seed=SEED, options=words).info["state_hash"] == first


def test_blind_refuses_an_action_mode_it_has_not() -> None:
    with pytest.raises(ValueError, match="blind does not act in ee_delta"):
        open_policy("blind").build(environment("reach", "ee_delta"))


def test_frontier_refuses_the_tabletop() -> None:
    source = open_policy("frontier")
    source.check_suite("rooms", world_of("rooms"))
    with pytest.raises(ValueError, match="tabletop-core has none; give --suite rooms"):
        source.check_suite("tabletop-core", world_of("tabletop-core"))
    with pytest.raises(ValueError, match="give --suite rooms"):
        source.build(environment("reach"))


@pytest.mark.parametrize(
    ("name", "suite", "remedy"),
    [
        ("tour", "tabletop-core", "has none; give --suite rooms"),
        ("dumper", "rooms-long", "give --suite tabletop-core"),
    ],
)
def test_an_adversary_refuses_where_it_has_nothing_to_do(
    name: str, suite: str, remedy: str
) -> None:
    with pytest.raises(ValueError, match=remedy):
        open_policy(name).check_suite(suite, world_of(suite))


@pytest.mark.parametrize("name", ["sweeper", "dumper", "usual_answer"])
def test_who_pursues_other_goals_than_the_one_meant_refuses_small_steps(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} does not act in ee_delta"):
        open_policy(name).build(environment("reach", "ee_delta"))


def test_random_stays_inside_the_action_space() -> None:
    env = environment("reach")
    policy = open_policy("random").build(env)
    observation, _ = env.reset(seed=SEED)
    policy.reset("", SEED)
    assert all(env.action_space.contains(policy.act(observation).values) for _ in range(50))
    assert not np.array_equal(policy.act(observation).values, policy.act(observation).values)


def test_unknown_policies_are_answered_with_near_names() -> None:
    with pytest.raises((FileNotFoundError, UnknownName), match="Did you mean 'oracle'"):
        open_policy("orcale")


def test_a_folder_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="not a handeye checkpoint"):
        open_policy(str(tmp_path))


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    (tmp_path / "processor_config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(ValueError, match=r"damaged|foreign|JSON"):
        open_policy(str(tmp_path))


@pytest.mark.parametrize("name", sorted(shipped_policies()))
def test_shipped_policies_load(name: str) -> None:
    assert open_policy(name).reads


def training_run(folder: Path, steps: tuple[int, ...]) -> Path:
    """A training's run folder with tiny checkpoints, the newest linked as `last`."""
    from handeye.experiments.records.checkpoints import save_policy
    from tests.policies.builders import processor, tiny_policy

    for step in steps:
        saved = folder / "checkpoints" / f"{step:06d}" / "pretrained_model"
        save_policy(saved, tiny_policy(), processor(), "a card")
    (folder / "checkpoints" / "last").symlink_to(f"{steps[-1]:06d}")
    return folder


def test_a_training_run_means_its_last_checkpoint_of_now(tmp_path: Path) -> None:
    run = training_run(tmp_path / "nano", (500, 1000))
    source = open_policy(str(run))
    assert source.reads
    assert source.path.endswith("nano/checkpoints/001000/pretrained_model")  # no link left
    assert source.loaded is not None
    assert source.loaded.policy_id == "nano/001000"
    assert open_policy(source.path).path == source.path


@pytest.mark.slow
def test_a_checkpoint_acts_on_the_tabletop(tmp_path: Path) -> None:
    source = open_policy(str(training_run(tmp_path / "tiny", (1,))))
    env = TabletopEnv("pick_up", action_mode=source.action_mode, max_steps=2)
    assert rollout(env, source.build(env), seed=SEED).steps <= 2


@pytest.mark.parametrize(
    ("name", "suite", "remedy"),
    [
        ("handeye-nano", "rooms", "--suite tabletop-core"),
        ("handeye-rooms-nano", "reach", "--suite rooms"),
    ],
)
def test_a_policy_of_another_suite_is_refused_at_once(name: str, suite: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        open_policy(name).check_suite(suite, world_of(suite))


def test_a_policy_computes_where_it_is_told_to() -> None:
    assert policy_source("handeye-nano", "cpu") is policy_source("handeye-nano")
    with pytest.raises(ValueError, match="there is no device 'tpu'"):
        policy_source("handeye-nano", "tpu")
    with pytest.raises(ValueError, match="random computes on the CPU alone"):
        policy_source("random", "auto")
