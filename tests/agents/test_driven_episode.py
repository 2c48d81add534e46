"""An episode driven from outside: the same tools, gate and budget, a verdict at the end."""

import numpy as np
import pytest

from handeye.agents.agent import Budget
from handeye.agents.core.conversation import Image, ToolCall
from handeye.agents.core.tools import Tool, Toolbox, ToolResult
from handeye.agents.driven_episode import DrivenEpisode
from handeye.agents.safety.gate import Limits, SafetyGate
from handeye.agents.tools.robot import Robot
from tests.agents.builders import PaperEnv


def move(robot: Robot, x: float) -> ToolResult:
    """Move the arm.

    Args:
        x: where to, m.
    """
    robot.move_to(x, 0.0, 0.2, 0.0, 1.0)
    return ToolResult(True, f"at {x}", Image(np.zeros((4, 4, 3), np.uint8), "the table"))


def equip(robot: Robot, gate: SafetyGate) -> Toolbox:
    return Toolbox([Tool.of(move, robot)], gate)


def driven(
    env: PaperEnv | None = None,
    budget: Budget | None = None,
    limits: Limits | None = None,
    verdict: bool = True,
) -> DrivenEpisode:
    return DrivenEpisode(
        env or PaperEnv(),
        equip,
        make_gate=lambda: SafetyGate(limits),
        budget=budget,
        seed=7,
        verdict=verdict,
    )


def call(episode: DrivenEpisode, name: str, problem: str = "", **arguments: object) -> ToolResult:
    return episode.call(ToolCall(name, arguments, "", problem))


def test_calls_are_carried_out_and_the_end_is_judged() -> None:
    episode = driven()
    assert [spec.name for spec in episode.specs] == ["move", "done", "status", "reset"]
    moved = call(episode, "move", x=0.5)
    assert (moved.ok, moved.reason) == (True, "at 0.5")
    assert "put it there" in call(episode, "status").reason
    assert "1 of 30 calls and 1 of 120 steps" in call(episode, "status").reason
    verdict = call(episode, "done", claim="success")
    assert verdict.reason == "claimed success; the simulator's verdict: not solved"
    for name, arguments in (("move", {"x": 0.4}), ("done", {"claim": "success"})):
        after = call(episode, name, **arguments)
        assert not after.ok
        assert "was judged: not solved" in after.reason


def test_nothing_is_told_of_success_before_it_is_judged() -> None:
    episode = driven(PaperEnv(success_at=3))
    call(episode, "move", x=0.5)
    assert "solved" not in call(episode, "status").reason
    call(episode, "move", x=0.4)
    call(episode, "move", x=0.5)
    stopped = call(episode, "move", x=0.4)
    assert "the episode is over (success); call done" in stopped.reason
    assert "verdict: solved" in call(episode, "done", claim="success").reason


@pytest.mark.parametrize(
    ("name", "arguments", "problem", "says"),
    [
        ("mov", {}, "", "did you mean move?"),
        ("move", {"x": "far"}, "", "must be of type number"),
        ("move", {"x": 0.5}, "too long", "too long"),
        ("move", {"x": 9.0}, "", "outside of the workspace"),
        ("done", {"claim": "maybe"}, "", "must be one of"),
        ("reset", {}, "", "lacks seed"),
        ("reset", {"seed": -1}, "", "whole number from 0"),
        ("reset", {"seed": 2**40}, "", "whole number from 0"),
    ],
)
def test_mistakes_come_back_in_words(
    name: str, arguments: dict[str, object], problem: str, says: str
) -> None:
    episode = driven()
    result = call(episode, name, problem, **arguments)
    assert not result.ok
    assert says in result.reason
    assert call(episode, "move", x=0.5).ok  # it goes on


def test_the_gate_and_the_budget_hold() -> None:
    forbidden = driven(limits=Limits(tools=("look",)))
    assert "move is not allowed here" in call(forbidden, "move", x=0.5).reason
    few_calls = driven(budget=Budget(calls=1))
    assert call(few_calls, "move", x=0.5).ok
    assert "all 1 calls of this episode are used up" in call(few_calls, "move", x=0.4).reason
    few_steps = driven(budget=Budget(steps=1))
    assert call(few_steps, "move", x=0.5).ok
    assert "the episode is over (steps)" in call(few_steps, "move", x=0.4).reason
    assert "not solved" in call(few_steps, "done", claim="failure").reason


def test_the_verdict_is_told_where_it_is_asked_for_alone() -> None:
    episode = driven(verdict=False)
    ended = call(episode, "done", claim="success")
    assert ended.ok
    assert ended.reason.startswith("claimed success; the simulator has judged")
    told = [ended.reason, call(episode, "status").reason, call(episode, "move", x=0.5).reason]
    assert not any("solved" in words for words in told)
    assert episode.judgements == [(7, "success", False)]


@pytest.mark.parametrize("ended", [True, False])
def test_a_seed_is_judged_once(ended: bool) -> None:
    episode = driven(PaperEnv(success_at=1))
    if ended:
        call(episode, "done", claim="success")
    assert "was begun before" in call(episode, "reset", seed=7).reason
    assert call(episode, "move", x=0.5).ok
    over = call(episode, "done", claim="success")
    assert "practice and not judged; reset with another seed" in over.reason
    assert "was not judged" in call(episode, "done", claim="success").reason
    assert len(episode.judgements) == ended
    assert "was begun before" not in call(episode, "reset", seed=8).reason
    call(episode, "move", x=0.5)
    assert "verdict: solved" in call(episode, "done", claim="success").reason


def test_reset_begins_anew() -> None:
    episode = driven(budget=Budget(calls=1))
    call(episode, "move", x=0.5)
    call(episode, "done", claim="success")
    again = call(episode, "reset", seed=8)
    assert "Episode 8: going on; 0 of 1 calls" in again.reason
    assert call(episode, "move", x=0.5).ok
