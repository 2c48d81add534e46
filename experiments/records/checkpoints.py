"""Checkpoints that are whole or absent: `checkpoints/005000/{pretrained_model,training_state}`.

A checkpoint is written beside its final name, flushed to disk, then renamed; `last` is a link that
moves in one step. Weights and optimizer are safetensors, the rest JSON: nothing in them can run.
"""

import json
import os
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerFast, ProcessorMixin

from handeye.experiments.records.run_folder import fsync_folder, read_json_lines
from handeye.experiments.records.schemas import ValidationLine
from handeye.policies.checkpoint_content import (
    CARD,
    read_json_object,
    verify_checksums,
    write_checksums,
)

MODEL_FOLDER, STATE_FOLDER = "pretrained_model", "training_state"
LAST, BEST = "last", "best"
WEIGHTS, PROGRESS = "learner.safetensors", "progress.json"


@dataclass(frozen=True)
class TrainingState:
    """What training continues from: the learner's tensors, and JSON-able progress."""

    tensors: dict[str, Tensor]
    progress: dict[str, Any]


def save_checkpoint(
    root: Path, step: int, write_model: Callable[[Path], None], state: TrainingState
) -> Path:
    """Write checkpoint `step` under `root` / "checkpoints" and point `last` at it.

    Args:
        root: folder of the run.
        step: updates done.
        write_model: fills a folder with what acts, see `save_policy`.
        state: what training continues from.
    """
    folder = root / "checkpoints"
    final, partial = folder / f"{step:06d}", folder / f".{step:06d}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    write_model(partial / MODEL_FOLDER)
    training = partial / STATE_FOLDER
    training.mkdir(parents=True)
    save_file({k: t.contiguous() for k, t in state.tensors.items()}, training / WEIGHTS)
    (training / PROGRESS).write_text(json.dumps(state.progress, indent=2) + "\n")
    write_checksums(training)
    _flush(partial)
    if final.exists():
        shutil.rmtree(final)
    os.replace(partial, final)
    _link(folder, LAST, final.name)
    fsync_folder(folder)
    return final


def save_policy(
    folder: Path,
    model: PreTrainedModel,
    processor: ProcessorMixin | PreTrainedTokenizerFast,
    card: str,
    *,
    half: bool = False,
) -> None:
    """Write what `load_checkpoint_of` reads; `half` stores float16 weights, half the size."""
    folder.mkdir(parents=True, exist_ok=True)
    # Of weights that are tied the first name stands for all: loading ties them again.
    single = {tensor.data_ptr(): name for name, tensor in reversed(model.state_dict().items())}
    weights = {
        name: tensor.contiguous()
        for name, tensor in model.state_dict().items()
        if tensor.numel() == 0 or single[tensor.data_ptr()] == name
    }
    if half:
        weights = {name: tensor.to(torch.float16) for name, tensor in weights.items()}
    model.config.dtype = "float16" if half else "float32"
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    processor.save_pretrained(folder)
    (folder / CARD).write_text(card)
    write_checksums(folder)


def take_weights(model: PreTrainedModel, folder: Path, grown: Collection[str] = ()) -> int:
    """Start from the weights of a saved policy: those of the same name and shape; how many.

    Args:
        model: that starts.
        folder: of the saved policy.
        grown: names of tables that may have more rows now; the new ones stay as they are.

    Raises:
        ValueError: the file is damaged, or nothing in it fits.
    """
    path = folder / "model.safetensors"
    verify_checksums(folder)
    try:
        saved = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} cannot be read ({error}); give another --start") from error
    own = model.state_dict()
    for name in grown:
        rows = len(saved.get(name, ()))
        if 0 < rows < len(own[name]) and saved[name].shape[1:] == own[name].shape[1:]:
            saved[name] = torch.cat([saved[name], own[name][rows:].to(saved[name].dtype)])
    fitting = {
        name: tensor.to(own[name].dtype)
        for name, tensor in saved.items()
        if name in own and tensor.shape == own[name].shape
    }
    if not fitting:
        raise ValueError(f"no weight in {path} fits this preset; give another --start")
    model.load_state_dict(fitting, strict=False)
    return len(fitting)


def prune_checkpoints(root: Path, keep: int) -> None:
    """Remove what no one needs: old checkpoints, and what a kill left half-written.

    Kept are the newest `keep`, and of the best one that an evaluation names its policy; the link
    `best` points at it.
    """
    folder = root / "checkpoints"
    whole = sorted(p for p in folder.glob("[0-9]*") if p.is_dir())
    best = _best(root, whole)
    for old in [*whole[:-keep], *folder.glob(".*.partial")]:
        if old == best:
            shutil.rmtree(old / STATE_FOLDER, ignore_errors=True)
        else:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    if best is not None:
        _link(folder, BEST, best.name)


def _best(root: Path, whole: list[Path]) -> Path | None:
    """Return the checkpoint of the highest success rate, of equal ones the newest."""
    lines = read_json_lines(root / "evaluations.jsonl", ValidationLine)
    rates = {f"{line['step']:06d}": line["success_rate"] for line in lines}
    judged = [path for path in reversed(whole) if path.name in rates]
    return max(judged, key=lambda path: rates[path.name], default=None)


def _link(folder: Path, name: str, target: str) -> None:
    """Point a link at a checkpoint in one step."""
    link = folder / f".{name}.partial"
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    os.replace(link, folder / name)


def last_checkpoint(root: Path) -> Path | None:
    """The newest whole checkpoint of a run, or None."""
    whole = sorted((root / "checkpoints").glob("[0-9]*/" + STATE_FOLDER))
    return whole[-1].parent if whole else None


def load_training_state(checkpoint: Path) -> TrainingState:
    """Read what `save_checkpoint` wrote.

    Raises:
        ValueError: a file is missing or damaged; the message names it.
    """
    folder = checkpoint / STATE_FOLDER
    try:
        verify_checksums(folder)
        return TrainingState(load_file(folder / WEIGHTS), read_json_object(folder / PROGRESS))
    except (SafetensorError, OSError, ValueError) as error:
        raise ValueError(
            f"{folder} is damaged ({error}); remove {checkpoint} to continue from the one before"
        ) from error


def _flush(folder: Path) -> None:
    """Force every file and folder below `folder` to disk."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            fsync_folder(path)
        else:
            with open(path, "rb") as file:
                os.fsync(file.fileno())
    fsync_folder(folder)
