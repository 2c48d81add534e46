"""Learned sight for the tools of an apartment: the eyes and the sign reader of a `RoomPolicy`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from handeye.agents.sight.rooms_perception import Sight
from handeye.agents.sight.rooms_words import RoomWords
from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.signs.reader import readings
from handeye.perception.signs.view import find_signs
from handeye.policies.checkpoint_files import load_runner
from handeye.policies.modular.runner import RoomPolicyRunner

LEAST_ODDS = 1e-6  # A floor of odds keeps the division finite.


class RoomEyesPerception:
    """The eyes of a trained room policy, which know an object by its place and looks alone.

    Args:
        runner: whose networks see and read.
        words: how people call what it knows.
        sizes_m: the shorter and the longer side of a kind, seen from above, for some of them.
    """

    guesses = True

    def __init__(
        self,
        runner: RoomPolicyRunner,
        words: RoomWords,
        sizes_m: Mapping[str, tuple[float, float]],
    ) -> None:
        lists = runner.model.config.lists
        self.perception_id = f"eyes of {runner.policy_id}"
        self.words = words
        self.kinds, self.colours, self.rooms = lists.kinds[1:], lists.colours[1:], lists.rooms[1:]
        unknown = (np.nan, np.nan)
        self.sizes_m = np.array([sizes_m.get(kind, unknown) for kind in self.kinds])
        self._runner = runner

    def see(self, observation: Mapping[str, Any]) -> Sight:
        """Return what each spot looks like, and the odds of the rooms.

        Raises:
            ValueError: the odds are not finite.
        """
        kinds, colours, rooms = self._odds(observation)
        if not all(np.isfinite(odds).all() for odds in (kinds, colours, rooms)):
            raise ValueError(
                f"the {self.perception_id} see NaN: its weights are damaged, train anew"
            )
        tints = colours[1:] / np.maximum(colours[1:].sum(0), LEAST_ODDS) * (1 - kinds[0])
        looks = np.moveaxis(np.concatenate([kinds[1:], tints]), 0, -1)
        return Sight([], np.moveaxis(rooms[1:], 0, -1), looks)

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


def load_room_eyes(
    folder: Path, words: RoomWords, sizes_m: Mapping[str, tuple[float, float]]
) -> RoomEyesPerception:
    """Out of a checkpoint folder of a room policy.

    Raises:
        FileNotFoundError: a file of the checkpoint is missing.
        ValueError: a file is damaged, or the checkpoint is of something else.
    """
    return RoomEyesPerception(load_runner(folder, RoomPolicyRunner), words, sizes_m)
