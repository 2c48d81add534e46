"""An episode's examples: which of its frames are looked at, and all that is said about them.

A pure function of the episode, so the same whoever makes it and when.
"""

import json
from collections.abc import Iterator

import numpy as np

from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.pictures.rendering import HomeRenderer
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.world.appearance import DEFAULT_APPEARANCE
from handeye.envs.tabletop.world.pictures import SceneRenderer
from handeye.experiments.data.eyes_train_frames import ROOM_WORDS, TABLE_WORDS
from handeye.experiments.data.tabletop_dataset import recorded_state
from handeye.experiments.data.vl.balance import Tally
from handeye.experiments.data.vl.episodes import about_episode
from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.home_views import HomeShot, home_view
from handeye.experiments.data.vl.kinds import ABOUT_A_FRAME
from handeye.experiments.data.vl.record_json import to_record
from handeye.experiments.data.vl.speech import spoken_instructions
from handeye.experiments.data.vl.table_views import TableShot, table_view
from handeye.experiments.data.vl.views import View

STREAM = 0x71  # keeps this generator apart from those of the recording
OVERHEAD_SHARE = 0.15  # of the frames between the first and the last
HELD_OUT_PAIRS = ("combination", "unseen")  # splits that show pairs which training never says


def record_bytes(episode: Episode | RoomEpisode, number: int, frames: int) -> bytes:
    """Return the file of an episode's examples: JSON, an `examples.VlRecord`.

    Args:
        episode: recorded and solved.
        number: of the episode in its dataset.
        frames: how many of its frames the examples are about, two or more.
    """
    record = to_record(examples_of(episode, number, frames))
    return json.dumps(record, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def examples_of(episode: Episode | RoomEpisode, number: int, frames: int) -> list[VlExample]:
    """Return every example about some frames of an episode, and about the whole of it."""
    rng = np.random.default_rng([episode.seed, STREAM, *episode.task.encode()])
    if isinstance(episode, Episode):
        views = [*_table_views(episode, number, frames, rng)]
    else:
        views = [*_home_views(episode, number, frames, rng)]
    tally = Tally(rng)
    examples = [
        one for view in views for make in ABOUT_A_FRAME.values() for one in make(view, tally, rng)
    ]
    shown = [view.frame for view in views]
    return [
        *examples,
        *about_episode(episode, shown, rng),
        *spoken_instructions(episode, shown, rng),
    ]


def times_of(states: int, frames: int, rng: np.random.Generator) -> list[int]:
    """Return the first and the last state and some between them, at most `frames`, in order."""
    between = rng.permutation(np.arange(1, states - 1))[: frames - 2].tolist()
    return sorted({0, *between, states - 1})


def _table_views(
    episode: Episode, number: int, frames: int, rng: np.random.Generator
) -> Iterator[View]:
    renderer = SceneRenderer(episode.scene, DEFAULT_APPEARANCE)
    words = TABLE_WORDS
    if episode.split in HELD_OUT_PAIRS:
        words = words._replace(unsaid=frozenset())
    last = len(episode.body_poses) - 1
    for time in times_of(last + 1, frames, rng):
        above = 0 < time < last and rng.random() < OVERHEAD_SHARE
        camera = "overhead" if above else "front"
        yield table_view(
            TableShot(renderer, recorded_state(episode, time), camera), words, number, time
        )


def _home_views(
    episode: RoomEpisode, number: int, frames: int, rng: np.random.Generator
) -> Iterator[View]:
    """Frames of the drive, those between the first and the last turned to any side."""
    renderer = HomeRenderer(episode.scene)
    words = ROOM_WORDS
    if episode.split in HELD_OUT_PAIRS:
        words = words._replace(unsaid=frozenset())
    last = len(episode.poses) - 1
    for time in times_of(last + 1, frames, rng):
        turn_rad = round(float(rng.uniform(-np.pi, np.pi)), 4) if 0 < time < last else 0.0
        shot = HomeShot(renderer, BasePose(*episode.poses[time].tolist()), turn_rad)
        yield home_view(shot, words, number, time)
