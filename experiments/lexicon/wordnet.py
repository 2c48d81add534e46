"""Read the files of the WordNet 3.0 database (Debian: `apt install wordnet-base`).

Formats: wndb(5WN), senseidx(5WN). Fellbaum (1998), WordNet: An Electronic Lexical Database.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

FILES = {"n": "noun", "v": "verb", "a": "adj"}
PARTS = {"1": "n", "2": "v", "3": "a", "5": "a"}  # The number in a sense key -> part of speech.
HYPERNYM, HYPONYM, SIMILAR = "@", "~", "&"
UNSEEN_COUNT = 0.5  # for a sense that the tagged texts never show


class SynsetId(NamedTuple):
    """Part of speech and place in its file."""

    part: str
    offset: str


@dataclass(frozen=True)
class Synset:
    """Words of one meaning.

    Attributes:
        words: names in capitals, parts of a phrase joined by "_".
        definition: without examples.
        pointers: (kind, synset) of hypernyms, hyponyms and similar adjectives.
    """

    words: tuple[str, ...]
    definition: str
    pointers: tuple[tuple[str, SynsetId], ...]


@dataclass(frozen=True)
class WordNet:
    """Nouns, verbs and adjectives of the database.

    Attributes:
        synsets: by id.
        senses: word -> the synsets that it is in with their odds, which sum to 1 over all parts of
            speech: the share of the tagged texts' uses that mean it.
        numbered: (word, part of speech) -> its synsets, the commonest first.
    """

    synsets: Mapping[SynsetId, Synset]
    senses: Mapping[str, Mapping[SynsetId, float]]
    numbered: Mapping[tuple[str, str], tuple[SynsetId, ...]]

    def sense(self, word: str, name: str) -> SynsetId:
        """Return a word's sense by its name, such as "n2", the second noun.

        Raises:
            ValueError: the word has no such sense.
        """
        known = self.numbered.get((word, name[0]), ())
        if not 1 <= int(name[1:]) <= len(known):
            raise ValueError(f"WordNet has no sense {name} of {word!r}; it has {len(known)}")
        return known[int(name[1:]) - 1]


def read_wordnet(folder: Path) -> WordNet:
    """Read the database's files.

    Raises:
        FileNotFoundError: the folder holds none.
    """
    if not (folder / "data.noun").is_file():
        raise FileNotFoundError(
            f"{folder} holds no WordNet database; install one (apt install wordnet-base) and give "
            "its folder, such as --wordnet /usr/share/wordnet"
        )
    synsets = {key: synset for part in FILES for key, synset in _data(folder, part)}
    numbered = {key: known for part in FILES for key, known in _index(folder, part)}
    uses = _uses(folder / "cntlist.rev")
    senses: dict[str, dict[SynsetId, float]] = {}
    for (word, part), known in numbered.items():
        for number, key in enumerate(known, 1):
            senses.setdefault(word, {})[key] = uses[word, part, number] + UNSEEN_COUNT
    for odds in senses.values():
        total = sum(odds.values())
        odds.update({key: count / total for key, count in odds.items()})
    return WordNet(synsets, senses, numbered)


def _data(folder: Path, part: str) -> Iterator[tuple[SynsetId, Synset]]:
    for line in _lines(folder / f"data.{FILES[part]}"):
        head, _, gloss = line.partition(" | ")
        fields = head.split()
        count = int(fields[3], 16)
        words = [re.sub(r"\(.*\)", "", word) for word in fields[4 : 4 + 2 * count : 2]]
        rest = fields[5 + 2 * count :]
        pointers = [
            (kind, SynsetId("a" if other == "s" else other, offset))
            for kind, offset, other in zip(rest[0::4], rest[1::4], rest[2::4], strict=False)
            if kind in (HYPERNYM, HYPONYM, SIMILAR)
        ]
        definition = re.split(r';\s*"', gloss)[0].strip().lower()
        yield SynsetId(part, fields[0]), Synset(tuple(words), definition, tuple(pointers))


def _index(folder: Path, part: str) -> Iterator[tuple[tuple[str, str], tuple[SynsetId, ...]]]:
    for line in _lines(folder / f"index.{FILES[part]}"):
        fields = line.split()
        offsets = fields[-int(fields[2]) :]
        yield (fields[0], part), tuple(SynsetId(part, offset) for offset in offsets)


def _uses(path: Path) -> Counter[tuple[str, str, int]]:
    """How often tagged texts use (word, part of speech, number of the sense)."""
    uses: Counter[tuple[str, str, int]] = Counter()
    for line in _lines(path):
        key, number, count = line.split()
        word, _, rest = key.partition("%")
        if rest[0] in PARTS:
            uses[word, PARTS[rest[0]], int(number)] += int(count)
    return uses


def _lines(path: Path) -> Iterator[str]:
    """Lines of a database file without its licence, which stands indented at the top."""
    with path.open(encoding="utf-8") as lines:
        yield from (line for line in lines if not line.startswith("  "))
