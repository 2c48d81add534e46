import subprocess
import sys

import pytest

from handeye.agents.conversation import ToolCall
from handeye.agents.robot import Robot
from handeye.agents.safety import SafetyGate
from handeye.experiments.tool_sets import TOOL_SETS, ToolSet, tool_set_of


@pytest.mark.parametrize("tool_set", [tool_set for _, tool_set in TOOL_SETS])
def test_a_world_is_seen_and_acted_in(tool_set: ToolSet) -> None:
    (suite,) = [next(iter(w.suites)) for w, known in TOOL_SETS if known is tool_set]
    env = tool_set.env(suite, max_steps=5)
    robot = Robot(env)
    robot.reset(2_000_000)
    toolbox = tool_set.equip(tool_set.perception("truth", env))(robot, SafetyGate())
    assert {spec.name for spec in toolbox.specs} >= {"look", "run_program"}
    assert toolbox.call(ToolCall("look", {}, "1")).ok
    assert 1 <= tool_set.pictures_so_far(env) <= len(tool_set.film(env))
    assert tool_set.there(env)
    assert tool_set_of(suite) is tool_set


def test_what_there_is_not_is_named() -> None:
    tool_set = tool_set_of("put_in")
    with pytest.raises(ValueError, match="Did you mean 'truth'"):
        tool_set.perception("thruth", tool_set.env("put_in", max_steps=5))


def test_no_model_is_imported_before_one_is_needed() -> None:
    heavy = "{'torch', 'transformers', 'llguidance'}"
    modules = "handeye.experiments.run_mcp, handeye.experiments.run_agent"
    asked = f"import sys, {modules}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
