import colorsys
import itertools
import json

import numpy as np
import pytest

from handeye.envs.base.colours import COLOURS
from handeye.envs.rendering.patterns import PATTERN_SIZE, PATTERNS, pattern
from handeye.envs.tabletop.world.appearance import (
    DEFAULT_APPEARANCE,
    Appearance,
    sample_appearance,
    small_motion,
)
from handeye.envs.tabletop.world.cameras import front_camera


def hue_deg(colour: tuple[float, float, float]) -> float:
    return 360 * colorsys.rgb_to_hsv(*colour)[0]


def apart_deg(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)


def test_the_same_generator_state_gives_the_same_appearance() -> None:
    one = sample_appearance(np.random.default_rng(3))
    assert one == sample_appearance(np.random.default_rng(3))
    assert one != sample_appearance(np.random.default_rng(4))


def test_json_round_trip() -> None:
    appearance = sample_appearance(np.random.default_rng(0))
    assert Appearance.from_dict(json.loads(json.dumps(appearance.to_dict()))) == appearance
    with pytest.raises(ValueError, match="not an appearance"):
        Appearance.from_dict({"light": {}})
    with pytest.raises(ValueError, match="known: plain"):
        Appearance(table_pattern="tartan")


def test_jitter_never_turns_one_named_colour_into_another() -> None:
    hues = {name: hue_deg(colour) for name, colour in COLOURS.items()}
    for seed in range(200):
        appearance = sample_appearance(np.random.default_rng(seed), strength=2.0)
        for index, (name, colour) in enumerate(COLOURS.items()):
            seen = hue_deg(appearance.object_colour(index, colour))
            nearest = min(hues, key=lambda other: apart_deg(seen, hues[other]))
            assert nearest == name


def test_named_colours_stay_far_apart_under_jitter() -> None:
    shift_deg = 4.0
    for a, b in itertools.combinations(COLOURS.values(), 2):
        assert apart_deg(hue_deg(a), hue_deg(b)) > 2 * shift_deg + 10


def test_tables_are_greyish_and_light_comes_from_above() -> None:
    for seed in range(100):
        appearance = sample_appearance(np.random.default_rng(seed), strength=2.0)
        for colour in appearance.table_colours:
            assert colorsys.rgb_to_hsv(*colour)[1] <= 0.45
        assert appearance.light.direction[2] > 0.5
        assert appearance.light.ambient + appearance.light.diffuse <= 1.0 + 1e-9


def test_strength_scales_from_nothing() -> None:
    assert sample_appearance(np.random.default_rng(0), 0.0) == DEFAULT_APPEARANCE
    with pytest.raises(ValueError, match="between 0 and 2"):
        sample_appearance(np.random.default_rng(0), 3.0)


def test_cameras_move_a_little_and_stay_rigid() -> None:
    camera = front_camera()
    assert DEFAULT_APPEARANCE.shifted(camera) is camera
    for seed in range(20):
        moved = sample_appearance(np.random.default_rng(seed)).shifted(camera).world_from_camera
        assert 0 < np.linalg.norm(moved[:3, 3] - camera.world_from_camera[:3, 3]) < 0.03
        np.testing.assert_allclose(moved[:3, :3] @ moved[:3, :3].T, np.eye(3), atol=1e-12)


def test_small_motion_turns_by_its_angle() -> None:
    turn = small_motion((0.0, 0.0, 0.0, 0.0, 0.0, 0.3))
    np.testing.assert_allclose(turn[0, 0], np.cos(0.3))
    np.testing.assert_allclose(turn[1, 0], np.sin(0.3))


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_tile_and_repeat(name: str) -> None:
    texture = pattern(name)
    assert texture.shape == (PATTERN_SIZE, PATTERN_SIZE)
    assert texture.dtype == np.uint8
    assert pattern(name) is texture
    if name in ("speckle", "cloud", "wood"):
        inner = np.abs(np.diff(texture.astype(float), axis=1)).mean()
        seam = np.abs(texture[:, 0].astype(float) - texture[:, -1]).mean()
        assert seam < 1.5 * inner + 1
