"""Walks beside their caps: what is measured, what is counted, and going on where it was stopped."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from handeye.envs.rooms.tasks.task import way_on_cap_m, whole_cap_m
from handeye.experiments.checks.path_caps import PathCapsConfig, figures, run, trials
from handeye.experiments.checks.path_walks import Trial, Walk, measure
from handeye.experiments.checks.trial_lines import read_outcomes

WALK = Walk(
    "rooms", "go_back", "oracle", 900_000, "unseen", True, 12.0, 11.0, 5, 6.0, 5.5, 0.25, "code"
)


def test_a_walk_is_too_far_beyond_either_cap() -> None:
    assert not WALK.too_far
    assert replace(WALK, walked_m=whole_cap_m(11.0, 5) + 0.1).too_far
    assert replace(WALK, walked_on_m=way_on_cap_m(5.5) + 0.1).too_far
    assert not replace(WALK, walked_on_m=None, shortest_on_m=None).too_far


def test_honest_walks_count_where_the_goal_holds_and_wanderers_everywhere() -> None:
    far = replace(WALK, walked_m=500.0)
    tours = [replace(each, actor="tour") for each in (WALK, far, replace(WALK, won=False))]
    (row,) = figures([WALK, far, replace(far, won=False), *tours])
    assert (row["within"]["k"], row["within"]["n"]) == (1, 2)
    assert (row["honest"]["oracle"]["k"], row["honest"]["frontier"]["n"]) == (1, 0)
    tour = row["wandering"]["tour"]
    assert (tour["k"], tour["n"], tour["chance"]) == (1, 3, 0.25)
    assert 0.5 < tour["p"] < 0.8


def test_what_is_measured_agrees_with_the_verdict() -> None:
    walk = measure(Trial("rooms", "go_back", "tour", 900_001, "unseen"))
    assert walk.won
    assert walk.too_far  # it roams on for 32 m where the start is 8 m away
    assert walk.walked_m > walk.shortest_m > 5.0


def test_its_figures_are_those_of_its_walks(tmp_path: Path) -> None:
    config = PathCapsConfig(
        tasks=("go_back",),
        actors=("oracle",),
        episodes=2,
        workers=0,
        result=tmp_path / "caps.json",
    )
    with pytest.raises(ValueError, match="900000"):
        trials(replace(config, seed=1_000_000))
    assert run(config) == 0
    walks = read_outcomes(Walk, tmp_path / "episodes" / "caps.jsonl.gz")
    assert [walk.seed for walk in walks] == [900_000, 900_001]
    found = json.loads(config.result.read_text())
    assert found["lost"] == 0
    assert found["rows"] == json.loads(json.dumps(figures(walks)))
    assert found["rows"][0]["within"]["n"] == 2
