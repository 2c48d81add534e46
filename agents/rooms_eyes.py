"""Learned sight for the tools of an apartment: the eyes and the sign reader of a `RoomPolicy`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from handeye.agents.rooms_perception import SeenThing, Sight
from handeye.agents.rooms_words import RoomWords
from handeye.perception.ego_camera import STRIDE_PX, EgoPose
from handeye.perception.sign_reader import readings
from handeye.perception.sign_view import find_signs
from handeye.policies.room_policy_runner import RoomPolicyRunner, load_room_policy

LEAST_SPOTS = 3  # of 4 x 4 px, that show a thing


class RoomEyesPerception:
    """What a trained room policy sees; it knows no thing by more than its place and looks.

    Args:
        runner: whose networks see and read.
        words: how people call what it knows.
    """

    def __init__(self, runner: RoomPolicyRunner, words: RoomWords) -> None:
        lists = runner.model.config.lists
        self.perception_id = f"eyes of {runner.policy_id}"
        self.words = words
        self.kinds, self.colours, self.rooms = lists.kinds[1:], lists.colours[1:], lists.rooms[1:]
        self._runner = runner

    def see(self, observation: Mapping[str, Any]) -> Sight:
        """Patches of one kind and colour, and the odds of the rooms."""
        kinds, colours, rooms = self._odds(observation)
        return Sight(list(_patches(kinds, colours)), np.moveaxis(rooms[1:], 0, -1))

    def read(self, observation: Mapping[str, Any], pose: EgoPose) -> list[str]:
        """Letters of the signs in the frame, the nearest sign first."""
        kinds, *_ = self._odds(observation)
        odds = kinds[1 + self.kinds.index("sign")]
        signs = find_signs(odds, observation["depth_ego"], pose)
        texts = []
        for place in sorted(signs, key=lambda place: place.away_m(pose)):
            letters = self._runner.read(observation["rgb_ego"], place, pose)
            texts += [] if letters is None else readings(letters[None])
        return [text for text in texts if text]

    def _odds(self, observation: Mapping[str, Any]) -> list[NDArray[np.float32]]:
        """Of kinds, colours and rooms, each (1 + names, rows, columns), class 0 for none."""
        with torch.inference_mode():
            spots = self._runner.model.eyes(self._runner.processor.observe(observation))
        return [logits[0].softmax(0).numpy() for logits in spots]


def _patches(kinds: NDArray[np.float32], colours: NDArray[np.float32]) -> Iterator[SeenThing]:
    """Connected spots that most look like one kind in one colour."""
    best, tint = kinds.argmax(0), colours[1:].argmax(0)
    looks = np.where(best > 0, best * len(colours) + tint + 1, 0)
    for look in np.unique(looks[looks > 0]):
        labels, count = ndimage.label(looks == look)
        for label in range(1, count + 1):
            spots = labels == label
            if spots.sum() >= LEAST_SPOTS:
                mask = spots.repeat(STRIDE_PX, 0).repeat(STRIDE_PX, 1)
                yield SeenThing(kinds[1:, spots].mean(1), colours[1:, spots].mean(1), mask)


def load_room_eyes(folder: Path, words: RoomWords) -> RoomEyesPerception:
    """Out of a checkpoint folder of a room policy.

    Raises:
        FileNotFoundError: a file of the checkpoint is missing.
        ValueError: a file is damaged, or the checkpoint is of something else.
    """
    return RoomEyesPerception(load_room_policy(folder), words)
