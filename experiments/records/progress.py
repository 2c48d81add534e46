"""Tell how far a command is: a bar on a terminal, a few whole lines in a log; always on stderr."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")
LINES = 10  # in a log, of one loop


def tracked(items: Iterable[Item], what: str, total: int) -> Iterator[Item]:
    """Yield the items, and tell how many of `total` are done."""
    console = Console(stderr=True)
    if console.is_terminal:
        yield from track(items, what, total=total, console=console)
        return
    for number, item in enumerate(items, 1):
        yield item
        if number == total or number * LINES // total > (number - 1) * LINES // total:
            console.print(f"{what}: {number} of {total}", soft_wrap=True, markup=False)
