from collections.abc import Sequence
from typing import Any

import pytest

from handeye.agents.core.conversation import Message, ToolCall, ToolSpec
from handeye.agents.core.planner import DONE, Done, Step
from handeye.agents.core.scene_notes import NotedObject, SceneNotes
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import Tool, ToolResult
from handeye.agents.embedded.handeye_planner import as_reply, load_weights, shipped_folder
from handeye.agents.embedded.planner_chat import call_text
from handeye.agents.planners.affordance import Affordance
from handeye.agents.planners.saycan import (
    SayCanPlanner,
    grounded_calls,
    is_skill,
    short_name,
    words_of,
)
from handeye.agents.tools.tabletop import TABLETOP_TOOLS
from tests.agents.builders import ToldModel, listing

SPECS = [Tool.of(function, None).spec for function in TABLETOP_TOOLS]
SEEN = "#1 small red block at x=0.400 y=-0.100 m; #2 blue bowl at x=0.500 y=0.000 m"
WEIGHTS = {"pick target block": 4.0, "place_in hand empty": -9.0, "place_in container bowl": 4.0}
CAN = Affordance(WEIGHTS, -2.0, {})


class LikingModel(ToldModel):
    """Likes continuations by the first words of `liked` that stand in them."""

    def __init__(self, **liked: float) -> None:
        super().__init__()
        self.liked = liked

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        self.asked.append(list(messages))
        return [
            next((score for word, score in self.liked.items() if word in text), -9.0)
            for text in continuations
        ]


def test_options_are_skills_on_things_seen() -> None:
    skills = [spec for spec in SPECS if is_skill(spec)]
    names = {spec.name for spec in skills}
    assert {"pick", "place_in", "place_beside", "push_to", "open_drawer"} <= names
    assert not names & {"look", "detect", "count", "check", "locate", "place_where", "done"}
    things = (
        NotedObject("#1", "star", 0, 0),
        NotedObject("#2", "star", 0, 1),
        NotedObject("#3", "cup", 1, 0),
    )
    calls = [words_of(call) for call in grounded_calls(skills, SceneNotes(things), "c")]
    assert '{"name": "pick", "arguments": {"target": "#1"}}' in calls  # two are called star
    assert '{"name": "pick", "arguments": {"target": "cup"}}' in calls
    assert '{"name": "push_to", "arguments": {"target": "#1", "goal": "#1"}}' not in calls
    assert len(set(calls)) == len(calls)
    assert words_of(ToolCall(DONE.spec.name, {"claim": "cannot"}, "")) == (
        '{"name": "done", "arguments": {"claim": "cannot", "answer": "'
    )


def test_what_is_said_and_can_be_done_is_chosen() -> None:
    model = LikingModel(bowl=-0.5, block=-1.0)
    planner = SayCanPlanner(model, CAN)
    planner.reset("put the red block in the blue bowl", SPECS, 0)
    look = planner.next_call([])
    assert look == ToolCall("detect", {"words": "object"}, "call_1")
    history = [Step(look, listing(SEEN))]
    pick = planner.next_call(history)
    # The model prefers calls about the bowl, but of those none can be done with an empty hand.
    assert (pick.name, dict(pick.arguments)) == ("pick", {"target": "red block"})
    said = sum(option.say for option in planner.options)
    assert said == pytest.approx(1.0)
    assert model.asked[0][-1].parts == (f"ok: {SEEN}",)
    history.append(Step(pick, ToolResult(True, "", data={"held": "", "taken": "red block"})))
    place = planner.next_call(history)
    assert (place.name, dict(place.arguments)) == ("place_in", {"container": "blue bowl"})


def test_it_ends_by_a_claim_and_looks_again_after_failures() -> None:
    planner = SayCanPlanner(LikingModel(cannot=-0.1), CAN)
    planner.reset("fold the napkin", SPECS, 0)
    look = planner.next_call([])
    nothing = [Step(look, ToolResult(False, "nothing in view fits 'object'"))]
    assert planner.next_call(nothing) == Done("cannot")
    failed = Step(ToolCall("pick", {"target": "x"}, "2"), ToolResult(False, "closed on nothing"))
    again = planner.next_call([*nothing, failed])
    assert again == ToolCall("detect", {"words": "object"}, "call_3")


def test_options_that_can_hardly_be_done_are_not_asked_about() -> None:
    planner = SayCanPlanner(LikingModel(pick=-0.1), Affordance({}, -9.0, {}))
    planner.reset("pick the block", SPECS, 0)
    look = planner.next_call([])
    assert isinstance(look, ToolCall)
    assert isinstance(planner.next_call([Step(look, listing(SEEN))]), Done)
    assert {option.call.name for option in planner.options} == {"done"}


def test_options_come_best_first_and_their_worth_is_both() -> None:
    planner = SayCanPlanner(LikingModel(bowl=-0.5, block=-1.0), CAN)
    planner.reset("put the red block in the blue bowl", SPECS, 0)
    look = planner.next_call([])
    assert isinstance(look, ToolCall)
    planner.next_call([Step(look, listing(SEEN))])
    worths = [option.worth for option in planner.options]
    assert worths == sorted(worths, reverse=True)
    assert all(o.worth == o.say * o.can <= o.can <= 1.0 for o in planner.options)


def test_a_new_instruction_forgets_the_options() -> None:
    planner = SayCanPlanner(LikingModel(cannot=-0.1), CAN)
    planner.reset("a", SPECS, 0)
    look = planner.next_call([])
    assert isinstance(look, ToolCall)
    planner.next_call([Step(look, listing(SEEN))])
    assert planner.options
    planner.reset("b", SPECS, 0)
    assert planner.options == []
    assert planner.planner_id == "saycan (told)"


def test_with_nothing_in_view_there_is_no_call() -> None:
    skills = [spec for spec in SPECS if is_skill(spec)]
    assert list(grounded_calls(skills, SceneNotes(), "c")) == []


@pytest.mark.parametrize(
    ("properties", "skill"),
    [
        ({"target": {"type": "string"}}, True),
        ({"reference": {"type": "string"}, "side": {"enum": ["left"]}}, True),
        ({"side": {"enum": ["left"]}}, False),  # nothing it would act on
        ({"target": {"type": "string"}, "metres": {"type": "number"}}, False),
        ({}, False),
    ],
)
def test_a_skill_takes_things_and_choices_alone(properties: dict[str, Any], skill: bool) -> None:
    schema = {"type": "object", "properties": properties}
    named = tuple(name for name in properties if name in ("target", "reference"))
    assert is_skill(ToolSpec("do", "", schema, ToolTraits("arm", names=named))) == skill
    assert not is_skill(ToolSpec("check", "", schema, ToolTraits(names=named)))  # moves nothing


def test_a_thing_is_named_in_the_fewest_words_that_fit_it_alone() -> None:
    names = ("small red block", "large red block", "small red star", "small red star", "bowl")
    things = tuple(NotedObject(f"#{k}", name, 0.5, 0.1 * k) for k, name in enumerate(names))
    noted = SceneNotes(things)
    assert [short_name(thing, noted) for thing in things] == [
        "small red block",
        "large red block",
        "#2",
        "#3",
        "bowl",
    ]
    assert short_name(things[2], SceneNotes(things[:3])) == "red star"


@pytest.mark.parametrize("claim", ["success", "cannot"])
def test_a_claim_ends_where_a_token_of_the_embedded_model_does(claim: str) -> None:
    _, tokenizer = load_weights(shipped_folder())
    call = ToolCall(DONE.spec.name, {"claim": claim, "answer": "so it is"}, "")
    begun, whole = (
        tokenizer(text, add_special_tokens=False)["input_ids"]
        for text in (as_reply(words_of(call)), call_text(call))
    )
    assert whole[: len(begun)] == begun
