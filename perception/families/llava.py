"""LLaVA: patches through a small network become words of a language model."""

from collections.abc import Mapping
from typing import Any, ClassVar

from handeye.perception.families.language_family import LanguageFamily


class Llava(LanguageFamily):
    """Visual instruction tuning (Liu et al. 2023; the two-layer connector is LLaVA-1.5's).

        [ W2 gelu(W1 patch_1) ... of each frame | [class] question | answer [end] ]

    Stage 1 (`align`) trains the connector alone on captions, stage 2 (`instruct`) the trunk too, on
    dialogues and answers. Fewer tokens than patches are means of square windows.
    """

    source = "Liu et al. 2023, arXiv:2304.08485"
    usual: ClassVar[Mapping[str, Any]] = {"connector": "mlp"}
