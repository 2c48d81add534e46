"""The count of routes that are found again by their words."""

import json
import math
from pathlib import Path

import pytest

from handeye.experiments.checks.route_check import (
    Followed,
    RouteCheckConfig,
    exchange_sides,
    run,
    summarised,
    where_exchanged,
)
from tests.envs.route_home import route_map


def test_left_and_right_are_exchanged_as_words() -> None:
    said = "turn left, pass the leftmost plant on your right"
    assert exchange_sides(said) == "turn right, pass the leftmost plant on your left"


def test_what_exchanged_words_lead_to() -> None:
    home, start = route_map(), "leave the study, "
    by_side = start + "turn left, take the first door on your left, stop in the doorway"
    assert where_exchanged(home, by_side, (2.0, 3.0)) == "elsewhere"
    by_name = start + "turn left, enter the bedroom, stop in the doorway"
    assert where_exchanged(home, by_name, (2.0, 3.0)) == "no walk"
    assert where_exchanged(home, start + "stop in the doorway", (6.0, 3.0)) == ""
    back = route_map(yaw_rad=-math.pi / 2)
    assert where_exchanged(back, "turn around, " + start + "stop in the doorway", (6.0, 3.0)) == ""


def test_a_lost_route_is_counted_and_quoted() -> None:
    found = Followed("train", "seen", "turn left, stop at the sofa", 2, True, True, "no walk")
    lost = Followed("unseen", "phrasing", "swing left", 1, False, False, "no walk")
    outcome = summarised([found, lost])
    assert outcome["reached"]["k"] == outcome["no_other_place_fits"]["k"] == 1
    assert outcome["lost"] == ["swing left"]
    assert outcome["parts"]["unseen apartments, phrasing wordings"]["k"] == 0


@pytest.mark.slow
def test_the_outcome_is_written_with_its_command(tmp_path: Path) -> None:
    output = tmp_path / "route_check.json"
    assert run(RouteCheckConfig(output, routes=12)) == 0
    outcome = json.loads(output.read_text())
    assert outcome["reached"]["n"] == 12
    assert outcome["reached"]["k"] >= 11
    assert sum(outcome["steps"].values()) == 12
    assert outcome["command"]
