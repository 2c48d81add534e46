"""Traces retold with colours that no suite has: a name is to be copied, not known by heart.

Some pairs of kind and colour are held out of all training. A model that has only read of others
tells things apart by the pairs that it knows, and mistakes "purple cup" for one of them. In the
retold traces any colour stands before any kind, so that nothing helps but to copy what is there.
"""

import re
from collections.abc import Mapping

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.experiments.traces.plan_annotation import Trace, Turn

SHARE = 0.6  # of the colours of a trace
WORDS = (  # no suite paints anything so
    "teal", "violet", "maroon", "navy", "gold", "silver", "beige", "lime", "white", "black", "grey",
    "brown", "coral", "olive", "indigo", "scarlet", "amber", "mint", "tan", "ivory",
)  # fmt: skip
COLOUR = re.compile(rf"\b(?:(an?) )?({'|'.join(COLOURS)})\b", re.IGNORECASE)


def with_other_colours(trace: Trace, rng: np.random.Generator) -> Trace:
    """The trace with some of its colours called otherwise, each by a word of its own."""
    chosen = [colour for colour in COLOURS if rng.random() < SHARE]
    others = rng.permutation(len(WORDS))[: len(chosen)]
    names = {colour: WORDS[k] for colour, k in zip(chosen, others, strict=True)}
    turns = tuple(_retold(turn, names) for turn in trace.turns)
    return Trace(trace.kind, _said(trace.instruction, names), turns)


def _retold(turn: Turn, names: Mapping[str, str]) -> Turn:
    arguments = {
        name: _said(value, names) if isinstance(value, str) else value
        for name, value in turn.call.arguments.items()
    }
    return turn._replace(
        call=turn.call._replace(arguments=arguments), result=_said(turn.result, names)
    )


def _said(text: str, names: Mapping[str, str]) -> str:
    def other(found: re.Match[str]) -> str:
        """Return the other colour's name, with the article that fits it."""
        article, colour = found.groups()
        name = names.get(colour.lower(), "")
        if not name:
            return found.group()
        name = name.capitalize() if colour[0].isupper() else name
        if not article:
            return name
        return f"{article[0]}{'n' if name[0] in 'aeiou' else ''} {name}"

    return COLOUR.sub(other, text)
