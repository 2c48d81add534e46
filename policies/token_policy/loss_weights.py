"""Weights of a token policy's losses; light to import, so that flags can be made of them."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class LossWeights:
    """Share of each term in the total. `softness_bins` is the labels' Gaussian width."""

    action: float = 2.0
    grounding_front: float = 1.0
    grounding_wrist: float = 0.5
    referred_xyz: float = 0.5
    aims_xyz: float = 1.0
    naming: float = 0.5
    relation: float = 0.5
    cells_front: float = 0.5
    cells_wrist: float = 0.3
    softness_bins: float = 1.5

    @property
    def terms(self) -> dict[str, float]:
        """Weight of every term by its name; to terminate counts as one more value of the action."""
        weights = {**asdict(self), "terminate": self.action}
        del weights["softness_bins"]
        return weights
