"""Space to depth: neighbouring tokens side by side in one wide token, then one matrix."""

from torch import Tensor, nn

from handeye.perception.connectors.grid import window_side, windows


class PixelShuffle(nn.Module):
    """H = W [z1; z2; …], the tokens of a square window one after another (Shi et al. 2016 undone).

    Connector of Idefics3 (Laurençon et al. 2024, §2.2) and nanoVLM. Unlike a mean it loses nothing
    that `width` can hold.

        z1 z2 | z3 z4
        z5 z6 | z7 z8   ->   W [z1; z2; z5; z6], W [z3; z4; z7; z8]
    """

    def __init__(self, in_width: int, width: int, in_tokens: int, tokens: int) -> None:
        super().__init__()
        self.side = window_side(in_tokens, tokens)
        self.project = nn.Linear(self.side**2 * in_width, width, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, in_tokens, in_width) -> (B, tokens, width)."""
        return self.project(windows(tokens, self.side).flatten(2))
