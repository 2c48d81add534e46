"""PaLM-E: what a robot sees and feels are words of its sentences."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from handeye.perception.encoders.grounding import fourier_features
from handeye.perception.families.family import FamilyConfig
from handeye.perception.families.language_family import LanguageFamily

OCTAVES = 4


class PalmE(LanguageFamily):
    """Multimodal sentences: object slots and the robot's state among words (Driess et al. 2023).

        patches -> TokenLearner: K slots, each a weighted sum of the patches of one thing
        joints and tcp -> Fourier features -> linear -> 1 token

        [ slots of frame 1 | slots of frame 2 | state | [class] words | answer or plan [end] ]

    Of examples that tell no state a learned token stands in its place.
    """

    source = "Driess et al. 2023, arXiv:2303.03378"
    usual: ClassVar[Mapping[str, Any]] = {"connector": "token_learner"}

    def __init__(self, config: FamilyConfig) -> None:
        super().__init__(config)
        self.state = nn.Linear(config.state_size * (2 * OCTAVES + 1), config.width)
        self.no_state = nn.Parameter(torch.randn(config.width) * 0.02)

    def look(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Frames (B, K, 3, px, px) -> their slots and a place for the state, and patches."""
        seen, patches = super().look(frames)
        return torch.cat([seen, self.no_state.expand(len(seen), 1, -1)], dim=1), patches

    def with_state(self, seen: Tensor, state: Tensor | None) -> Tensor:
        """Put the state (B, state_size) into its place, the last of `seen` (B, N, width)."""
        if state is None:
            return seen
        felt = self.state(torch.cat([state, fourier_features(state, OCTAVES)], dim=-1))
        return torch.cat([seen[:, :-1], felt[:, None].to(seen)], dim=1)
