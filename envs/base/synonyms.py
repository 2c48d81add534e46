"""Other words for trained ones: an instruction as training says it, with nouns and verbs replaced.

Colours stay. Their other names are of shades ("crimson", "azure"), and which of two near colours is
meant would be left to taste, while the words must single out one goal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

SYNONYM_SPLIT = "synonym"
NO_VERB_AFTER = ("the", "a", "an", "your", "own", "left", "right", "marked", "painted")
ARTICLE = re.compile(r"\ban? ([a-z]+)")


@dataclass(frozen=True)
class Synonyms:
    """Words that training never says for words that it does.

    Attributes:
        nouns: trained words, several divided by "|", -> one that is never trained.
        verbs: the same of what is to be done; keys may end in a lookahead, as of "go(?! and)".
        kept: patterns of instructions in which a verb cannot be replaced alone ("put it down").
    """

    nouns: Mapping[str, str]
    verbs: Mapping[str, str]
    kept: tuple[str, ...] = ()

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word that stands in for a trained one: of a verb with a particle the verb alone."""
        nouns = {word for noun in self.nouns.values() for word in noun.split()}
        return frozenset(nouns | {verb.split()[0] for verb in self.verbs.values()})

    def fits(self, words: str) -> bool:
        """Return whether an instruction has a verb that can be replaced."""
        return not self._kept.search(words) and bool(self._verbs.search(words))

    def replaced(self, words: str) -> str:
        """Return an instruction with every noun and verb replaced that has a synonym."""
        said = self._verbs.sub(lambda found: self._instead(self.verbs, found), words)
        said = self._nouns.sub(lambda found: self._instead(self.nouns, found), said)
        return ARTICLE.sub(self._with_article, said)

    @cached_property
    def _nouns(self) -> re.Pattern[str]:
        return _pattern(self.nouns)

    @cached_property
    def _verbs(self) -> re.Pattern[str]:
        no_noun = "".join(rf"(?<!\b{word} )" for word in NO_VERB_AFTER)
        return re.compile(no_noun + _pattern(self.verbs).pattern)

    @cached_property
    def _kept(self) -> re.Pattern[str]:
        return re.compile("|".join(self.kept) or r"(?!)")

    def _with_article(self, found: re.Match[str]) -> str:
        word = found[1]
        return f"{'an' if word[0] in 'aeiou' else 'a'} {word}" if word in self.words else found[0]

    def _instead(self, table: Mapping[str, str], found: re.Match[str]) -> str:
        assert found.lastgroup is not None
        return list(table.values())[int(found.lastgroup[1:])]


def _pattern(table: Mapping[str, str]) -> re.Pattern[str]:
    """Any of the keys as whole words, the longest first; the group's name tells which."""
    keys = sorted(enumerate(table), key=lambda numbered: -len(numbered[1]))
    either = "|".join(f"(?P<n{number}>(?:{key}))" for number, key in keys)
    return re.compile(rf"(?<![\w'-])(?:{either})(?![\w'-])")
