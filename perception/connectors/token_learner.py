"""TokenLearner: spatial attention maps pool a frame into few tokens."""

from torch import Tensor, nn


class TokenLearner(nn.Module):
    """z_k = Σ_n softmax_n(α_k(x))_n x_n, with α an MLP on each token (Ryoo et al. 2021, §2.1).

    K maps over the frame, K tokens; the form with a softmax over places and a narrow MLP is the
    one that RT-1 uses (Brohan et al. 2022, §5.1). A linear layer brings the tokens to `width`.
    """

    def __init__(
        self, in_width: int, width: int, in_tokens: int, tokens: int, hidden: int = 64
    ) -> None:
        super().__init__()
        self.maps = nn.Sequential(
            nn.LayerNorm(in_width),
            nn.Linear(in_width, hidden),
            nn.GELU(),
            nn.Linear(hidden, tokens),
        )
        self.project = nn.Linear(in_width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, in_tokens, in_width) -> (B, tokens, width)."""
        attention = self.maps(tokens).softmax(1)  # (B, in_tokens, tokens), over places
        return self.project(attention.transpose(1, 2) @ tokens)
