"""Who may look at whom: masks are bool, True where a row's token may look at a column's.

All are (B, 1, M, N), broadcastable over heads, and join by `&`.

    causal      prefix of two      last image, of two tokens
                                             i1 i1 i2 i2
    ■ · · ·     ■ ■ · ·              <i1>    ■  ■  ·  ·
    ■ ■ · ·     ■ ■ · ·              word    ■  ■  ·  ·
    ■ ■ ■ ·     ■ ■ ■ ·              <i2>    ·  ·  ■  ■
    ■ ■ ■ ■     ■ ■ ■ ■              word    ·  ·  ■  ■
"""

import torch
from torch import Tensor


def padding_mask(present: Tensor) -> Tensor:
    """`present` (B, N), True where there is a token -> (B, 1, 1, N): nobody looks at padding."""
    return present[:, None, None, :]


def causal_mask(present: Tensor) -> Tensor:
    """`present` (B, N) -> (B, 1, N, N): a token looks at itself and at earlier ones.

    A position of padding looks at itself too, so that it looks at something.
    """
    count = present.shape[1]
    everywhere = present.new_ones(count, count)
    itself = torch.eye(count, dtype=torch.bool, device=present.device)
    return (everywhere.tril() & present[:, None, :] | itself)[:, None]


def prefix_mask(prefix: Tensor, present: Tensor) -> Tensor:
    """`prefix` (B, N), True at the prefix -> (B, 1, N, N): it sees itself, the rest sees the past.

    The prefix language model of Raffel et al. 2020 (T5, §3.2.1), used by PaliGemma.
    """
    inside = prefix & present
    return causal_mask(present) | (inside[:, :, None] & inside[:, None, :])[:, None]


def last_image_mask(is_image: Tensor, images: int, tokens: int) -> Tensor:
    """Text sees the last image before it (Flamingo: Alayrac et al. 2022, §3.1.3).

    Args:
        is_image: (B, L) bool, True where the text has the mark of an image.
        images: pictures of a row, in the order of their marks; rows with fewer are padded.
        tokens: of each image.

    Returns:
        (B, 1, L, images * tokens); words before the first mark look at nothing.

    Raises:
        ValueError: a row has more marks than there are images.
    """
    latest = is_image.long().cumsum(1)  # (B, L), 0 before the first image
    if not torch.compiler.is_exporting() and int(latest.max()) > images:
        raise ValueError(f"the text has {int(latest.max())} image marks but {images} images came")
    numbers = torch.arange(1, images + 1, device=is_image.device)
    seen = latest[:, :, None] == numbers  # (B, L, images)
    return seen.repeat_interleave(tokens, dim=2)[:, None]
