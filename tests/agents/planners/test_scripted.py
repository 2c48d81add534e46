from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import Cause, ToolResult
from handeye.agents.planners.scripted import TRIES, ScriptedPlanner


def played(*causes: Cause) -> list[str]:
    """Tools called when results fail by the causes in turn ("" for success), then the claim."""
    planner = ScriptedPlanner()
    planner.reset("put the red block in the blue bowl", (), 0)
    history: list[Step] = []
    tools = []
    for cause in causes:
        call = planner.next_call(history)
        assert isinstance(call, ToolCall)
        tools.append(call.name)
        history.append(Step(call, ToolResult.failed("", cause) if cause else ToolResult(True, "")))
    last = planner.next_call(history)
    return [*tools, last.claim if isinstance(last, Done) else last.name]


def test_failures_are_tried_again_from_where_it_makes_sense() -> None:
    assert played("", "") == ["pick", "place_in", "success"]
    assert played("missed", "") == ["pick", "pick", "place_in"]
    assert played("", "hand_empty") == ["pick", "place_in", "pick"]
    assert played("", "not_seen") == ["pick", "place_in", "place_in"]
    assert played("missed", "missed", "missed") == ["pick"] * TRIES + ["failure"]


def test_what_fits_no_pattern_is_refused() -> None:
    planner = ScriptedPlanner()
    planner.reset("sing", (), 0)
    done = planner.next_call([])
    assert isinstance(done, Done)
    assert done.claim == "cannot"
