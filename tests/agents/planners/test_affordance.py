import json
from pathlib import Path

import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.scene_notes import NotedObject, SceneNotes
from handeye.agents.planners.affordance import Affordance, features, load_affordance

SCENE = SceneNotes(
    (
        NotedObject("#1", "small red block", 0.40, 0.0),
        NotedObject("#2", "blue bowl", 0.62, 0.0),
        NotedObject("#3", "large red star", 0.40, 0.07),
        NotedObject("#4", "large red star", 0.40, -0.14),
    )
)


def call(name: str, **arguments: str) -> ToolCall:
    return ToolCall(name, arguments, "c")


def test_the_situation_becomes_features() -> None:
    pick = set(features(call("pick", target="red block"), SCENE))
    assert {"pick", "pick hand empty", "pick target block", "pick target small block"} <= pick
    assert "pick target nearest within 0.08" in pick
    assert "pick target nearest within 0.06" not in pick
    assert "pick target at the edge" in features(call("pick", target="#2"), SCENE)
    assert "pick target ambiguous" in features(call("pick", target="star"), SCENE)
    assert "pick target unseen" in features(call("pick", target="cup"), SCENE)


def test_room_beside_a_thing_counts() -> None:
    held = SCENE._replace(held="small red block")
    right = features(call("place_beside", reference="#1", side="right"), held)
    assert "place_beside place taken" in right
    assert "place_beside held small block" in right
    assert "place_beside reference in hand" in right
    front = features(call("place_beside", reference="blue bowl", side="front"), held)
    assert "place_beside place off the table" in front


def test_a_probability_is_the_logistic_of_the_weights(tmp_path: Path) -> None:
    made = Affordance({"pick": 1.0, "pick target bowl": -3.0}, 0.5, {"n": 1})
    assert made.probability(call("pick", target="#1"), SCENE) == pytest.approx(0.8176, abs=1e-4)
    assert made.probability(call("pick", target="#2"), SCENE) == pytest.approx(0.1824, abs=1e-4)
    (tmp_path / "a.json").write_text(made.to_json())
    assert load_affordance(tmp_path / "a.json") == made


@pytest.mark.parametrize("content", ["", "{}", json.dumps({"format": "other"})])
def test_what_is_no_model_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ValueError, match="handeye train-affordances"):
        load_affordance(tmp_path / "none.json")
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(ValueError, match="handeye train-affordances"):
        load_affordance(tmp_path / "a.json")


@pytest.mark.parametrize("odds", [1e9, -1e9])
def test_certainty_is_bounded_and_finite(odds: float) -> None:
    chance = Affordance({}, odds, {}).probability_of(())
    assert 0.0 <= chance <= 1.0
    assert round(chance) == (odds > 0)


def test_unknown_features_weigh_nothing() -> None:
    made = Affordance({"pick": 2.0}, -1.0, {})
    assert made.probability_of(["pick", "never seen"]) == made.probability_of(["pick"])
    assert made.probability_of(["never seen"]) == made.probability_of([])


@pytest.mark.parametrize(
    ("distance_m", "bounds"),
    [(0.05, {"0.06", "0.08", "0.1"}), (0.07, {"0.08", "0.1"}), (0.09, {"0.1"}), (0.11, set())],
)
def test_crowding_has_steps(distance_m: float, bounds: set[str]) -> None:
    scene = SceneNotes(
        (NotedObject("#1", "cup", 0.4, 0.0), NotedObject("#2", "star", 0.4, distance_m))
    )
    there = features(call("pick", target="cup"), scene)
    near = {name.split()[-1] for name in there if "nearest" in name}
    assert near == bounds


def test_a_free_place_within_reach_has_no_feature() -> None:
    scene = SceneNotes((NotedObject("#1", "cup", 0.5, 0.0),), "star")
    for side in ("left", "right", "front", "behind"):
        there = features(call("place_beside", reference="cup", side=side), scene)
        assert f"place_beside {side}" in there
        assert not [name for name in there if " place " in f"{name} "]


def test_a_thing_alone_is_not_crowded() -> None:
    there = features(call("pick", target="cup"), SceneNotes((NotedObject("#1", "cup", 0.4, 0.0),)))
    assert there == ["pick", "pick hand empty", "pick target cup"]


@pytest.mark.parametrize(
    "change", [{"weights": []}, {"weights": {"pick": "much"}}, {"bias": None}, {"card": 3}]
)
def test_a_damaged_model_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    told = {"format": "handeye.affordance/1", "card": {}, "bias": 0.0, "weights": {}}
    (tmp_path / "a.json").write_text(json.dumps(told | change))
    refused = pytest.raises(ValueError, match="holds no affordance model")
    with pytest.warns(UserWarning, match="no checksum"), refused:
        load_affordance(tmp_path / "a.json")


def test_a_changed_digit_is_noticed(tmp_path: Path) -> None:
    text = Affordance({"pick": 1.25}, 0.5, {"n": 1}).to_json()
    (tmp_path / "a.json").write_text(text.replace("1.25", "1.35"))
    with pytest.raises(ValueError, match="has changed since it was written"):
        load_affordance(tmp_path / "a.json")
