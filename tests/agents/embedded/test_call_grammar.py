import json
from typing import Any

import llguidance
import llguidance.hf
import pytest

from handeye.agents.core.conversation import Message, ToolCall, ToolSpec
from handeye.agents.core.planner import DONE
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.embedded.call_grammar import call_grammar, holding, things_named
from handeye.agents.embedded.planner_chat import call_text
from tests.agents.builders import PLANNER_TOOLS
from tests.experiments.small_planner import small_planner

ASKED = Message("user", ("Instruction: put the star left of the cup in the large bowl, please",))
SEEN = (
    Message("assistant", (), (ToolCall("describe", {}, "a"),)),
    Message("tool", ("ok: small red star; large blue bowl; green drawer (open)",), call_id="a"),
)
TOOLS = (*PLANNER_TOOLS, DONE.spec)


def picked(result: str) -> tuple[Message, Message]:
    call = ToolCall("pick", {"target": "star"}, "b")
    return Message("assistant", (), (call,)), Message("tool", (result,), call_id="b")


def accepts(
    messages: tuple[Message, ...],
    name: str,
    tools: tuple[ToolSpec, ...] = TOOLS,
    **arguments: Any,
) -> bool:
    model, tokenizer = small_planner()
    lexicon = llguidance.hf.from_tokenizer(tokenizer, n_vocab=model.config.vocab_size)
    whole = tokenizer(call_text(ToolCall("describe", {}, "")))["input_ids"]
    grammar = call_grammar(tools, messages, {"describe": whole[0]} if len(whole) == 1 else {})
    matcher = llguidance.LLMatcher(lexicon, grammar)
    assert not matcher.is_error(), matcher.get_error()
    ids = tokenizer(call_text(ToolCall(name, arguments, "")))["input_ids"]
    return matcher.validate_tokens([*ids, tokenizer.eos_token_id]) == len(ids) + 1


@pytest.mark.slow
def test_things_that_were_said_or_seen_may_be_named_and_no_others() -> None:
    messages = (ASKED, *SEEN)
    for target in ("star", "star left of the cup", "small red star", "red star", "bowl"):
        assert accepts(messages, "pick", target=target)
    for target in ("yellow star", "crystal ball", "#1", ""):
        assert not accepts(messages, "pick", target=target)
    listed = (*picked("failed: 'star' fits 2 things: #4 red star at x=0.5 y=0.1 m"),)
    assert accepts((ASKED, *listed), "pick", target="#4")


@pytest.mark.slow
def test_calls_fit_their_tools() -> None:
    messages = (ASKED, *SEEN)
    assert accepts(messages, "done", claim="success", answer="three, I think")
    assert accepts(messages, "done", claim="cannot")
    assert accepts(messages, "describe")
    assert accepts(messages, "look")
    assert not accepts(messages, "done", claim="perhaps")
    assert not accepts(messages, "dance")
    assert not accepts(messages, "pick", container="star")
    assert accepts(messages, "check", item="star", relation="in", base="bowl")


@pytest.mark.slow
def test_plans_are_calls_in_words_about_things_said_or_seen() -> None:
    messages = (ASKED, *SEEN)
    steps = "pick star; place_beside cup left; push_to red star large blue bowl; describe"
    assert accepts(messages, "plan", steps=steps)
    for wrong in (
        "",
        "pick",
        "dance",
        "pick moon",
        "pick star bowl",
        "push_to star",
        "place_beside cup",
        "place_beside cup above",
        "pick star;place_in bowl",
        "pick star; ",
    ):
        assert not accepts(messages, "plan", steps=wrong)


@pytest.mark.slow
def test_the_hand_decides_what_can_be_called() -> None:
    empty, full = (ASKED, *SEEN), (ASKED, *SEEN, *picked("ok: it is in the hand"))
    assert accepts(empty, "pick", target="star")
    assert not accepts(empty, "place_in", container="bowl")
    assert accepts(full, "place_in", container="bowl")
    assert not accepts(full, "pick", target="star")
    assert not accepts(full, "open_drawer", drawer="drawer")


@pytest.mark.parametrize(
    ("result", "held"),
    [
        ("ok: it is in the hand", True),
        ("failed: the fingers closed on nothing", False),
        ("failed: the hand already holds something; place that first", True),
        ("failed: 'star' fits 2 things", False),
    ],
)
def test_the_results_tell_whether_something_is_held(result: str, held: bool) -> None:
    assert holding(picked(result)) == held


def test_what_was_placed_or_lost_is_not_held() -> None:
    for said in ("ok: it was let go there", "failed: it was lost on the way; look where it lies"):
        call = ToolCall("place_in", {"container": "bowl"}, "c")
        placed = Message("assistant", (), (call,)), Message("tool", (said,), call_id="c")
        assert not holding((*picked("ok: it is in the hand"), *placed))


def test_in_apartments_things_and_rooms_have_other_names_than_the_users() -> None:
    target = {
        "type": "object",
        "properties": {"target": {"type": "string"}},
        "required": ["target"],
    }
    drive = ToolSpec("go_to", "", target, ToolTraits("base", names=("target",)))
    messages = (Message("user", ("Instruction: go to the lounge",)),)
    assert accepts(messages, "go_to", tools=(drive, DONE.spec), target="living room")
    assert not accepts(messages, "go_to", tools=(drive, DONE.spec), target="#7")
    assert not accepts(messages, "pick", target="living room")


def test_a_name_needs_no_article() -> None:
    names = things_named([Message("user", ("Instruction: which has more purple boxes, say",))])
    assert "purple boxes" in names
    assert "boxes say" not in names


def test_names_end_where_clauses_end() -> None:
    names = things_named([ASKED])
    assert "star left of the cup in the large bowl" in names
    assert not any("please" in name and " " in name for name in names)


def test_tools_with_arguments_of_other_types_are_left_out() -> None:
    schema = {"type": "object", "properties": {"parts": {"type": "array"}}, "required": ["parts"]}
    grammar = call_grammar((ToolSpec("odd", "", schema), DONE.spec), (ASKED,))
    assert "odd" not in grammar
    assert json.dumps('{"name": "done", "arguments": {') in grammar


@pytest.mark.parametrize(
    ("result", "named", "unnamed"),
    [
        (
            "ok: #3 small red star at x=0.1 y=0.2 m",
            {"#3", "small red star", "star"},
            {"small"},
        ),
        ("ok: red cup in the blue bowl", {"red cup", "blue bowl"}, {"red cup in the blue bowl"}),
        ("failed: nothing in view", {"failed"}, {"#1"}),
    ],
)
def test_what_a_result_tells_can_be_named(result: str, named: set[str], unnamed: set[str]) -> None:
    names = set(things_named([Message("tool", (result,), call_id="a")]))
    assert named | {"object"} <= names
    assert not unnamed & names


def test_every_name_is_listed_once() -> None:
    names = things_named([ASKED, *SEEN, *SEEN])
    assert len(names) == len(set(names))
    assert names[0] == "object"


@pytest.mark.parametrize("arguments", [{"claim": "success"}, {"claim": "success", "answer": "2"}])
def test_arguments_that_are_not_required_may_be_left_out(arguments: dict[str, str]) -> None:
    assert accepts((ASKED,), "done", **arguments)


def test_with_nothing_told_the_hand_is_empty() -> None:
    assert not holding([])
    assert not holding([ASKED])
