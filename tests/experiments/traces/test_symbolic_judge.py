"""The judge of tables of paper, and what is claimed in traces."""

import numpy as np
import pytest

from handeye.envs.tabletop.world.goal import Subgoal
from handeye.experiments.traces import planning_traces
from handeye.experiments.traces.planning_traces import play
from handeye.experiments.traces.symbolic_judge import SymbolicJudge
from handeye.experiments.traces.symbolic_tabletop import (
    NO_MISHAPS,
    SymbolicObject,
    SymbolicTabletop,
)
from handeye.experiments.traces.table_drafts import draw_core, draw_long, draw_mixed, standing


def table() -> SymbolicTabletop:
    """A block, a bowl, a star, a button and a drawer."""
    kinds = ("block", "bowl", "star", "button", "drawer")
    places = [(0.4 + 0.05 * k, -0.2 + 0.1 * k) for k in range(len(kinds))]
    made = SymbolicTabletop(NO_MISHAPS)
    things = [
        SymbolicObject(standing(kind, "red", "", xy), np.array(xy))
        for kind, xy in zip(kinds, places, strict=True)
    ]
    made.lay(things, "put the block into the bowl")
    made.reset(seed=0)
    return made


def test_what_is_claimed_of_paper_is_the_outcome_and_what_else_has_changed() -> None:
    paper = table()
    block, bowl, star, button, drawer = paper.things
    judge = SymbolicJudge(paper, [Subgoal("grasp", 0), Subgoal("place", 0, 1, "inside")], None)
    assert judge.true_claim("") == "failure"
    block.inside, block.xy = 1, bowl.xy.copy()
    assert judge.true_claim("") == "success"
    for change, back in (
        (lambda: setattr(star, "xy", star.xy + 0.05), lambda: setattr(star, "xy", star.xy - 0.05)),
        (lambda: setattr(button, "presses", 1), lambda: setattr(button, "presses", 0)),
        (lambda: setattr(drawer, "slide_m", 0.1), lambda: setattr(drawer, "slide_m", 0.0)),
    ):
        change()
        assert judge.true_claim("") == "failure"
        assert len(judge.side_effects()) == 1
        back()
        assert judge.true_claim("") == "success"
    paper.held = 0
    assert judge.true_claim("") == "failure"


@pytest.mark.parametrize("draw", [draw_core, draw_mixed, draw_long])
def test_the_expert_without_mishaps_does_what_is_asked(draw: object) -> None:
    for n in range(40):
        rng = np.random.default_rng([31, n])
        trace = play(draw(rng, "seen"), rng, NO_MISHAPS)  # type: ignore[operator]
        assert trace.turns[-1].taught, trace.instruction  # as it is true


def test_of_an_expert_led_astray_the_true_claim_alone_is_taught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planning_traces, "ASTRAY", 1.0)
    claims = []
    for n in range(12):
        rng = np.random.default_rng([32, n])
        trace = play(draw_long(rng, "seen"), rng)
        assert [turn.taught for turn in trace.turns[:-1]] == [False] * (len(trace.turns) - 1)
        assert trace.turns[-1].taught
        claims.append(trace.turns[-1].call.arguments["claim"])
    assert claims.count("failure") > 6
