"""Make `perception/encoders/near_words.json`: for words that no training says, those near to them.

    python -m handeye.experiments.lexicon.near_words --wordnet /usr/share/wordnet

A word costs as many steps as WordNet's graph has between one of its senses and a trained word's
(hypernyms, hyponyms, similar adjectives), or one where its definition begins with the trained word
("a large shallow dish ..."), or two where its definition has it somewhere; and more for a sense
that is rarely meant. The weights were chosen on trained words alone: each is looked up as if it
were unknown, and one of its own group should be found ("cube" by "block").
"""

import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tyro

from handeye.experiments.checks.held_out_words import training_words
from handeye.experiments.lexicon.senses import SENSES
from handeye.experiments.lexicon.wordnet import HYPONYM, SynsetId, WordNet, read_wordnet
from handeye.experiments.records.run_folder import write_text_atomic
from handeye.perception.encoders.near_words import TABLE

MOST_STEPS = 2
MANY_HYPONYMS = 60  # of a synset through which two words have little in common
GENUS_COST, MENTION_COST = 1.0, 2.0
MENTION_BONUS = 0.25  # where the graph has a way and the definition the word
RARITY_COST = 0.3  # of each factor e by which a sense is rarer than all of a word's uses
MOST_COST = 2.0
MOST_NEAR = 3  # trained words that are kept of an unknown one
# Where the genus of a definition ends: "a cup | usually without a handle".
GENUS_END = re.compile(
    r",|\b(?:of|that|which|for|with|used|in|on|at|to|from|by|into|having|consisting|containing"
    r"|where|made|and|or|as|over|against)\b"
)
ENDINGS = ("ing", "ed", "es", "s")


@dataclass(frozen=True)
class NearWordsConfig:
    """Where the database is, and the file to write.

    Attributes:
        wordnet: folder of WordNet's files.
        result: the JSON file.
    """

    wordnet: Path = Path("/usr/share/wordnet")
    result: Path = TABLE


def run(config: NearWordsConfig) -> int:
    """Write the table; exit code 0."""
    near = near_words(read_wordnet(config.wordnet), SENSES, leave_out=training_words())
    lines = ",\n".join(
        f"{json.dumps(word)}: {json.dumps(known)}" for word, known in sorted(near.items())
    )
    write_text_atomic(config.result, "{\n" + lines + "\n}\n")
    return 0


def near_words(
    wordnet: WordNet, senses: Mapping[str, Sequence[str]], leave_out: set[str]
) -> dict[str, tuple[str, ...]]:
    """Return the trained words near to each unknown one, the nearest first.

    Args:
        wordnet: the database.
        senses: of trained words.
        leave_out: words that are no unknown ones.
    """
    steps = _steps(wordnet, senses)
    parts = {word: {name[0] for name in names} for word, names in senses.items()}
    found: dict[str, tuple[str, ...]] = {}
    for word in wordnet.senses:
        if not word.isascii() or not word.isalpha() or len(word) < 3 or word in leave_out:
            continue
        costs = word_costs(wordnet, word, steps, parts)
        near = sorted((cost, known) for known, cost in costs.items() if cost <= MOST_COST)
        if near:
            # Of a phrase, such as "living room", the first word tells it from others.
            firsts = (known.partition("_")[0] for _, known in near)
            found[word] = tuple(dict.fromkeys(firsts))[:MOST_NEAR]
    return found


def word_costs(
    wordnet: WordNet,
    word: str,
    steps: Mapping[SynsetId, Mapping[str, int]],
    parts: Mapping[str, set[str]],
) -> dict[str, float]:
    """Return how far trained words are from an unknown one; far ones are left out.

    Args:
        wordnet: the database.
        word: the unknown one.
        steps: synset -> trained words that few steps lead to.
        parts: trained words -> their parts of speech.
    """
    costs: dict[str, float] = {}
    for key, odds in wordnet.senses[word].items():
        synset = wordnet.synsets[key]
        if word not in synset.words:
            continue  # It is a name there, in capitals.
        genus, mentioned = definition_words(synset.definition, key.part)
        of_sense: dict[str, float] = dict(steps.get(key, {}))
        for known in mentioned & parts.keys():
            if known in of_sense:
                of_sense[known] -= MENTION_BONUS
            elif key.part in parts[known]:
                of_sense[known] = GENUS_COST if known in genus else MENTION_COST
        for known, cost in of_sense.items():
            total = cost - RARITY_COST * math.log(odds)
            costs[known] = min(total, costs.get(known, total))
    costs.pop(word, None)
    return costs


@cache
def definition_words(definition: str, part: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that say what something is before they say which, and all of them.

    The first are the noun at the end of "a large shallow dish", the verb at the beginning of "put
    firmly", the whole of an adjective's.
    """
    said = re.sub(r"\([^)]*\)", " ", definition)
    genus: set[str] = set()
    for clause in said.split(";"):
        words = re.findall(r"[a-z]+", GENUS_END.split(clause.strip())[0])
        genus |= set({"n": words[-1:], "v": words[:1]}.get(part, words))
    return frozenset(_with_stems(genus)), frozenset(_with_stems(re.findall(r"[a-z]+", definition)))


def _with_stems(words: Sequence[str] | set[str]) -> set[str]:
    stems = {
        word.removesuffix(ending)
        for word in words
        for ending in ENDINGS
        if word.endswith(ending) and len(word) > len(ending) + 2
    }
    return set(words) | stems


def _steps(wordnet: WordNet, senses: Mapping[str, Sequence[str]]) -> dict[SynsetId, dict[str, int]]:
    """Synset -> the trained words that at most `MOST_STEPS` steps lead to, with the steps."""
    reached: defaultdict[SynsetId, dict[str, int]] = defaultdict(dict)
    for word, names in senses.items():
        front = {wordnet.sense(word, name) for name in names}
        for steps in range(MOST_STEPS + 1):
            for key in front:
                reached[key].setdefault(word, steps)
            ahead = (other for key in front for other in _neighbours(wordnet, key, steps > 0))
            front = {key for key in ahead if word not in reached[key]}
    return dict(reached)


def _neighbours(wordnet: WordNet, key: SynsetId, passing: bool) -> list[SynsetId]:
    """Synsets one step away; a general one leads to none of its hyponyms when passing through."""
    pointers = wordnet.synsets[key].pointers
    general = sum(kind == HYPONYM for kind, _ in pointers) > MANY_HYPONYMS
    return [other for kind, other in pointers if not (passing and general and kind == HYPONYM)]


if __name__ == "__main__":
    sys.exit(run(tyro.cli(NearWordsConfig, use_underscores=True)))
