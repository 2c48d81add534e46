"""Keep the tokens that the words attend to most."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Kept(NamedTuple):
    """The tokens that were kept, in their old order.

    Attributes:
        tokens: (B, K, width).
        kept: (B, K) int64, which of the N they were.
        share: (B, K), how much of the words' attention each had among all N.
    """

    tokens: Tensor
    kept: Tensor
    share: Tensor


class TextDropping(nn.Module):
    """The K of N tokens with the largest share of the words' attention.

        a_ln = softmax_n(q(text_l) . k(token_n) / sqrt(d)),   share_n = mean over words l of a_ln
        [ t_1 t_2 ... t_N ] -> [ t_i t_j ... ]   i < j < ...

    The attention from one special token as the measure of what may go is EViT's (Liang et al.
    2022, section 3.2); here the words attend, so that what goes depends on what is asked. A kept
    token is multiplied by its share over that same share held constant: by 1, with a gradient, so
    that the choice is trained by whatever reads the tokens.

    Args:
        width: of the tokens.
        text_width: of the words.
        keep: K.
    """

    def __init__(self, width: int, text_width: int, keep: int) -> None:
        super().__init__()
        self.keep = keep
        self.ask = nn.Linear(text_width, width)
        self.key = nn.Linear(width, width)

    def forward(self, tokens: Tensor, text: Tensor, mask: Tensor) -> Kept:
        """Tokens (B, N, width), words (B, L, text_width) with their mask (B, L).

        Raises:
            ValueError: there are fewer than K tokens, or a sentence without a word.
        """
        count, width = tokens.shape[1:]
        if count < self.keep:
            raise ValueError(f"{self.keep} of {count} tokens cannot be kept; keep at most {count}")
        words = mask.sum(1, keepdim=True)
        if tokens.device.type == "cpu" and not torch.compiler.is_compiling() and (words == 0).any():
            raise ValueError("a sentence has no words, so it asks for no token; give its words")
        scores = self.ask(text) @ self.key(tokens).transpose(1, 2) * width**-0.5  # (B, L, N)
        attention = scores.float().softmax(-1) * mask[..., None]
        shares = attention.sum(1) / words  # (B, N)
        index = shares.topk(self.keep, dim=1).indices.sort(dim=1).values
        share = shares.gather(1, index)
        chosen = tokens.gather(1, index[..., None].expand(-1, -1, width))
        gate = share / share.detach().clamp(min=1e-9)
        return Kept(chosen * gate[..., None].to(chosen.dtype), index, share)
