"""A trained `TokenPolicy` as a `Policy`: load a checkpoint folder, act on observations."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from handeye.policies.devices import moved
from handeye.policies.policy import Action
from handeye.policies.token_policy.model import Reading, TokenPolicy, TokenPolicyOutput
from handeye.policies.token_policy.processor import TokenPolicyProcessor
from handeye.policies.tokens.action_tokenizer import SLOT_NAMES


class TokenPolicyRunner:
    """Policy protocol around a model and its processor.

    `act` returns as trace: `tokens` (8,) ids, `front_xy` (R, 2) and `wrist_xy` (R, 2) positions
    of the referred objects as shares of the frame's width and height, `front_attention`
    (R, rows, columns) summing to 1 per map, `referred_xyz` (R, 3) metres.
    """

    model_class: ClassVar[Any] = TokenPolicy
    processor_class: ClassVar[Any] = TokenPolicyProcessor
    can_terminate = True

    def __init__(
        self, model: TokenPolicy, processor: TokenPolicyProcessor, policy_id: str = "handeye-nano"
    ) -> None:
        self.model: TokenPolicy = model.eval()
        self.processor = processor
        self.policy_id = policy_id
        self.action_mode: str | None = model.config.action_mode
        self.temperature = 0.0
        self._reading: Reading | None = None
        self._generator = torch.Generator()

    def to(self, device: torch.device) -> None:
        """Compute on a device from now on."""
        torch.nn.Module.to(self.model, device)

    def reset(self, instruction: str, seed: int) -> None:
        """Read the instruction. A blank one is allowed here: evaluation asks what happens then."""
        tokenizer = self.processor.instructions
        ids = tokenizer.encode_words(tokenizer.split(instruction))
        with torch.inference_mode():
            self._reading = self.model.read(torch.from_numpy(ids)[None].to(self.model.device))
        self._generator.manual_seed(seed)

    def act(self, observation: Mapping[str, Any]) -> Action:
        """Decide; the tokens always decode, see `decoding.ActionGrammar`."""
        if self._reading is None:
            raise RuntimeError("call reset(instruction, seed) before act()")
        inputs = moved(self.processor.observe(observation), self.model.device)
        tokens, output = self.model.decide(
            **inputs,
            words=self._reading,
            temperature=self.temperature,
            generator=self._generator,
        )
        ids = tokens[0].cpu().numpy()
        values, terminate = self.model.tokenizer.decode(ids)
        return Action(values, terminate, self._trace(ids, output))

    def _trace(self, ids: NDArray[np.int64], output: TokenPolicyOutput) -> dict[str, Any]:
        referred = self.model.config.referred
        attention = output.front_logits[0, :referred].softmax(-1)
        side = round(attention.shape[-1] ** 0.5)
        return {
            "tokens": ids,
            "slots": SLOT_NAMES,
            "front_xy": output.front_xy[0, :referred].cpu().numpy(),
            "wrist_xy": output.wrist_xy[0, :referred].cpu().numpy(),
            "front_attention": attention.reshape(referred, side, side).cpu().numpy(),
            "referred_xyz": output.referred_xyz[0].cpu().numpy(),
        }
