"""A trained `HistoryPolicy` as a `Policy`: it remembers what it saw and where it stood then."""

from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from handeye.policies.history.model import Heard, HistoryPolicy, Views
from handeye.policies.history.processor import HistoryPolicyProcessor
from handeye.policies.navigation.grid_planner import STOP
from handeye.policies.policy import Action
from handeye.policies.tokens.action_tokenizer import DISCRETE_MODE


class HistoryPolicyRunner:
    """Policy protocol around a model and its processor.

    Every frame is encoded once; what it gave is kept for as long as it is remembered. `act`
    returns as trace: `tokens` (S,) ids, `attention` (rows, columns) summing to 1, where what the
    words refer to seems to be, and `waypoint`, the odds (24,) of the bearings of the next one.
    """

    model_class: ClassVar[Any] = HistoryPolicy
    processor_class: ClassVar[Any] = HistoryPolicyProcessor
    can_terminate = True

    def __init__(
        self, model: HistoryPolicy, processor: HistoryPolicyProcessor, policy_id: str = "history"
    ) -> None:
        self.model: HistoryPolicy = model.eval()
        self.processor = processor
        self.policy_id = policy_id
        self.action_mode: str | None = model.config.action_mode
        self.temperature = 0.0
        self._heard: Heard | None = None
        self._generator = torch.Generator()
        span = (model.config.history - 1) * model.config.stride + 1
        self._views: deque[tuple[Views, Tensor]] = deque(maxlen=span)

    def reset(self, instruction: str, seed: int) -> None:
        """Read the instruction. A blank one is allowed here: evaluation asks what happens then."""
        with torch.inference_mode():
            self._heard = self.model.read(**self.processor.read(instruction))
        self._generator.manual_seed(seed)
        self._views.clear()

    def act(self, observation: Mapping[str, Any]) -> Action:
        """Decide; the tokens always decode, see `decoding.ActionGrammar`."""
        if self._heard is None:
            raise RuntimeError("call reset(instruction, seed) before act()")
        seen = self.processor.observe(observation)
        one = torch.zeros(1, dtype=torch.int64)
        with torch.inference_mode():
            self._views.append((self.model.look(seen["frames"], self._heard, one), seen["proprio"]))
            kept = list(self._views)[:: -self.model.config.stride]  # now first
            views = Views(*(torch.cat(parts) for parts in zip(*(v for v, _ in kept), strict=True)))
            proprio = torch.cat([felt for _, felt in kept])
            past = torch.arange(len(kept))[None]
            output = self.model.decide(views, self._heard, one.expand(len(kept)), proprio, past)
            tokens = self.model.choose(output, self.temperature, self._generator)[0].numpy()
        values, terminate = self.model.tokenizer.decode(tokens)
        attention = views.attention[0].softmax(-1)
        side = round(len(attention) ** 0.5)
        trace = {
            "tokens": tokens,
            "attention": attention.reshape(side, side).numpy(),
            "waypoint": output.bearing[0].softmax(-1).numpy(),
        }
        if self.action_mode == DISCRETE_MODE:
            values = np.asarray(STOP if terminate else round(float(values[0])))
        answer = str(int(output.answer[0].argmax())) if terminate and self._counts() else ""
        return Action(values, terminate, trace, answer)

    def _counts(self) -> bool:
        """Return whether the words ask for a number."""
        assert self._heard is not None
        return self.model.asks_to_count(self._heard)
