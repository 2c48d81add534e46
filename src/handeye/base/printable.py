"""Makes text of others fit to be printed: instructions, model answers, names of files."""

import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters that steer a terminal, hide text or turn its direction round."""


def printable(text: str, *, lines: bool = False) -> str:
    r"""Return the text with every control character written out, such as \x1b for escape.

    Args:
        text: by whomever.
        lines: keep the ends of lines and tabs, in text that may have several lines.
    """
    kept = "\n\t" if lines else ""
    return "".join(
        c
        if c in kept or unicodedata.category(c) not in HIDDEN
        else c.encode("unicode_escape").decode("ascii")
        for c in text
    )
