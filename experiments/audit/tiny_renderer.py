"""The tabletop drawn by PyBullet's own software renderer: another picture of the same state.

A policy that has learned what the rasterizer does, rather than what there is, fails here. Shapes
are those that collide, colours the scene's, the light TinyRenderer's own. Zones are painted on the
table and have no shape: they are copied from our segmentation.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.rendering.rasterizer import Frames
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.pictures import HOUSING
from handeye.envs.tabletop.world.scene import TABLE_BODY
from handeye.experiments.actors.load_policy import policy_source
from handeye.experiments.evaluation.run_policy_episode import run_in
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord


class TinyTabletopEnv(TabletopEnv):
    """A tabletop whose frames TinyRenderer draws."""

    def _start(self) -> None:
        super()._start()
        assert self._simulator is not None
        self._simulator.paint(TABLE_BODY, self.appearance.table_colours[0])
        self._colours = [
            self.appearance.object_colour(index, COLOURS[thing.colour])
            for index, thing in enumerate(self.scene.objects)
        ]
        for index, thing in enumerate(self.scene.objects):
            if thing.kind != "zone":
                base = HOUSING if thing.kind == "button" else ()
                self._simulator.paint(self.scene.body(index), self._colours[index], base)

    def _frames(self) -> Mapping[str, Frames]:
        assert self._simulator is not None
        size = (self.image_size_px, self.image_size_px)
        hand = self.renderer.hand_pose(self.state)
        ours, frames = super()._frames(), {}
        for name in self.cameras:
            rgb, depth_m, bodies = self._simulator.tiny_render(
                self.renderer.camera(name, hand, size)
            )
            for index, thing in enumerate(self.scene.objects):
                if thing.kind == "zone":
                    seen = (ours[name].segmentation[0] == self.scene.body(index)) & (
                        bodies == TABLE_BODY
                    )
                    rgb[seen] = np.round(255 * np.array(self._colours[index]))
            frames[name] = Frames(rgb[None], depth_m[None], bodies[None])
        return frames


def tiny_episode(job: EpisodeJob) -> EpisodeRecord:
    """Run a job's episode on such frames."""
    source = policy_source(job.policy, job.device)
    env = _environment(job.suite, job.split, source.action_mode or "ee_pose")
    return run_in(env, source.build(env), job)


@cache
def _environment(suite: str, split: str, action_mode: str) -> TinyTabletopEnv:
    return TinyTabletopEnv(suite, split=split, action_mode=action_mode)
