"""What each row of the matrix says about servers of every kind, without any server."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from handeye.experiments.showcase.server_compatibility import (
    ROWS,
    TAKES,
    TOOLS,
    Row,
    ServerAnswer,
    table,
    tool_spec,
)

FIND: Mapping[str, Row] = {row.title: row for row in ROWS}
REFUSED = ServerAnswer(422, {"error": {"message": "no"}})


def said(text: str = "", stop: str = "stop", **choice: Any) -> ServerAnswer:
    message = {"content": text, **choice.pop("message", {})}
    return ServerAnswer(200, {"choices": [{"message": message, "finish_reason": stop, **choice}]})


def called(name: str, arguments: str) -> ServerAnswer:
    function = {"name": name, "arguments": arguments}
    return said(stop="tool_calls", message={"tool_calls": [{"function": function}]})


def found(title: str, *answers: ServerAnswer) -> str:
    """What a row says when the answers come in turn, the last one again and again."""
    waiting = list(answers)

    def ask(**fields: Any) -> ServerAnswer:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return FIND[title].find(ask)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (called("pick", '{"target": "red star"}'), "valid calls, ends with tool_calls"),
        (called("pick", '{"goal": "red star"}'), "invalid calls, ends with tool_calls"),
        (called("fly", "{}"), "invalid calls, ends with tool_calls"),
        (called("pick", "{"), "invalid calls, ends with tool_calls"),
        (said("I would pick it up."), "accepted, no call made"),
        (ServerAnswer(200, {}), "accepted, no call made"),
        (REFUSED, "refused (422)"),
    ],
)
@pytest.mark.parametrize("title", ["tools", "`tool_choice: required`"])
def test_calls_are_judged_by_their_tools(title: str, answer: ServerAnswer, words: str) -> None:
    assert found(title, answer) == words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said("Gladly!"), "ignored"),
        (said('{"other": 1}'), "ignored"),
        (said('{"q7": "x'), "kept, cut short"),
        (REFUSED, "refused (422)"),
    ],
)
def test_a_schema_is_kept_or_not(answer: ServerAnswer, words: str) -> None:
    assert found("`response_format: json_schema`", answer) == words


def test_probabilities_are_counted() -> None:
    five = said(logprobs={"content": [{"top_logprobs": [{}] * 5}]})
    assert found("`logprobs`", five) == "the 5 likeliest told"
    assert found("`logprobs`", said(logprobs=None)) == "not told"
    assert found("`logprobs`", said(logprobs={"content": []})) == "not told"
    assert found("`logprobs`", REFUSED) == "refused (422)"


def test_a_picture_without_effect_is_told() -> None:
    title = "pictures, to a model without eyes"
    assert found(title, said("a wall")) == "answered, the picture ignored"
    assert found(title, said("black"), said("a cup")) == "answered"
    assert found(title, REFUSED, said("a cup")) == "refused (422)"


def streamed(*words: str, end: bool = True) -> ServerAnswer:
    parts = [json.dumps({"choices": [{"delta": {"content": word}}]}) for word in words]
    lines = [f"data: {part}" for part in [*parts, *(["[DONE]"] if end else [])]]
    return ServerAnswer(200, "\n\n".join(lines))


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (streamed("a ", "cup"), "the same words, ends with [DONE]"),
        (streamed("a ", "cup", end=False), "the same words, no [DONE]"),
        (streamed("a bowl"), "other words, ends with [DONE]"),
        (ServerAnswer(200, ""), "no stream"),
        (
            ServerAnswer(200, 'data: {"choices": []}\n\ndata: [DONE]'),
            "other words, ends with [DONE]",
        ),
        (ServerAnswer(500, {}), "refused (500)"),
    ],
)
def test_a_stream_is_compared_with_the_whole(stream: ServerAnswer, words: str) -> None:
    assert found("`stream`", stream, said("a cup")) == words


@pytest.mark.parametrize(
    ("title", "answers", "words"),
    [
        ("`max_tokens` reached", (said(stop="length"),), "ends with length"),
        ("`max_tokens` reached", (ServerAnswer(200, {}),), "ends with None"),
        ("the same again, temperature 0", (said("a"), said("a")), "the same"),
        ("the same again, temperature 0", (said("a"), said("b")), "differs"),
        ("unknown model", (ServerAnswer(404, {}),), "refused (404)"),
        ("unknown model", (said("a"),), "answered all the same"),
        ("prompt longer than the context", (ServerAnswer(400, {}),), "refused (400)"),
        ("prompt longer than the context", (said("a"),), "answered"),
        ("no messages", (ServerAnswer(400, {}),), "refused (400)"),
        ("no messages", (said("a"),), "answered"),
    ],
)
def test_limits_and_mistakes(title: str, answers: tuple[ServerAnswer, ...], words: str) -> None:
    assert found(title, *answers) == words


@pytest.mark.parametrize("body", ["text", {}, {"choices": []}, {"choices": None}])
def test_an_answer_without_choices_says_nothing(body: Any) -> None:
    assert ServerAnswer(200, body).choice == {}
    assert ServerAnswer(200, body).text == ""


def test_tools_are_told_in_brief() -> None:
    assert [spec.name for spec in TOOLS] == list(TAKES)
    spec = tool_spec("place_beside")
    assert list(spec.parameters["properties"]) == ["reference", "side"]
    assert spec.parameters["additionalProperties"] is False


def test_a_row_that_a_server_was_never_asked_for_is_a_dash() -> None:
    one = {
        "server": "s", "model": "m", "weights_sha256": "0" * 64, "abilities": {"tools": False},
    }  # fmt: skip
    lines = table([{**one, "behaviour": {"a": "x", "b": "y"}}, {**one, "behaviour": {"a": "z"}}])
    assert "| a | x | z |" in lines
    assert "| b | y | – |" in lines
    assert "| none | none |" in lines
