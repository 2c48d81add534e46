"""The part that navigation policies' processors share: vocabulary and parts of observations."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from transformers import ProcessorMixin

from handeye.perception.encoders.text import InstructionTokenizer
from handeye.perception.instructions.program_reader import MAX_WORDS
from handeye.perception.mapping.ego_camera import require_depth

EGO_KEYS = ("rgb_ego", "depth_ego", "proprio")


class EgoProcessor(ProcessorMixin):
    """Keeps the vocabulary of the instructions and the side of the frames that a policy sees."""

    attributes: ClassVar[list[str]] = []

    def __init__(
        self, words: Sequence[str], max_words: int = MAX_WORDS, px: int = 128, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.words = list(words)
        self.max_words, self.px = max_words, px
        self.instructions = InstructionTokenizer(self.words, max_words)

    def to_dict(self) -> dict[str, Any]:
        """The constructor's arguments; the tokenizer is rebuilt from `words`."""
        saved: dict[str, Any] = super().to_dict()
        saved.pop("instructions", None)
        return saved


def ego_parts(
    observation: Mapping[str, Any],
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Colour (H, W, 3), depth (H, W) m and proprio of an observation.

    Raises:
        ValueError: one of them is missing, or the depth is broken.
    """
    for key in EGO_KEYS:
        if key not in observation:
            raise ValueError(
                f"the observation has no {key!r} (it has {', '.join(observation)}); "
                "make the environment with the ego camera and depth=True"
            )
    rgb, depth_m, proprio = (np.asarray(observation[key]) for key in EGO_KEYS)
    require_depth(depth_m)
    return rgb, depth_m, proprio
