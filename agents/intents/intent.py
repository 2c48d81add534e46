"""The language in which a planner says what an instruction means.

    put [all small star but red star] in [blue bowl]; press [green button] 3 times
    if there is [red star] { put [red star] in [cup] } else { open [drawer] }; tell count [block]

An intent is steps divided by ";". A step is one of `FORMS`: words, groups of things in brackets,
numbers and blocks in braces. A group is a noun in the singular ("small red block", "thing on green
zone"), after it what is left out, before it how many are meant: nothing (the one that there is),
"all", "any" (one, whichever), "odd" (the one unlike the others) or a number. "it" is what the last
step was about. Several groups with commas between them count as one.
"""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

QUANTITIES = ("all", "any", "odd")
IT = "it"
MOST_STEPS = 40  # of an intent, blocks included
DEEPEST = 4  # blocks within blocks
MOST_TIMES = 20

SIDES: dict[str, str] = {
    "left of": "left", "right of": "right", "in front of": "front", "behind": "behind",
}  # fmt: skip
# In forms, G stands for groups, N for a number and B for a block of steps.
CONDITIONS: dict[str, str] = {
    "there is G": "there is at least one",
    "more G than G": "there are more of the first",
    "more than N G": "there are more than so many",
    "as many G as G": "there are as many of both",
    "open G": "a drawer is open",
    "same colour G and G": "both have one colour",
}
_ACTS: dict[str, str] = {
    **{f"put G {where} G": f"bring there: {where}" for where in ("in", "on", *SIDES)},
    "put G off G": "take away from there, to a free place",
    "put G in G as many as G": "so many of the first as there are of the third",
    "push G to G": "over the table, without lifting",
    "press G": "each once, in their order",
    "press G N times": "so often",
    "press G as often as G": "once for each of the second",
    "open G": "drawers", "close G": "drawers",
    "hold G": "pick up and keep in the hand", "reach G": "bring the gripper just above",
    "stack G": "one upon the other, the first at the bottom",
    "row G": "side by side, from left to right",
    "swap G with G": "each to where the other is",
    "go to G": "drive there, one after the other", "go back": "drive back to where the way began",
    "go to most G of G": "to the place of the second that has the most of the first",
    "go to first of G with G": "look into one after the other, and stop where the second is",
    "ask G": "ask the user which one is meant",
    "tell count G": "how many there are", "tell more G or G": "of which there are more",
    "tell colour G": "its colour", "tell kind G": "its shape or kind", "tell where G": "its place",
    "tell most G of G": "the place of the second that has the most of the first",
    "tell which of G has G": "the place of the first that has the second",
    "tell excess G over G": "how many more there are of the first",
    "at once B": "all of it holds at one time in the end",
    "repeat N times B": "so often",
}  # fmt: skip
FORMS: dict[str, str] = {
    **_ACTS,
    **{f"tell whether {form}": f"yes or no: {said}" for form, said in CONDITIONS.items()},
    **{
        f"if {form} B{more}": f"only if {said}{', otherwise the second' * bool(more)}"
        for (form, said), more in product(CONDITIONS.items(), ("", " else B"))
    },
}
TOKEN = re.compile(r"\s*(?:\[([^\[\]{};]*)\]|([{};,])|([0-9]+)|([a-z]+))")


class IntentError(ValueError):
    """What was written is no intent: which part, and why."""


class Group(NamedTuple):
    """Things by what they have in common.

    Attributes:
        noun: in the singular, such as "small red block" or "it".
        quantity: of `QUANTITIES`, a number in digits, or "".
        but: nouns of what is left out.
    """

    noun: str
    quantity: str = ""
    but: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = f"{self.quantity} {self.noun}".strip()
        return f"[{' but '.join((words, *self.but))}]"


class Step(NamedTuple):
    """One step.

    Attributes:
        form: a key of `FORMS`.
        groups: for each G of the form, the groups that stand there.
        number: that N of the form stands for, 0 where it has none.
        blocks: for each B of the form, its steps.
    """

    form: str
    groups: "tuple[tuple[Group, ...], ...]" = ()
    number: int = 0
    blocks: "tuple[Intent, ...]" = ()

    def __str__(self) -> str:
        groups = iter(self.groups)
        blocks = iter(self.blocks)
        fill = {
            "G": lambda: ", ".join(map(str, next(groups))),
            "N": lambda: str(self.number),
            "B": lambda: f"{{ {said(next(blocks))} }}",
        }
        return " ".join(fill[w]() if w in fill else w for w in self.form.split())


Intent = tuple[Step, ...]


def said(intent: Intent) -> str:
    """The intent as it is written."""
    return "; ".join(map(str, intent))


def all_steps(intent: Intent) -> Iterator[Step]:
    """Every step, those of blocks after the one that they are of."""
    for one in intent:
        yield one
        for block in one.blocks:
            yield from all_steps(block)


def read_intent(text: str) -> Intent:
    """Read what was written.

    Raises:
        IntentError: it is no intent.
    """
    tokens = list(_tokens(text))
    steps, end = _steps(tokens, 0, 0)
    if end < len(tokens):
        raise IntentError(f"{tokens[end][1]!r} closes no block")
    if not steps:
        raise IntentError("it holds no step")
    if sum(1 for _ in all_steps(steps)) > MOST_STEPS:
        raise IntentError(f"it has more than {MOST_STEPS} steps")
    return steps


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield (sort, text): sort is "G", "N", "word" or the mark itself."""
    place, text = 0, text.strip()
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            raise IntentError(
                f"{text[place : place + 20]!r} is no word, group or mark of an intent"
            )
        group, mark, number, word = found.groups()
        if group is not None:
            yield "G", group
        elif mark:
            yield mark, mark
        else:
            yield ("N", number) if number else ("word", word)
        place = found.end()


def _steps(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Intent, int]:
    """The steps from a place on, and the place after the last of them."""
    if depth > DEEPEST:
        raise IntentError(f"blocks stand in more than {DEEPEST} others")
    steps: list[Step] = []
    while at < len(tokens) and tokens[at][0] != "}":
        if tokens[at][0] == ";":
            at += 1
            continue
        one, at = _step(tokens, at, depth)
        steps.append(one)
    return tuple(steps), at


def _step(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Step, int]:
    form: list[str] = []
    groups: list[tuple[Group, ...]] = []
    number, blocks = 0, list[Intent]()
    while at < len(tokens) and tokens[at][0] not in ";}":
        sort, text = tokens[at]
        at += 1
        if sort == "{":
            block, at = _steps(tokens, at, depth + 1)
            if at == len(tokens):
                raise IntentError("a block has no end: put } after it")
            if not block:
                raise IntentError("a block holds no step")
            blocks.append(block)
            form.append("B")
            at += 1
        elif sort == ",":
            if form[-1:] != ["G"] or at == len(tokens) or tokens[at][0] != "G":
                raise IntentError("a comma stands between two groups in brackets alone")
            groups[-1] = (*groups[-1], _group(tokens[at][1]))
            at += 1
        elif sort == "G":
            groups.append((_group(text),))
            form.append("G")
        elif sort == "N":
            number = int(text)
            form.append("N")
        else:
            form.append(text)
    name = " ".join(form)
    if name not in FORMS:
        raise IntentError(f"{name!r} is no step; there are: {', '.join(FORMS)}")
    if number > MOST_TIMES:
        raise IntentError(f"{number} is more than {MOST_TIMES}")
    return Step(name, tuple(groups), number, tuple(blocks)), at


def _group(text: str) -> Group:
    words, *but = (part.strip() for part in text.split(" but "))
    first, _, rest = words.partition(" ")
    counted = first in QUANTITIES or first.isdecimal()
    quantity, noun = (first, rest) if counted else ("", words)
    if not noun or not all(but):
        raise IntentError(f"[{text}] names nothing")
    return Group(noun, quantity, tuple(but))


def intent_grammar() -> str:
    """Rules of llguidance's Lark for an `intent`, as it stands within a JSON string."""
    rules = {"G": "groups", "N": "NUMBER", "B": "block"}
    forms = (
        ' " " '.join(rules.get(word, json.dumps(word)) for word in form.split()) for form in FORMS
    )
    return (
        'intent: step ("; " step)*\n'
        f"step: {' | '.join(forms)}\n"
        'block: "{ " intent " }"\n'
        'groups: group (", " group)*\n'
        'group: "[" NOUN "]"\n'
        "NOUN: /[a-z0-9][a-z0-9' -]{0,79}/\n"
        "NUMBER: /[0-9]{1,2}/\n"
    )
