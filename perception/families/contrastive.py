"""Families that see and read apart, and learn which frame and caption belong together."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.connectors.registry import make_connector
from handeye.perception.encoders.text import CLASS_ID, TextEncoder
from handeye.perception.families.family import Answer, Exchange, Family, FamilyConfig, Prefix
from handeye.perception.families.frames import FrameEncoder
from handeye.perception.losses.info_nce import InfoNce
from handeye.perception.losses.sigmoid import SigmoidLoss
from handeye.perception.losses.total import Counted


class Contrastive(Family):
    """Words -> L tokens, frames -> patches -> few tokens of each frame, neither seeing the other.

        [ [class] word ... word | frame 1: K tokens | frame 2: K tokens ]   for whoever acts
        frame -> patches, pooled -> W_i -> unit length -+
                                                        +-> contrast
        caption -> [class] -> W_t -> unit length -------+

    Args:
        config: sizes.
        contrast: compares unit vectors of frames and texts.
    """

    terms = ("contrastive",)

    def __init__(self, config: FamilyConfig, contrast: InfoNce | SigmoidLoss) -> None:
        super().__init__(config)
        width = config.width
        self.text = TextEncoder(
            config.vocabulary, config.max_words + 1, width, config.text_layers, config.heads
        )
        self.frames = FrameEncoder(config)
        self.connector = make_connector(
            config.connector, width, width, self.frames.cells, config.frame_tokens
        )
        self.project_frame = nn.Linear(width, width, bias=False)
        self.project_text = nn.Linear(width, width, bias=False)
        self.contrast = contrast

    def prefix(self, frames: Tensor, words: Tensor, state: Tensor | None = None) -> Prefix:
        """See `Family`."""
        text, present = self.text(words)
        patches = self.frames(frames)
        seen = self.connector(patches.flatten(0, 1)).unflatten(0, patches.shape[:2]).flatten(1, 2)
        there = torch.ones(seen.shape[:2], dtype=torch.bool, device=seen.device)
        tokens, mask = torch.cat([text, seen], dim=1), torch.cat([present, there], dim=1)
        return Prefix(tokens, mask, text, present, patches)

    def losses(self, batch: Exchange) -> dict[str, Counted]:
        """The contrast over the frames and captions of a batch; of one pair there is none."""
        frames, texts = self.embed_frames(batch.frames), self.embed_texts(batch.answer)
        if len(frames) < 2:
            return {"contrastive": Counted((frames * texts).sum() * 0.0, frames.new_zeros(()))}
        return {"contrastive": self.contrast(frames, texts)}

    def answer(self, frames: Tensor, words: Tensor) -> Answer:
        """Frames (B, K, 3, px, px) and T texts (T, L) -> scores (B, T)."""
        return Answer(scores=self.scores(self.embed_frames(frames), self.embed_texts(words[:, 1:])))

    def scores(self, frames: Tensor, texts: Tensor) -> Tensor:
        """Unit vectors (B, width) and (T, width) -> logits (B, T)."""
        return frames @ texts.T * self.contrast.log_scale.exp()

    def embed_frames(self, frames: Tensor) -> Tensor:
        """(B, K, 3, px, px) -> (B, width) of unit length, of the first frame."""
        return F.normalize(
            self.project_frame(self.pooled(self.frames(frames[:, :1])[:, 0])), dim=-1
        )

    def embed_texts(self, ids: Tensor) -> Tensor:
        """Ids (B, A) of texts without [class] -> (B, width) of unit length."""
        first = torch.full_like(ids[:, :1], CLASS_ID)
        words = torch.cat([first, ids], dim=1)[:, : self.config.max_words + 1]
        return F.normalize(self.project_text(self.text(words)[0][:, 0]), dim=-1)

    def pooled(self, patches: Tensor) -> Tensor:
        """Patches (B, C, width) -> (B, width)."""
        return patches.mean(1)
