"""The other renderer's frames show the same table in other pictures."""

import numpy as np

from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.audit.tiny_renderer import TinyTabletopEnv


def test_the_same_bodies_are_seen_at_the_same_places() -> None:
    ours, theirs = (
        kind("push_to_zone", cameras=("front",), segmentation=True)
        for kind in (TabletopEnv, TinyTabletopEnv)
    )
    a, b = (env.reset(seed=900_003)[0] for env in (ours, theirs))
    assert not np.array_equal(a["rgb_front"], b["rgb_front"])
    for index, thing in enumerate(ours.scene.objects):
        body = ours.scene.body(index)
        mine = a["segmentation_front"] == body
        if thing.kind == "zone":
            painted = b["rgb_front"][mine].astype(int)
            assert np.median(np.ptp(painted, axis=0)) < 40  # One colour, but for what hides it.
        elif mine.sum() > 20:
            both = mine & (b["segmentation_front"] == body)
            assert both.sum() > 0.6 * mine.sum()
    ours.close()
    theirs.close()
