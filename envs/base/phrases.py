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
    """The instruction, stripped.

    Raises:
        ValueError: it is not a string or longer than `MAX_INSTRUCTION_CHARS`.
    """
    if not isinstance(instruction, str):
        raise ValueError(f"an instruction is a string, got {type(instruction).__name__}")
    if len(instruction) > MAX_INSTRUCTION_CHARS:
        raise ValueError(
            f"the instruction has {len(instruction)} characters; give at most "
            f"{MAX_INSTRUCTION_CHARS}"
        )
    return instruction.strip()
