"""Markdown written by commands: tables, folded parts, and text between two markers of a page."""

from collections.abc import Iterable, Sequence


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def folded(title: str, content: str) -> str:
    """Return content that a reader opens by clicking its title."""
    return f"<details><summary>{title}</summary>\n\n{content}\n\n</details>"


def insert(text: str, content: str, begin: str, end: str) -> str:
    """Return the text with what stands between two markers replaced by the content.

    Raises:
        ValueError: a marker is missing.
    """
    if begin not in text or end not in text:
        raise ValueError(f"the file needs the lines {begin!r} and {end!r} around its tables")
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    return f"{before}{begin}\n\n{content.strip()}\n\n{end}{after}"
