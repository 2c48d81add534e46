from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import ToolResult
from handeye.agents.planners.scripted import TRIES, ScriptedPlanner


def played(*reasons: str) -> list[str]:
    """Tools called when results fail with the reasons in turn ("" for success), then the claim."""
    planner = ScriptedPlanner()
    planner.reset("put the red block in the blue bowl", (), 0)
    history: list[Step] = []
    tools = []
    for reason in reasons:
        call = planner.next_call(history)
        assert isinstance(call, ToolCall)
        tools.append(call.name)
        history.append(Step(call, ToolResult(not reason, reason)))
    last = planner.next_call(history)
    return [*tools, last.claim if isinstance(last, Done) else last.name]


def test_failures_are_tried_again_from_where_it_makes_sense() -> None:
    assert played("", "") == ["pick", "place_in", "success"]
    assert played("closed on nothing", "") == ["pick", "pick", "place_in"]
    assert played("", "the hand is empty") == ["pick", "place_in", "pick"]
    assert played("", "nothing in view fits") == ["pick", "place_in", "place_in"]
    assert played(*["nothing"] * TRIES) == ["pick"] * TRIES + ["failure"]


def test_what_fits_no_pattern_is_refused() -> None:
    planner = ScriptedPlanner()
    planner.reset("sing", (), 0)
    done = planner.next_call([])
    assert isinstance(done, Done)
    assert done.claim == "cannot"
