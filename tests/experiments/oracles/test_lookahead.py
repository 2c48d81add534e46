from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import Toolbox, ToolResult
from handeye.agents.safety.gate import Limits, SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.tabletop import tabletop_toolbox, tabletop_tools
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.experiments.oracles.lookahead import LookaheadRule
from handeye.experiments.oracles.oracle_perception import OraclePerception
from handeye.experiments.pictures.filmed_env import FilmedEnv

SEED = 2_000_000


@pytest.fixture
def env() -> Iterator[FilmedEnv]:
    """A large blue cylinder and hexagon, a small red cylinder, a blue plate, a purple bowl."""
    env = FilmedEnv(
        "put_in",
        action_mode="ee_pose",
        cameras=("front",),
        image_size_px=256,
        depth=True,
        max_steps=99,
    )
    yield env
    env.close()


def guarded(env: FilmedEnv, limits: Limits) -> tuple[Toolbox, SafetyGate, LookaheadRule]:
    gate = SafetyGate(limits)
    robot = Robot(env, guard=gate.check_motion)
    robot.reset(SEED)
    bench = TabletopContext(robot, OraclePerception(env))

    def equip(copy: FilmedEnv) -> Callable[[Robot], Toolbox]:
        truth = OraclePerception(copy)

        def tools(shadow: Robot) -> Toolbox:
            there = replace(bench, robot=shadow, perception=truth, handles=dict(bench.handles))
            return Toolbox(tabletop_tools(there), SafetyGate())

        return tools

    check = LookaheadRule(env, robot, equip, limits)
    gate.try_first(check)
    return tabletop_toolbox(bench, gate), gate, check


def call(box: Toolbox, name: str, **arguments: str) -> ToolResult:
    return box.call(ToolCall(name, arguments, "1"))


@pytest.mark.slow
def test_what_is_allowed_goes_as_tried_and_harm_is_not_done(env: FilmedEnv) -> None:
    box, gate, check = guarded(env, Limits(protected=("purple bowl",)))
    assert call(box, "detect", words="object").ok
    first = check._copy
    assert call(box, "pick", target="#1").ok
    assert check._copy is first  # it has come along
    assert first is not None
    assert first.state_hash == env.state_hash
    before = env.state_hash
    spared = call(box, "place_in", container="purple bowl")
    assert spared.reason.startswith("denied: tried on a copy of the world")
    assert "the purple bowl is protected" in spared.reason
    assert env.state_hash == before
    assert call(box, "place_beside", reference="blue plate", side="left").ok  # it is still held
    crushing = call(box, "press", button="large blue hexagon")
    assert "would press on the large blue hexagon with" in crushing.reason
    assert gate.denials == {"counterfactual": 2}
    assert max(abs(state.robot_forces_n).max() for state in env.states) < 100
    check.close()


def test_a_world_changed_behind_the_robots_back_is_noticed(env: FilmedEnv) -> None:
    box, _, check = guarded(env, Limits())
    env._hash.update(b"someone moved something")
    with pytest.raises(RuntimeError, match="changed by other things than its actions"):
        call(box, "look")
    check.close()
