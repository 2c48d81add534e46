"""Perception by `handeye-eyes`, or another checkpoint that `handeye train-eyes` wrote."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from handeye.agents.sight.perception import Answer, Detection, box_of, called, captioned
from handeye.perception.eyes.eyes import Eyes, FrameObjects
from handeye.perception.eyes.processor import EyesProcessor
from handeye.perception.mapping.camera_geometry import STANDING_CAMERAS
from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose
from handeye.policies.checkpoint_files import load_checkpoint_of

SHIPPED = Path(__file__).resolve().parents[2] / "perception" / "checkpoints"
EYES = "handeye-eyes"
EGO_CAMERA = "ego"
MEANT = 0.5  # An object counts as meant by words from this probability on.


class EyesPerception:
    """Looks once at each frame, however much is asked about it.

    Args:
        model: a trained one.
        processor: as it was trained with.
        perception_id: what records call it.

    Attributes:
        model: the eyes.
        processor: its transform.
    """

    def __init__(self, model: Eyes, processor: EyesProcessor, perception_id: str = EYES) -> None:
        self.perception_id = perception_id
        self.model = model.eval().to(memory_format=torch.channels_last)
        self.processor = processor
        self._frame: Any = None
        self._seen: FrameObjects | None = None

    @classmethod
    def load(cls, name: str = EYES) -> "EyesPerception":
        """The shipped eyes of that name, or those of a checkpoint folder.

        Raises:
            FileNotFoundError: there is no such checkpoint.
            ValueError: it is damaged or of something else.
        """
        folder = SHIPPED / name if (SHIPPED / name).is_dir() else Path(name)
        return cls(*load_checkpoint_of(Eyes, EyesProcessor, folder), name)

    def detect(self, words: str, observation: Mapping[str, Any], camera: str) -> list[Detection]:
        """Everything the words fit, surest first."""
        sight = self.look(observation, camera)
        match, _ = self.model.read(sight, self.processor.ids([words]))
        names, masks = self.names(sight), sight.masks.numpy()
        found = []
        for index in match[0].argsort(descending=True).tolist():
            score = float(match[0, index])
            if score >= MEANT:
                mask = masks[index]
                found.append(Detection(names[index], score, box_of(mask), mask, camera))
        return found

    def ask(self, question: str, observation: Mapping[str, Any], camera: str) -> Answer:
        """The likeliest of the answers it knows."""
        sight = self.look(observation, camera)
        _, answers = self.model.read(sight, self.processor.ids([question]))
        best = int(answers[0].argmax())
        return Answer(self.model.config.names("answers")[best], float(answers[0, best]))

    def caption(self, observation: Mapping[str, Any], camera: str) -> str:
        """Every thing by name, its state and what it is in or on."""
        sight = self.look(observation, camera)
        listed = self.model.config.names("states")
        states = [listed[i] for i in sight.things.states[0].argmax(-1).tolist()]
        related = (sight.things.relations[0] > 0).numpy()
        rows = self.model.config.names("relations")
        inside, on = (related[..., rows.index(name)] for name in ("in", "on"))
        return captioned(self.names(sight), states, inside, on)

    def look(self, observation: Mapping[str, Any], camera: str) -> FrameObjects:
        """Return what a camera's frame shows.

        Raises:
            ValueError: the observation has no frame of that camera.
        """
        key = f"rgb_{camera}"
        if key not in observation:
            raise ValueError(f"the observation has no {key!r}; make the env with that camera")
        rgb = observation[key]
        if self._seen is None or rgb is not self._frame:
            world = "room" if camera == EGO_CAMERA else "table"
            places = _places(observation.get(f"depth_{camera}"), camera)
            frames = self.processor.frames(np.asarray(rgb)[None], places, world)
            self._frame, self._seen = rgb, self.model.look(frames)
        return self._seen

    def names(self, sight: FrameObjects) -> list[str]:
        """Return what each thing is called, from its likeliest properties."""
        config, things = self.model.config, sight.things
        kinds = things.kinds[0, :, 1:].argmax(-1).tolist()
        colours, sizes = (
            logits[0].argmax(-1).tolist() for logits in (things.colours, things.sizes)
        )
        listed = [config.names(name) for name in ("sizes", "colours", "kinds")]
        return [
            called(listed[0][size], listed[1][colour], listed[2][kind])
            for size, colour, kind in zip(sizes, colours, kinds, strict=True)
        ]


def _places(depth_m: NDArray[np.float32] | None, camera: str) -> NDArray[np.floating[Any]] | None:
    """Return what the pixels show (1, H, W, 3), m; None if it is not known."""
    if depth_m is None:
        return None
    if camera == EGO_CAMERA:
        return EgoCamera().points(depth_m, EgoPose(0.0, 0.0, 0.0))[None]
    standing = STANDING_CAMERAS.get(camera)
    return None if standing is None else standing.points(depth_m)[None]
