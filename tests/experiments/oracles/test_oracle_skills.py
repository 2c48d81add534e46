"""The ladder's stand-ins for plan and skills, in the real environment."""

from typing import Any

import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import Toolbox
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.evaluation.run_agent_episode import run_agent_episode
from handeye.experiments.oracles.oracle_skills import FULL_HAND, OracleSkills
from handeye.experiments.records.agent import AgentFlags, AgentSetting, Rung
from handeye.experiments.records.episode import AgentJob, EpisodeRecord

SEED = 2_000_001


def judged(style: str, task: str, *oracles: Rung, seed: int = SEED, **flags: Any) -> EpisodeRecord:
    setting = AgentSetting(AgentFlags(style, **flags), oracles=oracles)
    return run_agent_episode(AgentJob("x", task, task, "seen", seed, agent=setting))


@pytest.mark.slow
@pytest.mark.parametrize(
    "task", ["pick_up", "put_in", "stack", "place_beside", "push_to_zone", "press_button"]
)
def test_the_expert_with_the_experts_skills_solves(task: str) -> None:
    record = judged("random-valid", task, "plan", "skill")
    assert record.success
    assert record.agent is not None
    assert (record.agent.mistakes, record.agent.violations) == (0, 0)


@pytest.mark.slow
def test_drawers_slide_to_their_stop() -> None:
    assert judged("random-valid", "move_drawer", "plan", "skill").success


@pytest.mark.slow
def test_things_go_into_drawers_and_out_of_them() -> None:
    record = judged("random-valid", "drawers", "plan", "skill", seed=2_000_001)
    assert record.success
    assert record.agent is not None
    assert record.agent.claim == "success"


@pytest.mark.slow
def test_what_cannot_be_done_is_said_as_the_tools_say_it() -> None:
    tool_set = tool_set_of("stack")
    env = tool_set.env("stack", max_steps=60)
    robot = Robot(env)
    robot.reset(SEED)
    bench = tool_set.bench(robot, tool_set.perception("truth", env))
    skills = OracleSkills(env)
    box = Toolbox([skills.around(t, bench) for t in tool_set.tools(bench)], SafetyGate())
    item, base = (env.scene.objects[index] for index in env.goal.referred[:2])
    names = [f"{thing.size} {thing.colour} {thing.kind}" for thing in (item, base)]
    empty = box.call(ToolCall("place_on", {"base": names[1]}, ""))
    assert empty.reason == "the hand holds nothing to place"
    assert box.call(ToolCall("pick", {"target": names[0]}, "")).ok
    assert bench.held
    assert box.call(ToolCall("pick", {"target": names[1]}, "")).reason == FULL_HAND
    assert box.call(ToolCall("place_on", {"base": names[1]}, "")).ok
    assert bench.grip is None
    assert not box.call(ToolCall("pick", {"target": "purple elephant"}, "")).ok


@pytest.mark.slow
def test_the_blind_planner_is_the_expert_on_a_guessed_goal() -> None:
    solved = [judged("blind", "press_button", seed=SEED + k) for k in range(3)]
    assert all(r.agent is not None and r.agent.failed_calls == 0 for r in solved)
    choices = [r.n_choices for r in solved]
    assert sum(r.success for r in solved) < 3 or max(choices) == 1
    assert judged("expert", "press_button").success


@pytest.mark.slow
def test_the_placebo_is_the_same_agent_on_objects_a_little_elsewhere() -> None:
    usual, placebo = (
        judged("scripted", "press_button"),
        judged("scripted", "press_button", "placebo"),
    )
    assert placebo.policy_id == usual.policy_id
    assert placebo.instruction == usual.instruction
    assert placebo.state_hash != usual.state_hash
