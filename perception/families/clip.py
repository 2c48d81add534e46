"""CLIP: which caption of a batch belongs to which frame?"""

from handeye.perception.families.contrastive import Contrastive
from handeye.perception.families.family import FamilyConfig
from handeye.perception.losses.info_nce import InfoNce


class Clip(Contrastive):
    """Two towers, two projections onto the sphere, a learned temperature (Radford et al. 2021).

        s_ij = exp(t) x_i . y_j      cross-entropy over the rows and over the columns of s

    ALIGN (Jia et al. 2021) and BASIC (Pham et al. 2021) are the same with noisier captions and
    larger batches.
    """

    source = "Radford et al. 2021, arXiv:2103.00020"

    def __init__(self, config: FamilyConfig) -> None:
        super().__init__(config, InfoNce())
