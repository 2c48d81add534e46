"""VisualBERT: words and regions in one sequence."""

from handeye.perception.families.family import FamilyConfig
from handeye.perception.families.met_streams import MetStreams
from handeye.perception.fusions.single_stream import SingleStream


class VisualBert(MetStreams):
    """One transformer over both, told apart by segment embeddings (Li et al. 2019).

    [ [class] word ... word | region ... region of every frame ]  all see all
    """

    source = "Li et al. 2019, arXiv:1908.03557"

    def __init__(self, config: FamilyConfig) -> None:
        super().__init__(config, SingleStream(config.width, config.heads, config.fusion_layers))
