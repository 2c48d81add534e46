"""The space of instructions: printable text of any language, also in shared memory."""

import string
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import read_from_shared_memory, write_to_shared_memory
from numpy.typing import NDArray

from handeye.envs.base.phrases import MAX_INSTRUCTION_CHARS, is_instruction

SAMPLED = string.ascii_letters + string.digits + string.punctuation + " "


class Words(spaces.Text):
    """Instructions: at most `MAX_INSTRUCTION_CHARS` printable characters; samples are ASCII."""

    def __init__(self, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(MAX_INSTRUCTION_CHARS, min_length=0, charset=SAMPLED, seed=seed)

    def contains(self, x: Any) -> bool:
        """Return whether `x` is text that an environment takes as an instruction."""
        return isinstance(x, str) and is_instruction(x)

    @property
    def shape(self) -> NoReturn:
        """Text has no shape: say what learners do that ask for one."""
        raise TypeError(
            "an instruction is text and has no shape; for learners that need arrays alone, such as "
            "stable-baselines3, wrap the environment: "
            "handeye.envs.core.instruction_wrapper.InstructionBytes(env)"
        )


class SharedWords(Sequence[str]):
    """The instructions of N environments in shared memory, read whenever they are looked at.

    Gymnasium's `AsyncVectorEnv` reads its shared memory once and copies it after every step; for
    text it would copy what stood there before the first one.
    """

    def __init__(self, codes: NDArray[np.int32]) -> None:
        self._codes = codes

    def _now(self) -> tuple[str, ...]:
        longest = self._codes.shape[1]
        return tuple(self._codes.view(f"<U{longest}")[:, 0].tolist())

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, index: Any) -> Any:
        return self._now()[index]

    def __deepcopy__(self, memo: dict[int, Any]) -> tuple[str, ...]:
        """Return what stands there now."""
        return self._now()


@write_to_shared_memory.register(Words)
def _write_words(space: Words, index: int, value: str, memory: Any) -> None:
    codes = np.zeros(space.max_length, np.int32)
    codes[: len(value)] = [ord(letter) for letter in value]
    _codes(space, memory)[index] = codes


@read_from_shared_memory.register(Words)
def _read_words(space: Words, memory: Any, n: int = 1) -> SharedWords:
    return SharedWords(_codes(space, memory))


def _codes(space: Words, memory: Any) -> NDArray[np.int32]:
    """(N, max_length) code points, a view on the shared memory."""
    return np.frombuffer(memory.get_obj(), np.int32).reshape(-1, space.max_length)
