"""Guards against prompt injection: the user's words decide, words read in the scene never do.

Tools mark what they read in the scene as `Perceived`. Once such text is more than a plain label,
the planner may have taken it for an instruction, so from then on only what the user's own words
name may be acted on, in a way that the user's words speak of. Nothing is asked of the planner: it
may believe what it likes. What the user answers to a question counts as the user's words.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import ToolResult
from handeye.agents.safety.gate import Perceived

LABEL_WORDS = 3  # A text with more words is no label.
NAME_WORDS = 4  # A name with more words is no name of an object.


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


BETWEEN = _words(
    "a an and any at away behind beside by can could down each every for from front go if in "
    "inside into is it its left me move my next now of off on one onto out over please put right "
    "take that the them then there they this to top toward towards under until up with you your "
    "beneath below above near close open pull push shut press pick grab lift place drop slide "
    "shove nudge set stack lay bring hold reach touch hit tap turn drive back"
)
"""Words that part one noun phrase from the next."""
SIDES = _words("left right front behind above below open close")
"""Words of arguments that must be among the user's."""
PLACES = _words("in into inside on onto of beside behind under to toward towards near over by")
"""A noun phrase right after one of these is where something goes, not what is moved."""
ARTICLES = _words("the a an my your that this")


class Phrase(NamedTuple):
    """A noun phrase.

    Attributes:
        words: of it, in any order.
        place: whether it says where something goes.
    """

    words: frozenset[str]
    place: bool


class InjectionGuard:
    """A rule of the gate, for one instruction."""

    def __init__(self) -> None:
        self._said: list[Phrase] = []
        self._words: set[str] = set()
        self._names: dict[str, str] = {}  # of handles
        self.foreign: list[str] = []

    def instruct(self, words: str) -> None:
        """Take in the user's words."""
        self._said += phrases(words)
        self._words |= set(tokens(words))

    def heard(self, call: ToolCall, result: ToolResult) -> None:
        """Note what was read in the scene, and what handles stand for."""
        self.instruct(str(result.data.get("user", "")))
        found = result.data.get("objects", ())
        asked = call.arguments.get("words", "")
        for known in found:
            name = str(known["name"])
            # An object found alone is what the words that were asked for mean.
            alone = len(found) == 1 and isinstance(asked, str)
            self._names[known["handle"]] = asked if alone and self._allows(asked) else name
            if len(tokens(name)) > NAME_WORDS:
                self.foreign.append(name)
        self.foreign += [text for text in _perceived(result.data) if not is_label(text)]

    def __call__(self, call: ToolCall, traits: ToolTraits) -> str:
        """Return why a call that acts must not be made, or ""."""
        if not self.foreign or traits.harmless:
            return ""
        if traits.spoken_of and not self._words & set(traits.spoken_of):
            return self._why(call.name)
        for name, value in call.arguments.items():
            for one in value if isinstance(value, list) else [value]:
                said = f"{one:g}" if isinstance(one, float) else str(one)
                words = self._names.get(said, said)
                if not self._allows(words, moved=traits.moved == name):
                    return self._why(words)
        return ""

    def _allows(self, words: str, *, moved: bool = False) -> bool:
        """Return whether each noun phrase of the words is, in full, part of one of the user's.

        Args:
            words: an argument of a call.
            moved: it names what is moved, so that the user must have named it as more than a place.
        """
        if not SIDES & set(tokens(words)) <= self._words:
            return False
        return all(self._said_of(phrase, moved=moved) for phrase in phrases(words))

    def _said_of(self, phrase: Phrase, *, moved: bool) -> bool:
        """Return whether the user named what a phrase names, to be moved if it is."""
        named = [said for said in self._said if phrase.words <= said.words]
        if moved and not phrase.place:
            return any(not said.place for said in named)
        return bool(named)

    def _why(self, words: str) -> str:
        return (
            "text was read in the scene, which is not the user's; until the end only what the "
            f"user's words name may be done, and they do not speak of {words!r}"
        )


def tokens(text: str) -> list[str]:
    """Its words and numbers in small letters; endings of the plural are dropped."""
    found = re.findall(r"[a-z]+|-?\d+(?:\.\d+)?|#\d+", text.lower().replace("_", " "))
    return [re.sub(r"(?<=[a-z]{2}[^s])s$", "", word) for word in found]


def phrases(text: str) -> list[Phrase]:
    """Its noun phrases."""
    found: list[Phrase] = []
    for clause in re.split(r"[,:;!?()*+]|\.(?!\d)", text):
        words, place = [], False
        for word in [*tokens(clause), "the"]:
            if word not in BETWEEN:
                words.append(word)
                continue
            if words:
                found.append(Phrase(frozenset(words), place))
                words, place = [], False
            place = word in PLACES or (place and word in ARTICLES)
    return found


def is_label(text: str) -> bool:
    """Return whether a text is a plain label, such as a room's name: short, without a verb."""
    words = tokens(text)
    return len(words) <= LABEL_WORDS and not BETWEEN & set(words)


def _perceived(values: Mapping[str, Any]) -> list[Perceived]:
    return [value for value in values.values() if isinstance(value, Perceived)]
