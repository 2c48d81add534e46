from collections.abc import Iterator

import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import Toolbox, ToolResult
from handeye.agents.safety.gate import Limits, SafetyGate
from handeye.agents.tools.policy import MAX_STEPS, policy_tool
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.tabletop import tabletop_tools
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.actors.agent_worlds import tool_set_of, with_policy
from handeye.experiments.actors.load_policy import open_policy
from handeye.experiments.oracles.baselines import OraclePolicy
from handeye.experiments.oracles.oracle_perception import OraclePerception
from handeye.policies.policy import Policy, RandomPolicy

SEED = 2_000_003


def make(task: str, cameras: tuple[str, ...] = ("front", "wrist")) -> TabletopEnv:
    return TabletopEnv(
        task, action_mode="ee_pose", cameras=cameras, image_size_px=256, depth=True, max_steps=99
    )


@pytest.fixture(scope="module")
def env() -> Iterator[TabletopEnv]:
    env = make("put_in")
    yield env
    env.close()


def box_of(
    env: TabletopEnv, learned: Policy, gate: SafetyGate, seed: int = SEED
) -> tuple[Toolbox, TabletopContext]:
    robot = Robot(env, guard=gate.check_motion)
    robot.reset(seed)
    bench = TabletopContext(robot, OraclePerception(env))
    return Toolbox([*tabletop_tools(bench), policy_tool(bench, learned)], gate), bench


def told(box: Toolbox, instruction: str) -> ToolResult:
    return box.call(ToolCall("policy", {"instruction": instruction}, "1"))


@pytest.mark.slow
def test_a_trained_policy_carries_out_instructions(env: TabletopEnv) -> None:
    learned = open_policy("handeye-nano").loaded
    assert learned is not None
    solved = 0
    for seed in range(SEED, SEED + 3):
        box, bench = box_of(env, learned, SafetyGate(), seed)
        result = told(box, env.instruction)
        assert 0 < bench.robot.steps <= MAX_STEPS + 2
        assert (bench.grip is None) == (bench.held == "")
        solved += bench.robot.ended == "success" or result.ok
    assert solved >= 2


def test_words_it_cannot_read_go_back_in_words(env: TabletopEnv) -> None:
    learned = open_policy("handeye-nano").loaded
    assert learned is not None
    box, bench = box_of(env, learned, SafetyGate())
    result = told(box, "put it " * 40)
    assert not result.ok
    assert "at most" in result.reason
    assert bench.robot.steps == 0


@pytest.mark.slow
def test_its_motions_pass_the_gate_and_end(env: TabletopEnv) -> None:
    gate = SafetyGate(Limits(low_m=(0.74, 0.0, 0.0)))
    box, bench = box_of(env, OraclePolicy(env), gate)
    assert "denied" in told(box, env.instruction).reason
    assert bench.robot.steps == 0
    box, bench = box_of(env, RandomPolicy("ee_pose"), SafetyGate())
    result = told(box, "dance")
    assert "cannot be seen" in result.reason or "stopped" in result.reason
    assert bench.robot.steps <= MAX_STEPS
    assert not result.ok


def test_what_it_did_is_judged_by_sight(env: TabletopEnv) -> None:
    class Idle:
        policy_id, action_mode = "idle", None

        def __init__(self) -> None:
            self._done = OraclePolicy(env)

        def reset(self, instruction: str, seed: int) -> None:
            """Nothing to read."""

        def act(self, observation: object) -> object:
            return self._done.act({})._replace(terminate=True, values=np.zeros(7, np.float32))

    box, _ = box_of(env, Idle(), SafetyGate())  # type: ignore[arg-type]
    result = told(box, env.instruction)
    assert not result.ok
    assert "it says that it is done; it is not so" in result.reason


def test_a_policy_that_does_not_fit_is_refused(env: TabletopEnv) -> None:
    with pytest.raises(ValueError, match="policy of that mode"):
        box_of(env, RandomPolicy("ee_delta"), SafetyGate())
    narrow = make("put_in", cameras=("front",))
    with pytest.raises(ValueError, match="cameras="):
        box_of(narrow, RandomPolicy("ee_pose"), SafetyGate())
    narrow.close()


def test_a_tool_set_takes_a_policy_in() -> None:
    given = with_policy(tool_set_of("put_in"), "handeye-nano", "put_in")
    env = given.env("put_in", max_steps=9)
    robot = Robot(env)
    robot.reset(SEED)
    names = [tool.spec.name for tool in given.tools(TabletopContext(robot, OraclePerception(env)))]
    assert names[-1] == "policy"
    env.close()
    with pytest.raises(ValueError, match="give a trained policy"):
        with_policy(tool_set_of("put_in"), "oracle", "put_in")
