"""What is in view in a frame of a table."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rendering.rasterizer import Frames
from handeye.envs.tabletop.world.pictures import SceneRenderer
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY
from handeye.envs.tabletop.world.state import State
from handeye.experiments.data.vl.examples import Frame
from handeye.experiments.data.vl.views import (
    HANDLE_OF,
    View,
    facts_without_places,
    seen_things,
    visible_shares,
)
from handeye.experiments.labels.scene_facts import (
    HANDLE,
    VisibleObject,
    is_handle,
    table_facts,
)
from handeye.experiments.labels.scene_nouns import Wordlist

TABLE_PX = 256  # of the frame by which it is judged what is in view


class TableShot(NamedTuple):
    """Which state of a table is looked at, and from where."""

    renderer: SceneRenderer
    state: State
    camera: str


def table_view(shot: TableShot, words: Wordlist, episode: int, time: int) -> View:
    """Return what a camera sees of a table under the renderer's look.

    Args:
        shot: the state and the camera, one that stands still.
        words: what may be named.
        episode: number in the dataset.
        time: of the state in its episode.
    """
    renderer, state, camera = shot
    scene = renderer.scene
    [view] = renderer.views(state.body_poses, state.joint_positions, [camera], (TABLE_PX, TABLE_PX))
    frames = renderer.render(state, [camera], (TABLE_PX, TABLE_PX))
    bodies = frames.segmentation[0]
    exact = renderer.standing_points(camera, frames.depth_m[0])
    facts = table_facts(scene, state, bodies, exact)
    shown = [int(bodies[mask][0]) for mask in facts.masks]
    names = [
        scene.objects[body - FIRST_OBJECT_BODY].name + (HANDLE_OF if thing.kind == HANDLE else "")
        for body, thing in zip(shown, facts.things, strict=True)
    ]
    shares = dict(zip(names, visible_shares(view, bodies, shown), strict=True))
    faint = [
        VisibleObject(thing.kind, thing.colour, thing.size)
        for index, thing in enumerate(scene.objects)
        if thing.name not in names and (bodies == scene.body(index)).any()
    ]
    things = seen_things(facts, names, shares)
    frame = Frame(episode, time, camera, 0.0, "", things)
    return View(frame, facts, facts_without_places(faint), words)


def table_masks(shot: TableShot, frames: Frames, index: int) -> dict[str, NDArray[np.bool_]]:
    """Return the mask (H, W) of each thing by name in frame `index` of those drawn."""
    renderer, state, camera = shot
    scene, bodies = renderer.scene, frames.segmentation[index]
    masks = {}
    for number, thing in enumerate(scene.objects):
        mask = bodies == scene.body(number)
        if thing.kind == "drawer":
            exact = renderer.standing_points(camera, frames.depth_m[index])
            handle = mask & is_handle(scene, state, number, exact)
            masks[thing.name + HANDLE_OF] = handle
            mask &= ~handle
        masks[thing.name] = mask
    return masks
