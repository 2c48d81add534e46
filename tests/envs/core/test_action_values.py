"""What passes for an action: finite real numbers of the right count, and nothing else."""

from typing import Any

import numpy as np
import pytest

from handeye.envs.core.action_values import real_numbers
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.vector.suite_vector import make_vector_env


def bad(count: int) -> list[Any]:
    dates = np.zeros(count, "datetime64[s]")
    lasting = np.zeros(count, "timedelta64[s]")
    plain = np.zeros(count, np.float32)
    return [
        plain.astype(complex), dates, lasting, plain.astype(str), plain.astype(object),
        np.full(count, np.nan), np.full(count, np.inf), plain[:-1], plain[None], None, "go", 0.0,
        [[0.0], *[0.0] * (count - 1)], {"x": 1},
    ]  # fmt: skip


@pytest.mark.parametrize("action", bad(7), ids=repr)
@pytest.mark.parametrize("mode", ["ee_pose", "ee_delta"])
def test_the_arm_refuses_it_and_goes_on(mode: str, action: Any) -> None:
    with pytest.raises(ValueError, match=f"an {mode} action is 7 finite numbers"):
        real_numbers(action, 7, mode)


@pytest.mark.slow
def test_environments_refuse_before_anything_moves() -> None:
    arm, base = TabletopEnv("reach", cameras=()), RoomsEnv("rooms", cameras=())
    wheels = RoomsEnv("rooms", cameras=(), action_mode="base_velocity")
    for env, actions in ((arm, bad(7)[:3]), (wheels, bad(2)[:3]), (base, [*bad(1)[:3], 1j])):
        env.reset(seed=1)
        before = env.state_hash
        for action in actions:
            with pytest.raises(ValueError, match="action"):
                env.step(action)
        assert env.state_hash == before
        env.close()


def test_numbers_of_any_real_kind_pass() -> None:
    for kind in (np.float16, np.int8, np.uint16, bool):
        assert real_numbers(np.ones(2, kind), 2, "base_velocity").tolist() == [1.0, 1.0]
    assert real_numbers([0.5, -1], 2, "base_velocity").tolist() == [0.5, -1.0]


@pytest.mark.slow
def test_a_vector_of_environments_refuses_them_too() -> None:
    env = make_vector_env("reach", 1, workers=1, cameras=())
    env.reset(seed=1)
    for kind in ("complex64", "datetime64[s]"):
        with pytest.raises(ValueError, match="environment 0 is no real number"):
            env.step(np.zeros((1, 7), kind))
    env.close()
