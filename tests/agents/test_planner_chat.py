from handeye.agents.conversation import Message, ToolCall
from handeye.agents.openai_messages import wire_messages
from handeye.agents.planner_chat import conversation_texts, result_text
from tests.experiments.small_planner import small_planner

LISTED = "ok: #1 red block at x=0.512 y=-0.103 m; #2 blue bowl at x=0.400 y=0.120 m. Name one"
TALK = [
    Message("system", ("You control a robot.",)),
    Message("user", ("Instruction: put the block in the bowl",)),
    Message("assistant", (), (ToolCall("detect", {"words": "object"}, "call_1"),)),
    Message("tool", (LISTED,), call_id="call_1"),
    Message("assistant", (), (ToolCall("place_beside", {"reference": "#2", "side": "left"}, "b"),)),
    Message("tool", ("failed: the hand is empty",), call_id="b"),
    Message("assistant", ("I do not know",)),
    Message("user", ("failed: the reply holds no call",)),
]


def test_the_template_says_what_we_say() -> None:
    _, tokenizer = small_planner()
    ours = "".join(conversation_texts(TALK))
    theirs = tokenizer.apply_chat_template(
        wire_messages(TALK), tools=[], tokenize=False, add_generation_prompt=True
    )
    assert ours == theirs
    assert "You control" not in ours
    assert ours.startswith("<|user|>put the block in the bowl<|assistant|><tool_call>\n{")
    assert ours.endswith("<|result|>failed: the reply holds no call<|assistant|>")


def test_places_and_pictures_are_left_out() -> None:
    assert result_text(LISTED) == "ok: #1 red block; #2 blue bowl. Name one"
    assert result_text("ok: The hand is empty.\n[picture: the table]") == "ok: The hand is empty."
    assert result_text("ok: moved by 6 cm") == "ok: moved by 6 cm"


def test_calls_and_results_told_in_words_are_understood() -> None:
    words = '{"name": "pick", "arguments": {"target": "cup"}}'
    told = [TALK[1], Message("assistant", (words,)), Message("user", ("Result of a1:\nok: yes",))]
    assert conversation_texts(told)[1:] == [
        f"<|assistant|><tool_call>\n{words}\n</tool_call><|end|>",
        "<|result|>ok: yes",
        "<|assistant|>",
    ]
