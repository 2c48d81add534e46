import pytest
import torch
from transformers import WhisperFeatureExtractor

from handeye.perception.towers.log_mel import log_mel, mel_filters


def speech(seconds: float, seed: int = 0) -> torch.Tensor:
    """Tones that come and go in noise."""
    generator = torch.Generator().manual_seed(seed)
    t = torch.arange(round(seconds * 16_000)) / 16_000
    tones = (t * 440 * (1 + t)).mul(6.283).sin() * (t * 9).sin()
    return 0.4 * tones + 0.02 * torch.randn(len(t), generator=generator)


@pytest.mark.parametrize("bands", [80, 128])
def test_filters_are_slaneys(bands: int) -> None:
    theirs = torch.tensor(WhisperFeatureExtractor(feature_size=bands).mel_filters.T)
    torch.testing.assert_close(mel_filters(bands), theirs.float(), atol=1e-7, rtol=1e-5)


@pytest.mark.parametrize("bands", [80, 128])
def test_pictures_are_whispers(bands: int) -> None:
    sounds = [speech(1.3), speech(0.77, seed=1)]
    ours = log_mel(sounds, 16_000, bands, pad_to_s=30)
    theirs = WhisperFeatureExtractor(feature_size=bands)(
        [s.numpy() for s in sounds], sampling_rate=16_000, return_tensors="pt",
        return_attention_mask=True,
    )  # fmt: skip
    torch.testing.assert_close(ours.bands, theirs["input_features"], atol=1e-5, rtol=0)
    assert torch.equal(ours.mask, theirs["attention_mask"].bool())


def test_pictures_are_those_of_the_numpy_path() -> None:
    sound = speech(3.0)
    theirs = WhisperFeatureExtractor()._np_extract_fbank_features(sound.numpy()[None], "cpu")
    ours = log_mel([sound], 16_000, pad_to_s=3).bands
    torch.testing.assert_close(ours, torch.from_numpy(theirs).float(), atol=1e-5, rtol=0)


def test_padding_changes_no_real_frame() -> None:
    short, long = speech(0.5), speech(1.21, seed=1)
    both = log_mel([short, long], 16_000)
    assert both.bands.shape == (2, 80, 121)
    assert both.mask.sum(1).tolist() == [50, 121]
    torch.testing.assert_close(both.bands[:1, :, :50], log_mel([short], 16_000).bands)
    whole = log_mel([short], 16_000, pad_to_s=30)
    torch.testing.assert_close(both.bands[0, :, :50], whole.bands[0, :, :50], atol=1e-5, rtol=0)


def test_silence_is_finite() -> None:
    assert log_mel([torch.zeros(4_000)], 16_000).bands.isfinite().all()


@pytest.mark.parametrize(
    ("waveform", "told"),
    [
        (torch.zeros(2, 16_000), "average its channels"),
        (torch.zeros(16_000, dtype=torch.int16), r"divide int16 by 2\^15"),
        (torch.zeros(0), "record some"),
        (torch.zeros(399), "less than 25 ms"),
        (torch.full((16_000,), torch.nan), "not finite"),
        (torch.full((16_000,), torch.inf), "not finite"),
        (torch.full((16_000,), 3e4), "largest integer"),
        (torch.zeros(600 * 16_000), r"600.0 s .* `waveform.split\(480000\)`"),
    ],
)
def test_other_sounds_are_refused(waveform: torch.Tensor, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        log_mel([speech(0.1), waveform], 16_000)


def test_another_rate_and_no_sound_and_too_little_room_are_refused() -> None:
    with pytest.raises(ValueError, match="not 44100; resample it"):
        log_mel([speech(0.1)], 44_100)
    with pytest.raises(ValueError, match="no waveform"):
        log_mel([], 16_000)
    with pytest.raises(ValueError, match=r"2.0 s of sound do not fit 1 s"):
        log_mel([speech(2.0)], 16_000, pad_to_s=1)
