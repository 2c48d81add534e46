from pathlib import Path

import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.scene_notes import NotedObject, SceneNotes
from handeye.agents.planners.affordance import load_affordance
from handeye.experiments.traces.affordance_dataset import SkillOutcome, sample_outcomes
from handeye.experiments.training import train_affordances
from handeye.experiments.training.config import TrainAffordancesConfig
from handeye.experiments.training.train_affordances import fit, run


@pytest.mark.slow
def test_outcomes_are_judged_and_repeatable() -> None:
    first = [*sample_outcomes("put_in", 3)]
    assert first == [*sample_outcomes("put_in", 3)]
    assert all(outcome.features[0] == outcome.tool for outcome in first)
    assert {True, False} == {outcome.came_off for outcome in first}
    blunders = [o for o in first if "place_in hand empty" in o.features]
    assert not any(outcome.came_off for outcome in blunders)


def test_a_fit_finds_what_matters() -> None:
    block = SkillOutcome("pick", ("pick", "pick target block"), True)
    bowl = SkillOutcome("pick", ("pick", "pick target bowl"), False)
    weights, _ = fit([block] * 20 + [bowl] * 20, penalty=0.1)
    assert weights["pick target block"] > 1 > -1 > weights["pick target bowl"]
    with pytest.raises(ValueError, match="too few"):
        fit([block], 0.1)


def test_the_file_holds_model_and_measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = SkillOutcome("pick", ("pick", "pick target block"), True)
    bowl = SkillOutcome("pick", ("pick", "pick target bowl"), False)
    monkeypatch.setattr(train_affordances, "sample_outcomes", lambda suite, seed: [block, bowl])
    output = tmp_path / "affordance.json"
    assert run(TrainAffordancesConfig(episodes=10, held_out=5, result=output)) == 0
    made = load_affordance(output)
    noted = SceneNotes((NotedObject("#1", "red block", 0.5, 0.0),))
    assert made.probability(ToolCall("pick", {"target": "#1"}, ""), noted) > 0.8
    assert made.card["held_out"]["n"] == 10
    assert made.card["by_tool"]["pick"]["rate"] == 0.5


def test_scenes_of_evaluations_are_not_learned_from() -> None:
    with pytest.raises(ValueError, match="belongs to selection"):
        run(TrainAffordancesConfig(seed=999_999))
    with pytest.raises(ValueError, match="tabletop"):
        run(TrainAffordancesConfig(suite="rooms"))
