from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.scene_notes import NotedObject, SceneNotes
from handeye.agents.core.success_detector import success_check
from handeye.agents.core.tools import Tool, ToolResult
from handeye.agents.planners.inner_monologue import InnerMonologuePlanner
from handeye.agents.planners.react import ReactPlanner
from handeye.agents.tools.tabletop import TABLETOP_TOOLS
from handeye.agents.tools.vision import VISION_TOOLS
from tests.agents.builders import ToldModel, calls, listing

SPECS = [Tool.of(function, None).spec for function in (*TABLETOP_TOOLS, *VISION_TOOLS)]
SEEN = "#1 small red block at x=0.400 y=-0.100 m; #2 blue bowl at x=0.500 y=0.000 m"
HELD = SceneNotes((NotedObject("#2", "blue bowl", 0.5, 0.0),), "small red block")
ALL = ("check", "verify")


def asked(name: str, noted: SceneNotes = HELD, tools: tuple[str, ...] = ALL, **told: str) -> object:
    specs = [s for s in SPECS if s.name not in ALL or s.name in tools]
    check = success_check(ToolCall(name, told, "c"), noted, specs, "id")
    return check and (check.name, *check.arguments.values())


def test_every_skill_has_its_question() -> None:
    assert asked("pick", SceneNotes(), target="cup") == ("check", "cup", "held")
    assert asked("place_in", container="#2") == ("check", "small red block", "in", "#2")
    assert asked("place_on", base="drum") == ("check", "small red block", "on", "drum")
    statements = {
        "the small red block is to the left of the blue bowl": asked(
            "place_beside", reference="#2", side="left"
        ),
        "the star is in the zone": asked("push_to", target="star", goal="zone"),
        "the drawer is open": asked("open_drawer", drawer="drawer"),
        "the drawer is closed": asked("close_drawer", drawer="drawer"),
    }
    assert all(told == ("verify", words) for words, told in statements.items())
    assert asked("press", button="button") is None
    assert asked("place_in", SceneNotes(), container="bowl") is None  # nothing was held
    assert asked("open_drawer", tools=("check",), drawer="drawer") is None


def play(model: ToldModel, *results: ToolResult) -> list[ToolCall | Done]:
    """What is called when the results come in turn."""
    planner = InnerMonologuePlanner(ReactPlanner(model))
    planner.reset("put the block in the bowl", SPECS, 0)
    history: list[Step] = []
    made: list[ToolCall | Done] = []
    for result in results:
        made.append(planner.next_call(history))
        assert isinstance(made[-1], ToolCall)
        history.append(Step(made[-1], result))
    return [*made, planner.next_call(history)]


HELD_NOW = ToolResult(True, "held", data={"held": "small red block", "taken": "#1"})


def ok(reason: str = "") -> ToolResult:
    return ToolResult(True, reason)


def test_feedback_stands_between_the_models_calls() -> None:
    model = ToldModel(
        calls("pick", target="#1"), calls("place_in", "d", container="#2"),
        calls("done", "e", claim="success"),
    )  # fmt: skip
    made = play(
        model, listing(SEEN), HELD_NOW, ok("yes"), ok("let go"), ToolResult(False, "not in")
    )
    assert [call.name if isinstance(call, ToolCall) else call.claim for call in made] == [
        "detect", "pick", "check", "place_in", "check", "success",
    ]  # fmt: skip
    first = model.asked[0]
    assert [message.role for message in first] == ["system", "user", "assistant", "tool"]
    assert first[-1].text == f"ok: {SEEN}"  # told as if the model had looked itself
    last = model.asked[2]
    assert last[-1].text == "failed: not in"
    assert last[-2].calls[0].call_id == "feedback_3"


def test_after_a_failure_the_scene_is_described() -> None:
    model = ToldModel(calls("pick", target="#1"), calls("done", claim="failure"))
    made = play(model, ok(SEEN), ToolResult(False, "closed on nothing"), ok("nothing"), ok(SEEN))
    assert [call.name for call in made if isinstance(call, ToolCall)] == [
        "detect", "pick", "check", "detect",
    ]  # fmt: skip


def test_where_words_fit_several_things_the_user_is_asked_once() -> None:
    several = ToolResult.failed("'block' fits 2 things: #3; #4", "ambiguous")
    model = ToldModel(*(calls("pick", target="block") for _ in range(2)))
    made = play(model, ok(SEEN), several, ok("the red one"), several)
    assert made[2] == ToolCall("ask_user", {"question": "Which block do you mean?"}, "feedback_2")
    assert not isinstance(made[4], Done)
    assert made[4].name == ""  # the model's turn again, which has no more to say
