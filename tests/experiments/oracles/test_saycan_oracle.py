from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from handeye.agents.core.planner import DONE, Step
from handeye.agents.core.result_text import holds_after
from handeye.agents.core.scene_notes import scene_notes
from handeye.agents.planners.saycan import grounded_calls, is_skill, looks_first, words_of
from handeye.experiments.traces import planning_traces
from handeye.experiments.traces.planning_traces import play
from handeye.experiments.traces.table_drafts import draw_core, draw_long
from tests.agents.builders import PLANNER_TOOLS, listing

SKILLS = [spec for spec in PLANNER_TOOLS if is_skill(spec)]


@pytest.mark.slow
def test_its_calls_are_what_saycan_could_have_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning_traces, "WAYS", {"skills alone": 1.0})
    monkeypatch.setattr(planning_traces, "ASTRAY", 0.0)
    claims: Counter[str] = Counter()
    for n in range(100):
        rng = np.random.default_rng([41, n])
        draft = (draw_core if n % 2 else draw_long)(rng, "seen")
        if draft.unclear:
            continue
        history: list[Step] = []
        for turn in play(draft, rng).turns:
            looks = turn.call.name == "detect"
            assert looks_first(history, SKILLS) == looks
            # A claim that is not true is in the trace and not taught.
            assert looks != turn.taught or turn.call.name == DONE.spec.name
            if turn.call.name == DONE.spec.name:
                claims[turn.call.arguments["claim"]] += 1
            elif turn.taught:
                options = map(words_of, grounded_calls(SKILLS, scene_notes(history), ""))
                assert words_of(turn.call) in options
            ok, _, reason = turn.result.partition(": ")
            told = listing(reason, ok=ok == "ok")
            if turn.call.name == "pick" and told.ok:
                told = replace(told, data={"taken": turn.call.arguments["target"]})
            elif holds_after(reason) is False:
                told = replace(told, data={"held": ""})
            history.append(Step(turn.call, told))
    assert claims["success"] > 20
    assert claims["cannot"] >= 1


@pytest.mark.slow
def test_who_can_be_asked_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning_traces, "WAYS", {"skills alone": 1.0})
    asked = 0
    for n in range(150):
        rng = np.random.default_rng([42, n])
        draft = draw_long(rng, "seen")
        if draft.unclear:
            asked += any(turn.call.name == "ask_user" for turn in play(draft, rng).turns)
    assert asked
