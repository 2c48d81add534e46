"""A kind and a colour of one's own work in a task of one's own, from the scene to success."""

from collections.abc import Iterator
from contextlib import ExitStack
from unittest.mock import patch

import numpy as np
import pytest

from handeye.envs.base.colours import COLOURS, add_colour
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks.pick_up import PickUp
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.kinds import add_prism_kind
from handeye.envs.tabletop.world.language import KIND_WORDS
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import ObjectSpec
from handeye.envs.tabletop.world.shapes import Prism

SMALL, LARGE = Prism(0.018, 0.028), Prism(0.026, 0.040)


class PickUpPentagon(PickUp):
    """Among pentagons, one of them of a colour of its own."""

    name = "pick_up_pentagon"

    def specs(self, palette: Palette) -> list[ObjectSpec]:
        """One pentagon that is teal, and three objects by the palette."""
        others = palette.graspables(3, ("pentagon", "block"))
        return [ObjectSpec("pentagon", "teal", "large"), *others]


@pytest.fixture(autouse=True)
def additions() -> Iterator[None]:
    """A kind, a colour and a task for the length of a test."""
    with ExitStack() as stack:
        for table in (shapes.PRISMS, shapes.CORNERS, KIND_WORDS, COLOURS, TABLETOP.tasks):
            stack.enter_context(patch.dict(table))
        add_prism_kind("pentagon", corners=5, small=SMALL, large=LARGE)
        add_colour("teal", (0.0, 0.5, 0.5))
        TABLETOP.add_task(PickUpPentagon)
        yield


@pytest.mark.parametrize("split", ["seen", "distractors", "phrasing"])
def test_a_kind_of_ones_own_is_sampled_named_and_drawn(split: str) -> None:
    env = TabletopEnv("pick_up_pentagon", split=split, cameras=("front",), image_size_px=48)
    env.sample_episode(seed=3)
    assert [thing.kind for thing in env.scene.objects].count("pentagon") >= 2
    assert (env.scene.objects[0].colour, env.scene.objects[0].graspable) == ("teal", True)


@pytest.mark.slow
def test_the_oracle_picks_up_a_kind_of_ones_own() -> None:
    env = TabletopEnv(
        "pick_up_pentagon", cameras=("front",), image_size_px=48, action_mode="ee_pose"
    )
    for seed in (1, 2):
        _, info = env.reset(seed=seed)
        while not info["is_success"] and info["steps"] < env.max_steps:
            *_, info = env.step(env.oracle_action().values)
        assert info["is_success"]
    env.close()


def test_what_is_added_twice_or_badly_is_refused() -> None:
    add_prism_kind("pentagon", corners=5, small=SMALL, large=LARGE)  # the same again is no clash
    with pytest.raises(ValueError, match="another name"):
        add_prism_kind("pentagon", corners=6, small=SMALL, large=LARGE)
    with pytest.raises(ValueError, match="another name"):
        add_prism_kind("block", corners=4, small=SMALL, large=LARGE)
    with pytest.raises(ValueError, match="3 or more"):
        add_prism_kind("digon", corners=2, small=SMALL, large=LARGE)
    with pytest.raises(ValueError, match="lower-case word"):
        add_colour("Dark red", (0.3, 0.0, 0.0))
    with pytest.raises(ValueError, match="0 to 1"):
        add_colour("white", (255, 255, 255))


def test_no_shipped_scene_has_what_was_added() -> None:
    palette = Palette(np.random.default_rng(0), "seen")
    specs = [spec for _ in range(8) for spec in (*palette.graspables(1), *palette.containers(1))]
    assert "pentagon" not in {spec.kind for spec in specs}
    assert "teal" not in {spec.colour for spec in specs}
