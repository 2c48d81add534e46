"""What recorded episodes are to a training: batches, and the policy that learns from them.

A dataset names its policy (`presets`, `card`) and builds it, so that a new kind of policy is one
dataset and one line in `training.train`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, Self

import numpy as np
from torch import Tensor

from handeye.experiments.data.config import Augmentation
from handeye.experiments.data.mixture import ACT, Mixture
from handeye.perception.losses.total import Counted
from handeye.policies.token_policy.loss_weights import LossWeights


class Scored(NamedTuple):
    """What a model makes of a batch.

    Attributes:
        terms: of the loss, by name.
        metrics: to be told, () each.
    """

    terms: dict[str, Counted]
    metrics: dict[str, Tensor]


Score = Callable[[Any, Any], Scored]
"""(model, batch) -> what the model makes of it."""


@dataclass(frozen=True)
class PolicyRequest:
    """Which policy to build for a dataset.

    Attributes:
        preset: its size, one of the dataset's `presets`.
        start: checkpoint folder whose weights and words to start from; None for random weights.
        decoding: "parallel" or "autoregressive".
        loss: weights of the terms.
        blind: it knows no word, to learn what can be done without any.
        family: of the policy; "" for the token policies.
        grounded: whether a family learns from the simulator's masks too.
        mixtures: what a family's samples are, in every stage of its training.
        vl: folders of the vision-language examples among them.
    """

    preset: str
    start: Path | None = None
    decoding: Literal["parallel", "autoregressive"] = "parallel"
    loss: LossWeights = LossWeights()  # noqa: RUF009 - it is frozen
    blind: bool = False
    family: str = ""
    grounded: bool = True
    mixtures: Sequence[Mixture] = field(default_factory=lambda: [{ACT: 1.0}])
    vl: tuple[Path, ...] = ()


class Trainable(NamedTuple):
    """A new model, its processor, how a batch is scored, and the weights of the loss's terms."""

    model: Any
    processor: Any
    score: Score
    weights: Mapping[str, float]


class PolicyCard(NamedTuple):
    """What a policy's card says beside its settings.

    Attributes:
        name: of the policy, to which the preset is added.
        description: what it does and what it does not know.
        suite: to evaluate it on.
        renderer: fingerprint of what drew its frames.
    """

    name: str
    description: str
    suite: str
    renderer: str


class TrainingSet(Protocol):
    """Recorded episodes, as one kind of policy learns from them.

    Attributes:
        presets: sizes of that policy by name.
        episode_format: of the files it reads.
        card: what the policy's card says.
        action_mode: of all episodes.
        episodes: recorded with training seeds.
    """

    presets: ClassVar[Mapping[str, Callable[..., Any]]]
    episode_format: ClassVar[str]
    card: ClassVar[PolicyCard]
    action_mode: str
    episodes: list[Any]

    @classmethod
    def load(cls, roots: Sequence[Path], augmentation: Augmentation, preset: str) -> Self:
        """Read dataset folders; a damaged file is a ValueError that names it."""

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks recorded, in order of appearance."""

    def __len__(self) -> int:
        """How many decisions there are to learn from."""

    def build(self, request: PolicyRequest, seed: int) -> Trainable:
        """Build the policy.

        Raises:
            ValueError: a setting that this policy has no use for.
        """

    def draw(self, rng: np.random.Generator, processor: Any, size: int) -> Any:
        """Draw a batch of about `size` decisions."""

    def add_driven(self, episodes: Sequence[Any], share: float) -> None:
        """Add episodes that the policy drove; from now on `share` of the samples are of such."""
