"""Perception by models that the user has: open-vocabulary detectors, SAM, and models that see.

Nothing is downloaded: every model is a local folder that `save_pretrained` wrote, or a language
model that sees images. Non-obvious behaviours:
- Detectors (OWL-ViT, OWLv2, Grounding DINO) give boxes; without a segmenter a box's whole area is
  its mask, so what is measured from depth holds some of what lies around the thing.
- What a detector finds is called by the words that were looked for.
- Scores are the models' own; nobody has calibrated them on these scenes.
- A model that sees is asked for boxes in thousandths of the picture, as JSON.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import (
    AutoModelForMaskGeneration,
    AutoModelForZeroShotObjectDetection,
    AutoProcessor,
)

from handeye.agents.core.conversation import Image, Message
from handeye.agents.language_models.language_model import LanguageModel
from handeye.agents.sight.perception import Answer, Detection

LEAST_SCORE = 0.1
THOUSAND = 1000
BOXES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "boxes": {
            "type": "array",
            "items": {
                "type": "array", "items": {"type": "integer"}, "minItems": 4, "maxItems": 4
            },
        }
    },
    "required": ["boxes"],
    "additionalProperties": False,
}  # fmt: skip
ASK_BOXES = (
    "Find everything in the picture that fits: {words}. Answer with a JSON object such as "
    '{{"boxes": [[left, top, right, bottom]]}} in thousandths of the picture\'s width and height; '
    "an empty list if nothing fits."
)
ASK_ANSWER = (
    "{question}\nAnswer with a single word: yes, no, a number or a name. A statement is answered "
    "by yes if it is so in the picture, else by no."
)
ASK_CAPTION = "Say in one sentence what lies on the table and what is in or on what."
UNCERTAIN = 0.5  # Detections that come without a score get this one.


class PixelBox(NamedTuple):
    """A box in pixels, the last two sides exclusive, and how sure it is."""

    left: int
    top: int
    right: int
    bottom: int
    score: float


class BoxFinder(Protocol):
    """Words -> boxes in a frame (H, W, 3)."""

    def boxes(self, words: str, rgb: NDArray[np.uint8]) -> list[PixelBox]:
        """Everything that the words fit, surest first."""


class ZeroShotDetector:
    """OWL-ViT, OWLv2 or Grounding DINO from a local folder.

    Args:
        folder: what `save_pretrained` wrote, model and processor.
        least_score: of a box that counts.

    Raises:
        ValueError: the folder holds no such model.
    """

    def __init__(self, folder: Path, least_score: float = LEAST_SCORE) -> None:
        self._model, self._processor = _loaded(AutoModelForZeroShotObjectDetection, folder)
        self._least_score = least_score

    def boxes(self, words: str, rgb: NDArray[np.uint8]) -> list[PixelBox]:
        """Everything that the words fit, surest first."""
        asked = f"{words.lower().strip(' .')}."  # Grounding DINO wants the full stop
        inputs = self._processor(text=[asked], images=[rgb], return_tensors="pt")
        with torch.no_grad():
            outputs = self._model(**inputs)
        (found,) = self._processor.post_process_grounded_object_detection(
            outputs, threshold=self._least_score, target_sizes=[rgb.shape[:2]]
        )
        rows = zip(found["boxes"].tolist(), found["scores"].tolist(), strict=True)
        boxes = [_clipped(corners, score, rgb.shape) for corners, score in rows]
        return sorted((box for box in boxes if box is not None), key=lambda box: -box.score)


class SeeingModel:
    """A language model that sees, asked for boxes, answers and captions.

    Args:
        model: with the ability to see images.

    Raises:
        ValueError: it sees none.
    """

    def __init__(self, model: LanguageModel) -> None:
        if not model.abilities.images:
            raise ValueError(
                f"{model.model_id} sees no images; name a model that does, see "
                "docs/language_models.md"
            )
        self._model = model

    def boxes(self, words: str, rgb: NDArray[np.uint8]) -> list[PixelBox]:
        """Return what the model says, as far as it is boxes; a mistake of its finds nothing."""
        reply = self._model.reply(_about(ASK_BOXES.format(words=words), rgb), schema=BOXES_SCHEMA)
        try:
            listed = json.loads(reply.text)["boxes"]
            height, width = rgb.shape[:2]
            scale = np.array([width, height, width, height]) / THOUSAND
            corners = [np.asarray(box, np.float64) * scale for box in listed]
            boxes = [_clipped(one.tolist(), UNCERTAIN, rgb.shape) for one in corners]
        except (ValueError, TypeError, KeyError):
            return []
        return [box for box in boxes if box is not None]

    def answer(self, question: str, rgb: NDArray[np.uint8]) -> Answer:
        """The first word of what the model says."""
        reply = self._model.reply(_about(ASK_ANSWER.format(question=question), rgb))
        words = reply.text.lower().strip().split()
        return Answer(words[0].strip(".,!\"'") if words else "", UNCERTAIN if words else 0.0)

    def caption(self, rgb: NDArray[np.uint8]) -> str:
        """Return what the model says of the picture."""
        return self._model.reply(_about(ASK_CAPTION, rgb)).text.strip()


class Segmenter:
    """SAM from a local folder: boxes -> masks.

    Args:
        folder: what `save_pretrained` wrote, model and processor.

    Raises:
        ValueError: the folder holds no such model.
    """

    def __init__(self, folder: Path) -> None:
        self._model, self._processor = _loaded(AutoModelForMaskGeneration, folder)

    def mask(self, box: PixelBox, rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """The pixels (H, W) of what is in the box."""
        inputs = self._processor(
            rgb, input_boxes=[[list(map(float, box[:4]))]], return_tensors="pt"
        )
        with torch.no_grad():
            outputs = self._model(**inputs, multimask_output=False)
        (masks,) = self._processor.post_process_masks(
            outputs.pred_masks, inputs["original_sizes"], inputs["reshaped_input_sizes"]
        )
        return np.asarray(masks[0, 0].numpy(), np.bool_)


class OpenPerception:
    """Perception of models that the user has.

    Args:
        finder: finds what words fit; by default the seeing model does.
        seeing: answers questions and captions; None if there is none.
        segmenter: makes masks of boxes; by default a box is its own mask.
        perception_id: what records call it.

    Raises:
        ValueError: neither a finder nor a seeing model is given.
    """

    def __init__(
        self,
        finder: BoxFinder | None = None,
        seeing: SeeingModel | None = None,
        segmenter: Segmenter | None = None,
        perception_id: str = "open models",
    ) -> None:
        found = finder or seeing
        if found is None:
            raise ValueError("give a detector's folder, a model that sees, or both")
        self.perception_id = perception_id
        self._finder, self._seeing, self._segmenter = found, seeing, segmenter

    def detect(self, words: str, observation: Mapping[str, Any], camera: str) -> list[Detection]:
        """Everything the words fit, surest first."""
        rgb = np.asarray(observation[f"rgb_{camera}"])
        found = []
        for box in self._finder.boxes(words, rgb):
            mask = np.zeros(rgb.shape[:2], np.bool_)
            mask[box.top : box.bottom, box.left : box.right] = True
            if self._segmenter is not None:
                mask &= self._segmenter.mask(box, rgb)
            sides = box.left, box.top, box.right, box.bottom
            if mask.any():
                found.append(Detection(words, box.score, sides, mask, camera))
        return found

    def ask(self, question: str, observation: Mapping[str, Any], camera: str) -> Answer:
        """Return what the seeing model says; without one, nothing."""
        if self._seeing is None:
            return Answer("no model that answers is at hand", 0.0)
        return self._seeing.answer(question, np.asarray(observation[f"rgb_{camera}"]))

    def caption(self, observation: Mapping[str, Any], camera: str) -> str:
        """Return what the seeing model says; without one, that there is none."""
        if self._seeing is None:
            return "no model that describes is at hand"
        return self._seeing.caption(np.asarray(observation[f"rgb_{camera}"]))


def _loaded(model_class: Any, folder: Path) -> tuple[Any, Any]:
    """A model and its processor; no code of the folder is run."""
    try:
        processor = AutoProcessor.from_pretrained(folder, local_files_only=True)
        model = model_class.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        raise ValueError(
            f"{folder} cannot be loaded ({str(error)[:300]}); give a folder that save_pretrained "
            "wrote for the model and its processor"
        ) from error
    return model.eval(), processor


def _about(question: str, rgb: NDArray[np.uint8]) -> list[Message]:
    return [Message("user", (Image(rgb, "a picture"), question))]


def _clipped(corners: list[float], score: float, shape: tuple[int, ...]) -> PixelBox | None:
    """A box within a picture of `shape`; None if it is empty or no box."""
    if len(corners) != 4 or not np.isfinite(corners).all():
        return None
    height, width = shape[:2]
    left, right = (int(np.clip(round(corners[i]), 0, width)) for i in (0, 2))
    top, bottom = (int(np.clip(round(corners[i]), 0, height)) for i in (1, 3))
    return PixelBox(left, top, right, bottom, score) if left < right and top < bottom else None
