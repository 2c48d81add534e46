"""Markdown pages read: code blocks with what stands before them, links and headings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"(?:^<!-- (?:not run: (?P<reason>[^>]+?)|file: (?P<file>[\w./-]+)) -->\n)?"
    r"^```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
INDENTED_COMMAND = re.compile(r"^ {4,}(?:handeye|make|pip|python -m) ", re.MULTILINE)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)


class Block(NamedTuple):
    """One fenced block of a page.

    Attributes:
        language: behind the fence, "" if none.
        code: the lines between the fences.
        line: of the first line of code in its page, counted from 1.
        reason: why it is not run, "" if it is.
        file: which file it is the contents of, "" if none.
    """

    language: str
    code: str
    line: int
    reason: str
    file: str


def pages() -> list[Path]:
    """Return the front page and all of docs/, generated ones included."""
    return [
        ROOT / "README.md",
        *filter(Path.exists, [ROOT / "CHANGELOG.md"]),
        *sorted((ROOT / "docs").rglob("*.md")),
    ]


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page in order."""
    text = page.read_text()
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start("code")) + 1
        yield Block(
            found["language"], found["code"], line, found["reason"] or "", found["file"] or ""
        )


def commands(block: Block) -> list[str]:
    """Return the commands of a block, continued lines joined, comments left out."""
    lines = block.code.replace("\\\n", " ").splitlines()
    return [line for line in map(str.strip, lines) if line and not line.startswith("#")]


def prose(page: Path) -> str:
    """Return a page without its fenced blocks and without what stands in backticks."""
    return re.sub(r"`[^`\n]+`", "", FENCE.sub("", page.read_text()))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings as GitHub makes them."""
    found = set()
    for heading in HEADING.findall(FENCE.sub("", page.read_text())):
        words = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(words.replace(" ", "-"))
    return found
