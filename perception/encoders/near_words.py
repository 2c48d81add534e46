"""Unknown words by known ones of like meaning, from a table that was made from WordNet.

`near_words.json` holds for some thousand English words the trained words that are near to them in
WordNet's graph, the nearest first; `experiments/lexicon` makes it. It knows meanings in general and
nothing of scenes: "basin" is a bowl on a table and a sink in a home, so the first word counts that
a policy knows.
"""

import json
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("near_words.json")
# Endings that inflect a word, each with what stands there instead in its base form.
INFLECTIONS = (
    ("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""),
    ("ing", "e"),
)  # fmt: skip


def nearest_known(word: str, known: Collection[str]) -> str | None:
    """Return the known word that means most nearly the same as an unknown one, or None.

    A plural becomes a plural where that is known: "bricks" are "blocks".

    Args:
        word: lower-case.
        known: words to choose from.
    """
    table = _near_words()
    for form in _base_forms(word):
        for near in (form, *table.get(form, ())):
            plurals = (f"{near}s", f"{near}es") if form != word and word.endswith("s") else ()
            for said in (*plurals, near):
                if said in known:
                    return said
    return None


def _base_forms(word: str) -> Iterator[str]:
    """The word, and what it may be inflected from."""
    yield word
    for ending, instead in INFLECTIONS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            yield word.removesuffix(ending) + instead


@cache
def _near_words() -> dict[str, list[str]]:
    table: dict[str, list[str]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table
