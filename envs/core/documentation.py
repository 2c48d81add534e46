"""Headed docstrings: environments and tasks say the same things under the same headings.

A docstring begins with one sentence. Sections follow, each under a line such as `## Actions`; the
last one ends where `Args:` or attributes are listed. What a class does not say itself it takes over
from the classes that it derives from, so a task need not repeat what holds for its whole world.
"""

import inspect
import re

SECTIONS = (
    *("Description", "Instructions", "Actions", "Observation"),
    *("Success", "Reward", "Episode end"),
)
_END = re.compile(r"^(Args|Attributes|Class attributes):$", re.MULTILINE)


def sections(described: type) -> dict[str, str]:
    """Return the sections of a class by heading, in the order of `SECTIONS`; missing ones lack."""
    found: dict[str, str] = {}
    for base in described.__mro__:
        for heading, text in own_sections(base).items():
            found.setdefault(heading, text)
    return {heading: found[heading] for heading in SECTIONS if heading in found}


def own_sections(described: type) -> dict[str, str]:
    """Return the sections that a class's own docstring has, by heading."""
    text = _END.split(inspect.cleandoc(described.__dict__.get("__doc__") or ""))[0]
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return {heading.strip(): body.strip() for heading, body in pairs}


def headed(summary: str, **texts: str) -> str:
    """Return a docstring of a sentence and sections; `Episode_end` stands for "Episode end"."""
    parts = (f"## {heading.replace('_', ' ')}\n{text}" for heading, text in texts.items())
    return "\n\n".join([summary, *parts])
