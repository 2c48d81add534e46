"""Perception from the simulator's truth, for telling an agent's planning from its sight.

LABELLED AN ORACLE: it reads the scene and a segmentation of its own, which no agent may. Words are
matched to kinds, colours and sizes; places come from depth as with any other perception.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.agents.perception_tools import Detection
from handeye.envs import shapes
from handeye.envs.env import HandeyeEnv
from handeye.envs.language import KIND_WORDS, RELATION_WORDS, SIZE_WORDS
from handeye.envs.predicates import DIRECTIONS, drawer_handle
from handeye.envs.rendering import render_states
from handeye.envs.scene import COLOURS, SceneObject
from handeye.perception.camera_geometry import STANDING_CAMERAS

LEAST_PX = 15
EVERYTHING = ("object", "thing", "objects", "things", "everything")
HANDLE_OF = "handle of "
HANDLE_RADIUS_M = 0.022  # around the middle of a drawer's handle
HANDLE_LOW_M = 0.030
BESIDE_MARGIN_M = 0.05


class TruthPerception:
    """What the words name, from the simulator; one for each episode's environment."""

    perception_id = "truth (oracle)"

    def __init__(self, env: HandeyeEnv) -> None:
        self._env = env

    def detect(self, words: str, observation: Mapping[str, Any], camera: str) -> list[Detection]:
        """Everything in the frame that the words fit; with a relation only what stands so."""
        side = observation[f"rgb_{camera}"].shape[0]
        env = self._env
        frame = render_states([env.renderer], [env.state], [camera], side, side)[camera]
        bodies = frame.segmentation[0]
        asked = words.lower().strip()
        of_handle = asked.startswith(HANDLE_OF)
        found = []
        for index in self._fitting(asked.removeprefix(HANDLE_OF)):
            thing = env.scene.objects[index]
            mask = bodies == env.scene.body(index)
            name = f"{thing.size} {thing.colour} {thing.kind}".strip()
            if thing.kind == "drawer":
                mask &= self._is_handle(index, observation[f"depth_{camera}"], camera) == of_handle
            elif of_handle:
                continue
            if mask.sum() >= LEAST_PX:
                found.append(Detection(name, 1.0, _box(mask), mask, camera))
        return found

    def _is_handle(
        self, index: int, depth_m: NDArray[np.float32], camera: str
    ) -> NDArray[np.bool_]:
        """(H, W) where the frame shows what is near a drawer's handle."""
        middle = drawer_handle(self._env.scene, self._env.state, index)
        points = STANDING_CAMERAS[camera].points(depth_m)
        near = np.hypot(points[..., 0] - middle[0], points[..., 1] - middle[1]) < HANDLE_RADIUS_M
        low = points[..., 2] > HANDLE_LOW_M
        return np.asarray(near & low & (points[..., 2] < shapes.DRAWER.height_m - 0.004))

    def _fitting(self, words: str) -> list[int]:
        """Indices of the objects that a phrase fits, "the red block left of the blue bowl" too."""
        for relation, spellings in RELATION_WORDS.items():
            for spelling in spellings if relation in DIRECTIONS else ():
                head, found, tail = words.partition(f" {spelling} ")
                if found:
                    return self._beside(self._plain(head), self._plain(tail), relation)
        return self._plain(words)

    def _plain(self, words: str) -> list[int]:
        spoken = set(re.findall(r"[a-z]+", words))
        objects = enumerate(self._env.scene.objects)
        return [i for i, thing in objects if fits(thing, spoken)]

    def _beside(self, items: list[int], references: list[int], relation: str) -> list[int]:
        """Those of the items that stand now on that side of one of the references."""
        places = self._env.state.body_poses
        body, way = self._env.scene.body, DIRECTIONS[relation]
        kept = []
        for item in items:
            gaps = [places[body(item), :2] - places[body(r), :2] for r in references if r != item]
            along = [float(gap @ way) for gap in gaps]
            aside = [float(np.abs(gap - a * way).max()) for gap, a in zip(gaps, along, strict=True)]
            if any(a > BESIDE_MARGIN_M and a > b for a, b in zip(along, aside, strict=True)):
                kept.append(item)
        return kept


def fits(thing: SceneObject, spoken: set[str]) -> bool:
    """Whether every property that the words name is the object's, and they name one at all."""
    named = {
        **{word: thing.kind == kind for kind, words in KIND_WORDS.items() for word in words},
        **{word: thing.size == size for size, words in SIZE_WORDS.items() for word in words},
        **{colour: thing.colour == colour for colour in COLOURS},
        **dict.fromkeys(EVERYTHING, True),
    }
    spoken = spoken | {word.removesuffix("s") for word in spoken}
    known = [holds for word, holds in named.items() if word in spoken]
    return bool(known) and all(known)


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
