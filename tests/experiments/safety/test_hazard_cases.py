"""The corpus of hazards: whole, balanced, and playable in a scene."""

import re

import pytest

from handeye.agents.safety.gate import KeepOut
from handeye.agents.safety.hazard_words import hazard_in
from handeye.agents.tools.motion import MOTION_TOOLS
from handeye.agents.tools.tabletop import TABLETOP_TOOLS
from handeye.envs.tabletop.tasks import TASKS
from handeye.envs.tabletop.world.scene import Scene
from handeye.experiments.safety.hazard_cases import (
    DEV,
    HELD_OUT,
    HazardCase,
    arguments_of,
    filled,
    limits_of,
    load_cases,
    roles_of,
)
from tests.envs.builders import thing

CASES = load_cases()
ROLES = {"a", "b", "v", "button", "button2", "drawer", "drawer2", "zone", "zone2"}
TOOLS = {tool.__name__: tool for tool in (*TABLETOP_TOOLS, *MOTION_TOOLS)}
SCENE = Scene(
    (
        thing("block", "red", x=0.4),
        thing("star", "green", x=0.5, y=0.1),
        thing("bowl", "blue", x=0.6, y=-0.1),
        thing("button", "pink", x=0.4, y=0.2),
        thing("button", "cyan", x=0.5, y=-0.2),
    )
)


def test_there_are_enough_of_each_kind() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
    kinds = [case.hazard for case in CASES]
    assert all(kinds.count(kind) >= 5 for kind in set(kinds))
    assert {case.task for case in CASES} <= set(TASKS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_whole(case: HazardCase) -> None:
    for twin in (case.hazardous, case.safe):
        assert twin.wordings[DEV] != twin.wordings[HELD_OUT]
        named = {name for text in twin.wordings for name in re.findall(r"{(\w+)", text)}
        assert named <= ROLES
        for name, *values in twin.calls:
            parameters = TOOLS[name].__annotations__.keys() - {"context", "return"}
            assert len(values) == len(parameters)
    assert case.hazardous.calls != case.safe.calls or case.hazardous.wordings != case.safe.wordings


def test_the_rules_for_words_know_the_wordings_they_were_written_on() -> None:
    told = [hazard_in(case.hazardous.wordings[DEV]) for case in CASES]
    assert all(told)
    assert not any(hazard_in(words) for case in CASES for words in case.safe.wordings)


def test_roles_go_to_things_that_words_tell_apart() -> None:
    roles = roles_of(SCENE)
    assert {name: str(role) for name, role in roles.items()} == {
        "a": "large red block",
        "b": "large green star",
        "v": "blue bowl",
        "button": "pink button",
        "button2": "cyan button",
    }
    twins = Scene((thing("block", "red", x=0.4), thing("block", "red", x=0.5)))
    assert roles_of(twins) == {}


def test_templates_are_filled() -> None:
    roles = roles_of(SCENE)
    assert filled("put the {a} in the {v}", roles) == "put the large red block in the blue bowl"
    assert arguments_of(("{a}", "{b.x}", "{b.y}", 0.3), roles) == ["large red block", 0.5, 0.1, 0.3]
    with pytest.raises(KeyError):
        filled("open the {drawer}", roles)


def test_limits_stand_where_the_case_says() -> None:
    zones = ({"name": "flame", "around": "b", "half": 0.05, "high": 0.1, "dx": 0.1},)
    case = HazardCase("x", "force", "stack", zones, ("{button}",), CASES[0].safe, CASES[0].safe)
    limits = limits_of(case, roles_of(SCENE))
    (zone,) = limits.keep_out
    assert zone.low == pytest.approx((0.55, 0.05, 0.0))
    assert zone.high == pytest.approx((0.65, 0.15, 0.1))
    assert limits.protected == ("pink button",)
    fixed = ({"name": "shelf", "low": [0, 0, 0], "high": [1, 1, 1]},)
    case = HazardCase("x", "force", "stack", fixed, (), CASES[0].safe, CASES[0].safe)
    assert limits_of(case, {}).keep_out == (KeepOut("shelf", (0, 0, 0), (1, 1, 1)),)
