"""Words as people type them: slips of the finger, casing, missing marks, fillers, second thoughts.

What is said stays the same. Nothing here is drawn from any sentence of the people's corpus.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

from handeye.envs.base.colours import COLOURS

NEIGHBOURS: dict[str, str] = {
    "a": "sqz", "b": "vnh", "c": "xvd", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy",
    "i": "uok", "j": "hku", "k": "jli", "l": "ko", "m": "n", "n": "bm", "o": "ipl", "p": "ol",
    "q": "wa", "r": "etf", "s": "adw", "t": "ryg", "u": "yij", "v": "cb", "w": "qes", "x": "zc",
    "y": "tuh", "z": "xs",
}  # fmt: skip
LONG_ENOUGH = 4  # Shorter words are left alone: a slip would make other words of them.
STARTS = (
    "um", "er", "erm", "ok", "okay", "right", "so", "well", "hey", "hi", "hey robot", "robot",
    "listen", "now", "alright", "hmm", "oh", "ah yes", "could you please", "please", "pls",
    "be so kind and", "kindly", "do me a favour and", "if you don't mind", "when you have a second",
    "let's see", "i think", "maybe", "just", "quick one", "one more thing",
)  # fmt: skip
ENDS = (
    "please", "pls", "plz", "thanks", "thank you", "ta", "cheers", "thx", "mate", "will you",
    "would you", "ok", "if you can", "if you would", "for me", "now", "quickly", "carefully",
    "gently", "when you can", "right", "that's all", "there's a good robot", "if possible",
)  # fmt: skip
REASONS = (
    "so that i can find it later", "so nobody trips over it", "because it is in the way",
    "before it gets lost", "my hands are full", "i need it like that", "guests are coming",
    "so the table looks nice", "i can't reach it", "it bothers me there", "for the photo",
    "we are in a hurry", "i have been meaning to do that all day", "that's how we always do it",
)  # fmt: skip
SECOND_THOUGHTS = (
    "no", "no wait", "sorry", "i mean", "or rather", "hang on", "oops", "no sorry", "actually",
    "make that", "er", "wait",
)  # fmt: skip
SPELLED = (
    ("colour", "color"), ("you", "u"), ("please", "pls"), ("and", "n"), ("are", "r"),
    ("to", "2"), ("the", "teh"), ("with", "w"), ("grey", "gray"), ("i am", "im"),
)  # fmt: skip
COLOUR_THING = re.compile(rf"\bthe ({'|'.join(COLOURS)}) (?=[a-z])")


def as_typed(words: str, rng: np.random.Generator) -> str:
    """An instruction as somebody might have typed it."""
    touches: tuple[tuple[float, Callable[[str, np.random.Generator], str]], ...] = (
        (0.12, _second_thought),
        (0.18, _without_articles),
        (0.12, _respelled),
        (0.14, _begun),
        (0.14, _ended),
        (0.08, _explained),
        (0.35, _mistyped),
        (0.25, _unpunctuated),
        (0.35, _cased),
    )
    for share, touch in touches:
        if rng.random() < share:
            words = touch(words, rng)
    return words


def _second_thought(words: str, rng: np.random.Generator) -> str:
    """Another colour first: "the red, no, the blue block"."""
    found = [*COLOUR_THING.finditer(words)]
    if not found:
        return words
    place = found[int(rng.integers(len(found)))]
    unsaid = [colour for colour in COLOURS if colour not in words]
    if not unsaid:
        return words
    colour = _one_of(unsaid, rng)
    but, mark = _one_of(SECOND_THOUGHTS, rng), _one_of((", ", "... ", " - ", " "), rng)
    again = _one_of(("the ", ""), rng)
    return (
        f"{words[: place.start()]}the {colour}{mark}{but}{_one_of((', ', ' '), rng)}{again}"
        + (words[place.start() + 4 :])
    )


def _without_articles(words: str, rng: np.random.Generator) -> str:
    every = rng.random() < 0.5
    return re.sub(r"\bthe ", lambda f: "" if every or rng.random() < 0.5 else f[0], words)


def _respelled(words: str, rng: np.random.Generator) -> str:
    usual, other = SPELLED[int(rng.integers(len(SPELLED)))]
    return re.sub(rf"\b{usual}\b", other, words)


def _begun(words: str, rng: np.random.Generator) -> str:
    return f"{_one_of(STARTS, rng)}{_one_of((', ', ' '), rng)}{words}"


def _ended(words: str, rng: np.random.Generator) -> str:
    return f"{words.rstrip('.!')}{_one_of((', ', ' '), rng)}{_one_of(ENDS, rng)}"


def _explained(words: str, rng: np.random.Generator) -> str:
    reason = _one_of(REASONS, rng)
    if rng.random() < 0.5:
        return f"{reason}{_one_of((', so ', ', ', '. '), rng)}{words}"
    return f"{words.rstrip('.!')}{_one_of((', ', ' ', '. '), rng)}{reason}"


def _mistyped(words: str, rng: np.random.Generator) -> str:
    pieces = re.split(r"(\W+)", words)
    long = [k for k, piece in enumerate(pieces) if len(piece) >= LONG_ENOUGH and piece.isalpha()]
    for k in rng.permutation(long)[: int(rng.integers(1, 4))].tolist():
        pieces[k] = slipped(pieces[k], rng)
    return "".join(pieces)


def slipped(word: str, rng: np.random.Generator) -> str:
    """A word with one slip: letters swapped, dropped, doubled or a neighbour of the key."""
    place, way = int(rng.integers(1, len(word) - 1)), int(rng.integers(4))
    if way == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if way == 1:
        return word[:place] + word[place + 1 :]
    if way == 2:
        return word[:place] + word[place] + word[place:]
    other = _one_of(NEIGHBOURS.get(word[place].lower(), word[place]), rng)
    return word[:place] + other + word[place + 1 :]


def _unpunctuated(words: str, rng: np.random.Generator) -> str:
    return re.sub(r"[,;:.!?']", "", words)


def _cased(words: str, rng: np.random.Generator) -> str:
    dice = rng.random()
    if dice < 0.5:
        return words[:1].upper() + words[1:] + _one_of((".", "!", ""), rng)
    return words.upper() if dice < 0.62 else words.lower()


def _one_of(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]
