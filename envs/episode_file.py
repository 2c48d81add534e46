"""The container of recorded episodes: one safetensors blob whose header holds JSON.

Numbers are tensors; scene, words and provenance are JSON; nothing in a file can run code.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors


def pack_episode(header: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """A file's bytes; the header's "format" says what it is."""
    text = json.dumps(header, allow_nan=False, separators=(",", ":"))
    rows = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    return save_tensors(rows, metadata={"episode": text})


def unpack_episode(content: bytes, form: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header, without its "format", and tensors of a file of the format `form`.

    Raises:
        ValueError: it is of another format or damaged; so may be KeyError and SafetensorError.
    """
    header = _header(content)
    if header.pop("format") != form:
        raise ValueError("another format")
    return header, load_tensors(content)


def episode_format(path: Path) -> str:
    """What a file says it is.

    Raises:
        ValueError: it is truncated, damaged or no episode; the message names the file.
    """
    with whole_episode(path), path.open("rb") as file:
        length = file.read(8)
        return str(_header(length + file.read(int.from_bytes(length, "little")))["format"])


def _header(content: bytes) -> dict[str, Any]:
    length = int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(
        json.loads(content[8 : 8 + length])["__metadata__"]["episode"]
    )
    return header


@contextmanager
def whole_episode(path: Path) -> Iterator[None]:
    """While a file is read: whatever is wrong with it becomes a ValueError that names it."""
    try:
        yield
    except (ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise ValueError(
            f"{path} is no whole episode ({error}). Remove it and collect again with --resume."
        ) from error


def episode_path(root: Path, number: int) -> Path:
    """Where episode `number` of a dataset lies: a thousand files a folder."""
    return root / "episodes" / f"{number // 1000:04d}" / f"{number:07d}.safetensors"


def list_episodes(root: Path) -> list[Path]:
    """Episode files of a dataset, in order.

    Raises:
        FileNotFoundError: there is no dataset at `root`.
    """
    if not (root / "dataset.json").is_file():
        raise FileNotFoundError(
            f"{root} holds no dataset. Make one: handeye collect --output_dir {root}"
        )
    return sorted((root / "episodes").glob("*/*.safetensors"))
