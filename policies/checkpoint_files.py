"""Read a checkpoint folder: whole and of the right kind, or one clear error."""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import ProcessorMixin

CHECKPOINT_FILES = ("config.json", "model.safetensors", "processor_config.json")


def load_checkpoint_of(
    model_class: Any, processor_class: type[ProcessorMixin], folder: Path
) -> tuple[Any, Any]:
    """The model, in float32 on the CPU, and the processor that a training wrote.

    Args:
        model_class: of the model, a `PreTrainedModel` with a `config_class`.
        processor_class: of its processor.
        folder: what `save_policy` wrote.

    Raises:
        FileNotFoundError: a file of the checkpoint is missing.
        ValueError: a file is damaged, or the checkpoint is of something else.
    """
    for name in CHECKPOINT_FILES:
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"{folder} is not a handeye checkpoint: it has no {name}; "
                "give the pretrained_model folder that `handeye train` wrote"
            )
    wanted = model_class.config_class.model_type
    try:
        config, _ = model_class.config_class.get_config_dict(folder)
        if config.get("model_type") != wanted:
            raise ValueError(
                f"{folder} holds a {config.get('model_type')!r} model, not a {wanted!r}"
            )
        _check_format(folder, config, model_class.config_class)
        loaded: Any = model_class.from_pretrained(
            folder, output_loading_info=True, dtype=torch.float32
        )
        processor = processor_class.from_pretrained(folder)
    except (SafetensorError, OSError, RuntimeError, TypeError, KeyError) as error:
        raise ValueError(
            f"the checkpoint {folder} is damaged or foreign ({error}); copy or train it again"
        ) from error
    model, report = loaded
    wrong = {name: keys for name, keys in report.items() if keys}
    if wrong:
        raise ValueError(f"the checkpoint {folder} does not fit its config: {wrong}")
    return model, processor


def _check_format(folder: Path, config: dict[str, Any], config_class: Any) -> None:
    """Refuse a checkpoint of a network that has changed since."""
    ours = getattr(config_class, "format_version", 1)
    theirs = config.get("format_version", 1)
    if theirs != ours:
        raise ValueError(
            f"{folder} is a checkpoint of format {theirs} and this handeye reads format {ours}; "
            "train it again, or use the handeye that made it"
        )
