"""The contract of every family: what it makes of frames and words, what it learns from, what it
can say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from huggingface_hub.dataclasses import strict
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedModel

from handeye.perception.losses.total import Counted


@strict
class FamilyConfig(PreTrainedConfig):
    """Sizes that families share; each uses those that it has a part for.

    `tower_layers`, `text_layers`, `fusion_layers` and `language_layers` count blocks of the vision
    tower, the text encoder, what joins both, and the causal language model; `frame_tokens` is what
    a connector leaves of a frame, `state_size` how many numbers tell of the robot.
    """

    model_type = "handeye_family"

    family: str = ""
    px: int = 128
    patch: int = 16
    cameras: int = 2
    width: int = 128
    heads: int = 4
    tower: str = "convolution"
    tower_layers: int = 3
    text_layers: int = 2
    fusion_layers: int = 2
    language_layers: int = 3
    connector: str = "mlp"
    frame_tokens: int = 16
    vocabulary: int = 266
    max_words: int = 31
    state_size: int = 14


class Prefix(NamedTuple):
    """What a family makes of K frames and words, for whatever acts on it.

    Attributes:
        tokens: (B, N, width).
        mask: (B, N) bool, True where there is a token.
        text: (B, L, width) of the words, the first of the whole instruction.
        present: (B, L) bool, True at words.
        patches: (B, K, C, width) of each frame's cells, row by row; C is rows squared.
    """

    tokens: Tensor
    mask: Tensor
    text: Tensor
    present: Tensor
    patches: Tensor


class Exchange(NamedTuple):
    """A batch of B examples of frames with words about them.

    Attributes:
        frames: (B, K, 3, px, px) in [0, 1].
        words: (B, L) ids of what is asked or told first, [class] before them.
        answer: (B, A) ids of what is said then, [end] after them, [pad] where there is none.
        wrong: (B, A) ids of the same with one word that makes it untrue; all [pad] where there is
            none.
    """

    frames: Tensor
    words: Tensor
    answer: Tensor
    wrong: Tensor


@dataclass(frozen=True)
class Answer:
    """What a family says about B frames; what it cannot say is None.

    Attributes:
        ids: (B, A) of a text each, up to [end].
        scores: (B, T) logits that each of T given texts fits.
    """

    ids: Tensor | None = None
    scores: Tensor | None = None


class Family(PreTrainedModel):
    """One published way to bring frames and words together.

    Class attributes:
        learns: kinds of vision-language examples that its own losses are made for.
        terms: names of those losses.
        source: the paper.
        usual: fields of the config in which it differs from the others.
    """

    config_class = FamilyConfig
    config: FamilyConfig
    main_input_name = "frames"
    learns: ClassVar[tuple[str, ...]] = ("caption",)
    terms: ClassVar[tuple[str, ...]] = ("answer",)
    source: ClassVar[str] = ""
    usual: ClassVar[Mapping[str, Any]] = {}

    def _init_weights(self, module: nn.Module) -> None:
        """Layers initialise themselves."""

    @property
    def longest_answer(self) -> int:
        """Return how many words and marks an answer has at most, its end included."""
        return self.config.max_words

    def prefix(self, frames: Tensor, words: Tensor, state: Tensor | None = None) -> Prefix:
        """Return what the action slots look at.

        Args:
            frames: (B, K, 3, px, px) in [0, 1].
            words: (B, L) ids.
            state: (B, state_size) the robot's joints near one, for families whose sentences hold
                them; the others leave it to whoever acts.
        """
        raise NotImplementedError

    def losses(self, batch: Exchange) -> dict[str, Counted]:
        """Its own pretraining losses by name, each a sum with what it counts."""
        raise NotImplementedError

    def answer(self, frames: Tensor, words: Tensor) -> Answer:
        """Frames (B, K, 3, px, px) and words (B, L) -> what it can natively say about them."""
        raise NotImplementedError
