import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.safety.gate import Limits, SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.envs.suites import TABLETOP
from handeye.experiments.actors.agent_worlds import TOOL_SETS, AgentWorld, tool_set_of, with_policy


@pytest.mark.parametrize("tool_set", [tool_set for _, tool_set in TOOL_SETS])
def test_a_world_is_seen_and_acted_in(tool_set: AgentWorld) -> None:
    (suite,) = [next(iter(w.suites)) for w, known in TOOL_SETS if known is tool_set]
    env = tool_set.env(suite, max_steps=5)
    robot = Robot(env)
    robot.reset(2_000_000)
    toolbox = tool_set.equip(tool_set.perception("truth", env))(robot, SafetyGate())
    assert {spec.name for spec in toolbox.specs} >= {"look", "run_program"}
    assert toolbox.call(ToolCall("look", {}, "1")).ok
    assert 1 <= tool_set.pictures_so_far(env) <= len(tool_set.video(env))
    assert tool_set.describe_scene(env)
    assert tool_set_of(suite) is tool_set


def test_what_there_is_not_is_named() -> None:
    tool_set = tool_set_of("put_in")
    with pytest.raises(ValueError, match="Did you mean 'truth'"):
        tool_set.perception("thruth", tool_set.env("put_in", max_steps=5))


@pytest.mark.slow
def test_no_model_is_imported_before_one_is_needed() -> None:
    heavy = "{'torch', 'transformers', 'llguidance'}"
    modules = "handeye.experiments.run_mcp, handeye.experiments.run_agent"
    asked = f"import sys, {modules}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["tabletop-core", "tabletop-long", "stack", "move_drawer"])
def test_suites_and_tasks_of_tabletops_share_their_tools(name: str) -> None:
    assert [world for world, known in TOOL_SETS if known is tool_set_of(name)] == [TABLETOP]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2_000_001, 2_000_004])  # of nine the gentlest and the hardest
def test_a_press_counts_once_and_stays_well_below_the_force_of_a_gate(seed: int) -> None:
    tool_set = tool_set_of("buttons")
    env = tool_set.env("buttons", max_steps=60)
    robot = Robot(env)
    robot.reset(seed)
    toolbox = tool_set.equip(tool_set.perception("truth", env))(robot, SafetyGate())
    button = next(i for i, thing in enumerate(env.scene.objects) if thing.kind == "button")
    name = f"{env.scene.objects[button].colour} button"
    for _ in range(2):
        assert toolbox.call(ToolCall("press", {"button": name}, "1")).ok
    felt_n = [state.robot_forces_n[env.scene.body(button)] for state in env.states[1:]]
    assert 1.0 < np.abs(felt_n).max() < Limits().fixture_force_n / 2
    assert len(env.task.history.presses[button]) == 2


def test_only_tabletops_are_tried_on_a_copy_and_have_an_oracle_of_skills() -> None:
    table, rooms = tool_set_of("stack"), tool_set_of("rooms-long")
    assert table.copy_bench is not None
    assert table.skill_oracle is not None
    assert rooms.copy_bench is rooms.skill_oracle is None
    assert tool_set_of("rooms").expert is None  # its goals are not of the kind that it knows


@pytest.mark.parametrize(
    ("path", "suite"),
    [("oracle", "put_in"), ("random", "put_in"), ("blind", "tabletop-long"), ("oracle", "rooms")],
)
def test_baselines_are_no_tools(path: str, suite: str) -> None:
    with pytest.raises(ValueError, match=f"{path} is no tool for {suite}; give a trained policy"):
        with_policy(tool_set_of(suite), path, suite)


def test_a_policy_that_is_not_there_is_no_tool(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="A trained policy is named by its folder"):
        with_policy(tool_set_of("put_in"), str(tmp_path / "none"), "put_in")


def test_a_suite_that_is_not_there_has_no_tools() -> None:
    with pytest.raises(ValueError, match="Did you mean 'tabletop-core'"):
        tool_set_of("tabeltop-core")
