"""Two layers: the connector of LLaVA-1.5."""

from torch import Tensor, nn

from handeye.perception.connectors.grid import window_side, windows


class Mlp(nn.Module):
    """H = W2 GELU(W1 Z), token by token (Liu et al. 2024, "Improved baselines", §3.2).

    Fewer tokens than the frame has are the means of square windows, as in `Linear`.
    """

    def __init__(self, in_width: int, width: int, in_tokens: int, tokens: int) -> None:
        super().__init__()
        self.side = window_side(in_tokens, tokens)
        self.project = nn.Sequential(nn.Linear(in_width, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, in_tokens, in_width) -> (B, tokens, width)."""
        if self.side > 1:
            tokens = windows(tokens, self.side).mean(2)
        return self.project(tokens)
