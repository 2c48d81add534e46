"""`Eyes`: what a frame shows, by name, and what words about it mean.

    frame + places of its pixels -> PixelNet -> masks (`grouped`) -> ThingNet -> things by name
    things + words               -> WordReader -> which things are meant, and the answer

The picture is looked at once, however many questions follow.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import AutoConfig, AutoModel

from handeye.perception.encoders.float32_model import Float32Model
from handeye.perception.eyes.config import EyesConfig
from handeye.perception.eyes.grouping import grouped
from handeye.perception.eyes.pixels import PixelMaps, PixelNet, likeliest
from handeye.perception.eyes.reader import Readings, WordReader
from handeye.perception.eyes.things import ThingNet, Things

BY_SIGHT_SHARE = 0.6  # of the frames of training, those whose outlines are the seen ones
GROWN_PX = 4  # beyond its true outline a thing may be seen
MOST_NAMELESS = 0.5  # probability of "nothing" from which a group of pixels is dropped


class EyesOutput(NamedTuple):
    """Output of one pass of training."""

    maps: PixelMaps
    things: Things
    readings: Readings


class FrameObjects(NamedTuple):
    """The objects of one frame.

    Attributes:
        masks: (N, H, W) bool.
        scores: (N,) how sure there is a thing.
        things: a batch of one, N things.
    """

    masks: Tensor
    scores: Tensor
    things: Things


class Eyes(Float32Model):
    """Frames -> things; things and words -> matches and answers."""

    config_class = EyesConfig
    config: EyesConfig
    base_model_prefix = "eyes"

    def __init__(self, config: EyesConfig) -> None:
        super().__init__(config)
        lists = ("kinds", "colours", "sizes", "states")
        kinds, colours, sizes, states = (len(config.names(name)) for name in lists)
        relations, answers = len(config.names("relations")), len(config.names("answers"))
        self.pixels = PixelNet(
            config.stem, config.middle, config.deep, config.blocks, config.tier_count, kinds
        )
        self.things = ThingNet(
            config.stem + config.middle, config.width, kinds, colours, sizes, states, relations
        )
        self.reader = WordReader(
            1 + kinds + colours + sizes + states, relations, config.width, config.heads,
            config.layers, config.vocabulary, config.max_words, answers,
        )  # fmt: skip
        self.post_init()

    def _init_weights(self, module: torch.nn.Module) -> None:
        """Modules initialise themselves."""

    def forward(
        self,
        frames: Tensor,
        owners: Tensor,
        present: Tensor,
        tier_of: Tensor,
        words: Tensor,
        told: Callable[[Things], Things] | None = None,
    ) -> EyesOutput:
        """One pass of training, with the pixels of the things given.

        Args:
            frames: (B, 7, H, W) as `EyesProcessor` makes them.
            owners: (B, H, W) int64, 1 + the thing whose pixel it is, 0 for none.
            present: (B, N) bool, which are things and no padding.
            tier_of: (B, 1 + N) int64, class in `PixelMaps.tiers` of each owner; 0 for no thing.
            words: (B, Q, L) ids.
            told: what the reader is told of the things instead of what was seen.
        """
        maps = self.pixels(frames)
        by_sight = torch.arange(len(frames)) < BY_SIGHT_SHARE * len(frames)
        seen = as_seen(owners, tier_of, likeliest(maps.tiers))
        owners = seen.where(by_sight[:, None, None], owners)
        things = self.things(maps, frames, owners, present)
        return EyesOutput(maps, things, self.reader(told(things) if told else things, words))

    @torch.no_grad()
    def look(self, frames: Tensor) -> FrameObjects:
        """Find the objects of a batch of one frame (1, 7, H, W)."""
        maps = self.pixels(frames)
        masks, scores = grouped(maps)
        things = self._named(maps, frames, masks)
        known = things.kinds[0].softmax(-1)[:, 0] < MOST_NAMELESS
        if not known.all():
            masks, scores = masks[known], scores[known]
            things = self._named(maps, frames, masks)
        return FrameObjects(masks, scores, things)

    def _named(self, maps: PixelMaps, frames: Tensor, masks: Tensor) -> Things:
        """Classify the things with masks (N, H, W) of a batch of one frame."""
        numbers = torch.arange(1, 1 + len(masks))[:, None, None]
        owners = (masks * numbers).sum(0)[None]
        return self.things(maps, frames, owners, torch.ones(1, len(masks), dtype=torch.bool))

    @torch.no_grad()
    def read(self, sight: FrameObjects, words: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities that words (Q, L) mean each of the things (Q, N), and of answers (Q, A)."""
        readings = self.reader(sight.things, words[None])
        match = readings.match[0] / self.config.match_temperature
        answers = readings.answers[0] / self.config.answer_temperature
        return match.sigmoid(), answers.softmax(-1)


def as_seen(owners: Tensor, tier_of: Tensor, tiers: Tensor) -> Tensor:
    """The owners (B, H, W) of pixels with the outlines that the eyes see.

    Args:
        owners: (B, H, W) true ones.
        tier_of: (B, 1 + N) class of tier of each owner; what has none keeps its outline.
        tiers: (B, H, W) class of tier of each pixel, as seen.
    """
    wide, grown = 2 * GROWN_PX + 1, owners[:, None].float()
    grown = F.max_pool2d(grown, (wide, 1), stride=1, padding=(GROWN_PX, 0))
    grown = F.max_pool2d(grown, (1, wide), stride=1, padding=(0, GROWN_PX))[:, 0].long()
    grown = owners.where(owners > 0, grown)
    wanted = tier_of.gather(1, grown.flatten(1)).view_as(grown)
    seen = grown.where((wanted == tiers) & (wanted > 0), 0)
    nameless = (owners > 0) & (tier_of.gather(1, owners.flatten(1)).view_as(owners) == 0)
    return owners.where(nameless, seen)


AutoConfig.register(EyesConfig.model_type, EyesConfig, exist_ok=True)
AutoModel.register(EyesConfig, Eyes, exist_ok=True)
