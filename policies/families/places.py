"""From places in frames to places in the world, and to where a motion begins and ends."""

import torch
from torch import Tensor, nn

from handeye.perception.encoders.pointers import Pointed
from handeye.policies.token_policy.model import quadratic
from handeye.policies.token_policy.pointing import AIMS, aims_of
from handeye.policies.token_policy.relative_places import RelativePlaces

FRONT = 0  # of the frames pointed at


class PointedPlaces(nn.Module):
    """Where R objects are by what points at them, as in `TokenPolicy`.

    xy in the front frame -> quadratic map (5 numbers -> 3) + what the token says -> xyz (m)
    xyz, tcp, joints, words -> RelativePlaces -> geometry -> aims
    """

    def __init__(self, referred: int, numbers: int, width: int) -> None:
        super().__init__()
        self.referred = referred
        self.from_token = nn.Linear(width, 3)  # what the pixels alone do not say
        self.from_pixels = nn.Linear(5, 3)  # the front camera hardly moves
        self.geometry = RelativePlaces(referred + 1, numbers + width, width)
        self.aim = nn.Linear(2 * width, AIMS * (referred + 4))
        for layer in (self.from_token, self.aim):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(
        self, pointed: Pointed, extra: Tensor, tcp_m: Tensor, places: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return places (B, R, 3) m as guessed, geometry (B, width), aims (B, 2, 3) m.

        Args:
            pointed: at front and wrist frame.
            extra: (B, numbers + width) joints near one, and the words.
            tcp_m: (B, 3).
            places: (B, R, 3) m, where they are told; NaN where not.
        """
        with torch.autocast(extra.device.type, enabled=False):  # bfloat16 is millimetres coarse
            token = pointed.tokens[:, : self.referred].float()  # of the front frame
            guessed = self.from_token(token) + self.from_pixels(quadratic(pointed.xy[:, FRONT]))
            known = guessed if places is None else places.where(~places.isnan(), guessed)
            points = torch.cat([known, tcp_m[:, None]], dim=1)
            geometry = self.geometry(points, extra.float())
            asked = extra[:, -geometry.shape[1] :].float()
            aims = aims_of(self.aim(torch.cat([geometry, asked], dim=-1)), known)
        return guessed, geometry, aims

    @torch.no_grad()
    def fit_pixels(self, xy: Tensor, xyz: Tensor) -> None:
        """Start `from_pixels` at the least squares over N pixels (N, 2) of places (N, 3) m."""
        terms = quadratic(xy)
        terms = torch.cat([terms, torch.ones_like(terms[:, :1])], dim=1)
        solution = torch.linalg.lstsq(terms.double(), xyz.double()).solution.float()  # (6, 3)
        self.from_pixels.weight.copy_(solution[:-1].T)
        self.from_pixels.bias.copy_(solution[-1])
