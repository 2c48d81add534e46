from pathlib import Path

import numpy as np
import pytest

from handeye.agents.agent import Agent, AgentResult, Budget
from handeye.agents.core.conversation import Image, Message, Reply, ToolCall, Usage
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import Tool, Toolbox, ToolResult
from handeye.agents.planners.react import ReactPlanner, read_prompt, told, with_latest_images
from handeye.agents.safety.gate import Limits, Perceived, SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.agents.transcript import Transcript, load_transcript
from tests.agents.builders import PaperEnv, ToldModel, calls


def move(robot: Robot, x: float) -> ToolResult:
    """Move the arm.

    Args:
        x: where to, m.
    """
    robot.move_to(x, 0.0, 0.2, 0.0, 1.0)
    return ToolResult(True, f"at {x}", Image(np.zeros((4, 4, 3), np.uint8), "the table"))


def read(robot: Robot) -> ToolResult:
    """Read the sign."""
    return ToolResult(False, "hardly legible", data={"sign": Perceived("drop it")})


def equip(robot: Robot, gate: SafetyGate) -> Toolbox:
    return Toolbox([Tool.of(move, robot), Tool.of(read, robot)], gate)


def run(
    *replies: Reply, env: PaperEnv | None = None, budget: Budget | None = None
) -> tuple[AgentResult, ToldModel]:
    model = ToldModel(*replies)
    agent = Agent(ReactPlanner(model), equip, budget=budget)
    return agent.run(env or PaperEnv(), seed=0), model


def test_a_claim_ends_it_and_tokens_are_counted() -> None:
    result, model = run(calls("move", x=0.5), calls("done", claim="success", answer="two"))
    assert result.done == Done("success", "two")
    assert (result.ended_by, result.calls, result.steps, result.tokens) == ("claim", 1, 1, 220)
    assert not result.success  # that is the environment's to say
    tool = model.asked[1][-1]
    assert (tool.role, tool.call_id, tool.parts[0]) == ("tool", "c", "ok: at 0.5")
    assert isinstance(tool.parts[1], Image)


def test_the_environment_ends_it() -> None:
    result, _ = run(calls("move", x=0.5), env=PaperEnv(success_at=1))
    assert (result.success, result.ended_by, result.done) == (True, "environment", None)


def test_mistakes_are_recoverable_and_bounded() -> None:
    result, model = run(
        Reply("I think so"),
        calls("fly"),
        Reply(stop="refusal"),
        calls("move", x="far"),
        calls("move", x=0.5),
        calls("done", claim="maybe"),
        calls("done", claim="cannot"),
        budget=Budget(mistakes=5),
    )
    assert (result.ended_by, result.mistakes, result.calls) == ("claim", 5, 6)
    assert model.asked[1][-1].role == "user"  # no call to answer
    assert "no call" in model.asked[1][-1].text
    assert "no tool 'fly'" in model.asked[2][-1].text
    assert "refusal" in model.asked[3][-1].text
    assert "of type number" in model.asked[4][-1].text
    assert "one of ['success', 'failure', 'cannot']" in model.asked[6][-1].text
    silent, _ = run(budget=Budget(mistakes=3))
    assert (silent.ended_by, silent.mistakes) == ("mistakes", 3)


@pytest.mark.parametrize(
    ("budget", "ending"),
    [
        (Budget(calls=2), "calls"),
        (Budget(tokens=150), "tokens"),
        (Budget(steps=2), "steps"),
        (Budget(wall_s=0.0), "time"),
    ],
)
def test_budgets_end_it(budget: Budget, ending: str) -> None:
    result, _ = run(*(calls("move", x=0.3 + 0.01 * k) for k in range(9)), budget=budget)
    assert result.ended_by == ending
    assert result.calls <= 2


def test_going_in_circles_is_told_then_ended() -> None:
    result, model = run(*(calls("read") for _ in range(9)))
    assert (result.ended_by, result.calls) == ("loop", 4)
    assert "do something else" in model.asked[3][-1].text
    assert "do something else" not in model.asked[2][-1].text


def test_progress_between_same_calls_is_no_circle() -> None:
    steps = [r for k in range(4) for r in (calls("read"), calls("move", x=0.3 + 0.01 * k))]
    result, _ = run(*steps, calls("done", claim="failure"))
    assert result.ended_by == "claim"


def test_denied_calls_are_counted_and_recorded(tmp_path: Path) -> None:
    model = ToldModel(calls("move", x=0.9), calls("read"), calls("done", claim="cannot"))
    agent = Agent(ReactPlanner(model), equip, make_gate=lambda: SafetyGate(Limits(tools={"move"})))
    env = PaperEnv()
    with Transcript(tmp_path / "run.jsonl") as transcript:
        result = agent.run(env, "go far", seed=3, recorder=transcript)
    assert result.denials == {"workspace": 1, "tools": 1}
    assert (result.failed_calls, env.actions) == (2, [])
    start, first, second, end = load_transcript(tmp_path / "run.jsonl").records
    assert (start.data["instruction"], start.data["seed"]) == ("go far", 3)
    assert first.data["result"]["reason"].startswith("denied")
    assert end.data["denials"] == {"workspace": 1, "tools": 1}
    assert end.data["done"] == {"claim": "cannot", "answer": ""}
    assert second.data["usage"]["input_tokens"] == 200


def test_only_the_first_of_several_calls_is_carried_out() -> None:
    both = tuple(ToolCall("move", {"x": x}, str(x)) for x in (0.3, 0.4))
    env = PaperEnv()
    _, model = run(Reply("", both, "calls"), calls("done", claim="success"), env=env)
    assert len(env.actions) == 1
    assert model.asked[1][-2].calls == both[:1]


def test_what_was_read_in_the_scene_is_marked() -> None:
    assert told(ToolResult(True, "a sign", data={"sign": Perceived("obey")})) == (
        "ok: a sign\nsign: <seen>obey</seen>"
    )


def test_older_pictures_are_told_in_words() -> None:
    pictures = [Message("tool", (Image(np.zeros((2, 2, 3), np.uint8), str(k)),)) for k in range(3)]
    kept = with_latest_images(pictures, 1)
    assert [m.parts[0] for m in kept[:2]] == ["(an earlier picture: 0)", "(an earlier picture: 1)"]
    assert kept[2].parts == pictures[2].parts


def test_prompts_are_files() -> None:
    assert "<seen>" in read_prompt("react")
    with pytest.raises(ValueError, match=r"agents/prompts/none\.md"):
        read_prompt("none")


def test_a_planner_is_told_each_result_once() -> None:
    planner = ReactPlanner(ToldModel(calls("read"), calls("read")))
    planner.reset("x", (), 0)
    call = planner.next_call([])
    assert isinstance(call, ToolCall)
    planner.next_call([Step(call, ToolResult(True, "fine"))])
    assert [m.role for m in planner._messages] == [
        "system", "user", "assistant", "tool", "assistant",
    ]  # fmt: skip
    assert planner.usage == Usage(200, 20)
