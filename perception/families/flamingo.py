"""Flamingo: a language model that was there before looks aside at frames."""

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor, nn

from handeye.perception.families.family import FamilyConfig
from handeye.perception.families.language_family import LanguageFamily
from handeye.perception.fusions.gated_cross_attention import GatedCrossAttention


class Flamingo(LanguageFamily):
    """Resampler, then gated cross-attention before each block of the trunk (Alayrac et al. 2022).

        frame 1 -> resampler -> K latents -+
        frame 2 -> resampler -> K latents -+-> keys and values, x <- x + tanh(gate) attention(x)
                                           |        before every block
        [ [class] word ... word | answer ... [end] ]  causal, and nothing else in the sequence

    The gates start at 0, so the trunk first speaks as if there were no frames. Every word sees all
    frames of its instruction: they come together, before it.
    """

    source = "Alayrac et al. 2022, arXiv:2204.14198"
    usual: ClassVar[Mapping[str, Any]] = {
        "connector": "resampler",
        "language_layers": 2,
        "tower_layers": 2,
    }

    def __init__(self, config: FamilyConfig) -> None:
        super().__init__(config)
        width = self.language.width
        self.aside = nn.ModuleList(
            GatedCrossAttention(width, config.heads, config.width)
            for _ in range(self.language.blocks)
        )

    def sentence(self, seen: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The words alone, see `LanguageFamily`."""
        return super().sentence(seen[:, :0], ids)

    def run(self, seen: Tensor, tokens: Tensor, present: Tensor) -> Tensor:
        """Run the trunk, every block of which looks aside at `seen` (B, N, width) first."""
        return self.language(
            tokens, present, before=lambda block, words: self.aside[block](words, seen)
        )
