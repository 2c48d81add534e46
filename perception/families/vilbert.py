"""ViLBERT: two streams that exchange keys and values."""

from collections.abc import Mapping
from typing import Any, ClassVar

from handeye.perception.families.family import FamilyConfig
from handeye.perception.families.met_streams import MetStreams
from handeye.perception.fusions.co_attention import CoAttention


class ViLBert(MetStreams):
    """Words and regions keep streams of their own and ask each other (Lu et al. 2019).

    [class] word ... word -> text encoder -+-> co-attention layers -> words that have seen
                                           x   queries of one, keys and values of the other
    region ... region of every frame ------+-> co-attention layers -> regions that have read
    """

    source = "Lu et al. 2019, arXiv:1908.02265"
    usual: ClassVar[Mapping[str, Any]] = {"fusion_layers": 1}

    def __init__(self, config: FamilyConfig) -> None:
        super().__init__(config, CoAttention(config.width, config.heads, config.fusion_layers))
