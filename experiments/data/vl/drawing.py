"""Frames of examples: drawn from the states that they are about, with a mask of every thing."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.episode_file import episode_path
from handeye.envs.rendering.rasterizer import Frames, View, rasterize
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.pictures.appearance import sample_home_look
from handeye.envs.rooms.pictures.rendering import HomeRenderer
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.suites import load_episode
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.world.appearance import sample_appearance
from handeye.envs.tabletop.world.pictures import SceneRenderer
from handeye.experiments.data.tabletop_dataset import recorded_state
from handeye.experiments.data.vl.examples import Box, Frame
from handeye.experiments.data.vl.home_views import HomeShot, home_masks
from handeye.experiments.data.vl.table_views import TableShot, table_masks
from handeye.experiments.data.vl.views import box_of

EPISODES_KEPT = 512  # in memory, a few kB each
CAMERAS = ("", "front", "overhead")
MOST_PX = 4096


class Drawn(NamedTuple):
    """Frames of a batch of examples; each frame is drawn once, however many speak of it.

    Attributes:
        rgb: (F, H, W, 3) uint8.
        rows: of each example, the rows of its frames.
        masks: of each frame the mask (H, W) of every thing by name, those out of view empty.
    """

    rgb: NDArray[np.uint8]
    rows: list[tuple[int, ...]]
    masks: list[dict[str, NDArray[np.bool_]]]

    def mask(self, example: int, name: str) -> NDArray[np.bool_]:
        """Return the mask (H, W) of a thing in the last frame of example number `example`."""
        return self.masks[self.rows[example][-1]][name]

    def box(self, example: int, name: str) -> Box | None:
        """Return the box of a thing as drawn; None where no pixel of it is left."""
        mask = self.mask(example, name)
        return box_of(mask) if mask.any() else None


def draw_frames(
    asked: Sequence[tuple[Path, tuple[Frame, ...]]],
    px: int,
    rng: np.random.Generator | None = None,
    *,
    jitter: float = 1.0,
    camera: str = "",
) -> Drawn:
    """Draw the frames of examples; the arguments are those of `VlDataset.draw`.

    Args:
        asked: of each example the folder of its episode, and its frames.
        px: height and width.
        rng: of the looks, None for the plain ones.
        jitter: strength of the looks' spread.
        camera: of tables, "" for the frames' own.

    Raises:
        ValueError: nothing is asked for, no such camera or size, or a damaged episode.
    """
    if camera not in CAMERAS or not 1 <= px <= MOST_PX or not asked:
        raise ValueError(
            f"frames of {len(asked)} examples, {px} px, camera {camera!r}: give one example or "
            f"more, 1 to {MOST_PX} px, and one of the cameras {CAMERAS}"
        )
    keys = [[(root, frame) for frame in frames] for root, frames in asked]
    rows = {key: row for row, key in enumerate(dict.fromkeys(k for ks in keys for k in ks))}
    looks: dict[tuple[Path, int], SceneRenderer | HomeRenderer] = {}
    shots = []
    for root, frame in rows:
        episode, key = _episode(root, frame.episode), (root, frame.episode)
        if key not in looks:
            looks[key] = _renderer(episode, rng, jitter)
        shots.append(_shot(looks[key], episode, frame, camera))
    frames = rasterize([_view(shot, px) for shot in shots])
    masks = [_masks(shot, frames, row) for row, shot in enumerate(shots)]
    return Drawn(frames.rgb, [tuple(rows[key] for key in several) for several in keys], masks)


@lru_cache(maxsize=EPISODES_KEPT)
def _episode(root: Path, number: int) -> Episode | RoomEpisode:
    return load_episode(episode_path(root, number))


def _renderer(
    episode: Episode | RoomEpisode, rng: np.random.Generator | None, jitter: float
) -> SceneRenderer | HomeRenderer:
    drawing = rng if rng is not None else np.random.default_rng(0)
    strength = jitter if rng is not None else 0.0
    if isinstance(episode, Episode):
        return SceneRenderer(episode.scene, sample_appearance(drawing, strength))
    rooms = len(episode.scene.apartment.rooms)
    return HomeRenderer(episode.scene, sample_home_look(drawing, rooms, strength))


def _shot(
    renderer: SceneRenderer | HomeRenderer,
    episode: Episode | RoomEpisode,
    frame: Frame,
    camera: str,
) -> TableShot | HomeShot:
    if isinstance(episode, Episode) and isinstance(renderer, SceneRenderer):
        return TableShot(renderer, recorded_state(episode, frame.time), camera or frame.camera)
    assert isinstance(episode, RoomEpisode)
    assert isinstance(renderer, HomeRenderer)
    return HomeShot(renderer, BasePose(*episode.poses[frame.time].tolist()), frame.turn_rad)


def _view(shot: TableShot | HomeShot, px: int) -> View:
    if isinstance(shot, HomeShot):
        return shot.renderer.view(shot.pose, (px, px))
    poses, joints = shot.state.body_poses, shot.state.joint_positions
    return shot.renderer.views(poses, joints, [shot.camera], (px, px))[0]


def _masks(shot: TableShot | HomeShot, frames: Frames, row: int) -> dict[str, NDArray[np.bool_]]:
    if isinstance(shot, HomeShot):
        return home_masks(shot, frames, row)
    return table_masks(shot, frames, row)
