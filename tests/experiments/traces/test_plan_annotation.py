import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import PLAN
from handeye.experiments.traces.plan_annotation import Trace, Turn, with_plans
from handeye.experiments.traces.planning_traces import draw_trace

OK, FAILED = "ok: it went well", "failed: it did not"


def turn(words: str, result: str = OK, *, taught: bool = True) -> Turn:
    name, *given = words.split(" ", 1)
    return Turn(ToolCall(name, {"words": given[0]} if given else {}, ""), result, taught)


def plans(*turns: Turn) -> list[tuple[int, str]]:
    """The plans that are put in: before which of the turns, and what they say."""
    made = with_plans(Trace("kind", "do it", turns)).turns
    assert [t for t in made if t.call.name != "plan"] == list(turns)
    found = [(n, str(t.call.arguments["steps"])) for n, t in enumerate(made) if t.taught
             and t.call.name == "plan"]  # fmt: skip
    return [(number - k, steps) for k, (number, steps) in enumerate(found)]


def test_acts_are_foretold_in_the_words_of_their_calls() -> None:
    done = turn("done")
    assert plans(
        turn("describe"), turn("pick red block"), turn("place_in bowl"), turn("check it"),
        turn("press button"), done,
    ) == [(1, "pick red block; place_in bowl; press button")]  # fmt: skip
    assert plans(turn("describe"), turn("press button"), done) == []  # one act needs no plan
    assert plans(turn("count blocks"), done) == []


def test_a_plan_ends_where_something_is_found_out() -> None:
    assert plans(
        turn("describe"), turn("open_drawer red drawer"), turn("describe"), turn("pick star"),
        turn("place_on zone"), turn("done"),
    ) == [(1, "open_drawer red drawer; describe"), (3, "pick star; place_on zone")]  # fmt: skip


def test_what_the_user_is_asked_about_is_in_the_plan() -> None:
    assert plans(
        turn("describe"), turn("pick thing", FAILED), turn("ask_user which"), turn("pick star"),
        turn("place_in cup"), turn("done"),
    ) == [(1, "pick thing; ask_user"), (3, "pick star; place_in cup")]  # fmt: skip


@pytest.mark.parametrize(
    "trouble",
    [
        (turn("pick star", FAILED), turn("pick star"), turn("place_in cup")),
        (turn("pick star"), turn("place_in cup", FAILED), turn("pick star"), turn("place_in cup")),
        (turn("pick star"), turn("place_in cup"), turn("check it", FAILED), turn("pick star"),
         turn("place_in cup")),
        (turn("pick moon", FAILED, taught=False), turn("pick star"), turn("place_in cup")),
    ],
)  # fmt: skip
def test_trouble_is_not_foretold(trouble: tuple[Turn, ...]) -> None:
    made = plans(*trouble, turn("push_to zone"), turn("check it", FAILED), turn("push_to zone"))
    assert [steps for _, steps in made] == ["pick star; place_in cup; push_to zone"]


@pytest.mark.slow
def test_most_drawn_traces_hold_a_plan_and_its_calls_follow() -> None:
    drawn = [draw_trace(np.random.default_rng([3, n])) for n in range(60)]
    planned = 0
    for trace in drawn:
        names = [t.call.name for t in trace.turns]
        if "plan" not in names:
            continue
        planned += 1
        steps = str(trace.turns[names.index("plan")].call.arguments["steps"]).split("; ")
        assert len(steps) >= 2
        assert steps[0].split()[0] in names[names.index("plan") :]
    assert planned > 30


def test_a_plan_changes_nothing_and_may_not_be_empty() -> None:
    assert PLAN.function(steps="pick star; place_in cup").reason == "noted"
    assert not PLAN.function(steps=" ").ok
