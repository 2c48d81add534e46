"""Parts of transformers checkpoints in local folders: no download, no pickle, no code of theirs."""

from pathlib import Path
from typing import Any, Self

import torch
from torch import nn
from transformers import AutoConfig, PreTrainedConfig, PreTrainedModel
from transformers.utils import logging

REMEDY = "give a folder that save_pretrained wrote, with its weights in safetensors"
UNREAD = ("pooler.", "lm_head.", "embeddings.mask_token")  # weights that no tower uses


class PretrainedPart(nn.Module):
    """A transformers model inside a tower, frozen or trainable.

    A frozen one stays in evaluation mode, whatever mode the tower around it is in.
    """

    def __init__(self, model: PreTrainedModel, frozen: bool) -> None:
        super().__init__()
        self.model: Any = model
        self.frozen = frozen
        if frozen:
            model.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Self:
        """Set the mode, unless the part is frozen."""
        return super().train(mode and not self.frozen)


def read_config(folder: Path, kind: str) -> PreTrainedConfig:
    """Read the config of a folder.

    Args:
        folder: that `save_pretrained` wrote.
        kind: what should be in it, for the message.

    Raises:
        ValueError: there is no config, or one that asks for code of its own.
    """
    if not (folder / "config.json").is_file():
        raise ValueError(f"{folder} holds no {kind} (no config.json); {REMEDY}")
    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # A file can be wrong in as many ways as it has readers.
        raise ValueError(
            f"{folder}/config.json is of no known model ({_short(error)}); {REMEDY}"
        ) from error


def load_weights(model_class: Any, folder: Path, config: PreTrainedConfig) -> PreTrainedModel:
    """Load the part of a checkpoint that `model_class` is, in float32 on the CPU.

    Args:
        model_class: with `from_pretrained`.
        folder: of the whole checkpoint or of the part alone.
        config: of the part.

    Raises:
        ValueError: the weights are not there, pickled, damaged, or do not fit the config.
    """
    logging.disable_progress_bar()  # The weights are there at once.
    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()  # What is missing is judged below; the rest is another part's.
    try:
        model, report = model_class.from_pretrained(
            folder,
            config=config,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:  # See `read_config`.
        raise ValueError(f"{folder} cannot be loaded ({_short(error)}); {REMEDY}") from error
    finally:
        logging.set_verbosity(verbosity)
    absent = [key for key in report["missing_keys"] if not key.startswith(UNREAD)]
    if absent:
        raise ValueError(
            f"{folder} lacks {len(absent)} weights of its config ({min(absent)} ...); {REMEDY}"
        )
    return model


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
