"""The container of recorded episodes: one safetensors blob whose header holds JSON.

Numbers are tensors; scene, words and provenance are JSON; nothing in a file can run code.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import safetensors
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from handeye.envs.core.dataset_file import read_dataset

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

E = TypeVar("E")


def pack_episode(
    episode: "DataclassInstance", form: str, tensors: Sequence[str], **written: object
) -> bytes:
    """A file's bytes.

    Args:
        episode: its fields make the header, in their order, behind the "format".
        form: what the file says it is.
        tensors: names of the fields that are arrays.
        written: fields whose JSON is not the field itself.
    """
    names = [one.name for one in fields(episode) if one.name not in tensors]
    header = {name: written.get(name, getattr(episode, name)) for name in names}
    text = json.dumps({"format": form, **header}, allow_nan=False, separators=(",", ":"))
    rows = {name: np.ascontiguousarray(getattr(episode, name)) for name in tensors}
    return save_tensors(rows, metadata={"episode": text})


def unpack_episode(
    made: Callable[..., E],
    path: Path,
    form: str,
    tensors: Sequence[str],
    **read: Callable[[Any], object],
) -> E:
    """An episode `made` of what `pack_episode` wrote.

    Args:
        made: takes every field by name.
        path: of the file.
        form: what the file has to say it is.
        tensors: names of the fields that are arrays.
        read: from the JSON of a field to the field, where they differ.

    Raises:
        ValueError: it is truncated, damaged or no such episode; the message names the file.
    """
    with whole_episode(path):
        content = path.read_bytes()
        header = _header(content)
        if header.pop("format") != form:
            raise ValueError("another format")
        header.update({name: reader(header[name]) for name, reader in read.items()})
        rows = load_tensors(content)
        return made(**header, **{name: rows[name] for name in tensors})


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
        ValueError: it is of another version, or damaged.
    """
    read_dataset(root)
    return sorted((root / "episodes").glob("*/*.safetensors"))
