"""A user who answers what was asked about an instruction, and nothing else.

reply("Which block?", Unclear("block", "the red one", COLOURS, KINDS))  ->  "the red one"
reply("The blue one?", ...)  ->  "no"        reply("potato", ...)  ->  "I don't know."
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

WHAT_ABOUT = "What do you want to know?"
DONT_KNOW = "I don't know."
NOTHING_TO_ADD = "I have nothing to add."
ANY_OBJECT = ("thing", "object", "item", "one")  # nouns that fit whatever is unclear
# Questions for what tells objects apart: "which ...", "what colour ...", "what do you mean".
WHICH = re.compile(
    r"\b(which(ever)?|where|what (colou?r|size|shape|kind|sort|type|one|object|thing|item)s?"
    r"|what (do|did) (you|i|we) (mean|want)|what (is|was) meant|how (big|large|small)"
    r"|first or (the )?second|(can|could|would|will) you (please )?(specify|clarify|be more)"
    r"|(please|pls) (specify|clarify)|^(specify|clarify)|(do|did) you mean$)\b"
)


@dataclass(frozen=True)
class Unclear:
    """What an instruction leaves open.

    Attributes:
        about: the noun in the words, such as "block"; one of `ANY_OBJECT` fits all kinds.
        answer: what tells the objects apart, such as "the red one" or "the bowl".
        values: all words of the sort that tells, such as all colours.
        kinds: the nouns of the world, to notice a question about something else.
    """

    about: str
    answer: str
    values: Collection[str]
    kinds: Collection[str]


def reply(question: str, unclear: Unclear | None, *, knows: bool = True) -> str:
    """Return the user's answer.

    Args:
        question: in any words.
        unclear: what the instruction leaves open; None where it is clear.
        knows: the user knows what is meant, since the instruction is the episode's own.
    """
    words = re.findall(r"\w+", question.lower())
    if not words:
        return WHAT_ABOUT
    text = " ".join(words)
    asks_which = WHICH.search(text)
    if not knows:
        return DONT_KNOW
    if unclear is None:
        return NOTHING_TO_ADD if asks_which else DONT_KNOW
    meant = set(unclear.answer.split()) & set(unclear.values)
    named = {word for word in words if word in unclear.values}
    if not (asks_which or named):
        return DONT_KNOW
    if _is_about_another(text[asks_which.end() :] if asks_which else text, unclear):
        return NOTHING_TO_ADD
    if not named:
        return unclear.answer
    if len(named) > 1:
        return unclear.answer if meant <= named else "neither"
    if "not" in words:
        return DONT_KNOW
    if asks_which and meant == named:
        return unclear.answer
    return "yes" if meant == named else "no"


def _is_about_another(text: str, unclear: Unclear) -> bool:
    """Return whether the first kind of object that is named is not the one that is unclear."""
    kinds = (word.removesuffix("s") for word in text.split())
    first = next((kind for kind in kinds if kind in unclear.kinds), unclear.about)
    return unclear.about not in ANY_OBJECT and first != unclear.about
