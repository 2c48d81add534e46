"""RT-2: actions are words of the language model."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from handeye.perception.families.language_family import LanguageFamily
from handeye.perception.families.vocabulary import FIRST_LOCATION_ID, LOCATIONS


class Rt2(LanguageFamily):
    """One vocabulary for answers and actions, learned together (Brohan et al. 2023).

        [ K tokens of each frame | [class] instruction | a_1 a_2 ... a_8 ]
                                                   next word ->

    An action's value is one of 256 words, those that tell places in answers. Who acts by them is
    `policies.families.rt2_policy`.
    """

    source = "Brohan et al. 2023, arXiv:2307.15818"
    learns = (*LanguageFamily.learns, "refer", "dense_caption")
    usual: ClassVar[Mapping[str, Any]] = {"connector": "mlp", "language_layers": 4}

    def foretell(self, frames: Tensor, words: Tensor, bins: Tensor) -> Tensor:
        """Logits (B, n + 1, 256) of each next value.

        Args:
            frames: (B, K, 3, px, px) in [0, 1].
            words: (B, L) ids, padding behind them.
            bins: (B, n) the values so far, 0 to 255.
        """
        seen, _ = self.look(frames)
        tokens, present = self.sentence(seen, words)
        hidden = self.language.embed(bins + FIRST_LOCATION_ID)
        there = torch.ones_like(bins, dtype=torch.bool)
        tokens, present = torch.cat([tokens, hidden], 1), torch.cat([present, there], 1)
        made = self.run(seen, tokens, present)
        lasts = present[:, : present.shape[1] - bins.shape[1]].long().cumsum(1).argmax(1)
        first = made[torch.arange(len(made), device=made.device), lasts][:, None]
        said = torch.cat([first, made[:, made.shape[1] - bins.shape[1] :]], dim=1)
        values = slice(FIRST_LOCATION_ID, FIRST_LOCATION_ID + LOCATIONS)
        return self.language.logits(said)[..., values].float()
