"""Co-attention: two streams, each of which asks the other."""

from torch import Tensor, nn

from handeye.perception.encoders.attention import Activation, Block
from handeye.perception.encoders.cross_attention import CrossBlock
from handeye.perception.fusions.masks import padding_mask


class CoAttentionLayer(nn.Module):
    """The streams exchange keys and values, then each turns to itself (ViLBERT, §2.2, figure 2).

        words   ── ask regions ── self-attention ──
                      ╳
        regions ── ask words ──── self-attention ──

    Both ask at once: what one asks of is the other as it came in.
    """

    def __init__(self, width: int, heads: int, activation: Activation = nn.SiLU) -> None:
        super().__init__()
        self.words_ask = CrossBlock(width, heads, activation=activation)
        self.regions_ask = CrossBlock(width, heads, activation=activation)
        self.words_block = Block(width, heads, activation=activation)
        self.regions_block = Block(width, heads, activation=activation)

    def forward(
        self, words: Tensor, word_mask: Tensor, regions: Tensor, region_mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Words (B, L, width), regions (B, N, width) -> the same; masks (B, 1, 1, L or N)."""
        words, regions = (
            self.words_ask(words, regions, region_mask),
            self.regions_ask(regions, words, word_mask),
        )
        words, _ = self.words_block(words, word_mask)
        regions, _ = self.regions_block(regions, region_mask)
        return words, regions


class CoAttention(nn.Module):
    """Two-stream transformer of ViLBERT (Lu et al. 2019), in the pre-norm form of our blocks."""

    def __init__(
        self, width: int, heads: int, layers: int, activation: Activation = nn.SiLU
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            CoAttentionLayer(width, heads, activation) for _ in range(layers)
        )
        self.norm_words = nn.LayerNorm(width)
        self.norm_regions = nn.LayerNorm(width)

    def forward(
        self, words: Tensor, present: Tensor, regions: Tensor, seen: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Words (B, L, width), regions (B, N, width) -> the same two after they met.

        `present` (B, L) and `seen` (B, N) are True where there is a word, a region; None: all are.
        """
        word_mask = padding_mask(present)
        region_mask = None if seen is None else padding_mask(seen)
        for layer in self.layers:
            words, regions = layer(words, word_mask, regions, region_mask)
        return self.norm_words(words), self.norm_regions(regions)
