"""Merge tokens that are alike until few are left; nothing is learned."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class Merged(NamedTuple):
    """Tokens that each stand for some of the original ones.

    Attributes:
        tokens: (B, K, width), means over what they stand for.
        places: (B, K, D), means of the places.
        sizes: (B, K) float, how many original tokens each stands for.
    """

    tokens: Tensor
    places: Tensor
    sizes: Tensor


def merge_tokens(tokens: Tensor, places: Tensor, keep: int) -> Merged:
    """Bipartite soft matching (ToMe, Bolya et al. 2023, section 3), in rounds until K are left.

        even tokens  a_1  a_2  a_3 ...        each a_i looks for its most similar b_j (cosine);
               odd  b_1  b_2  b_3 ...         the most similar pairs merge, weighted by size

    A round merges at most every even token away. Order is not kept: places say where tokens were.

    Args:
        tokens: (B, N, width).
        places: (B, N, D), as (x, y) of cells or (x, y, t).
        keep: K, how many are left.

    Raises:
        ValueError: K is not in 1 ... N, or there are not as many places as tokens.
    """
    count = tokens.shape[1]
    if not 1 <= keep <= count:
        raise ValueError(f"{count} tokens cannot be merged into {keep}; keep 1 to {count}")
    if places.shape[:2] != tokens.shape[:2]:
        raise ValueError(
            f"places {tuple(places.shape)} do not fit tokens {tuple(tokens.shape)}; give one each"
        )
    sizes = torch.ones(tokens.shape[:2], dtype=tokens.dtype, device=tokens.device)
    merged = Merged(tokens, places, sizes)
    while merged.tokens.shape[1] > keep:
        merged = _merged_once(merged, merged.tokens.shape[1] - keep)
    return merged


def _merged_once(now: Merged, wanted: int) -> Merged:
    """One round, which merges `wanted` even tokens away or all but those without a partner."""
    even, odd = now.tokens[:, ::2], now.tokens[:, 1::2]
    alike = F.normalize(even, dim=-1) @ F.normalize(odd, dim=-1).transpose(1, 2)
    likeness, partner = alike.max(-1)  # (B, even)
    order = likeness.argsort(dim=1, descending=True)
    away = min(wanted, even.shape[1], now.tokens.shape[1] - 1)
    gone, stay = order[:, :away], order[:, away:].sort(dim=1).values
    target = partner.gather(1, gone)  # (B, away) which odd token takes it in

    weights = now.sizes[..., None]
    kept = []
    for values in (now.tokens * weights, now.places * weights, weights):  # sums, not means
        dim = values.shape[2]
        moved = values[:, ::2].gather(1, gone[..., None].expand(-1, -1, dim))
        rest = values[:, ::2].gather(1, stay[..., None].expand(-1, -1, dim))
        grown = values[:, 1::2].scatter_add(1, target[..., None].expand(-1, -1, dim), moved)
        kept.append(torch.cat([rest, grown], dim=1))
    sums, place_sums, sizes = kept
    return Merged(sums / sizes, place_sums / sizes, sizes[..., 0])
