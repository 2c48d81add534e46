"""Pixels -> masks of things: each pixel goes to the middle that it votes for."""

from typing import NamedTuple

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from handeye.perception.eyes.pixels import STRIDE_PX, PixelMaps, likeliest

SURE_CENTRE = 0.3  # of a cell that holds a thing's middle
MOST_THINGS = 24
LEAST_PX = 12
STRAY_CELLS, STRAY_SHARE = 3.0, 0.35  # a vote so far off, plus so much of its length, is no vote
CRUMB_SHARE = 0.25  # of a mask's largest part, under which another one is dropped
NEIGHBOURS = 3  # cells within which there is one middle


class Grouped(NamedTuple):
    """N things in one frame.

    Attributes:
        masks: (N, H, W) bool; no pixel belongs to two.
        scores: (N,) how sure there is a thing, 0 to 1.
    """

    masks: Tensor
    scores: Tensor


@torch.no_grad()
def grouped(maps: PixelMaps) -> Grouped:
    """The things in a batch of one frame, surest first, at most `MOST_THINGS`."""
    sure = maps.tiers[0].softmax(0)
    tier = likeliest(sure)
    rows, columns = tier.shape
    votes = F.interpolate(maps.votes, (rows, columns), mode="bilinear", align_corners=False)[0]
    y, x = ((torch.arange(n, device=votes.device) + 0.5) / STRIDE_PX - 0.5 for n in (rows, columns))
    aims = votes + torch.stack([x.expand(rows, columns), y[:, None].expand(rows, columns)])
    heat = maps.centres[0].sigmoid()
    masks, scores = [], []
    for number in range(len(heat)):
        middles, peaks = _middles(heat[number])
        pixels = tier == number + 1
        if not len(middles) or not pixels.any():
            continue
        here = pixels.flatten().nonzero()[:, 0]
        away = torch.cdist(aims.flatten(1)[:, here].T, middles)
        least, owner = away.min(1)
        length = votes.flatten(1)[:, here].norm(dim=0)
        owner = owner.where(least < STRAY_CELLS + STRAY_SHARE * length, -1)
        owners = torch.full_like(tier, -1).flatten().index_put_((here,), owner).view_as(tier)
        for index in range(len(middles)):
            mask = without_crumbs(owners == index)
            if mask.sum() >= LEAST_PX:
                masks.append(mask)
                scores.append(peaks[index].sqrt() * sure[number + 1][mask].mean().sqrt())
    if not masks:
        return Grouped(torch.zeros(0, rows, columns, dtype=torch.bool), torch.zeros(0))
    ranked = torch.stack(scores).argsort(descending=True)[:MOST_THINGS]
    return Grouped(torch.stack(masks)[ranked], torch.stack(scores)[ranked])


def without_crumbs(mask: Tensor) -> Tensor:
    """A mask (H, W) without parts that are small beside its largest: they are no part of a thing.

    What hides a thing's middle may leave several large parts.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.numpy().astype(np.uint8))
    if count <= 2:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA]
    kept = areas >= CRUMB_SHARE * areas[1:].max()
    kept[0] = False  # the background
    return torch.from_numpy(kept[labels])


def _middles(heat: Tensor) -> tuple[Tensor, Tensor]:
    """Places (M, 2), column and row in cells, of the peaks of heat (h, w); how high they are."""
    peak = F.max_pool2d(heat[None], NEIGHBOURS, stride=1, padding=NEIGHBOURS // 2)[0]
    found = ((heat == peak) & (heat > SURE_CENTRE)).nonzero()
    high = heat[found[:, 0], found[:, 1]]
    ranked = high.argsort(descending=True)[:MOST_THINGS]
    return found[ranked].flip(1).float(), high[ranked]
