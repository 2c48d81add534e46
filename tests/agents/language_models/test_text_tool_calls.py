import json

import numpy as np
import pytest

from handeye.agents.core.conversation import Image, Message, ToolCall, ToolSpec
from handeye.agents.core.strict_json import MAX_DEPTH, clean_text, parse_json
from handeye.agents.core.tool_arguments import departure
from handeye.agents.language_models.text_tool_calls import (
    MAX_CALLS,
    caption_images,
    merge_turns,
    read_calls,
    tell_schema,
    tell_tools,
)

PLACE = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
LOOK = ToolSpec("look_at", "Look somewhere.", PLACE)
CALL = '{"name": "look_at", "arguments": {"place": "left"}}'


@pytest.mark.parametrize(
    "words",
    [
        CALL,
        f"I will look.\n```json\n{CALL}\n```\nThen I go on.",
        f"<tool_call>{CALL}</tool_call>",
        f"{{not json}} {CALL}",
        '{"tool": "look_at", "parameters": {"place": "left"}}',
    ],
)
def test_a_call_is_found_wherever_it_stands(words: str) -> None:
    assert read_calls(words, [LOOK]) == (ToolCall("look_at", {"place": "left"}, "call_0"),)


@pytest.mark.parametrize("words", ["", "no call", "{}", '{"a": 1}', '{"name": 3}', "{" * 5000])
def test_what_is_no_call_is_none(words: str) -> None:
    assert read_calls(words, [LOOK]) == ()


def test_a_flood_of_calls_is_cut_and_wrong_ones_say_why() -> None:
    assert len(read_calls(CALL * 100, [LOOK])) == MAX_CALLS
    (wrong,) = read_calls('{"name": "look_at", "arguments": {}}', [LOOK])
    assert "lacks place" in wrong.problem
    (unknown,) = read_calls('{"name": "fly", "arguments": {}}', [LOOK])
    assert "there are: look_at" in unknown.problem


def test_tools_calls_and_results_are_told_in_words() -> None:
    asked = [
        Message("system", ("Be brief.",)),
        Message("assistant", (), (ToolCall("look_at", {"place": "left"}, "1"),)),
        Message("tool", ("a wall",), call_id="1"),
    ]
    system, call, result = tell_tools(asked, [LOOK])
    assert system.text.startswith("Be brief.")
    assert "look_at: Look somewhere." in system.text
    assert json.loads(call.text) == {"name": "look_at", "arguments": {"place": "left"}}
    assert (result.role, result.text) == ("user", "Result of 1:\na wall")
    assert "follows this schema" in tell_schema([], PLACE)[0].text


def test_turns_of_one_role_become_one_and_images_their_captions() -> None:
    image = Image(np.zeros((2, 2, 3), np.uint8), "a table")
    merged = merge_turns([Message("user", ("a",)), Message("user", (image,)), Message("tool", ())])
    assert [message.role for message in merged] == ["user", "tool"]
    assert caption_images(merged)[0].parts == ("a", "[picture: a table]")


@pytest.mark.parametrize("text", ["NaN", '{"a": Infinity}', "[" * 200 + "]" * 200, "{", ""])
def test_what_is_not_strict_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_json(text)


def test_json_is_bounded_and_free_of_what_no_file_can_hold() -> None:
    assert parse_json("[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))
    assert parse_json('{"a\\ud800": "\\ud800"}') == {"a?": "?"}
    assert clean_text("a\ud800") == "a?"


@pytest.mark.parametrize(
    ("value", "schema", "says"),
    [
        (2.0, {"type": "integer"}, "of type integer"),
        (True, {"type": "number"}, "of type number"),
        (float("nan"), {"type": "number"}, "finite"),
        (float("-inf"), {"type": "number"}, "finite"),
        (7, {"type": "number", "maximum": 5}, "must lie in"),
        ("abc", {"type": "string", "maxLength": 2}, "3 characters"),
        ([1], {"type": "array", "minItems": 2}, "2 to inf items"),
        (None, {"anyOf": [{"type": "string"}, {"type": "null"}]}, ""),
        (3, {"anyOf": [{"type": "string"}, {"type": "null"}]}, "of type string"),
        ({"a": 1}, {"type": "object", "additionalProperties": False}, "it takes nothing"),
        ("b", {"const": "a"}, "must be one of"),
    ],
)
def test_departures_from_a_schema_are_told(
    value: object, schema: dict[str, object], says: str
) -> None:
    found = departure(value, schema, "x")
    assert (says in found) if says else not found
