"""What is in view: names, boxes around masks, and how much of each thing is hidden."""

import numpy as np
import pytest

from handeye.envs.tabletop.world.appearance import DEFAULT_APPEARANCE
from handeye.envs.tabletop.world.pictures import SceneRenderer
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene, place
from handeye.experiments.data.eyes_train_frames import TABLE_WORDS, standing
from handeye.experiments.data.vl.table_views import TableShot, table_view
from handeye.experiments.data.vl.views import HANDLE_OF, box_of
from tests.experiments.data.vl.shown import said, table_views, tables

HIGH_ARM = np.array([0.0, -1.2, 0.0, -2.5, 0.0, 2.3, 0.8, 0.04, 0.04])  # drawn back


def test_boxes_hold_their_masks_and_touch_them_on_every_side() -> None:
    for view in table_views():
        for thing, mask in zip(view.frame.things, view.facts.masks, strict=True):
            x0, y0, x1, y1 = (round(256 * value) for value in thing.box)
            assert mask[y0:y1, x0:x1].sum() == mask.sum()
            inside = mask[y0:y1, x0:x1]
            edges = (inside[0], inside[-1], inside[:, 0], inside[:, -1])
            assert all(edge.any() for edge in edges)


def test_things_are_those_of_the_scene() -> None:
    for view in table_views():
        scene = {thing.name: thing for thing in tables()[view.frame.episode].scene.objects}
        for thing in view.frame.things:
            meant = scene[thing.name.removesuffix(HANDLE_OF)]
            assert thing.colour == meant.colour
            assert thing.kind == ("handle" if thing.name.endswith(HANDLE_OF) else meant.kind)


def test_what_stands_behind_a_tall_thing_shows_a_smaller_share() -> None:
    specs = [ObjectSpec("block", "red", "large"), ObjectSpec("block", "blue", "small")]
    scene = place(specs, np.random.default_rng(0))
    front, back = (
        scene.objects[0].__class__(**{**vars(thing), "position_m": (x, 0.0, 0.0), "yaw_rad": 0.0})
        for thing, x in zip(scene.objects, (0.53, 0.48), strict=True)
    )
    shares = []
    for objects in ((front, back), (back,)):
        scene = Scene(objects)
        renderer = SceneRenderer(scene, DEFAULT_APPEARANCE)
        shot = TableShot(renderer, standing(scene, HIGH_ARM, np.random.default_rng(0)), "front")
        frame = table_view(shot, TABLE_WORDS, 0, 0).frame
        shares.append(next(t.share for t in frame.things if t.name == back.name))
    assert shares[1] == 1.0
    assert 0.05 < shares[0] < 0.9


def test_shares_are_shares() -> None:
    shares = [thing.share for one in said() for thing in one.frames[-1].things]
    assert 0.0 < min(shares) <= max(shares) == 1.0


def test_there_is_no_box_around_nothing() -> None:
    with pytest.raises(ValueError, match="without a pixel"):
        box_of(np.zeros((4, 4), bool))
