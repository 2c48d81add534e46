"""A trained `FamilyPolicy` as a `Policy`: load a checkpoint folder, act on observations."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from handeye.policies.devices import moved
from handeye.policies.families.model import FamilyPolicy
from handeye.policies.families.processor import FamilyPolicyProcessor
from handeye.policies.families.rt2_policy import Rt2Policy
from handeye.policies.policy import Action
from handeye.policies.tokens.action_tokenizer import SLOT_NAMES


class FamilyPolicyRunner:
    """Policy protocol around a model and its processor.

    `act` returns as trace: `tokens` (8,) ids, and of grounded policies `front_xy` and `wrist_xy`
    (R, 2), positions of the referred objects as shares of the frame's width and height,
    `front_attention` (R, rows, columns) summing to 1 per map, `referred_xyz` (R, 3) metres.
    """

    model_class: ClassVar[Any] = FamilyPolicy
    processor_class: ClassVar[Any] = FamilyPolicyProcessor
    can_terminate = True

    def __init__(
        self, model: Any, processor: FamilyPolicyProcessor, policy_id: str | None = None
    ) -> None:
        self.model: FamilyPolicy | Rt2Policy = model.eval()
        self.processor = processor
        self.policy_id = policy_id or f"handeye-{model.config.family}"
        self.action_mode: str | None = model.config.action_mode
        self.temperature = 0.0
        self._words: Tensor | None = None
        self._generator = torch.Generator()

    def to(self, device: torch.device) -> None:
        """Compute on a device from now on."""
        torch.nn.Module.to(self.model, device)

    def reset(self, instruction: str, seed: int) -> None:
        """Read the instruction. A blank one is allowed here: evaluation asks what happens then."""
        tokenizer = self.processor.instructions
        ids = torch.from_numpy(tokenizer.encode_words(tokenizer.split(instruction)))
        self._words = ids[None, : int((ids != 0).sum())].to(self.model.device)
        self._generator.manual_seed(seed)

    def act(self, observation: Mapping[str, Any]) -> Action:
        """Decide; the tokens always decode, see `decoding.ActionGrammar`."""
        if self._words is None:
            raise RuntimeError("call reset(instruction, seed) before act()")
        inputs = moved(self.processor.observe(observation), self.model.device)
        tokens, output = self.model.decide(
            **inputs, words=self._words, temperature=self.temperature, generator=self._generator
        )
        ids = tokens[0].cpu().numpy()
        values, terminate = self.model.tokenizer.decode(ids)
        trace: dict[str, Any] = {"tokens": ids, "slots": SLOT_NAMES}
        if (placed := output.placed) is not None:
            attention = placed.logits[0, 0].softmax(-1)
            side = round(attention.shape[-1] ** 0.5)
            trace |= {
                "front_xy": placed.xy[0, 0].cpu().numpy(),
                "wrist_xy": placed.xy[0, 1].cpu().numpy(),
                "front_attention": attention.unflatten(-1, (side, side)).cpu().numpy(),
                "referred_xyz": placed.referred_xyz[0].cpu().numpy(),
            }
        return Action(values, terminate, trace)


class Rt2PolicyRunner(FamilyPolicyRunner):
    """The same around a language model that says its actions."""

    model_class: ClassVar[Any] = Rt2Policy
