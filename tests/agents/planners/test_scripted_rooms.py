"""Plain instructions in apartments become calls; what they find decides how it goes on."""

from typing import Any

import pytest

from handeye.agents.core.conversation import ToolCall, ToolSpec
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import ToolResult
from handeye.agents.planners.scripted import ScriptedPlanner
from handeye.agents.planners.scripted_rooms import places_in, plan_of
from tests.agents.builders import listing

UNSEEN = ToolResult.failed("nothing seen so far fits it; explore to find it", "not_seen")


def run(words: str, *results: ToolResult) -> tuple[list[tuple[str, dict[str, str]]], Done | None]:
    """The calls of a plan that is sent these results, and its end if it came to one."""
    plan, asked = plan_of(words), []
    assert plan is not None
    try:
        asked.append(next(plan))
        for result in results:
            asked.append(plan.send(result))  # noqa: PERF401 - its end would not get through extend
    except StopIteration as end:
        return asked, end.value
    return asked, None


def ok(reason: str = "done", **data: Any) -> ToolResult:
    return ToolResult(True, reason, data=data)


def test_places_are_taken_apart() -> None:
    words = "the red chair, then the kitchen and then the bed in the study; after that the hallway"
    assert places_in(words) == ["red chair", "kitchen", "bed in the study", "hallway"]
    assert places_in("the study, the bed and the sink") == ["study", "bed", "sink"]
    assert places_in("") == []


def test_what_is_not_seen_is_explored_for() -> None:
    asked, end = run("go to the kitchen, then the bed", UNSEEN, ok(), ok(), ok())
    assert asked == [
        ("go_to", {"target": "kitchen"}),
        ("explore", {"words": "kitchen"}),
        ("go_to", {"target": "kitchen"}),
        ("go_to", {"target": "bed"}),
    ]
    assert end == Done("success")


def test_what_is_nowhere_cannot_be_done() -> None:
    gone = ToolResult.failed("all that can be reached is explored", "explored")
    _, end = run("go to the bed", UNSEEN, gone)
    assert end is not None
    assert end.claim == "cannot"


def test_the_place_named_first_may_be_the_last_one() -> None:
    asked, _ = run("before you go to the study, visit the bed", ok(), ok())
    assert [arguments["target"] for _, arguments in asked] == ["bed", "study"]


@pytest.mark.parametrize(
    ("words", "results", "answer"),
    [
        ("count the boxes in the study, come back and tell me the number",
         [ok(), ok(count=3), ok()], "3"),
        ("check if the study has a red box, pass by the bed, then return and tell me",
         [ok(), ok(count=0), ok(), ok()], "no"),
        ("find the bed, come back and say which room it is in",
         [listing("#3 red bed in the study"), ok()], "study"),
        ("look at the sofa in the lounge, return and say its colour",
         [ok(at={"name": "blue sofa", "room": "living room"}), ok()], "blue"),
        ("how many rooms does this apartment have ? look, come back and tell me",
         [ok(rooms=["study", "kitchen"]), ok()], "2"),
        ("count all lamps of this apartment, then return and tell me",
         [ok(), ok(count=4), ok()], "4"),
    ],
)  # fmt: skip
def test_questions_are_answered_by_what_was_found(
    words: str, results: list[ToolResult], answer: str
) -> None:
    asked, end = run(words, *results)
    assert asked[-1][0] == "go_back"
    assert end == Done("success", answer)


def test_it_stays_where_something_is_and_goes_on_otherwise() -> None:
    words = "if the study has a box stop there, otherwise go to the kitchen"
    asked, end = run(words, ok(), ok(count=1))
    assert (len(asked), end) == (2, Done("success"))
    asked, end = run(words, ok(), ok(count=0), ok())
    assert asked[-1] == ("go_to", {"target": "kitchen"})
    assert end == Done("success")


def test_a_patrol_goes_into_all_rooms_and_back() -> None:
    seen = ok(rooms=["study", "kitchen"])
    asked, end = run("visit every room and come back to the start", seen, ok(), ok(), ok())
    assert [tool for tool, _ in asked] == ["explore", "go_to", "go_to", "go_back"]
    assert end == Done("success", "")


def test_the_planner_follows_the_tools_that_there_are() -> None:
    planner, drives = ScriptedPlanner(), [ToolSpec("explore", "", {}, ToolTraits("base"))]
    planner.reset("go to the kitchen", drives, 0)
    call = planner.next_call([])
    assert isinstance(call, ToolCall)
    assert (call.name, call.arguments) == ("go_to", {"target": "kitchen"})
    assert planner.next_call([Step(call, ok())]) == Done("success")
    planner.reset("sing a song", drives, 0)
    assert planner.next_call([]) == Done("cannot", "the instruction fits none of the patterns")
    planner.reset("go to the red block", [], 0)
    call = planner.next_call([])
    assert isinstance(call, ToolCall)
    assert call.name == "reach"


@pytest.mark.parametrize(
    ("words", "things", "room"),
    [
        ("go and see how many green boxes the study has, then return and say it",
         "green boxes", "study"),
        ("find out how many plants the living room has, visit the bed, then return and tell me",
         "plants", "living room"),
        ("count the red lamps in the study, pass by the bed, come back and say the number",
         "red lamps", "study"),
    ],
)  # fmt: skip
def test_things_to_count_and_their_room_are_told_apart(words: str, things: str, room: str) -> None:
    asked, _ = run(words, ok())
    assert asked == [
        ("go_to", {"target": room}),
        ("count", {"words": things, "where": room}),
    ]


@pytest.mark.parametrize(
    ("words", "targets"),
    [
        ("drive into the kitchen.", ["kitchen"]),
        ("Go to the red chair and the bed", ["red chair", "bed"]),
        ("drive to the study, but first to the bed", ["bed", "study"]),
        ("stop at the study after visiting the bed, then the sink", ["bed", "sink", "study"]),
        ("first go to the bed, finally to the sink and stop there", ["bed", "sink"]),
        ("visit the bed, next the sink and stay there", ["bed", "sink"]),
    ],
)
def test_ways_without_a_return_end_at_their_last_place(words: str, targets: list[str]) -> None:
    asked, end = run(words, *[ok()] * len(targets))
    assert asked == [("go_to", {"target": target}) for target in targets]
    assert end == Done("success")


@pytest.mark.parametrize(
    "words",
    [
        "go to the bed and the sink, then come back to the start",
        "visit the bed and the sink and return to where you started",
        "come back here after driving to the bed and then the sink",
        "visit the bed and the sink in any order and drive back to the start",
        "return here after you have been at the bed and the sink, the order does not matter",
        "in whatever order you like, see the bed and the sink, then return to the start",
    ],
)
def test_round_trips_end_at_the_start(words: str) -> None:
    asked, end = run(words, ok(), ok(), ok())
    assert asked == [("go_to", {"target": "bed"}), ("go_to", {"target": "sink"}), ("go_back", {})]
    assert end == Done("success", "")


def test_a_detour_lies_between_the_finding_and_the_return() -> None:
    words = "find the bed, visit the sink and the study in this order, come back and tell me which "
    asked, end = run(words + "room it is in", listing("#1 bed in the hallway"), ok(), ok(), ok())
    assert [tool for tool, _ in asked] == ["explore", "go_to", "go_to", "go_back"]
    assert end == Done("success", "hallway")


LOST = ToolResult(False, "there is no way to the bed")
NOWHERE = ToolResult.failed("all that can be reached is explored", "explored")
UNKNOWN = ToolResult.failed("'unicorns' is nothing that I know", "unknown_words")
OVER = ToolResult(False, "the episode is over")


@pytest.mark.parametrize(
    ("words", "results", "claim"),
    [
        ("go to the bed", [LOST], "failure"),
        ("go to the unicorns", [UNKNOWN], "cannot"),
        ("find the bed, come back and tell me which room it is in", [NOWHERE], "cannot"),
        ("find the bed, come back and tell me which room it is in",
         [listing("#1 red bed in the study"), LOST], "failure"),
        ("look at the bed, return and say its colour", [UNSEEN, NOWHERE], "cannot"),
        ("count the unicorns in the study, come back and say the number", [ok(), UNKNOWN],
         "cannot"),
        ("count the boxes in the study, come back and say the number", [UNSEEN, NOWHERE],
         "cannot"),
        ("count all unicorns of this apartment, then return and tell me", [ok(), UNKNOWN],
         "cannot"),
        ("count the rooms here and come back to tell me", [OVER], "failure"),
        ("visit every room and come back to the start", [OVER], "failure"),
        ("visit the bed and return to where you started", [ok(), OVER], "failure"),
        ("if the study has a box stop there, otherwise go to the bed", [ok(), ok(count=0), LOST],
         "failure"),
    ],
)  # fmt: skip
def test_what_goes_wrong_ends_the_plan_with_its_reason(
    words: str, results: list[ToolResult], claim: str
) -> None:
    asked, end = run(words, *results)
    assert len(asked) == len(results)
    assert end == Done(claim, results[-1].reason)


@pytest.mark.parametrize("words", ["", "sing a song", "bring the bed", "going to the bed"])
def test_other_words_have_no_plan(words: str) -> None:
    assert plan_of(words) is None
