"""Scenes: placement, numbering, JSON, and what is refused."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.envs.core.task import SceneSamplingError
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene, place
from tests.envs.builders import thing

SPECS = [
    ObjectSpec("block", "red", "large"),
    ObjectSpec("star", "blue", "small"),
    ObjectSpec("bowl", "green"),
    ObjectSpec("zone", "pink"),
    ObjectSpec("button", "cyan"),
]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_placed_footprints_do_not_touch(seed: int) -> None:
    scene = place(SPECS, np.random.default_rng(seed))
    for i, a in enumerate(scene.objects):
        for b in scene.objects[i + 1 :]:
            gap = np.hypot(*np.subtract(a.position_m[:2], b.position_m[:2]))
            assert gap > a.radius_m + b.radius_m


def test_same_generator_same_scene_and_json_round_trip() -> None:
    scene = place(SPECS, np.random.default_rng(5))
    assert scene == place(SPECS, np.random.default_rng(5))
    assert Scene.from_dict(json.loads(json.dumps(scene.to_dict()))) == scene


def test_too_much_for_the_table_is_said() -> None:
    with pytest.raises(SceneSamplingError, match="no free place"):
        place([ObjectSpec("bowl", "red")] * 20, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ((thing("block"), thing("block")), "unique"),
        ((thing("anvil"),), "anvil"),
        ((thing("block", "mauve"),), "mauve"),
        ((thing("block", x=float("nan")),), "non-finite"),
    ],
)
def test_bad_scenes_are_refused_by_name(objects: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scene(objects)


def test_damaged_json_is_refused() -> None:
    with pytest.raises(ValueError, match="not a scene"):
        Scene.from_dict({"objects": [{"name": "x"}]})
