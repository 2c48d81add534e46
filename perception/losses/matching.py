"""Image–text matching: does this text belong to this image? Asked of pairs that nearly do."""

import torch
import torch.nn.functional as F
from torch import Tensor

from handeye.perception.losses.total import Counted, counted


def hard_negatives(
    similarity: Tensor, generator: torch.Generator, matching: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Draw a wrong text for each image and a wrong image for each text (BLIP, §3.2).

    The more alike, the likelier: text j of image i with odds exp(s_ij) (Li et al. 2021, ALBEF,
    §3.2; Li et al. 2022).

    Args:
        similarity: (B, B) of images and texts, already divided by the temperature.
        generator: of chance, on the similarity's device.
        matching: (B, B) bool, True where a text fits an image; None for the diagonal. Twice the
            same caption is no negative.

    Returns:
        Texts (B,) of the images and images (B,) of the texts, as places in the batch.

    Raises:
        ValueError: an image or a text has no negative in the batch.
    """
    if matching is None:
        matching = torch.eye(len(similarity), dtype=torch.bool, device=similarity.device)
    if bool(matching.all(1).any() | matching.all(0).any()):
        raise ValueError(
            f"a batch of {len(similarity)} pairs has no wrong text or no wrong image for one of "
            "them; draw larger batches of more varied captions"
        )
    odds = similarity.detach().float().masked_fill(matching, -torch.inf)
    texts = torch.multinomial(odds.softmax(1), 1, generator=generator)[:, 0]
    images = torch.multinomial(odds.softmax(0).T, 1, generator=generator)[:, 0]
    return texts, images


def matching_loss(scores: Tensor, matched: Tensor) -> Counted:
    """Scores (P,), log-odds that a pair matches; `matched` (P,) bool, whether it does."""
    losses = F.binary_cross_entropy_with_logits(scores.float(), matched.float(), reduction="none")
    return counted(losses, torch.ones_like(matched))
