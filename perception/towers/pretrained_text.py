"""Any transformers text encoder by folder: BERT, MiniLM, T5's encoder, CLIP's and SigLIP's text."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor
from transformers import (
    AutoModelForTextEncoding,
    AutoTokenizer,
    CLIPTextModel,
    PreTrainedConfig,
    PreTrainedModel,
    SiglipTextModel,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES

from handeye.perception.towers.pretrained_folder import (
    REMEDY,
    PretrainedPart,
    load_weights,
    read_config,
)

TEXT_PARTS: Mapping[str, Any] = {  # of checkpoints that also hold a vision tower, or did
    "clip": CLIPTextModel,
    "clip_text_model": CLIPTextModel,
    "siglip": SiglipTextModel,
    "siglip_text_model": SiglipTextModel,
}
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "tokenizer.model")
USUAL_LENGTH = 512  # tokens, where neither the model nor its tokenizer tells a limit


class Words(NamedTuple):
    """Token ids of a batch of sentences: both (B, N), `mask` True where there is a token."""

    ids: Tensor
    mask: Tensor


class PretrainedText(PretrainedPart):
    """A transformers text encoder with its own tokenizer.

        "put the red block ..." -> tokenizer -> ids (B, N) -> model -> tokens (B, N, width)

    Args:
        model: of `load`.
        tokenizer: its own.
        frozen: no gradients, always in evaluation mode.
    """

    def __init__(self, model: PreTrainedModel, tokenizer: Any, frozen: bool = True) -> None:
        super().__init__(model, frozen)
        self.tokenizer = tokenizer
        self.width: int = model.config.hidden_size
        places = getattr(model.config, "max_position_embeddings", USUAL_LENGTH)
        self.max_length = min(places, tokenizer.model_max_length, USUAL_LENGTH)
        # SigLIP was trained on sentences padded to the full length, padding looked at.
        self.full_length = "attention_mask" not in tokenizer.model_input_names

    @classmethod
    def load(cls, folder: str | Path, frozen: bool = True) -> Self:
        """The encoder of a folder.

        Raises:
            ValueError: the folder holds no text encoder, not all of one, or no tokenizer.
        """
        folder = Path(folder)
        config = text_config(read_config(folder, "text encoder"))
        model = load_weights(_part(config, folder), folder, config)
        tokenizer = read_tokenizer(folder)
        if len(tokenizer) > config.vocab_size:
            raise ValueError(
                f"the tokenizer of {folder} knows {len(tokenizer)} tokens, its model "
                f"{config.vocab_size}; put together what was saved together"
            )
        return cls(model, tokenizer, frozen)

    def words(self, sentences: Sequence[str]) -> Words:
        """Token ids of sentences, padded to the longest.

        Raises:
            ValueError: there is no sentence, an empty one, or one longer than `max_length` tokens.
        """
        if isinstance(sentences, str) or not sentences or not all(s.strip() for s in sentences):
            raise ValueError(
                f"give a list of sentences with words in each, not {str(sentences)[:80]!r}"
            )
        padding = "max_length" if self.full_length else "longest"
        encoded = self.tokenizer(
            list(sentences),
            padding=padding,
            max_length=self.max_length if self.full_length else None,
            return_attention_mask=True,
            return_tensors="pt",
        )
        words = Words(encoded["input_ids"], encoded["attention_mask"].bool())
        if words.ids.shape[1] > self.max_length:
            raise ValueError(
                f"a sentence has {int(words.mask.sum(1).max())} tokens; this encoder reads at most "
                f"{self.max_length}: say it shorter"
            )
        return words

    def forward(self, words: Words) -> tuple[Tensor, Tensor]:
        """Words -> tokens (B, N, width) and their mask (B, N)."""
        ids, mask = (part.to(self.model.device) for part in words)
        seen = torch.ones_like(mask) if self.full_length else mask
        return self.model(input_ids=ids, attention_mask=seen.long()).last_hidden_state, mask


def read_tokenizer(folder: Path) -> Any:
    """The tokenizer of a folder, which can pad.

    Raises:
        ValueError: there is none, or none that can be read and can pad.
    """
    # Without its files some tokenizers are made all the same, and know no word.
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        raise ValueError(f"{folder} holds no tokenizer ({', '.join(TOKENIZER_FILES)}); {REMEDY}")
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # A file can be wrong in as many ways as it has readers.
        raise ValueError(
            f"the tokenizer of {folder} cannot be read ({str(error)[:200]}); {REMEDY}"
        ) from error
    if tokenizer.pad_token_id is None:
        raise ValueError(f"the tokenizer of {folder} has no padding token; set its pad_token")
    return tokenizer


def text_config(config: PreTrainedConfig) -> PreTrainedConfig:
    """The config of the text part, of a whole checkpoint's or the part's own config."""
    return config.text_config if config.model_type in ("clip", "siglip") else config


def _part(config: PreTrainedConfig, folder: Path) -> Any:
    """The class of the text part."""
    kind = config.model_type
    if kind in TEXT_PARTS:
        return TEXT_PARTS[kind]
    if kind not in MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES:
        raise ValueError(
            f"{folder} is of a model of type {kind!r}, which is no text encoder; give a BERT, "
            "MiniLM, T5, CLIP or SigLIP"
        )
    return AutoModelForTextEncoding
