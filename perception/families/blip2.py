"""BLIP-2: a Q-Former learns from captions first, then speaks to a language model."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from handeye.perception.connectors.q_former import QFormer
from handeye.perception.connectors.q_former_masks import captioning_mask, matching_mask
from handeye.perception.encoders.text import CLASS_ID, PAD_ID
from handeye.perception.families.family import Exchange, FamilyConfig
from handeye.perception.families.language_family import LanguageFamily
from handeye.perception.losses.info_nce import InfoNce
from handeye.perception.losses.matching import hard_negatives, matching_loss
from handeye.perception.losses.next_token import IGNORED, label_loss
from handeye.perception.losses.pairs import similarity
from handeye.perception.losses.total import Counted

SEED = 23  # of the hard negatives; the batch decides the rest


class Blip2(LanguageFamily):
    """Queries that read frames, trained by three losses, before a frozen trunk (Li et al. 2023).

    patches -> Q-Former: K queries, words beside them -> contrastive, matching, captioning
    patches -> Q-Former: K queries -> linear -> [ query ... | [class] words | answer [end] ]
    """

    source = "Li et al. 2023, arXiv:2301.12597"
    usual: ClassVar[Mapping[str, Any]] = {
        "connector": "q_former",
        "language_layers": 2,
        "tower_layers": 2,
    }
    terms = ("answer", "contrastive", "matching", "captioning")
    connector: QFormer

    def __init__(self, config: FamilyConfig) -> None:
        super().__init__(config)
        width = config.width
        self.connector = QFormer(
            width,
            width,
            self.frames.cells,
            config.frame_tokens,
            heads=config.heads,
            vocabulary=config.vocabulary,
        )
        self.project_frame, self.project_text = nn.Linear(width, width), nn.Linear(width, width)
        self.contrast = InfoNce()
        self.match = nn.Linear(width, 1)
        self.word = nn.Linear(width, config.vocabulary)

    def losses(self, batch: Exchange) -> dict[str, Counted]:
        """The Q-Former's three on the first frame and answers, and the trunk's next word."""
        patches = self.frames(batch.frames[:, :1])[:, 0]
        told = torch.cat([torch.full_like(batch.answer[:, :1], CLASS_ID), batch.answer], dim=1)
        frames = self.project_frame(self.connector.encode(patches)[0])  # (B, K, width)
        texts = self.project_text(self._read(told))
        terms = super().losses(batch)
        if len(told) > 1:
            terms["contrastive"] = self.contrast(frames, texts)
            scale = self.contrast.log_scale.detach().exp()
            terms["matching"] = self._matching(patches, told, similarity(frames, texts) * scale)
        queries, present = self.config.frame_tokens, told != PAD_ID
        _, words = self.connector.encode(patches, told, captioning_mask(queries, present))
        labels = batch.answer.masked_fill(batch.answer == PAD_ID, IGNORED)
        terms["captioning"] = label_loss(self.word(words[:, :-1]), labels)
        return terms

    def _read(self, told: Tensor) -> Tensor:
        """Texts (B, L) without any frame -> (B, width)."""
        present = (told != PAD_ID)[:, None, None, :]
        return self.connector.encode(None, told, present)[1][:, 0]

    def _matching(self, patches: Tensor, told: Tensor, alike: Tensor) -> Counted:
        """Pairs of the batch against those that are nearly as alike."""
        generator = torch.Generator(told.device).manual_seed(SEED + int(told.sum()))
        same = (told[:, None] == told[None]).all(-1)
        if bool(same.all(1).any()):  # every caption is the same: nothing is wrong
            return Counted(alike.sum() * 0.0, alike.new_zeros(()))
        texts, frames = hard_negatives(alike, generator, same)
        seen = torch.cat([patches, patches, patches[frames]])
        read = torch.cat([told, told[texts], told])
        mask = matching_mask(self.config.frame_tokens, read != PAD_ID)
        queries, _ = self.connector.encode(seen, read, mask)
        matched = torch.arange(len(read), device=read.device) < len(told)
        return matching_loss(self.match(queries).mean(1)[:, 0], matched)
