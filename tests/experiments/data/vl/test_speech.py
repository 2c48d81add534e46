"""Speaking calls a program or a package, and says plainly what is missing or wrong."""

import io
import stat
import sys
import types
import wave
from pathlib import Path

import numpy as np
import pytest

from handeye.experiments.data.vl import speech
from handeye.experiments.data.vl.speech import speak
from tests.experiments.data.vl.shown import said, tables

RATE_HZ = 22_050


def tone() -> bytes:
    """A quarter of a second as espeak-ng writes it: the length field is left open."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(np.full(RATE_HZ // 4, 16_384, "<i2").tobytes())
    content = bytearray(file.getvalue())
    content[40:44] = (0x7FFFF000).to_bytes(4, "little")
    return bytes(content)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in place of espeak-ng that notes how it was called."""
    (tmp_path / "tone.wav").write_bytes(tone())
    path = tmp_path / "espeak-ng"
    path.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n/bin/cat {tmp_path}/tone.wav\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    return path


def test_words_become_samples(program: Path) -> None:
    sound = speak("open the red drawer", speed=2.0, accent="en-gb")
    assert (sound.samples.dtype, sound.samples.shape) == (np.float32, (RATE_HZ // 4,))
    assert sound.samples.max() == 0.5
    assert sound.rate_hz == RATE_HZ
    asked = (program.parent / "asked").read_text()
    assert asked.strip() == "--stdout -v en-gb -s 330 -- open the red drawer"


def test_a_failure_of_the_program_is_told(program: Path) -> None:
    program.write_text("#!/bin/sh\necho no such voice >&2\nexit 1\n")
    with pytest.raises(ValueError, match=r"accent 'xx'.*no such voice"):
        speak("stop", accent="xx")


def test_a_program_that_hangs_is_left(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "DEADLINE_S", 0.05)
    program.write_text("#!/bin/sh\nexec /bin/sleep 5\n")
    with pytest.raises(ValueError, match="took more than"):
        speak("stop")


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="apt-get install espeak-ng"):
        speak("stop")
    monkeypatch.setitem(sys.modules, "hibari", None)
    speech._loaded_hibari.cache_clear()
    with pytest.raises(ModuleNotFoundError, match=r"handeye\[speech\]"):
        speak("stop", "hibari")


def test_the_neural_voice_is_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def voice() -> object:
        return lambda words, speed, seed: np.full(len(words), speed * seed + 0.25)

    monkeypatch.setitem(sys.modules, "hibari", types.SimpleNamespace(Hibari=voice))
    speech._loaded_hibari.cache_clear()
    assert speak("stop", "hibari").samples.tolist() == [0.25] * 4
    speech._loaded_hibari.cache_clear()


@pytest.mark.parametrize(
    ("words", "more", "message"),
    [
        ("", {}, "takes words"),
        ("stop", {"speed": 9.0}, r"0.5 to 2.0"),
        ("st\x00op", {}, "cannot be printed"),
        ("stop " * 1000, {}, "at most 2000"),
        ("stop", {"voice": "espek"}, "Did you mean 'espeak'"),
    ],
)
def test_bad_input_is_refused(words: str, more: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        speak(words, **more)


def test_every_goal_is_an_instruction_to_speak() -> None:
    spoken = [one.answer for one in said("speech")]
    assert len(spoken) >= sum(len(e.goals) for e in tables())
    for goal in tables()[0].goals:
        assert set(goal.instructions) & set(spoken)
