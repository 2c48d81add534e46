"""One vocabulary for all families: words, marks and places of a text <-> ids.

    0 [pad]  1 [unknown]  2 [class]  3 [end]  4 [mask]  5 <image>  6 <p>  7 </p>  8 <box>  9 </box>
    10 ... 265   <loc_0> ... <loc_255>, the cells of a 16 x 16 grid over a frame, row by row
    266 ...      words, the most frequent first

Marks stand in a text as they are written here, as in Kosmos-2 (Peng et al. 2023), so that a box is
part of a sentence: "<p>red block</p><box><loc_34><loc_51></box>".
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from handeye.perception.encoders.near_words import nearest_known
from handeye.perception.encoders.text import CLASS_ID, MAX_CHARACTERS, PAD_ID, UNKNOWN_ID

MARKS = (
    *("[pad]", "[unknown]", "[class]", "[end]", "[mask]"),
    *("<image>", "<p>", "</p>", "<box>", "</box>"),
)
END_ID, MASK_ID, IMAGE_ID = 3, 4, 5
LOCATIONS = 256
FIRST_LOCATION_ID = len(MARKS)
FIRST_WORD_ID = FIRST_LOCATION_ID + LOCATIONS
PLACE_MARKS = tuple(f"<loc_{n}>" for n in range(LOCATIONS))
PIECES = re.compile(r"\[(?:unknown|mask)\]|</?(?:p|box|image|loc_\d+)>|[^\W_]+|[.?]")


class Vocabulary:
    """Ids of texts, with an id for words never met in training, see `near_words`.

    Args:
        words: `MARKS`, the places and then words, as a checkpoint keeps them.
        max_words: of an instruction.
    """

    def __init__(self, words: Sequence[str], max_words: int = 31) -> None:
        if tuple(words[:FIRST_WORD_ID]) != (*MARKS, *PLACE_MARKS):
            raise ValueError(f"a vocabulary starts with {MARKS} and 256 places, not {words[:3]}")
        self.words = tuple(words)
        self.max_words = max_words
        self._ids = {word: index for index, word in enumerate(words)}
        self._known = frozenset(words[FIRST_WORD_ID:])

    @classmethod
    def train(cls, texts: Iterable[str], max_words: int = 31) -> "Vocabulary":
        """Return the vocabulary that knows every word of the texts."""
        counts = Counter(piece for text in texts for piece in PIECES.findall(text.lower()))
        for mark in (*MARKS, *PLACE_MARKS):
            counts.pop(mark, None)
        words = sorted(counts, key=lambda word: (-counts[word], word))
        return cls((*MARKS, *PLACE_MARKS, *words), max_words)

    def __len__(self) -> int:
        return len(self.words)

    @property
    def blind(self) -> bool:
        """Return whether it knows no word, so that all instructions have the same ids."""
        return len(self.words) == FIRST_WORD_ID

    def split(self, text: str) -> list[str]:
        """Return the words and marks of a text; ValueError when it is far too long."""
        if not isinstance(text, str):
            raise TypeError(f"an instruction is a str, not {type(text).__name__}")
        if len(text) > MAX_CHARACTERS:
            raise ValueError(
                f"the instruction has {len(text)} characters; at most {MAX_CHARACTERS} are read: "
                "state one task in one sentence"
            )
        return PIECES.findall(text.lower())

    def ids(self, words: Iterable[str]) -> list[int]:
        """Return the ids of words and marks."""
        return [self._id(word) for word in words]

    def encode_words(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Return the row (max_words + 1,) of an instruction: [class] word word ... [pad] [pad]."""
        words = ["[unknown]"] if self.blind else words
        if len(words) > self.max_words:
            raise ValueError(
                f"the instruction has {len(words)} words; this policy reads at most "
                f"{self.max_words}: state one task in one sentence"
            )
        row = np.full(self.max_words + 1, PAD_ID, dtype=np.int64)
        row[0] = CLASS_ID
        row[1 : len(words) + 1] = self.ids(words)
        return row

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids up to the end; padding and unknown ids are left out."""
        said: list[str] = []
        for index in ids:
            if index == END_ID:
                break
            if index not in (PAD_ID, CLASS_ID) and 0 <= index < len(self.words):
                said.append(self.words[index])
        return re.sub(r" ([.?])|(?<=>) (?=<)|(?<=<p>) | (?=</p>)", r"\1", " ".join(said))

    def _id(self, word: str) -> int:
        known = self._ids.get(word)
        if known is None and (near := nearest_known(word, self._known)) is not None:
            known = self._ids[near]
        return UNKNOWN_ID if known is None else known
