"""Waveforms to log-mel pictures, as Whisper has them."""

import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

RATE_HZ = 16_000
WINDOW, HOP = 400, 160  # samples: 25 ms and 10 ms
MAX_S = 30
LOUDEST = 2.0  # a sample beyond it is an integer that was not divided
DECADES = 8.0  # quieter by more than this than the loudest cell is as quiet
LINEAR_HZ, LINEAR_MEL = 1000.0, 15.0  # Slaney's scale is linear up to here, logarithmic beyond
OCTAVE_MELS = 27.0 / math.log(6.4)  # mels for a factor e in the logarithmic part


class Spectrogram(NamedTuple):
    """Log-mel pictures of B waveforms, F frames of 10 ms.

    Attributes:
        bands: (B, bands, F) float32, about -1 to 1.
        mask: (B, F) bool, True where there is sound (or silence that was recorded).
    """

    bands: Tensor
    mask: Tensor


def log_mel(
    waveforms: Sequence[Tensor], rate_hz: int, bands: int = 80, pad_to_s: int | None = None
) -> Spectrogram:
    """Pictures of waveforms, padded at their ends with silence; padding changes no real frame.

    With window w and filters M (Radford et al. 2022, section 2.2; Slaney's mel scale, 0 to 8 kHz):

        L = log10 max(M |STFT_w(x)|^2, 1e-10),   bands = (max(L, max L - 8) + 4) / 4

    Args:
        waveforms: each (samples,) float in [-1, 1], mono.
        rate_hz: their samples a second; it must be 16,000.
        bands: of the mel scale, 80 in most Whispers and 128 in the largest.
        pad_to_s: seconds that each picture is padded to (Whisper's encoder takes 30); None: to the
            longest of the batch.

    Raises:
        ValueError: the sound is of another rate, stereo, empty, not finite, too loud or too long.
    """
    if rate_hz != RATE_HZ:
        raise ValueError(f"sound has {RATE_HZ} samples a second here, not {rate_hz}; resample it")
    if not len(waveforms):
        raise ValueError("there is no waveform; give a list with at least one")
    for waveform in waveforms:
        check_waveform(waveform)
    lengths = torch.tensor([len(waveform) for waveform in waveforms])
    longest = int(lengths.max())
    if pad_to_s is not None and longest > pad_to_s * RATE_HZ:
        raise ValueError(f"{longest / RATE_HZ:.1f} s of sound do not fit {pad_to_s} s; cut it")
    # A window of silence behind the longest, so that its end is seen as every other end is.
    samples = longest + WINDOW if pad_to_s is None else pad_to_s * RATE_HZ
    sound = torch.stack([F.pad(w.float(), (0, samples - len(w))) for w in waveforms])
    window = torch.hann_window(WINDOW, device=sound.device)
    spectrum = torch.stft(sound, WINDOW, HOP, window=window, return_complex=True)
    power = spectrum[..., :-1].abs().square()  # (B, 201, frames)
    logs = (mel_filters(bands).to(sound.device) @ power).clamp(min=1e-10).log10()
    logs = torch.maximum(logs, logs.amax((1, 2), keepdim=True) - DECADES)
    frames = -(-longest // HOP) if pad_to_s is None else logs.shape[2]
    filled = -(-lengths // HOP)  # frames that a waveform reaches into
    mask = torch.arange(frames) < filled[:, None]
    return Spectrogram((logs[:, :, :frames] + 4.0) / 4.0, mask.to(sound.device))


def check_waveform(waveform: Tensor) -> None:
    """Check that a waveform is (samples,) float in [-1, 1], of 25 ms to 30 s.

    Raises:
        ValueError: it is not; the message says what to do.
    """
    if waveform.dim() != 1:
        raise ValueError(
            f"a waveform is mono, (samples,), not {tuple(waveform.shape)}; average its channels"
        )
    if not waveform.is_floating_point():
        raise ValueError(
            f"a waveform is float in [-1, 1], not {waveform.dtype}; divide int16 by 2^15"
        )
    if len(waveform) < WINDOW:
        raise ValueError(f"{len(waveform)} samples are less than 25 ms of sound; record some")
    seconds = len(waveform) / RATE_HZ
    if seconds > MAX_S:
        raise ValueError(
            f"{seconds:.1f} s of sound are more than {MAX_S} s; cut it into pieces, "
            f"as in `waveform.split({MAX_S * RATE_HZ})`"
        )
    if not waveform.isfinite().all():
        raise ValueError("the waveform has values that are not finite; read or record it again")
    if waveform.abs().max() > LOUDEST:
        raise ValueError(
            f"a waveform lies in [-1, 1], this one reaches {waveform.abs().max():.4g}; divide it "
            "by the largest integer of its file"
        )


@cache
def mel_filters(bands: int) -> Tensor:
    """Triangles over the 201 frequencies, (bands, 201), each of area 1 (in Hz), after Slaney."""
    frequencies = torch.linspace(0, RATE_HZ / 2, WINDOW // 2 + 1, dtype=torch.float64)
    top = LINEAR_MEL + OCTAVE_MELS * math.log(RATE_HZ / 2 / LINEAR_HZ)
    mels = torch.linspace(0, top, bands + 2, dtype=torch.float64)
    beyond = LINEAR_HZ * ((mels - LINEAR_MEL) / OCTAVE_MELS).exp()
    corners = torch.where(mels < LINEAR_MEL, mels * LINEAR_HZ / LINEAR_MEL, beyond)
    low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
    triangles = torch.minimum(rising, falling).clamp(min=0)
    return (triangles * 2 / (high - low)).float()
