import json
from collections import Counter

import numpy as np
import pytest

from handeye.agents.core.conversation import Message, ToolCall
from handeye.agents.core.planner import DONE
from handeye.agents.core.tool_arguments import departure
from handeye.agents.embedded.planner_chat import conversation_texts
from handeye.envs.rooms import long as rooms
from handeye.envs.rooms.long import KINDS as ROOM_KINDS
from handeye.envs.tabletop.long import KINDS
from handeye.envs.tabletop.long.registry import FAMILY_KINDS, HELD_OUT_KINDS
from handeye.envs.tabletop.tasks import TASKS
from handeye.experiments.traces import planning_traces, table_drafts
from handeye.experiments.traces.planner_examples import (
    IGNORED,
    PlannerExamples,
    collate,
    encode,
    up_to_a_plan,
)
from handeye.experiments.traces.planner_tokenizer import (
    call_texts,
    frequent_results,
    trace_messages,
)
from handeye.experiments.traces.planning_traces import HARD_ROOM_KINDS, draw_trace, play, play_rooms
from handeye.experiments.traces.table_drafts import HARD_KINDS, draw_core, draw_long, draw_mixed
from tests.agents.builders import PLANNER_TOOLS
from tests.experiments.small_planner import small_planner, traces

SPECS = {spec.name: spec.parameters for spec in (*PLANNER_TOOLS, DONE.spec)}


def test_traces_end_in_a_claim_and_are_the_same_for_a_seed() -> None:
    for n, trace in enumerate(traces()):
        assert [turn.call.name for turn in trace.turns].count("done") == 1
        assert trace.turns[-1].call.name == "done"
        assert trace.kind in {*TASKS, *KINDS, *ROOM_KINDS}
        if n < 5:
            assert draw_trace(np.random.default_rng([1, n])) == trace


@pytest.mark.parametrize("draw", [draw_core, draw_mixed, draw_long])
def test_calls_on_the_tabletop_fit_the_real_tools(draw: object) -> None:
    claims: Counter[str] = Counter()
    for n in range(12):
        rng = np.random.default_rng([2, n])
        trace = play(draw(rng, "seen"), rng)  # type: ignore[operator]
        for turn in trace.turns:
            call = turn.call
            assert not departure(call.arguments, SPECS[call.name], call.name)
        claims[trace.turns[-1].call.arguments["claim"]] += 1
    assert claims["success"] >= 9


def test_rooms_are_explored_before_it_is_said_that_something_is_not_there() -> None:
    for n in range(40):
        trace = play_rooms(np.random.default_rng([3, n]), "seen")
        claim = trace.turns[-1].call.arguments["claim"]
        assert claim in ("success", "cannot")
        if claim == "cannot":
            assert "is explored" in trace.turns[-2].result


def test_hard_kinds_are_kinds_and_training_has_more_of_them() -> None:
    assert set(table_drafts.HARD_KINDS) <= set(KINDS)
    assert set(planning_traces.HARD_ROOM_KINDS) <= set(ROOM_KINDS)
    hard = sum(
        draw_long(np.random.default_rng([5, n]), "seen", wide=True).kind in table_drafts.HARD_KINDS
        for n in range(60)
    )
    usual = sum(
        draw_long(np.random.default_rng([5, n]), "seen").kind in table_drafts.HARD_KINDS
        for n in range(60)
    )
    assert hard > usual + 5


def test_mistakes_are_part_of_a_trace_but_not_taught() -> None:
    _, tokenizer = small_planner()
    turns = [turn for trace in traces() for turn in trace.turns]
    assert 0 < sum(not turn.taught for turn in turns) < len(turns) / 5
    trace = next(t for t in traces() if any(not turn.taught for turn in t.turns))
    example = encode(trace, tokenizer)
    said = "".join(
        tokenizer.decode([token]) for token, teach in zip(*example, strict=True) if teach
    )
    assert said.count("<|end|>") == sum(turn.taught for turn in trace.turns)


@pytest.mark.slow
def test_what_a_rule_has_asked_in_between_the_expert_does_not_ask_again() -> None:
    found: Counter[str] = Counter()
    for n in range(150):
        rng = np.random.default_rng([11, n])
        turns = play(draw_long(rng, "seen"), rng).turns
        fed_back = [not t.taught and t.call.name in ("check", "ask_user") for t in turns]
        if not any(fed_back):
            continue
        assert turns[0].call.name == "detect" or not turns[0].taught
        for turn, following, fed in zip(turns, turns[1:], fed_back, strict=False):
            assert not (fed and following.taught and following.call.name == turn.call.name)
            found[turn.call.name] += fed
    assert found["check"] > 10
    assert found["ask_user"] >= 1


@pytest.mark.slow
@pytest.mark.parametrize("wide", [False, True])
def test_what_the_expert_asks_tells_it_what_is_meant(
    monkeypatch: pytest.MonkeyPatch, wide: bool
) -> None:
    monkeypatch.setattr(planning_traces, "WAYS", {"monologue": 0.5})
    monkeypatch.setattr(table_drafts, "HARD_KINDS", FAMILY_KINDS["unclear"])
    monkeypatch.setattr(table_drafts, "FAMILY_KINDS", {"": FAMILY_KINDS["unclear"]})
    monkeypatch.setattr(planning_traces, "HARD_ROOM_KINDS", ("ask_which",))
    for module in (planning_traces, table_drafts):
        monkeypatch.setattr(module, "HARD_SHARE", 1.0)
    answers: Counter[str] = Counter()
    for number in range(40):
        rng = np.random.default_rng([77, number])
        trace = play(draw_long(rng, "seen", wide=wide), rng)
        if number % 4 == 0 and wide:
            trace = play_rooms(rng, "seen", wide=wide)
        for turn in trace.turns:
            if turn.call.name == "ask_user":
                answers[turn.result.split(": ")[-1]] += 1
    assert answers.total() >= 30
    assert all(answer.startswith("the ") for answer in answers), answers


def test_a_trace_can_end_with_one_of_its_plans() -> None:
    rng = np.random.default_rng(0)
    ended = 0
    for trace in traces():
        cut = up_to_a_plan(trace, rng)
        assert trace.turns[: len(cut.turns)] == cut.turns
        if cut != trace:
            ended += 1
            assert cut.turns[-1].call.name == "plan"
        else:
            assert all(turn.call.name != "plan" for turn in trace.turns)
    assert ended > 5


def test_an_example_is_the_conversation_that_the_planner_reads() -> None:
    _, tokenizer = small_planner()
    trace = traces()[0]
    messages = [Message("user", (trace.instruction,))]
    for turn in trace.turns:
        messages.append(Message("assistant", (), (ToolCall(*turn.call[:2], "c"),)))
        if turn.result:
            messages.append(Message("tool", (turn.result,), call_id="c"))
    text = "".join(conversation_texts(messages)[:-1])
    assert tokenizer.decode(encode(trace, tokenizer).ids) == text
    chat = tokenizer.apply_chat_template(trace_messages(trace), tokenize=False)
    assert chat == text


@pytest.mark.slow
def test_batches_hold_what_comes_next_and_fit() -> None:
    _, tokenizer = small_planner()
    examples = [encode(trace, tokenizer) for trace in traces()[:3]]
    batch = collate(examples, tokenizer.pad_token_id)
    ids, taught = examples[0]
    for k, following in enumerate(ids[1:]):
        assert int(batch.labels[0, k]) == (following if taught[k + 1] else IGNORED)
    batches = iter(PlannerExamples(tokenizer, 0, 1500))
    first = next(batches)
    assert first.ids.numel() <= 1500 or len(first.ids) == 1
    assert first.ids.tolist() == next(iter(PlannerExamples(tokenizer, 0, 1500))).ids.tolist()


def test_fixed_texts_are_single_tokens() -> None:
    _, tokenizer = small_planner()
    for text in [*call_texts(traces()), *frequent_results(traces())]:
        assert len(tokenizer(text)["input_ids"]) == 1
    call = '<tool_call>\n{"name": "pick", "arguments": {"target": "red block"}}\n</tool_call>'
    assert len(tokenizer(call)["input_ids"]) <= 4
    assert json.loads(call[11:-12])["name"] == "pick"


def test_no_trace_for_training_is_of_a_kind_that_is_held_out() -> None:
    assert not {*HARD_KINDS} & HELD_OUT_KINDS
    assert not {*HARD_ROOM_KINDS} & {*rooms.HELD_OUT_KINDS}
    rng = np.random.default_rng(11)
    for split in ("seen", "kind"):
        drawn = {draw_long(rng, split, wide=split == "seen").kind for _ in range(80)}
        drawn |= {rooms.sample_long_goal(rng, split=split).goal.kind for _ in range(60)}
        held_out = HELD_OUT_KINDS | {*rooms.HELD_OUT_KINDS}
        assert drawn <= held_out if split == "kind" else not drawn & held_out
