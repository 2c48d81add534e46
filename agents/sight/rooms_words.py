"""Words for things and rooms of an apartment, as tools take them: "red chair in the kitchen"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from handeye.agents.core.tools import CannotDo

ANYTHING = ("thing", "things", "object", "objects", "everything")
SMALL_WORDS = frozenset({"the", "a", "an", "in", "of", "all", "any", "each", "room", "piece"})


class Query(NamedTuple):
    """The meaning of words; "" is not said. Without a kind or a colour it is a room."""

    kind: str = ""
    colour: str = ""
    room: str = ""
    anything: bool = False

    @property
    def is_room(self) -> bool:
        """Return whether a room is meant rather than a thing."""
        return bool(self.room) and not (self.kind or self.colour or self.anything)


@dataclass(frozen=True)
class RoomWords:
    """Every spelling that is understood, and what it means.

    Attributes:
        kinds: of things, in the singular and the plural.
        colours: of things.
        rooms: kinds of rooms.
    """

    kinds: Mapping[str, str]
    colours: Mapping[str, str]
    rooms: Mapping[str, str]

    def read(self, words: str) -> Query:
        """Return what the words name.

        Raises:
            CannotDo: they name no kind of thing and no room, or say more than can be seen.
        """
        left = words.lower()
        found = {}
        for part in ("rooms", "kinds", "colours"):
            spellings: Mapping[str, str] = getattr(self, part)
            left, named = _taken(left, spellings)
            if len(named) > 1:
                reason = f"{words!r} names {' and '.join(named)}: ask for one at a time"
                raise CannotDo(reason, "unknown_words")
            found[part] = spellings[named[0]] if named else ""
        more = [w for w in re.findall(r"[^\W\d_]+", left) if w not in SMALL_WORDS]
        unknown = [w for w in more if w not in ANYTHING]
        query = Query(found["kinds"], found["colours"], found["rooms"], len(more) > len(unknown))
        if unknown or not any(query):
            raise CannotDo(
                f"{' '.join(unknown) or words!r} is nothing that I know; name a kind of thing "
                f"({_listed(self.kinds)}), its colour ({_listed(self.colours)}), or a room "
                f"({_listed(self.rooms)})",
                "unknown_words",
            )
        return query


def _taken(words: str, spellings: Mapping[str, str]) -> tuple[str, list[str]]:
    """The words without the spellings that they hold, longest first, and those spellings."""
    found = []
    for spelling in sorted(spellings, key=len, reverse=True):
        words, count = re.subn(rf"\b{re.escape(spelling)}\b", " ", words)
        found += [spelling] if count else []
    return words, found


def _listed(spellings: Mapping[str, str]) -> str:
    return ", ".join(dict.fromkeys(spellings.values()))
