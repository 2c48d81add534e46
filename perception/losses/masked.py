"""Masked words and masked regions: told from what is left of the other sense."""

import torch
import torch.nn.functional as F
from torch import Tensor

from handeye.perception.losses.next_token import IGNORED
from handeye.perception.losses.total import Counted, counted

HIDDEN_WORDS, CHANGED_WORDS = 0.8, 0.1  # of those chosen; the rest stay as they are
HIDDEN_REGIONS = 0.9


def mask_words(
    ids: Tensor,
    maskable: Tensor,
    mask_id: int,
    vocabulary: range,
    generator: torch.Generator,
    share: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """Choose words to be foretold; hide most of them (BERT: Devlin et al. 2019, §3.1).

    Of those chosen, 80 % become `mask_id`, 10 % any word, 10 % stay.

    Args:
        ids: (B, N) int64.
        maskable: (B, N) bool, True at words, False at [class] and padding.
        mask_id: of the mask.
        vocabulary: ids that a word can become.
        generator: of chance, on the device of `ids`.
        share: of the maskable words that are chosen.

    Returns:
        The ids (B, N) to read, and labels (B, N) for `next_token.label_loss`.
    """
    chance = torch.rand(ids.shape, generator=generator, device=ids.device)
    chosen = maskable & (chance < share)
    fate = torch.rand(ids.shape, generator=generator, device=ids.device)
    any_word = torch.randint(
        vocabulary.start, vocabulary.stop, ids.shape, generator=generator, device=ids.device
    )
    changed = torch.where(fate < HIDDEN_WORDS + CHANGED_WORDS, any_word, ids)
    changed = torch.where(fate < HIDDEN_WORDS, mask_id, changed)
    return torch.where(chosen, changed, ids), ids.masked_fill(~chosen, IGNORED)


def mask_regions(
    regions: Tensor, maskable: Tensor, generator: torch.Generator, share: float = 0.15
) -> tuple[Tensor, Tensor]:
    """Choose regions to be foretold; 90 % of them become zeros (ViLBERT: Lu et al. 2019, §2.2).

    Args:
        regions: (B, N, width).
        maskable: (B, N) bool, True where there is a region.
        generator: of chance, on the device of `regions`.
        share: of the regions that are chosen.

    Returns:
        The regions (B, N, width) to read, and (B, N) bool, True at those chosen.
    """
    chance = torch.rand(maskable.shape, generator=generator, device=regions.device)
    chosen = maskable & (chance < share)
    fate = torch.rand(maskable.shape, generator=generator, device=regions.device)
    hidden = chosen & (fate < HIDDEN_REGIONS)
    return regions.masked_fill(hidden[..., None], 0.0), chosen


def masked_class_loss(logits: Tensor, truth: Tensor, chosen: Tensor) -> Counted:
    """KL(truth ‖ softmax(logits)) of the chosen regions (ViLBERT: Lu et al. 2019, §2.2).

    Args:
        logits: (B, N, C) over classes.
        truth: (B, N, C), shares of the classes in each region, summing to 1.
        chosen: (B, N) bool.
    """
    losses = F.kl_div(logits.float().log_softmax(-1), truth.float(), reduction="none").sum(-1)
    return counted(losses, chosen)


def masked_feature_loss(foretold: Tensor, features: Tensor, chosen: Tensor) -> Counted:
    """Mean square error of the chosen regions' features (UNITER: Chen et al. 2020, §3.2).

    Args:
        foretold: (B, N, D).
        features: (B, N, D) as they were before masking; no gradient flows into them.
        chosen: (B, N) bool.
    """
    losses = (foretold.float() - features.detach().float()).square().mean(-1)
    return counted(losses, chosen)
