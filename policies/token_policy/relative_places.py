"""Places of objects relative to one another as one vector, of which a motion is a function."""

from itertools import combinations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.encoders.grounding import fourier_features

OCTAVES = 5
REACH_M = 0.5  # places are divided by this
GAP_M = 0.25  # distances between places by this


class RelativePlaces(nn.Module):
    """Grounded places, the tcp, gaps and headings between each two, words -> (B, width).

    A waypoint behind an object on the far side of a zone, or to the left of a bowl, is a smooth
    function of these few numbers but a hard one of tokens that hold each place apart. The places
    are taken as they are (no gradient): truth from the simulator trains them.
    """

    def __init__(self, places: int, extra: int, width: int) -> None:
        super().__init__()
        pairs = list(combinations(range(places), 2))
        self.first, self.second = [a for a, _ in pairs], [b for _, b in pairs]
        numbers = 3 * (places + len(pairs))
        inputs = numbers * (2 * OCTAVES + 1) + 2 * len(pairs) + extra
        self.mix = nn.Sequential(
            nn.Linear(inputs, 2 * width),
            nn.SiLU(),
            nn.Linear(2 * width, 2 * width),
            nn.SiLU(),
            nn.Linear(2 * width, width),
        )

    def forward(self, places: Tensor, extra: Tensor) -> Tensor:
        """Places (B, K, 3) in m, and (B, extra) further numbers: joints near one, words."""
        places = places.detach().float()
        gaps = places[:, self.second] - places[:, self.first]
        headings = F.normalize(gaps[..., :2], dim=-1, eps=1e-3).flatten(1)
        scaled = torch.cat([places / REACH_M, gaps / GAP_M], dim=1).flatten(1)
        waves = fourier_features(scaled / 2, OCTAVES)
        mixed: Tensor = self.mix(torch.cat([scaled, waves, headings, extra.float()], dim=-1))
        return mixed
