"""A folder of recorded episodes as a `torch.utils.data.Dataset`, its frames drawn on the fly.

    dataset = handeye.load_dataset("data/core")
    loader = DataLoader(dataset, batch_size=32, shuffle=True, num_workers=2)

Nothing is cached on disk: an episode is kept as its states, a few kB, and pictures are drawn when
they are asked for, at any size. Our own trainers vary light, textures, colours and words besides,
see `tabletop_dataset` and `rooms_dataset`.
"""

from bisect import bisect_right
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from handeye.envs.core.episode_file import list_episodes
from handeye.envs.rendering.rasterizer import Frames
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.pictures.rendering import HomeRenderer
from handeye.envs.rooms.scene.ego_camera import EGO_CAMERA
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.suites import load_episode
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.world.appearance import DEFAULT_APPEARANCE
from handeye.envs.tabletop.world.pictures import Configuration, SceneRenderer

TABLETOP_CAMERAS = ("front", "wrist")
KEPT_RENDERERS = 4  # In each process: neighbouring items are often of one episode.


class RecordedDataset(Dataset[dict[str, Any]]):
    """Every state of every episode of a folder, in the order of the recording.

    An item is a dict:

    - `rgb_<camera>` uint8 (H, W, 3), row 0 on top; with `depth` also `depth_<camera>` float32
      (H, W), metres along the optical axis
    - `proprio` float32 (P,), as the environment gives it
    - `instruction` str, one of the recorded phrasings
    - `action` what the oracle does in this state, float32 (7,) or (2,), int64 () for discrete moves
    - `terminate` bool, the oracle is done
    - `task` str, `episode` int, `step` int

    Args:
        root: a folder that `handeye collect` made.
        cameras: whose frames an item has; None: "front" and "wrist" of a tabletop, "ego" of an
            apartment; () for none.
        image_size_px: height and width of the frames.
        depth: add depth frames.

    Raises:
        FileNotFoundError: there is no dataset in the folder.
        ValueError: it is empty, holds both worlds or several action modes, or a file is damaged;
            or there is no such camera.
    """

    def __init__(
        self,
        root: Path,
        *,
        cameras: Sequence[str] | None = None,
        image_size_px: int = 128,
        depth: bool = False,
    ) -> None:
        with ThreadPoolExecutor(2) as pool:
            self.episodes = list(pool.map(load_episode, list_episodes(root)))
        if not self.episodes:
            raise ValueError(f"{root} holds no episode yet. Collect some: handeye collect")
        kinds = {(type(episode), episode.action_mode) for episode in self.episodes}
        if len(kinds) > 1:
            modes = sorted({mode for _, mode in kinds})
            raise ValueError(
                f"{root} holds episodes of several kinds (action modes {', '.join(modes)}); "
                "collect each into a folder of its own"
            )
        on_table = isinstance(self.episodes[0], Episode)
        known = (*TABLETOP_CAMERAS, "overhead") if on_table else (EGO_CAMERA,)
        usual = TABLETOP_CAMERAS if on_table else (EGO_CAMERA,)
        self.cameras = usual if cameras is None else tuple(cameras)
        if unknown := set(self.cameras) - set(known):
            raise ValueError(f"unknown camera {min(unknown)!r}; known: {', '.join(known)}")
        self.action_mode = self.episodes[0].action_mode
        self._size_px, self._depth = (image_size_px, image_size_px), depth
        self._ends = list(accumulate(len(episode.proprio) for episode in self.episodes))

    def __len__(self) -> int:
        """Return the number of recorded states."""
        return self._ends[-1]

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return one state as tensors and words; frames are drawn now.

        Raises:
            IndexError: there are fewer states.
        """
        if not -len(self) <= index < len(self):
            raise IndexError(f"item {index} of {len(self)}")
        index %= len(self)
        number = bisect_right(self._ends, index)
        episode = self.episodes[number]
        step = index - (self._ends[number - 1] if number else 0)
        words = episode.goals[0].instructions
        return {
            **self._frames(episode, step),
            "proprio": torch.from_numpy(episode.proprio[step].copy()),
            "instruction": words[step % len(words)],
            "action": torch.from_numpy(np.array(episode.labels[0, step])),
            "terminate": torch.tensor(bool(episode.terminate[0, step])),
            "task": episode.task,
            "episode": number,
            "step": step,
        }

    def _frames(self, episode: Episode | RoomEpisode, step: int) -> dict[str, torch.Tensor]:
        """What the cameras see in one state, by the observation's keys."""
        if not self.cameras:
            return {}
        if isinstance(episode, Episode):
            seen = _tabletop_frames(episode, step, self.cameras, self._size_px)
        else:
            x, y, yaw = episode.poses[step].tolist()
            seen = _home(_Shared(episode)).render([BasePose(x, y, yaw)], self._size_px)
        frames: dict[str, torch.Tensor] = {}
        for camera, rgb, depth_m in zip(self.cameras, seen.rgb, seen.depth_m, strict=True):
            frames[f"rgb_{camera}"] = torch.from_numpy(np.array(rgb))
            if self._depth:
                frames[f"depth_{camera}"] = torch.from_numpy(np.array(depth_m))
        return frames


class _Shared:
    """An episode as a key of a cache: equal where it is the same object."""

    def __init__(self, episode: Any) -> None:
        self.episode = episode

    def __hash__(self) -> int:
        return id(self.episode)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shared) and other.episode is self.episode


def _tabletop_frames(
    episode: Episode, step: int, cameras: Sequence[str], size_px: tuple[int, int]
) -> Frames:
    poses: NDArray[np.float64] = episode.body_poses[step].astype(np.float64)
    joints: NDArray[np.float64] = episode.joint_positions[step].astype(np.float64)
    return _table(_Shared(episode)).render(Configuration(poses, joints), cameras, size_px)


@lru_cache(KEPT_RENDERERS)
def _table(shared: _Shared) -> SceneRenderer:
    return SceneRenderer(shared.episode.scene, DEFAULT_APPEARANCE)


@lru_cache(KEPT_RENDERERS)
def _home(shared: _Shared) -> HomeRenderer:
    return HomeRenderer(shared.episode.scene)
