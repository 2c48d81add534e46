"""What is in view in a frame of an apartment."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rendering.rasterizer import Frames
from handeye.envs.rooms.pictures.meshes import FIRST_THING_BODY, thing_body
from handeye.envs.rooms.pictures.rendering import HomeRenderer
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.experiments.data.vl.examples import Frame
from handeye.experiments.data.vl.views import (
    View,
    facts_without_places,
    seen_things,
    visible_shares,
)
from handeye.experiments.labels.scene_facts import VisibleObject, room_facts
from handeye.experiments.labels.scene_nouns import Wordlist

HOME_PX = 128  # of the frame by which it is judged what is in view
EGO = "ego"


class HomeShot(NamedTuple):
    """Where the base stands, and how far it is turned from the recorded heading."""

    renderer: HomeRenderer
    recorded: BasePose
    turn_rad: float

    @property
    def pose(self) -> BasePose:
        """Return the pose that the frame is drawn from."""
        here = self.recorded
        return BasePose(here.x_m, here.y_m, here.yaw_rad + self.turn_rad)


def home_view(shot: HomeShot, words: Wordlist, episode: int, time: int) -> View:
    """Return what the base's camera sees of an apartment under the renderer's look.

    Args:
        shot: from where.
        words: what may be named.
        episode: number in the dataset.
        time: of the pose in its episode.
    """
    scene = shot.renderer.scene
    view = shot.renderer.view(shot.pose, (HOME_PX, HOME_PX))
    frames = shot.renderer.render([shot.pose], (HOME_PX, HOME_PX))
    bodies = frames.segmentation[0]
    facts = room_facts(scene, bodies, frames.depth_m[0])
    names = list(scene.things)
    shown = [int(bodies[mask][0]) for mask in facts.masks]
    named = [names[body - FIRST_THING_BODY] for body in shown]
    shares = dict(zip(named, visible_shares(view, bodies, shown), strict=True))
    faint = [
        VisibleObject(thing.kind, thing.colour)
        for index, (name, thing) in enumerate(scene.things.items())
        if name not in named and (bodies == FIRST_THING_BODY + index).any()
    ]
    room = scene.apartment.room_at(*shot.pose.xy)
    kind = scene.apartment.rooms[room].kind if room >= 0 else ""
    things = seen_things(facts, named, shares)
    frame = Frame(episode, time, EGO, round(shot.turn_rad, 4), kind, things)
    return View(frame, facts, facts_without_places(faint), words)


def home_masks(shot: HomeShot, frames: Frames, index: int) -> dict[str, NDArray[np.bool_]]:
    """Return the mask (H, W) of each thing by name in frame `index` of those drawn."""
    scene, bodies = shot.renderer.scene, frames.segmentation[index]
    return {name: bodies == thing_body(scene, name) for name in scene.things}
