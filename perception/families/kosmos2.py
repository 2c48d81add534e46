"""Kosmos-2: places are words of the language."""

from collections.abc import Mapping
from typing import Any, ClassVar

from handeye.perception.families.language_family import LanguageFamily


class Kosmos2(LanguageFamily):
    """A multimodal language model that says where things are (Peng et al. 2023).

        [ K latents of each frame | <p>red block</p><box><loc_34><loc_51></box> ... [end] ]

    A box is two of 16 x 16 = 256 location tokens, its upper left and its lower right cell; the
    paper has 32 x 32. Frames pass a resampler first.
    """

    source = "Peng et al. 2023, arXiv:2306.14824"
    learns = (*LanguageFamily.learns, "refer", "dense_caption")
    usual: ClassVar[Mapping[str, Any]] = {"connector": "resampler"}
