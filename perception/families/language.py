"""The causal language model that families put frames into: a small Llama, or any by folder."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaModel, PreTrainedModel

from handeye.perception.encoders.text import PAD_ID
from handeye.perception.families.family import FamilyConfig
from handeye.perception.families.vocabulary import END_ID
from handeye.perception.fusions.masks import causal_mask

MOST_TOKENS = 512  # of a sentence with its frames
MOST_WORDS = 96  # of a text that is written
Before = Callable[[int, Tensor], Tensor]


class LanguageTrunk(nn.Module):
    """Tokens (B, N, width) -> what a causal language model makes of them.

    Frames enter as tokens of its own width, between or before those of words: `embed` looks words
    up, the caller joins both, `forward` runs the blocks, `logits` reads the next word.

    Args:
        config: width, blocks and vocabulary of the small one.
        model: a causal language model of transformers in place of it; its embedding has a row for
            every id of the vocabulary.
    """

    def __init__(self, config: FamilyConfig, model: PreTrainedModel | None = None) -> None:
        super().__init__()
        given = model or LlamaModel(
            LlamaConfig(
                vocab_size=config.vocabulary,
                hidden_size=config.width,
                intermediate_size=3 * config.width,
                num_hidden_layers=config.language_layers,
                num_attention_heads=config.heads,
                max_position_embeddings=MOST_TOKENS,
                pad_token_id=PAD_ID,
                bos_token_id=None,
                eos_token_id=END_ID,
            )
        )
        base: Any = given.base_model
        head: Any = given.get_output_embeddings()
        if not all(hasattr(base, part) for part in ("layers", "norm", "rotary_emb")):
            raise ValueError(
                f"a {type(given).__name__} is built otherwise than Llama, whose blocks are run one "
                "by one here; give a model such as Llama, Qwen, Mistral or SmolLM"
            )
        self.model: Any = base
        table: Any = base.get_input_embeddings()
        tied = head is None or head.weight is table.weight
        self.head: nn.Module | None = None if tied else head

    @property
    def width(self) -> int:
        """Of its tokens."""
        return int(self.model.config.hidden_size)

    @property
    def blocks(self) -> int:
        """How many blocks it has."""
        return len(self.model.layers)

    def embed(self, ids: Tensor) -> Tensor:
        """Ids (B, L) -> (B, L, width)."""
        embedded: Tensor = self.model.get_input_embeddings()(ids)
        return embedded

    def forward(
        self,
        tokens: Tensor,
        present: Tensor,
        mask: Tensor | None = None,
        before: Before | None = None,
    ) -> Tensor:
        """Run the blocks.

        Args:
            tokens: (B, N, width).
            present: (B, N) bool, True where there is a token; the others take no position.
            mask: (B, 1, N, N) bool of `fusions.masks`; by default a token looks at earlier ones.
            before: what happens to the tokens before each block, given its number.

        Returns:
            (B, N, width).
        """
        mask = causal_mask(present) if mask is None else mask
        barred = torch.zeros(mask.shape, dtype=tokens.dtype, device=tokens.device)
        barred = barred.masked_fill(~mask, torch.finfo(tokens.dtype).min)
        places = (present.long().cumsum(1) - 1).clamp_min(0)
        turns = self.model.rotary_emb(tokens, position_ids=places)
        for number, layer in enumerate(self.model.layers):
            tokens = tokens if before is None else before(number, tokens)
            out = layer(
                tokens, attention_mask=barred, position_ids=places, position_embeddings=turns
            )
            tokens = out[0] if isinstance(out, tuple) else out
        normed: Tensor = self.model.norm(tokens)
        return normed

    def logits(self, hidden: Tensor) -> Tensor:
        """(B, N, width) -> (B, N, vocabulary) of the token after each."""
        if self.head is None:
            return F.linear(hidden, self.model.get_input_embeddings().weight)
        logits: Tensor = self.head(hidden)
        return logits

    @torch.inference_mode()
    def write(
        self, tokens: Tensor, present: Tensor, run: Callable[[Tensor, Tensor], Tensor] | None = None
    ) -> Tensor:
        """Return the likeliest ids (B, A) after tokens (B, N, width), each row up to its end.

        Args:
            tokens: (B, N, width).
            present: (B, N) bool.
            run: what runs the blocks; `forward` unless a family does more.
        """
        said = torch.empty(len(tokens), 0, dtype=torch.int64, device=tokens.device)
        over = torch.zeros(len(tokens), dtype=torch.bool, device=tokens.device)
        while said.shape[1] < MOST_WORDS and not over.all():
            lasts = present.long().cumsum(1).argmax(1)  # where the last token of each row stands
            hidden = (run or self)(tokens, present)
            chosen = self.logits(hidden[torch.arange(len(tokens)), lasts]).argmax(-1)
            chosen = chosen.masked_fill(over, PAD_ID)
            over = over | (chosen == END_ID)
            said = torch.cat([said, chosen[:, None]], dim=1)
            tokens = torch.cat([tokens, self.embed(chosen[:, None])], dim=1)
            present = torch.cat([present, (chosen != PAD_ID)[:, None]], dim=1)
        return said
