"""Spoken instructions: their words in the data, their sound when asked for.

`espeak` calls espeak-ng (formant synthesis; any accent, speed and pitch), `hibari` the package
hibari-tts (a neural voice; `pip install handeye[speech]`). Neither is needed to collect or train.
"""

import io
import shutil
import subprocess
import wave
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.base.names import look_up
from handeye.envs.base.phrases import check_instruction
from handeye.envs.core.episode import RecordedEpisode
from handeye.experiments.data.vl.balance import one_of
from handeye.experiments.data.vl.examples import Frame, VlExample

DEADLINE_S = 30.0
SLOWEST, FASTEST = 0.5, 2.0
HIBARI_HZ = 24_000
USUAL_WORDS_A_MINUTE = 165
ACCENTS = ("en-us", "en-gb", "en-gb-scotland")
Voice = Callable[[str, float, str], tuple[NDArray[np.float32], int]]


class Sound(NamedTuple):
    """Mono samples (N,) float32 in [-1, 1] and how many there are a second."""

    samples: NDArray[np.float32]
    rate_hz: int


def spoken_instructions(
    episode: RecordedEpisode[Any, Any], frames: Sequence[Frame], rng: np.random.Generator
) -> list[VlExample]:
    """Return one example of each goal: a frame, and the words that `speak` says."""
    return [
        VlExample("speech", "instruction", "", one_of(goal.instructions, rng), (frames[0],))
        for goal in episode.goals
    ]


def speak(
    words: str, voice: str = "espeak", *, speed: float = 1.0, accent: str = ACCENTS[0]
) -> Sound:
    """Return words as sound.

    Args:
        words: a sentence that can be printed.
        voice: of `VOICES`.
        speed: 1 is usual.
        accent: espeak-ng's name of it; other voices have one of their own.

    Raises:
        ValueError: no such words, voice, speed or accent, or the voice said nothing.
        ModuleNotFoundError: the program or package that speaks is not installed.
    """
    said = check_instruction(words)
    if not said or not SLOWEST <= speed <= FASTEST:
        raise ValueError(
            f"speak() takes words and a speed of {SLOWEST} to {FASTEST}, got {words!r} at {speed}"
        )
    samples, rate_hz = look_up("voice", voice, VOICES)(said, speed, accent)
    if not len(samples):
        raise ValueError(f"the voice {voice!r} said nothing for {said!r}; give other words")
    return Sound(samples, rate_hz)


def _espeak(words: str, speed: float, accent: str) -> tuple[NDArray[np.float32], int]:
    program = shutil.which("espeak-ng")
    if program is None:
        raise ModuleNotFoundError(
            "espeak-ng is not installed. Install it (Debian and Ubuntu: apt-get install "
            "espeak-ng), or speak with the voice 'hibari'."
        )
    rate = str(round(USUAL_WORDS_A_MINUTE * speed))
    asked = [program, "--stdout", "-v", accent, "-s", rate, "--", words]
    try:
        done = subprocess.run(asked, capture_output=True, timeout=DEADLINE_S)
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"espeak-ng took more than {DEADLINE_S:.0f} s for {words!r}") from error
    if done.returncode or not done.stdout.startswith(b"RIFF"):
        told = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        raise ValueError(f"espeak-ng cannot say this with the accent {accent!r}: {told}")
    with wave.open(io.BytesIO(done.stdout)) as file:  # its length field is left open
        rate_hz, content = file.getframerate(), file.readframes(file.getnframes())
    samples = np.frombuffer(content[: len(content) // 2 * 2], "<i2")
    return samples.astype(np.float32) / np.float32(2**15), rate_hz


def _hibari(words: str, speed: float, accent: str) -> tuple[NDArray[np.float32], int]:
    return np.asarray(_loaded_hibari()(words, speed=speed, seed=0), np.float32), HIBARI_HZ


@lru_cache(maxsize=1)
def _loaded_hibari() -> Any:
    try:
        from hibari import Hibari  # type: ignore[import-not-found]
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the voice 'hibari' needs the package hibari-tts: pip install handeye[speech]"
        ) from error
    return Hibari()


VOICES: dict[str, Voice] = {
    "espeak": _espeak,
    "hibari": _hibari,
}
