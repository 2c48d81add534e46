"""What instructions of the tabletop mean, as intents to learn from."""

import re
from collections.abc import Iterator, Sequence

from handeye.envs.tabletop.long import Clause, LongGoal
from handeye.envs.tabletop.long.phrasing import LIST
from handeye.envs.tabletop.long.words import NUMBERS, PLURALS, VAGUE_KINDS
from handeye.envs.tabletop.world.goal import Goal
from handeye.envs.tabletop.world.language import KIND_WORDS, RELATION_WORDS, SIZE_WORDS
from handeye.envs.tabletop.world.scene import ObjectSpec

WHERE = {"left": "left of", "right": "right of", "front": "in front of", "behind": "behind"}
# Words -> the one that intents have for them.
PLAIN: dict[str, str] = {
    **{word: kind for kind, words in KIND_WORDS.items() for word in words},
    **{plural: kind for kind, plural in PLURALS.items()},
    **{f"{word}s": kind for kind, words in KIND_WORDS.items() for word in words},
    **{word: size for size, words in SIZE_WORDS.items() for word in words},
    **dict.fromkeys(("one", "ones", "things", "object", "objects"), "thing"),
    **{word: str(number) for number, word in enumerate(NUMBERS) if number > 1},
}
SAID_SIDES = sorted(
    ((words, WHERE[side]) for side in WHERE for words in RELATION_WORDS[side]),
    key=lambda pair: -len(pair[0]),
)
SAID_VAGUELY = {said: kind for kind, several in VAGUE_KINDS.items() for said in several}
ATTRIBUTES = {"shape": "kind"}
CORE: dict[str, str] = {  # core task -> the intent; for tasks of several ways, each way's
    "reach": "reach [{0}]", "pick_up": "hold [{0}]", "put_in": "put [{0}] in [{1}]",
    "stack": "put [{0}] on [{1}]", "push_to_zone": "push [{0}] to [{1}]",
    "press_button": "press [{0}]", "open": "open [{0}]", "close": "close [{0}]",
    **{side: f"put [{{0}}] {where} [{{1}}]" for side, where in WHERE.items()},
}  # fmt: skip
# Clause -> the intent; {0}, {1}, ... are its slots as nouns, lists or intents of their own.
MEANINGS: dict[str, str] = {
    **CORE,
    "put_on": "put [{0}] on [{1}]", "put_zone": "put [{0}] on [{1}]", "stow": "put [{0}] in [{1}]",
    "push": "push [{0}] to [{1}]", "press": "press [{0}]",
    "press_times": "press [{0}] {1} times",
    "all_in": "put [all {0}] in [{1}]", "all_on_zone": "put [all {0}] on [{1}]",
    "number_in": "put [{0} {1}] in [{2}]", "rest_in": "put [all thing but {0} thing] in [{1}]",
    "all_but_in": "put [all {0} but {1}] in [{2}]",
    "by_match": "put [all {0}] in [container coloured like it]",
    "match_zone": "put [all {0}] on [zone coloured like it]",
    "clear_zone_in": "put [all thing on {0}] in [{1}]",
    "clear_zone": "put [all thing on {0}] off [{0}]",
    "empty_plate": "put [all thing in {0}] on [{1}]",
    "tower": "stack [{0}]", "tower_order": "stack [{0}]", "turn_tower": "put [{0}] on [{1}]",
    "take_down": "put [{0}] {1} [{2}]", "replace": "put [{0}] on [{3}]; put [{2}] on [{1}]",
    "row": "row [{0}]", "swap": "swap [{0}] with [{1}]",
    "fetch": "put [{0} in {1}] {2} [{3}]", "fetch_any": "put [all thing in {0}] {1} [{2}]",
    "open_all": "open [all drawer]", "close_all": "close [all drawer]",
    "press_all": "press [all button]", "press_list": "press [{0}]",
    "press_match": "press [button coloured like {0}]",
    "press_as_many": "press [{0}] as often as [{1}]",
    "if": "if {0} {{ {1} }} else {{ {2} }}", "if_only": "if {0} {{ {1} }}",
    "there_is": "there is [{0}]", "more": "more [{0}] than [{1}]", "is_open": "open [{0}]",
    "taken": "there is [thing on {0}]", "same_colour": "same colour [{0}] and [{1}]",
    "before": "{0}; {1}", "both": "at once {{ {0}; {1} }}",
    "as_many": "put [{0}] in [{1}] as many as [{2}]",
    "how_many": "tell count [{0}]", "which_more": "tell more [{0}] or [{1}]",
    "what_inside": "tell {0} [thing in {1}]",
    "tidy": "put [all thing] in [{0}]", "drink": "put [{0}] in [cup]",
    "serve": "put [{0}] in [plate]", "soup": "put [{0}] in [bowl]", "bell": "press [{0}]",
    "odd_one": "put [odd {0}] in [{1}]", "hide": "put [{0}] in [drawer]; close [drawer]",
}  # fmt: skip


def plain_noun(words: str) -> str:
    """A noun phrase in the words that intents have: "the little cubes" is "small block"."""
    if words in SAID_VAGUELY:
        return SAID_VAGUELY[words]
    text = words
    for spelled, side in SAID_SIDES:
        text = re.sub(rf"\b{spelled}\b", side, text)
    text = re.sub(r"\b(?:the|an?) ", "", text)
    return " ".join(PLAIN.get(word, word) for word in text.split())


def core_intent(task: str, goal: Goal, described_as: Sequence[str]) -> str:
    """What an instruction of `tabletop-core` means.

    Args:
        task: its name.
        goal: of the instruction.
        described_as: the words for its objects.
    """
    return CORE.get(task, CORE.get(goal.relation, "")).format(*map(plain_noun, described_as))


def long_intent(
    goal: LongGoal, things: Sequence[ObjectSpec], described_as: Sequence[str], words: str
) -> str:
    """What an instruction of `tabletop-long` means.

    Args:
        goal: of the instruction.
        things: on the table.
        described_as: the words for each object that the clauses name, in their order.
        words: the instruction; an object that it does not name after all is meant by its kind.
    """
    meaning = _Meaning(things, iter(described_as), words.lower())
    return "; ".join(meaning.of(clause) for clause in goal.clauses)


class _Meaning:
    """Clauses -> intents, taking the descriptions in the order of the words."""

    def __init__(
        self, things: Sequence[ObjectSpec], described_as: Iterator[str], words: str
    ) -> None:
        self._things, self._described_as, self._words = things, described_as, words
        self._it = ""  # what a condition is about, for "it" in what follows

    def of(self, clause: Clause) -> str:
        """The intent of one clause."""
        slots: list[str] = []
        for slot in clause.slots:
            slots.append(self._slot(slot))
            if clause.name in ("there_is", "is_open"):
                self._it = slots[0]
        if clause.name == "number_in":
            slots[0] = str(NUMBERS.index(str(clause.slots[0])))
        if clause.name == "tower" and isinstance(clause.slots[0], str):
            slots[0] = f"all {slots[0]}"
        return MEANINGS[clause.name].format(*slots)

    def _slot(self, slot: "int | str | Clause") -> str:
        if isinstance(slot, Clause):
            if slot.name == LIST:
                return "], [".join(map(self._slot, slot.slots))
            return self.of(slot)
        if isinstance(slot, str):
            return self._it if slot == "it" else ATTRIBUTES.get(slot, plain_noun(slot))
        said = next(self._described_as)
        return plain_noun(said) if said.lower() in self._words else self._things[slot].kind
