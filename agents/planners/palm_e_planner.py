"""Plans with `PalmE`: looks, lets it write the next step from frame and words, and does that."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Step, decision_of
from handeye.agents.planners.frame_tokens import FrameTokenizer
from handeye.agents.planners.palm_e import PalmE, prompt_of, read_call_words

LOOK = "look"
# No look follows these tools: it would take the arm away from where they brought it.
STAYS = ("reach",)

Write = Callable[[NDArray[np.uint8], str], str]
"""Frame (H, H, 3), words so far -> the next step in words."""


class PalmEPlanner:
    """One look, one step, until the step is a claim."""

    planner_id = "palm-e (frames and words in one model)"
    usage = Usage()

    def __init__(self, write: Write) -> None:
        self._write = write

    @classmethod
    def load(cls) -> "PalmEPlanner":
        """With the model that is shipped.

        Raises:
            ValueError: none is.
        """
        model, eyes = PalmE.load(), FrameTokenizer.load()
        return cls(lambda frame, words: model.write(eyes(frame[None])[0], words))

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Begin; nothing is random here."""
        self._instruction = instruction
        self._frame: NDArray[np.uint8] | None = None

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """A look after every step, else the step that the model writes."""
        call_id = f"call_{len(history) + 1}"
        if history and history[-1].call.name == LOOK:
            image = history[-1].result.image
            self._frame = image.rgb if image is not None else None
        elif not history or history[-1].call.name not in STAYS:
            return ToolCall(LOOK, {}, call_id)
        if self._frame is None:
            return Done("failure", "there is no picture to plan from")
        steps = [step for step in history if step.call.name != LOOK]
        words = self._write(self._frame, prompt_of(self._instruction, steps))
        return decision_of(read_call_words(words, call_id))
