"""Skills that were learned: short programs over the tools, found again by what they are for.

A skill is plain data in a JSON file of its own and is run by the sandbox alone. What is looked for
is compared with what each skill is called and said to do, by TF-IDF cosine.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from handeye.agents.language_models.reply_cache import write_entry
from handeye.agents.sandbox.code_sandbox import ProgramError, parse_program
from handeye.agents.sandbox.program_limits import SandboxLimits

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_PARAMETERS, MAX_LINES = 6, 40
SHIPPED = Path(__file__).resolve().parents[1] / "checkpoints" / "skills"


@dataclass(frozen=True)
class Skill:
    """A program with parameters.

    Attributes:
        name: letters, digits and underscores.
        description: what it is for, by which it is found.
        parameters: names that the program uses without setting them; words, all of them.
        source: its lines.
        expects: what is so after it, with parameters in braces; "" if that cannot be seen.
        writer: who wrote it.
        passed: held-out scenes in which it did what was asked, before it was admitted.
        tried: held-out scenes in which it was tried.
    """

    name: str
    description: str
    parameters: tuple[str, ...]
    source: tuple[str, ...]
    expects: str = ""
    writer: str = ""
    passed: int = 0
    tried: int = 0

    def bound(self, arguments: Mapping[str, str]) -> list[str]:
        """The lines of a program that is the skill with its arguments."""
        return [*(f"{name} = {arguments[name]!r}" for name in self.parameters), *self.source]

    def expected(self, arguments: Mapping[str, str]) -> str:
        """Return what is so after it, in words."""
        words = self.expects
        for name in self.parameters:
            words = words.replace(f"{{{name}}}", arguments[name])
        return words

    def mistake(self, tools: Collection[str]) -> str:
        """Return what is wrong with it as it was written, or ""."""
        if not NAME.fullmatch(self.name) or self.name in tools:
            return f"{self.name!r} is no name for a skill: use letters, digits and underscores"
        for name in self.parameters:
            if not NAME.fullmatch(name) or name in tools:
                return f"{name!r} is no name for a parameter"
        if len(set(self.parameters)) != len(self.parameters) or not self.source:
            return "each parameter has a name of its own, and the program has lines"
        if len(self.parameters) > MAX_PARAMETERS or len(self.source) > MAX_LINES:
            return f"at most {MAX_PARAMETERS} parameters and {MAX_LINES} lines"
        try:
            parse_program("\n".join(self.source), SandboxLimits())
        except ProgramError as error:
            return str(error)
        return ""


class SkillLibrary:
    """The skills of a folder, which may be empty or not there yet.

    Raises:
        ValueError: a file of the folder holds no skill.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = [_read(file) for file in sorted(folder.glob("*.json"))]
        self.skills: dict[str, Skill] = {skill.name: skill for skill in found}

    def admit(self, skill: Skill) -> None:
        """Keep a skill, in the place of one of the same name; the whole file or none."""
        write_entry(self._folder, skill.name, asdict(skill))
        self.skills[skill.name] = skill

    def similar(self, words: str, most: int = 3) -> list[Skill]:
        """The skills that words are most like, best first; none that shares no word with them."""
        texts = {name: _words(_text(skill)) for name, skill in self.skills.items()}
        asked = _words(words)
        rarity = _rarity([*texts.values(), asked])
        scores = {name: _cosine(asked, text, rarity) for name, text in texts.items()}
        best = sorted(scores, key=lambda name: (-scores[name], name))[:most]
        return [self.skills[name] for name in best if scores[name] > 0]


def _read(file: Path) -> Skill:
    try:
        told: dict[str, Any] = json.loads(file.read_text())["entry"]
        parts = {name: tuple(told[name]) for name in ("parameters", "source")}
        return Skill(**{**told, **parts})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file} holds no skill ({error}); remove it") from error


def _text(skill: Skill) -> str:
    return f"{skill.name} {skill.description}"


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[a-z]+", text.lower()))


def _rarity(texts: Sequence[Counter[str]]) -> dict[str, float]:
    """Inverse document frequency of each word, smoothed so that none weighs nothing."""
    counts = Counter(word for text in texts for word in text)
    return {word: 1.0 + math.log(len(texts) / count) for word, count in counts.items()}


def _cosine(a: Counter[str], b: Counter[str], rarity: Mapping[str, float]) -> float:
    dot = sum(a[word] * b[word] * rarity[word] ** 2 for word in a.keys() & b.keys())
    lengths = (math.sqrt(sum((n * rarity[w]) ** 2 for w, n in text.items())) for text in (a, b))
    return dot / max(math.prod(lengths), 1e-9)
