"""JSON of the right shape and checksums, for every reader of a checkpoint.

`checksums.json` holds the SHA-256 of every other file of a checkpoint's folder but the card.
Nothing here imports torch.
"""

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

from handeye.base.json_reader import MOST_BYTES, JsonError, parse_json

CONFIG = "config.json"
CHECKSUMS, CARD = "checksums.json", "README.md"
REMEDY = "copy it again, or train it again"


def read_json_object(path: Path) -> dict[str, Any]:
    """Read a JSON file of a checkpoint, which holds one object.

    Raises:
        ValueError: it is missing, no JSON, beyond bounds, or no object; the message names the file.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise JsonError(f"it is larger than {MOST_BYTES // 1_000_000} MB")
        return parse_json(path.read_bytes(), dict[str, Any], "it")
    except (OSError, JsonError) as error:
        raise ValueError(f"{path} is damaged or foreign ({error}); {REMEDY}") from error


def write_checksums(folder: Path) -> None:
    """Note the SHA-256 of every file of a checkpoint, the card aside, in `checksums.json`."""
    names = sorted(
        path.name
        for path in folder.iterdir()
        if path.is_file() and path.name not in (CHECKSUMS, CARD)
    )
    sums = {name: sha256_of(folder / name) for name in names}
    (folder / CHECKSUMS).write_text(json.dumps(sums, indent=1) + "\n")


def verify_checksums(folder: Path) -> None:
    """Compare a checkpoint's files with its `checksums.json`; warn where it has none.

    Raises:
        ValueError: a file has changed since it was written, or is missing.
    """
    if not (folder / CHECKSUMS).is_file():
        warnings.warn(
            f"{folder} has no {CHECKSUMS}: it is older or foreign, and damage to it may go unseen",
            stacklevel=2,
        )
        return
    for name, noted in read_json_object(folder / CHECKSUMS).items():
        path = folder / Path(name).name
        if not path.is_file():
            raise ValueError(f"{folder} is damaged: it has no {path.name}; {REMEDY}")
        if sha256_of(path) != noted:
            raise ValueError(
                f"{path} is damaged: it has changed since it was written; {REMEDY} (or remove "
                f"{CHECKSUMS}, if it was changed on purpose)"
            )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
