"""Words that every suite shares: phrasings from patterns, and what counts as an instruction."""

import re
from itertools import product

MAX_INSTRUCTION_CHARS = 2000


def spell_out(*patterns: str) -> tuple[str, ...]:
    """Every phrasing of patterns such as "(put|drop) {a} (in|into) {b}", in their order."""
    parts = (re.split(r"\(([^()]*)\)", pattern) for pattern in patterns)
    choices = ([part.split("|") for part in pattern] for pattern in parts)
    return tuple("".join(words) for pattern in choices for words in product(*pattern))


def check_instruction(instruction: object) -> str:
    """Return the instruction with single spaces between its words.

    Raises:
        ValueError: it is not a string, longer than `MAX_INSTRUCTION_CHARS`, or holds characters
            that cannot be printed.
    """
    if not isinstance(instruction, str):
        raise ValueError(f"an instruction is a string, got {type(instruction).__name__}")
    if len(instruction) > MAX_INSTRUCTION_CHARS:
        raise ValueError(
            f"the instruction has {len(instruction)} characters; give at most "
            f"{MAX_INSTRUCTION_CHARS}"
        )
    words = " ".join(instruction.split())
    if not is_instruction(words):
        odd = sorted({letter for letter in words if not letter.isprintable()})
        raise ValueError(
            f"the instruction has characters that cannot be printed ({''.join(odd)!a}); "
            "leave them out"
        )
    return words


def is_instruction(words: str) -> bool:
    """Return whether an environment can have `words`, of any language, for its instruction."""
    return len(words) <= MAX_INSTRUCTION_CHARS and words.isprintable()
