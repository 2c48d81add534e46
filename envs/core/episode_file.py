"""The container of recorded episodes: one safetensors blob whose header holds JSON.

Numbers are tensors; scene, words and provenance are JSON; nothing in a file can run code. The JSON
begins with a checksum over all that follows and over the tensors, so that a file in which a bit has
flipped is refused. Files of older versions have none; they are read with one warning.
"""

import hashlib
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from handeye.base.json_reader import check_shape
from handeye.envs.core.dataset_file import read_dataset

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

E = TypeVar("E")
# What reading JSON of another shape raises; each is told as a file that is no whole episode.
OTHER_SHAPES = (
    ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip
CHECKED_CHARS = len('{"checksum":"",') + 64  # What the JSON begins with.
UNCHECKED = (
    "episodes of an older version carry no checksum, so damage may go unnoticed; "
    "collect them again to have them checked"
)


class EpisodeHeader(TypedDict):
    """The JSON of every episode, as far as both worlds have it."""

    format: str
    task: str
    split: str
    seed: int
    action_mode: str
    scene: dict[str, Any]
    goals: list[dict[str, Any]]
    subgoals: list[str | tuple[str, int]]
    success: bool
    state_hash: str
    meta: dict[str, Any]


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
    checked = f'{{"checksum":"{_checksum(text, rows)}",{text[1:]}'
    return save_tensors(rows, metadata={"episode": checked})


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
        text = _json_text(content)
        header = json.loads(text)
        check_shape(header, EpisodeHeader, "its header")
        if header.pop("format") != form:
            raise ValueError("another format")
        rows = load_tensors(content)
        checked = header.pop("checksum", None) is not None
        if checked and not text.startswith(
            f'{{"checksum":"{_checksum("{" + text[CHECKED_CHARS:], rows)}",'
        ):
            raise ValueError("its checksum does not fit: it was damaged after it was written")
        header.update({name: reader(header[name]) for name, reader in read.items()})
        episode = made(**header, **{name: rows[name] for name in tensors})
    if not checked:
        warnings.warn(UNCHECKED, stacklevel=2)
    return episode


def episode_format(path: Path) -> str:
    """What a file says it is.

    Raises:
        ValueError: it is truncated, damaged or no episode; the message names the file.
    """
    with whole_episode(path), path.open("rb") as file:
        length = file.read(8)
        # A damaged length may ask for more than there is memory.
        content = length + file.read(min(int.from_bytes(length, "little"), path.stat().st_size))
        return str(json.loads(_json_text(content))["format"])


def _json_text(content: bytes) -> str:
    length = int.from_bytes(content[:8], "little")
    text: str = json.loads(content[8 : 8 + length])["__metadata__"]["episode"]
    return text


def _checksum(text: str, rows: Mapping[str, NDArray[Any]]) -> str:
    """Return a SHA-256 (hexadecimal) over the JSON and every tensor with its name and shape."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(rows):
        row = np.ascontiguousarray(rows[name])
        digest.update(f"{name} {row.dtype.str} {row.shape}".encode() + row.tobytes())
    return digest.hexdigest()


@contextmanager
def whole_episode(path: Path) -> Iterator[None]:
    """While a file is read: whatever is wrong with it becomes a ValueError that names it."""
    try:
        yield
    except (*OTHER_SHAPES, safetensors.SafetensorError) as error:
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
