"""MiniGPT-4: a Q-Former that has learned already, and one linear layer, before a language model."""

from collections.abc import Mapping
from typing import Any, ClassVar

from handeye.perception.families.language_family import LanguageFamily


class MiniGpt4(LanguageFamily):
    """A frozen tower and Q-Former, one trained linear layer, a frozen trunk (Zhu et al. 2023).

    patches -> Q-Former, K queries -> linear -> [ query_1 ... query_K | [class] words | answer ]
    """

    source = "Zhu et al. 2023, arXiv:2304.10592"
    usual: ClassVar[Mapping[str, Any]] = {"connector": "q_former"}
