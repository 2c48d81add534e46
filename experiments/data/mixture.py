"""What a family's updates are made of: actions, and examples in words, by their shares."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from handeye.base.names import look_up

if TYPE_CHECKING:
    from handeye.perception.families.family import Family

ACT = "act"
KINDS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "caption": ("caption", "hard_negative"),
        "vqa": ("vqa",),
        "ground": ("refer", "dense_caption"),
        "dialogue": ("dialogue",),
        "plan": ("plan", "narration"),
    }
)
"""Part of a mixture -> kinds of examples, of which a family takes those that it learns from."""
Mixture = Mapping[str, float]
"""Part -> its share of the samples; the shares sum to 1."""


def read_mixture(text: str) -> Mixture:
    """Return the mixture that a text such as "act=0.5,vqa=0.3,caption=0.2" tells; "" is actions.

    Raises:
        ValueError: a part has no share, or one below 0, or stands twice, or all are 0.
        UnknownName: there is no such part.
    """
    if not text.strip():
        return {ACT: 1.0}
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        look_up("part of a mixture", name, {ACT: (), **KINDS_OF})
        try:
            share = float(number)
        except ValueError:
            share = -1.0
        if not equals or name in shares or not 0.0 <= share < 1e9:
            raise ValueError(
                f"--mixture {text}: {part.strip()!r} is no part and its share; write each part "
                "once, such as act=0.5,vqa=0.3,caption=0.2"
            )
        shares[name] = share
    total = sum(shares.values())
    if total <= 0:
        raise ValueError(f"--mixture {text} sums to 0; give at least one part a share above 0")
    return {name: share / total for name, share in shares.items() if share > 0}


def check_learnable(mixture: Mixture, family: "type[Family]") -> None:
    """Check that a family has losses for every part of a mixture.

    Raises:
        ValueError: it has none for a part; the message says what it learns.
    """
    for part in mixture:
        if part != ACT and not kinds_of(part, family):
            able = [name for name in KINDS_OF if kinds_of(name, family)]
            raise ValueError(
                f"{family.__name__} has no loss for {part!r} examples; it learns from "
                f"{', '.join([ACT, *able])}"
            )


def kinds_of(part: str, family: "type[Family]") -> tuple[str, ...]:
    """Return the kinds of examples of a part that a family learns from."""
    return tuple(kind for kind in KINDS_OF[part] if kind in family.learns)
