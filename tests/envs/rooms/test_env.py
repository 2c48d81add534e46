"""The suite `rooms` as Gymnasium and stable-baselines3 see it, and as evaluation uses it."""

import math
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as sb3_check_env

from handeye.envs import ENVIRONMENTS, ROOMS
from handeye.envs.core.instruction_wrapper import InstructionBytes
from handeye.envs.rooms import env as rooms_env
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.scene.mobile_base import BASE_MODES, FORWARD, LEFT, STOP, BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.envs.rooms.tasks import ROOM_TASKS
from tests.envs.route_home import HOME

NAMES = [name for name, (world, _) in ENVIRONMENTS.items() if world == ROOMS]
SEED = 1_000_003


def blind(suite: str = "rooms", mode: str = "base_discrete", **more: Any) -> RoomsEnv:
    return RoomsEnv(suite, action_mode=mode, cameras=(), **more)


def oracle_episode(env: RoomsEnv, seed: int, task: str) -> dict[str, Any]:
    """Every observation on the way lies in its space."""
    env.reset(seed=seed, options={"task": task})
    while True:
        wanted = env.oracle_action()
        if wanted.done:
            return env.finish(wanted.answer)
        observation, _, terminated, truncated, info = env.step(wanted.values)
        assert observation in env.observation_space
        if terminated or truncated:
            return info


def some_actions(env: RoomsEnv, count: int, seed: int = 0) -> list[Any]:
    """Random moves, never the stop."""
    rng = np.random.default_rng(seed)
    if env.action_mode == "base_discrete":
        return list(rng.integers(FORWARD, 4, count))
    return list(rng.uniform(-1, 1, (count, 2)).astype(np.float32))


def hash_after(env: RoomsEnv, actions: list[Any], seed: int = SEED) -> str:
    env.reset(seed=seed)
    for action in actions:
        info = env.step(action)[4]
    return str(info["state_hash"])


def test_an_id_for_every_task_and_one_for_all() -> None:
    assert {ENVIRONMENTS[name][1] for name in NAMES} == {*ROOM_TASKS, "rooms", "rooms-long"}


@pytest.mark.parametrize("name", NAMES)
def test_every_id_is_made_and_resets_into_its_space(name: str) -> None:
    env = gymnasium.make(f"handeye/{name}-v1", image_size_px=8)
    assert env.reset(seed=SEED)[0] in env.observation_space
    env.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    ("name", "mode"), [("Rooms", "base_discrete"), ("RoomsLong", "base_velocity")]
)
def test_gymnasium_and_stable_baselines_check(name: str, mode: str) -> None:
    env = gymnasium.make(
        f"handeye/{name}-v1",
        render_mode="rgb_array",
        action_mode=mode,
        image_size_px=32,
        segmentation=mode == "base_velocity",
    )
    check_env(env.unwrapped, skip_render_check=mode == "base_velocity")
    sb3_check_env(InstructionBytes(env.unwrapped))
    env.close()


@pytest.mark.slow
@pytest.mark.parametrize("mode", BASE_MODES)
@pytest.mark.parametrize("task", ROOM_TASKS)
def test_oracle_solves_and_twins_agree(task: str, mode: str) -> None:
    hashes = []
    for _ in range(2 if mode == "base_discrete" else 1):
        env = blind(mode=mode)
        info = oracle_episode(env, SEED, task)
        assert info["is_success"], info
        assert info["goal_reached"]
        assert info["goal_conditions"][0] == info["goal_conditions"][1]
        hashes.append(info["state_hash"])
        env.close()
    assert len(set(hashes)) == 1


@pytest.mark.parametrize("mode", BASE_MODES)
def test_every_step_of_a_random_walk_is_within_the_space(mode: str) -> None:
    env = RoomsEnv(
        action_mode=mode, image_size_px=16, depth=True, segmentation=True, odometry_noise=0.1
    )
    env.reset(seed=SEED)
    for action in some_actions(env, 40):
        observation, reward, *_ = env.step(action)
        assert observation in env.observation_space
        assert all(
            np.isfinite(value).all() for value in observation.values() if not isinstance(value, str)
        )
        assert reward in (0.0, 1.0)
    env.close()


@pytest.mark.slow
def test_cameras_and_looks_do_not_touch_the_states() -> None:
    seeing = RoomsEnv("object_goal", image_size_px=16, depth=False)
    actions = some_actions(seeing, 12)
    hashes = {
        hash_after(env, actions)
        for env in (seeing, blind("object_goal"), blind("object_goal", jitter=0.0))
    }
    assert len(hashes) == 1
    assert hash_after(seeing, actions[::-1]) not in hashes
    assert hash_after(seeing, actions, SEED + 1) not in hashes


@pytest.mark.slow
def test_a_used_environment_gives_the_same_episode_as_a_fresh_one() -> None:
    used, fresh = blind(), blind()
    oracle_episode(used, 5, "object_goal")
    ours, theirs = (oracle_episode(env, SEED, "room_goal") for env in (used, fresh))
    assert ours["state_hash"] == theirs["state_hash"]


def test_two_environments_draw_actions_of_their_own() -> None:
    one, other = blind(), blind()
    for env in (one, other):
        env.action_space.seed(7)
    drawn = [(one.action_space.sample(), other.action_space.sample()) for _ in range(20)]
    assert all(a == b for a, b in drawn)


# ------------------------------------------------------------------ the end


def test_stop_ends_the_episode_and_finish_does_the_same() -> None:
    stopped, finished = blind("room_goal"), blind("room_goal")
    for env in (stopped, finished):
        env.reset(seed=SEED)
        env.step(LEFT)
    _, reward, terminated, truncated, info = stopped.step(STOP)
    assert (reward, terminated, truncated) == (0.0, True, False)
    other = finished.finish()
    assert info["events"] == other["events"] == ["false_done"]
    for key in ("state_hash", "is_success", "goal_conditions", "sim_s", "path_length_m"):
        assert info[key] == other[key]
    for env in (stopped, finished):
        with pytest.raises(RuntimeError, match="call reset"):
            env.step(LEFT)
        with pytest.raises(RuntimeError, match="call reset"):
            env.finish()


def test_stopping_where_the_goal_is_reached_is_rewarded() -> None:
    env = blind("point_goal")
    env.reset(seed=SEED)
    while not (wanted := env.oracle_action()).done:
        _, reward, terminated, _, info = env.step(wanted.values)
        assert (reward, terminated, info["is_success"]) == (0.0, False, False)
    assert int(wanted.values) == STOP
    _, reward, terminated, truncated, info = env.step(wanted.values)
    assert (reward, terminated, truncated, info["is_success"]) == (1.0, True, False, True)
    assert info["events"] == []


def test_passing_the_goal_is_success_at_some_time_only() -> None:
    env = blind("point_goal")
    env.reset(seed=SEED)
    while not env.oracle_action().done:
        env.step(env.oracle_action().values)
    assert env._info()["goal_reached"]
    there = env.state.here.xy
    for _ in range(12):
        env.step(LEFT)
    for _ in range(40):  # away from there, along whatever is in the way
        env.step(FORWARD)
        if math.dist(env.state.here.xy, there) > 2.0:
            break
    info = env.finish()
    assert info["goal_reached"]
    assert not info["is_success"]
    assert "false_done" in info["events"]


def test_running_out_of_steps_is_a_timeout() -> None:
    env = blind("room_goal", max_steps=2)
    env.reset(seed=SEED)
    assert env.step(LEFT)[2:4] == (False, False)
    _, _, terminated, truncated, info = env.step(LEFT)
    assert (terminated, truncated) == (False, True)
    assert info["events"] == ["timeout"]


def test_a_stop_as_the_last_allowed_action_is_no_timeout() -> None:
    env = blind("room_goal", max_steps=1)
    env.reset(seed=SEED)
    _, _, terminated, truncated, info = env.step(STOP)
    assert (terminated, truncated, info["events"]) == (True, False, ["false_done"])


@pytest.mark.slow
def test_a_full_episode_of_turning_is_no_fault() -> None:
    env = blind("room_goal")
    env.reset(seed=SEED)
    for _ in range(500):  # more than 100 rad
        _, _, terminated, truncated, info = env.step(LEFT)
    assert (terminated, truncated, info["events"]) == (False, True, ["timeout"])
    assert env.state.here.yaw_rad > 100.0


def test_touching_a_wall_is_a_collision_and_is_felt() -> None:
    env = blind("room_goal")
    env.reset(seed=SEED, options={"scene": RoomScene(HOME, BasePose(6.0, 0.6, -math.pi / 2))})
    felt = [env.step(FORWARD)[0]["proprio"][4] for _ in range(3)]
    assert felt == [0.0, 1.0, 1.0]
    info = env._info()
    assert info["events"] == ["collision"]
    assert info["collisions"] >= 2
    env.step(LEFT)
    assert env._info()["events"] == ["collision"]  # named once


# ------------------------------------------------------------------ answers


@pytest.fixture
def counting() -> RoomsEnv:
    env = blind("count_things")
    env.reset(seed=SEED)
    return env


def test_the_right_answer_is_success(counting: RoomsEnv) -> None:
    info = counting.finish(f"  {counting.goal.answer} ")
    assert info["is_success"]
    assert info["events"] == []


@pytest.mark.parametrize("said", ["9", "", "   ", "two"])
def test_a_wrong_answer_or_none_is_not(counting: RoomsEnv, said: str) -> None:
    info = counting.finish(said)
    assert not info["is_success"]
    assert "false_done" in info["events"]


def test_the_last_answer_counts_and_silence_is_no_answer(counting: RoomsEnv) -> None:
    counting.answer(counting.goal.answer)
    assert counting._info()["goal_reached"]
    counting.answer(" ")
    assert counting.state.answer == counting.goal.answer
    counting.answer("9")
    info = counting.finish()
    assert (info["is_success"], info["goal_reached"]) == (False, True)


def test_an_answer_after_the_end_changes_nothing(counting: RoomsEnv) -> None:
    counting.finish("9")
    with pytest.raises(RuntimeError, match="call reset"):
        counting.finish(counting.goal.answer)
    assert not counting._info()["goal_reached"]
    with pytest.raises(RuntimeError, match="call reset"):
        blind().finish()


# ----------------------------------------------------------------- odometry


def measured(env: RoomsEnv) -> tuple[float, float, float, float]:
    """Odometry, put where the start pose is: x and y (m), cosine and sine of the yaw."""
    ahead, left, cos, sin = env.proprio()[:4].tolist()
    start = env.scene.start
    c, s = math.cos(start.yaw_rad), math.sin(start.yaw_rad)
    x, y = start.x_m + c * ahead - s * left, start.y_m + s * ahead + c * left
    return x, y, c * cos - s * sin, s * cos + c * sin


@pytest.mark.parametrize("mode", BASE_MODES)
def test_odometry_is_the_pose_without_noise(mode: str) -> None:
    env = blind("room_goal", mode)
    env.reset(seed=SEED)
    assert env.proprio().tolist() == [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    for action in some_actions(env, 60):
        env.step(action)
        here = env.state.here
        wanted = (*here.xy, math.cos(here.yaw_rad), math.sin(here.yaw_rad))
        assert measured(env) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.slow
def test_odometry_drifts_with_noise_the_same_way_for_a_seed() -> None:
    felt, hashes = [], []
    for noise in (0.0, 0.1, 0.1):
        env = blind("room_goal", odometry_noise=noise)
        hashes.append(hash_after(env, some_actions(env, 60)))
        felt.append(env.proprio())
    assert len(set(hashes)) == 1  # what is measured does not change what is
    np.testing.assert_array_equal(felt[1], felt[2])
    drift_m = np.hypot(*(felt[1] - felt[0])[:2])
    assert 0.005 < drift_m < 1.0


def test_the_speed_is_felt_as_a_share() -> None:
    env = blind("room_goal", "base_velocity")
    env.reset(seed=SEED, options={"scene": RoomScene(HOME, BasePose(2.0, 3.8, 0.0))})
    for share in (1.0, 0.5, 0.0):
        for _ in range(3):
            env.step(np.array([share, 0.0]))
        assert env.proprio()[5] == pytest.approx(share, abs=0.05)


# --------------------------------------------------------------------- forks


@pytest.mark.parametrize("mode", BASE_MODES)
def test_a_fork_continues_bit_for_bit_and_leaves_its_origin_alone(mode: str) -> None:
    env = blind("object_goal", mode, odometry_noise=0.05)
    env.reset(seed=SEED)
    actions = some_actions(env, 20)
    for action in actions[:10]:
        env.step(action)
    twin, astray = env.fork(), env.fork()
    astray.step(actions[0])
    for action in actions[10:]:
        ours, theirs = env.step(action), twin.step(action)
        assert ours[4] == theirs[4]
        np.testing.assert_array_equal(ours[0]["proprio"], theirs[0]["proprio"])
    assert astray.record.steps == 11
    assert twin.state.track.shape == env.state.track.shape


def test_a_fork_knows_what_was_answered(counting: RoomsEnv) -> None:
    counting.answer(counting.goal.answer)
    counting.step(LEFT)
    counting.answer("9")
    twin = counting.fork()
    assert twin.state.answer == "9"
    assert twin.finish() == counting.finish()
    assert not twin.record.success


def test_there_is_nothing_to_fork_before_a_reset() -> None:
    with pytest.raises(RuntimeError, match="call reset"):
        blind().fork()


# ------------------------------------------------------- options and actions


def test_words_can_be_overridden_and_goals_chosen() -> None:
    env = RoomsEnv("object_goal", image_size_px=16)
    observation, info = env.reset(seed=SEED, options={"instruction": "do it"})
    assert observation["instruction"] == "do it"
    plain, plain_info = env.reset(seed=SEED)
    assert plain_info["goal"] == info["goal"]
    assert plain["instruction"] != "do it"
    other, other_info = env.reset(
        seed=SEED, options={"goal": (info["goal"] + 1) % info["n_choices"]}
    )
    np.testing.assert_array_equal(plain["rgb_ego"], other["rgb_ego"])  # the same scene
    assert other_info["goal"] != info["goal"]
    assert other["instruction"] != plain["instruction"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"instruction": "x" * 10_000}, "characters"),
        ({"instruction": 7}, "string"),
        ({"task": "object_gaol"}, "object_goal"),
        ({"task": "stack"}, "unknown task"),
        ({"goal": 999}, "not one of"),
        ({"goal": -1}, "not one of"),
        ({"goal": {"referred": ["kitchen"]}}, "not one of"),  # without a scene
        ({"goals": 1}, "unknown reset options .*; know task, goal, instruction, .*scene"),
    ],
)
def test_bad_options_are_named(options: dict, message: str) -> None:
    env = blind()
    env.reset(seed=1)
    with pytest.raises(ValueError, match=message):
        env.reset(seed=2, options=options)
    with pytest.raises(RuntimeError, match="call reset"):  # not half of an episode
        env.step(FORWARD)


@pytest.mark.parametrize(
    ("mode", "action"),
    [
        ("base_discrete", 4),
        ("base_discrete", -1),
        ("base_discrete", 1.0),
        ("base_discrete", math.nan),
        ("base_discrete", True),
        ("base_discrete", None),
        ("base_discrete", "forward"),
        ("base_discrete", [1]),
        ("base_discrete", [[1], [2, 3]]),
        ("base_velocity", [math.nan, 0.0]),
        ("base_velocity", [0.0, -math.inf]),
        ("base_velocity", [0.1]),
        ("base_velocity", [0.1, 0.2, 0.3]),
        ("base_velocity", 1),
        ("base_velocity", None),
        ("base_velocity", "fast"),
        ("base_velocity", {"speed": 1.0}),
    ],
)
def test_what_is_no_action_is_an_error_and_changes_nothing(mode: str, action: object) -> None:
    env = blind("room_goal", mode)
    env.reset(seed=SEED, options={"scene": RoomScene(HOME, BasePose(6.0, 0.5, -math.pi / 2))})
    for bump in [FORWARD] * 3 if mode == "base_discrete" else [np.array([1.0, 0.0])] * 9:
        env.step(bump)
    before, felt = env._info(), env.proprio()
    assert felt[4] == 1.0
    with pytest.raises(ValueError, match=f"a {mode} action is"):
        env.step(action)  # type: ignore[arg-type]
    assert env._info() == before
    np.testing.assert_array_equal(env.proprio(), felt)
    env.step(env.action_space.sample() if mode == "base_velocity" else LEFT)  # and it goes on


def test_velocities_out_of_range_are_clipped() -> None:
    hashes = []
    for action in ([1.0, -1.0], [7.0, -1e30]):
        env = blind("room_goal", "base_velocity")
        hashes.append(hash_after(env, [np.array(action)] * 5))
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"action_mode": "base_velocty"}, "base_velocity"),
        ({"action_mode": "ee_pose"}, "unknown action mode"),
        ({"split": "frasing"}, "phrasing"),
        ({"cameras": ("front",)}, "unknown camera"),
        ({"suite": "room"}, "rooms"),
        ({"max_steps": 0}, "max_steps is finite and at least 1"),
        ({"image_size_px": 0}, "image_size_px"),
        ({"odometry_noise": math.nan}, "odometry_noise"),
        ({"odometry_noise": -0.1}, "odometry_noise"),
        ({"jitter": math.inf}, "jitter"),
    ],
)
def test_bad_settings_are_named(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RoomsEnv(**settings)


def test_it_has_to_be_reset_first_and_after_it_was_closed() -> None:
    env = blind("room_goal")
    with pytest.raises(RuntimeError, match="call reset"):
        env.step(LEFT)
    env.reset(seed=SEED)
    env.close()
    with pytest.raises(RuntimeError, match="call reset"):
        env.step(LEFT)
    env.close()


def test_a_kept_scene_is_the_one_that_is_drawn_anew() -> None:
    env = blind("count_things")
    env.sample_episode(seed=SEED)
    kept = env.scene.to_dict(), env.goals, env.instruction
    rooms_env._drawn.cache_clear()
    env.sample_episode(seed=SEED)
    assert (env.scene.to_dict(), env.goals, env.instruction) == kept
