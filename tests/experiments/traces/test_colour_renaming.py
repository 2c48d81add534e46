import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.envs.base.colours import COLOURS
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.experiments.traces.colour_renaming import COLOUR, WORDS, with_other_colours
from handeye.experiments.traces.plan_annotation import Trace, Turn
from handeye.experiments.traces.planning_traces import draw_trace

TRACE = Trace(
    "put_in",
    "Red block, or an orange star, into the red bowl",
    (
        Turn(ToolCall("pick", {"target": "red block"}, ""), "ok: the red block is held", True),
        Turn(ToolCall("done", {"claim": "success", "answer": "orange"}, ""), "", True),
    ),
)


def test_a_colour_is_called_the_same_wherever_it_is_told() -> None:
    told: set[str] = set()
    for n in range(40):
        trace = with_other_colours(TRACE, np.random.default_rng(n))
        first, rest = trace.instruction.split(" block, or ")
        red, orange = first.lower(), rest.split()[1]
        told |= {red, orange}
        article = "an" if orange[0] in "aeiou" else "a"
        assert trace.instruction == (
            f"{red.capitalize()} block, or {article} {orange} star, into the {red} bowl"
        )
        assert trace.turns[0] == Turn(
            ToolCall("pick", {"target": f"{red} block"}, ""), f"ok: the {red} block is held", True
        )
        assert trace.turns[1].call.arguments == {"claim": "success", "answer": orange}
        assert red != orange
    assert told & {"red", "orange"}
    assert len(told) > 15


def test_other_words_are_no_colours_of_a_suite() -> None:
    assert not set(COLOURS) & set(WORDS)


@pytest.mark.slow
def test_no_held_out_pair_is_told_in_training() -> None:
    pairs = {f"{colour} {kind}" for kind, colour in HELD_OUT}
    for n in range(150):
        trace = draw_trace(np.random.default_rng([31, n]), wide=True)
        looked_at = [turn.result for turn in trace.turns if turn.call.name == "describe"]
        assert not any(pair in text for text in looked_at for pair in pairs), trace


@pytest.mark.slow
def test_many_traces_of_training_have_other_colours_and_none_that_is_measured_on() -> None:
    def foreign(trace: Trace) -> bool:
        return any(f"{word} block" in trace.turns[0].result for word in WORDS)

    drawn = [draw_trace(np.random.default_rng([32, n]), wide=True) for n in range(90)]
    assert 1 < sum(map(foreign, drawn)) < 40
    assert not any(foreign(draw_trace(np.random.default_rng([32, n]))) for n in range(60))
    assert COLOUR.search("an orange star")
