"""The texts, tokens and batches that `handeye-planner` is made of, on traces written by hand."""

from pathlib import Path
from typing import Any

import pytest
import torch

from handeye.agents.core.conversation import ToolCall
from handeye.experiments.traces.plan_annotation import Trace, Turn
from handeye.experiments.traces.planner_examples import IGNORED, PlannerExample, collate, encode
from handeye.experiments.traces.planner_tokenizer import (
    call_texts,
    frequent_results,
    make_tokenizer,
    trace_messages,
)
from handeye.experiments.training.config import TrainPlannerConfig
from handeye.experiments.training.train_planner import BLANK, model_config, new_model, run
from tests.experiments.small_planner import small_planner


def turn(name: str, result: str = "", taught: bool = True, **arguments: str) -> Turn:
    return Turn(ToolCall(name, arguments, ""), result, taught)


TRACE = Trace(
    "put_in",
    "put the star in the cup",
    (
        turn("describe", "ok: green star at x=0.5 y=0.1 z=0.0 m; blue cup"),
        turn("pick", "failed: nothing in view fits 'ball'", taught=False, target="ball"),
        turn("place_beside", "ok: it was let go there", reference="cup", side="left"),
        turn("done", claim="success", answer=""),
    ),
)


def test_a_conversation_has_a_turn_for_each_call_and_result() -> None:
    messages = trace_messages(TRACE)
    assert [m["role"] for m in messages] == ["user", *["assistant", "tool"] * 3, "assistant"]
    assert messages[0]["content"].endswith("put the star in the cup")
    function = messages[5]["tool_calls"][0]["function"]
    assert function == {"name": "place_beside", "arguments": {"reference": "cup", "side": "left"}}


def test_the_fixed_texts_of_calls_leave_out_arguments() -> None:
    texts = call_texts([TRACE])
    assert '<tool_call>\n{"name": "place_beside", "arguments": {"reference": "' in texts
    assert '", "side": "' in texts
    assert '<tool_call>\n{"name": "describe", "arguments": {}}\n</tool_call>' in texts
    assert not any("cup" in text or "ball" in text for text in texts)
    assert len(set(texts)) == len(texts)


def test_results_that_come_often_and_name_no_place_are_single_texts() -> None:
    often = [turn("look", "ok: seen")] * 300
    rare = [turn("look", f"ok: {n}") for n in range(100)]
    placed = [turn("locate", "ok: cup at x=0.1 y=0 z=0 m")] * 50
    trace = Trace("x", "go", (*often, *rare, *placed, turn("done", claim="success")))
    assert frequent_results([trace]) == ["ok: seen"]
    assert frequent_results([]) == []


def test_a_tokenizer_gives_back_what_it_was_given() -> None:
    tokenizer = make_tokenizer([TRACE], 400)
    for text in ("put the star in the cup", "größer als 42 cm?", '{"a": 1}'):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.decode(ids) == text
    assert (tokenizer.eos_token, tokenizer.pad_token) == ("<|end|>", "<|pad|>")
    assert len(tokenizer) <= 400


def test_numbers_are_spelled_digit_by_digit() -> None:
    tokenizer = make_tokenizer([Trace("x", "1234 1234 1234", (turn("done"),))], 400)
    assert len(tokenizer("1234", add_special_tokens=False)["input_ids"]) == 4


def test_only_calls_that_are_no_mistakes_are_taught() -> None:
    _, tokenizer = small_planner()
    ids, taught = encode(TRACE, tokenizer)
    assert len(ids) == len(taught)
    said = tokenizer.decode([token for token, teach in zip(ids, taught, strict=True) if teach])
    assert said.count("<|end|>") == 3
    assert "place_beside" in said
    assert "ball" not in said
    assert "put the star" not in said
    assert "let go" not in said


def test_places_in_metres_are_not_read() -> None:
    _, tokenizer = small_planner()
    text = tokenizer.decode(encode(TRACE, tokenizer).ids)
    assert "green star; blue cup" in text
    assert "x=" not in text


def test_shorter_conversations_are_filled_up_on_the_right() -> None:
    batch = collate(
        [PlannerExample([5, 6, 7], [False, True, True]), PlannerExample([8, 9], [True, True])], 0
    )
    assert batch.ids.tolist() == [[5, 6, 7], [8, 9, 0]]
    assert batch.labels.tolist() == [[6, 7, IGNORED], [9, IGNORED, IGNORED]]
    assert batch.ids.dtype == batch.labels.dtype == torch.int64


def test_what_is_not_taught_is_no_label() -> None:
    batch = collate([PlannerExample([5, 6, 7], [True, False, False])], 0)
    assert set(batch.labels.flatten().tolist()) == {IGNORED}


def test_the_shape_is_that_of_the_flags() -> None:
    _, tokenizer = small_planner()
    config = model_config(TrainPlannerConfig(Path(), width=96, layers=3), tokenizer)
    assert (config.hidden_size, config.intermediate_size, config.num_hidden_layers) == (96, 288, 3)
    assert config.num_attention_heads == 3
    assert config.vocab_size == len(tokenizer)
    assert (config.eos_token_id, config.pad_token_id) == (
        tokenizer.eos_token_id, tokenizer.pad_token_id,
    )  # fmt: skip


def test_words_begin_alike_with_and_without_a_blank() -> None:
    _, tokenizer = small_planner()
    torch.manual_seed(0)
    model = new_model(TrainPlannerConfig(Path(), width=64, layers=1), tokenizer)
    weights, known = model.model.embed_tokens.weight, tokenizer.get_vocab()
    pairs = [(n, known[BLANK + word]) for word, n in known.items() if BLANK + word in known]
    assert len(pairs) > 20
    bare, blank = (weights[list(side)] for side in zip(*pairs, strict=True))
    alike = torch.cosine_similarity(bare, blank)
    assert float(alike.mean().detach()) > 0.6
    others = torch.cosine_similarity(bare, blank.roll(1, 0))
    assert float(others.abs().mean().detach()) < 0.3


@pytest.mark.parametrize(
    "flags", [{"steps": 0}, {"steps": -1}, {"width": 0, "steps": 0}, {"workers": 0}, {"width": 33}]
)
def test_flags_that_train_nothing_leave_no_folder(flags: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be at least 1, and --width a multiple"):
        run(TrainPlannerConfig(tmp_path / "run", **flags))
    assert not (tmp_path / "run").exists()
