"""Flags of `handeye page`; light to import."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro


@dataclass(frozen=True)
class PageConfig:
    """Which transcripts to make pages of.

    Attributes:
        transcripts: a transcript (.jsonl) or a folder of them; each gets a page beside it.
        failed: of a folder, those alone that did not end in success.
    """

    transcripts: Annotated[Path, tyro.conf.Positional]
    failed: bool = False
