"""Whisper's encoder by folder."""

from pathlib import Path
from typing import Self

from torch import Tensor
from transformers import PreTrainedModel, WhisperModel

from handeye.perception.towers.log_mel import Spectrogram
from handeye.perception.towers.pretrained_folder import (
    PretrainedPart,
    load_weights,
    read_config,
)


class PretrainedAudio(PretrainedPart):
    """The encoder of a Whisper: 30 s of log-mel in, tokens of 20 ms out, as far as there is sound.

    Args:
        model: of `load`.
        frozen: no gradients, always in evaluation mode.
    """

    def __init__(self, model: PreTrainedModel, frozen: bool = True) -> None:
        super().__init__(model, frozen)
        self.width: int = model.config.d_model
        self.bands: int = model.config.num_mel_bins
        self.frames: int = 2 * model.config.max_source_positions

    @classmethod
    def load(cls, folder: str | Path, frozen: bool = True) -> Self:
        """The encoder of a folder that holds a whole Whisper.

        Raises:
            ValueError: the folder holds no Whisper, or not all of one.
        """
        folder = Path(folder)
        config = read_config(folder, "audio tower")
        if config.model_type != "whisper":
            raise ValueError(
                f"{folder} is of a model of type {config.model_type!r}, which hears nothing here; "
                "give a Whisper"
            )
        return cls(load_weights(WhisperModel, folder, config).get_encoder(), frozen)

    def forward(self, sound: Spectrogram) -> tuple[Tensor, Tensor]:
        """Bands (B, bands, frames) -> tokens (B, N, width) and their mask, N as the longest has.

        Raises:
            ValueError: the pictures are not of the size that this Whisper takes.
        """
        shape = (self.bands, self.frames)
        if sound.bands.shape[1:] != shape:
            raise ValueError(
                f"this Whisper takes pictures of {shape}, not {tuple(sound.bands.shape[1:])}; make "
                f"them with `log_mel(..., bands={self.bands}, pad_to_s={self.frames // 100})`"
            )
        mask = sound.mask[:, ::2]
        longest = int(mask.sum(1).max())
        tokens = self.model(sound.bands).last_hidden_state
        return tokens[:, :longest], mask[:, :longest]
