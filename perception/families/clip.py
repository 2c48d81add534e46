"""CLIP: frames and captions that belong together are near each other."""

import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.families.family import Answer, Exchange, FamilyConfig
from handeye.perception.families.two_towers import TwoTowers
from handeye.perception.losses.info_nce import InfoNce
from handeye.perception.losses.sigmoid import SigmoidLoss
from handeye.perception.losses.total import Counted


class Clip(TwoTowers):
    """Two towers, two projections onto the sphere, a learned temperature (Radford et al. 2021).

        frame -> tower -> mean of patches -> W_i -> unit length -+
                                                                 +-> s exp(t), t learned
        caption -> text encoder -> [class] -> W_t -> unit length +

    ALIGN (Jia et al. 2021) and BASIC (Pham et al. 2021) are the same with noisier captions and
    larger batches.
    """

    source = "Radford et al. 2021, arXiv:2103.00020"

    def __init__(self, config: FamilyConfig, contrast: InfoNce | SigmoidLoss | None = None) -> None:
        super().__init__(config)
        self.project_frame = nn.Linear(config.width, config.width, bias=False)
        self.project_text = nn.Linear(config.width, config.width, bias=False)
        self.contrast = contrast or InfoNce()

    def losses(self, batch: Exchange) -> dict[str, Counted]:
        """The contrastive loss over the frames and captions of a batch."""
        frames, texts = self.embed_frames(batch.frames), self.embed_texts(batch.answer)
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
        """(B, A) -> (B, width) of unit length."""
        return F.normalize(self.project_text(self.read(ids)), dim=-1)

    def pooled(self, patches: Tensor) -> Tensor:
        """Patches (B, C, width) -> (B, width)."""
        return patches.mean(1)
