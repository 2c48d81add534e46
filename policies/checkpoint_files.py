"""Read a checkpoint folder: whole, unchanged and of the right kind, or one clear error.

A checkpoint may come from a stranger, so that nothing in it selects code: of its JSON only the
fields are read that our own class declares (never `auto_map`, `_attn_implementation`,
`quantization_config` or `dtype`), and sizes are compared with the weights before anything is built.
"""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from transformers import PreTrainedConfig, ProcessorMixin
from transformers.utils.logging import disable_progress_bar

from handeye.policies.checkpoint_content import (
    CONFIG,
    REMEDY,
    read_json_object,
    verify_checksums,
)

WEIGHTS, PROCESSOR = "model.safetensors", "processor_config.json"
CHECKPOINT_FILES = (CONFIG, WEIGHTS, PROCESSOR)
REPEATED = ("layers", "blocks")  # Fields so named count parts of which each has a tensor.


class Runner(Protocol):
    """A trained policy's class: which classes it is made of, and how it is made."""

    model_class: ClassVar[Any]
    processor_class: ClassVar[Any]

    def __init__(self, model: Any, processor: Any, policy_id: str) -> None: ...


AnyRunner = TypeVar("AnyRunner", bound=Runner)


def load_runner(
    folder: str | Path, runner_class: type[AnyRunner], policy_id: str | None = None
) -> AnyRunner:
    """Load a policy out of its checkpoint folder, in float32 on the CPU.

    Raises:
        FileNotFoundError: a file of the checkpoint is missing.
        ValueError: a file is damaged, or the checkpoint is of something else.
    """
    folder = Path(folder)
    model, processor = load_checkpoint_of(
        runner_class.model_class, runner_class.processor_class, folder
    )
    return runner_class(model, processor, policy_id or folder.name)


def load_checkpoint_of(
    model_class: Any, processor_class: type[ProcessorMixin], folder: Path
) -> tuple[Any, Any]:
    """Load the model, in float32 on the CPU, and the processor that a training wrote.

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
    verify_checksums(folder)
    processor, model = load_processor(processor_class, folder), load_model(model_class, folder)
    if len(processor.words) != model.config.vocabulary:
        raise ValueError(
            f"the checkpoint {folder} does not fit together: its processor knows "
            f"{len(processor.words)} words, its model {model.config.vocabulary}; {REMEDY}"
        )
    return model, processor


def load_model(model_class: Any, folder: Path) -> Any:
    """Load a `PreTrainedModel` of a known class, in float32 on the CPU.

    Raises:
        ValueError: its config or weights are damaged, foreign, or do not fit each other.
    """
    config = _config_of(model_class.config_class, folder)
    disable_progress_bar()  # The weights are there at once.
    try:
        model, report = model_class.from_pretrained(
            folder,
            config=config,
            output_loading_info=True,
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
        )
    except Exception as error:  # A file can be wrong in as many ways as it has readers.
        raise ValueError(
            f"the checkpoint {folder} is damaged or foreign ({error}); {REMEDY}"
        ) from (error)
    wrong = {name: keys for name, keys in report.items() if keys}
    if wrong:
        raise ValueError(f"the checkpoint {folder} does not fit its config: {wrong}")
    return model


def load_processor(processor_class: type[ProcessorMixin], folder: Path) -> Any:
    """Make a processor from what its checkpoint says about the constructor's arguments.

    Raises:
        ValueError: `processor_config.json` is missing, damaged or of another processor.
    """
    path = folder / PROCESSOR
    told = read_json_object(path)
    known = inspect.signature(processor_class.__init__).parameters
    fields = {name: value for name, value in told.items() if name in known}
    check_sizes(fields, path)
    words = fields.get("words")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{path} is damaged or foreign (its words are no words); {REMEDY}")
    try:
        return processor_class(**fields)
    except Exception as error:  # See `load_model`.
        raise ValueError(f"{path} is damaged or foreign ({error}); {REMEDY}") from error


def _config_of(config_class: type[PreTrainedConfig], folder: Path) -> PreTrainedConfig:
    """The config of a checkpoint, with the fields that `config_class` itself declares."""
    path = folder / CONFIG
    told = read_json_object(path)
    if told.get("model_type") != config_class.model_type:
        raise ValueError(
            f"{folder} holds a {told.get('model_type')!r} model, not a {config_class.model_type!r}"
        )
    ours, theirs = getattr(config_class, "format_version", 1), told.get("format_version", 1)
    if theirs != ours:
        raise ValueError(
            f"{folder} is a checkpoint of format {theirs} and this handeye reads format {ours}; "
            "train it again, or use the handeye that made it"
        )
    fields = {name: told[name] for name in own_fields(config_class) if name in told}
    check_sizes(fields, path)
    try:
        return config_class(**fields)
    except Exception as error:  # See `load_model`.
        raise ValueError(f"{path} is damaged or foreign ({error}); {REMEDY}") from error


def own_fields(config_class: type[PreTrainedConfig]) -> list[str]:
    """Return the fields that a config class and those of ours below it declare."""
    ours = config_class.__mro__[: config_class.__mro__.index(PreTrainedConfig)]
    return [name for one in reversed(ours) for name in inspect.get_annotations(one)]


def check_sizes(fields: Mapping[str, Any], path: Path) -> None:
    """Refuse numbers that ask for more than the weights of a checkpoint can fill.

    Args:
        fields: of a JSON file of the checkpoint.
        path: of that file; the weights lie beside it, and their header is read.

    Raises:
        ValueError: a number is out of bounds or not finite, or the weights are damaged.
    """
    weights = path.parent / WEIGHTS
    try:
        with safe_open(weights, framework="pt") as header:
            tensors = len(header.keys())
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{weights} is damaged or foreign ({error}); {REMEDY}") from error
    most = weights.stat().st_size
    for name, value in fields.items():
        limit = tensors if name.endswith(REPEATED) else most
        for number in value if isinstance(value, list) else [value]:
            # Comparing leaves out NaN, and integers of any size compare with a float.
            if isinstance(number, int | float) and not -1 <= number <= limit:
                raise ValueError(
                    f"{path} is damaged or foreign ({name} = {_short(number)}, and the weights "
                    f"beside it allow 0 to {limit}); {REMEDY}"
                )


def _short(value: Any) -> str:
    if isinstance(value, int) and value.bit_length() > 128:
        return f"an integer of {value.bit_length()} bits"
    return repr(value)[:40]
