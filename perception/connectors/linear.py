"""One matrix: the connector of LLaVA's first version and of MiniGPT-4."""

from torch import Tensor, nn

from handeye.perception.connectors.grid import window_side, windows


class Linear(nn.Module):
    """H = W Z, token by token (Liu et al. 2023, §4.1).

    Fewer tokens than the frame has are the means of square windows, the average pooling of MM1
    (McKinzie et al. 2024, §3.1).

        z1 z2 | z3 z4
        z5 z6 | z7 z8   ->   W mean(z1 z2 z5 z6), W mean(z3 z4 z7 z8)
    """

    def __init__(self, in_width: int, width: int, in_tokens: int, tokens: int) -> None:
        super().__init__()
        self.side = window_side(in_tokens, tokens)
        self.project = nn.Linear(in_width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, in_tokens, in_width) -> (B, tokens, width)."""
        if self.side > 1:
            tokens = windows(tokens, self.side).mean(2)
        return self.project(tokens)
