"""Tiny random transformers checkpoints, saved as real ones are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import (
    BertConfig,
    BertModel,
    CLIPConfig,
    CLIPModel,
    CLIPVisionConfig,
    CLIPVisionModel,
    ConvNextConfig,
    ConvNextModel,
    Dinov2Config,
    Dinov2Model,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipModel,
    SiglipVisionConfig,
    SiglipVisionModel,
    SwinConfig,
    SwinModel,
    T5Config,
    T5ForConditionalGeneration,
    ViTConfig,
    ViTForImageClassification,
    WhisperConfig,
    WhisperForConditionalGeneration,
)
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

WORDS = ["[PAD]", "[UNK]", "[BOS]", "[EOS]", "put", "the", "red", "block", "bowl", "in"]
SMALL: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}
TEXT = {**SMALL, "vocab_size": len(WORDS), "max_position_embeddings": 12}
IDS = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
GRID = {"image_size": 32, "patch_size": 8}
WHOLE = {"height": 32, "width": 32}


class TinyVision(NamedTuple):
    """A vision checkpoint: its model, its processor, and the grid its tokens should lie on."""

    model: Callable[[], PreTrainedModel]
    processor: Any
    side: int
    width: int


def swin() -> SwinModel:
    sizes = {"image_size": 32, "patch_size": 4, "window_size": 4}
    return SwinModel(SwinConfig(embed_dim=8, depths=[1, 1], num_heads=[2, 2], **sizes))


def clip() -> CLIPModel:
    return CLIPModel(
        CLIPConfig(text_config={**TEXT, **IDS}, vision_config={**SMALL, **GRID}, projection_dim=8)
    )


def siglip() -> SiglipModel:
    return SiglipModel(SiglipConfig(text_config={**TEXT, **IDS}, vision_config={**SMALL, **GRID}))


def dinov2() -> Dinov2Model:
    return Dinov2Model(Dinov2Config(**{**SMALL, "image_size": 48, "patch_size": 8}))


def convnext() -> ConvNextModel:
    return ConvNextModel(ConvNextConfig(hidden_sizes=[8, 16], depths=[1, 1], num_stages=2))


CLIP_PROCESSOR = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=WHOLE)
SIGLIP_PROCESSOR = SiglipImageProcessorPil(size=WHOLE)
VISION: dict[str, TinyVision] = {
    "vit": TinyVision(
        lambda: ViTForImageClassification(ViTConfig(**SMALL, **GRID)),
        ViTImageProcessorPil(size=WHOLE), 4, 16,
    ),
    "swin": TinyVision(swin, ViTImageProcessorPil(size=WHOLE, resample=3), 4, 16),
    "convnext": TinyVision(
        convnext, ConvNextImageProcessorPil(size={"shortest_edge": 32}), 4, 16
    ),
    "dinov2": TinyVision(
        dinov2,
        BitImageProcessorPil(size={"shortest_edge": 36}, crop_size=WHOLE, resample=3), 4, 16,
    ),
    "clip": TinyVision(clip, CLIP_PROCESSOR, 4, 16),
    "clip vision alone": TinyVision(
        lambda: CLIPVisionModel(CLIPVisionConfig(**SMALL, **GRID)), CLIP_PROCESSOR, 4, 16
    ),
    "siglip": TinyVision(siglip, SIGLIP_PROCESSOR, 4, 16),
    "siglip vision alone": TinyVision(
        lambda: SiglipVisionModel(SiglipVisionConfig(**SMALL, **GRID)), SIGLIP_PROCESSOR, 4, 16
    ),
}  # fmt: skip


def bert() -> BertModel:
    return BertModel(BertConfig(**TEXT))


def t5() -> T5ForConditionalGeneration:
    return T5ForConditionalGeneration(
        T5Config(
            vocab_size=len(WORDS), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2,
            decoder_start_token_id=0,
        )
    )  # fmt: skip


TEXTS: dict[str, Callable[[], PreTrainedModel]] = {
    "bert": bert,
    "clip": clip,
    "siglip": siglip,
    "t5": t5,
}


def tokenizer(max_length: int = 12, **options: Any) -> PreTrainedTokenizerFast:
    """A tokenizer of ten words."""
    words = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]", bos_token="[BOS]",
        eos_token="[EOS]", model_max_length=max_length, **options,
    )  # fmt: skip


def whisper() -> WhisperForConditionalGeneration:
    return WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=20, num_mel_bins=80, d_model=16, encoder_layers=1, decoder_layers=1,
            encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32,
            decoder_ffn_dim=32, max_source_positions=1500, max_target_positions=8,
            pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
            suppress_tokens=None, begin_suppress_tokens=None,
        )
    )  # fmt: skip


def save_vision(name: str, folder: Path) -> PreTrainedModel:
    """Save a checkpoint of `VISION` and its processor; returns the model."""
    torch.manual_seed(0)
    model = VISION[name].model().eval()
    model.save_pretrained(folder)
    VISION[name].processor.save_pretrained(folder)
    return model
