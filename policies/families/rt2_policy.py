"""RT-2 as a policy: the language model says the action, word by word."""

from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig, AutoModel, AutoProcessor

from handeye.perception.encoders.float32_model import Float32Model
from handeye.perception.families.rt2 import Rt2
from handeye.perception.families.vocabulary import LOCATIONS
from handeye.policies.families.config import Rt2PolicyConfig
from handeye.policies.families.model import FamilyPolicyOutput
from handeye.policies.families.processor import FamilyPolicyProcessor
from handeye.policies.tokens.decoding import ActionGrammar, decode_autoregressive


class Rt2Policy(Float32Model):
    """Eight words of the vocabulary are the action (Brohan et al. 2023, section 3.2).

        [ front | wrist | [class] instruction | terminate x y z roll pitch yaw gripper ]

    A slot's ids are said by the 256 words that stand for bins: to go on by the first, to terminate
    by the second, a value by that of its bin. It feels no joints: its frames show the arm.
    """

    config_class = Rt2PolicyConfig
    config: Rt2PolicyConfig
    main_input_name = "front"

    def __init__(self, config: Rt2PolicyConfig) -> None:
        super().__init__(config)
        self.tokenizer = config.action_tokenizer()
        if self.tokenizer.bins != LOCATIONS:
            raise ValueError(
                f"RT-2 says values by {LOCATIONS} words, not by {self.tokenizer.bins} bins; leave "
                "`bins` at 256"
            )
        self.grammar = ActionGrammar(self.tokenizer)
        self.family = Rt2(config)
        self.post_init()

    def _init_weights(self, module: torch.nn.Module) -> None:
        """Layers initialise themselves."""

    def forward(
        self, front: Tensor, wrist: Tensor, words: Tensor, action_tokens: Tensor, **_: Any
    ) -> FamilyPolicyOutput:
        """One pass over B decisions, each word of the action from those before it.

        Args:
            front: (B, 3, px, px) in [0, 1].
            wrist: the same.
            words: (B, L) ids.
            action_tokens: (B, 8) ids of the true actions.
        """
        said = self.family.foretell(
            torch.stack([front, wrist], dim=1), words, self._bins(action_tokens[:, :-1])
        )
        return FamilyPolicyOutput(
            logits=torch.stack(
                [self._of_slot(said[:, slot], slot) for slot in range(self.tokenizer.slots)], dim=1
            )
        )

    def _bins(self, tokens: Tensor) -> Tensor:
        """Action ids (B, n) -> the numbers 0 to 255 of the words that say them."""
        firsts = [self.tokenizer.slot_range(slot).start for slot in range(tokens.shape[1])]
        return tokens - torch.tensor(firsts, device=tokens.device, dtype=tokens.dtype)

    def _of_slot(self, said: Tensor, slot: int) -> Tensor:
        """Logits (B, 256) of words -> (B, ids) of the action vocabulary."""
        ids = self.tokenizer.slot_range(slot)
        logits = said.new_zeros(len(said), self.tokenizer.vocabulary)
        logits[:, ids.start : ids.stop] = said[:, : len(ids)]
        return logits

    @torch.inference_mode()
    def decide(
        self,
        front: Tensor,
        wrist: Tensor,
        words: Tensor,
        proprio: Tensor,
        temperature: float = 0.0,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, FamilyPolicyOutput]:
        """Action tokens (B, S), always inside the grammar, and the logits that they came from."""
        frames = torch.stack([front, wrist], dim=1)
        chosen: list[Tensor] = []
        logits: list[Tensor] = []

        def step(previous: Tensor, slot: int) -> Tensor:
            """Logits (B, ids) of the next slot."""
            if slot:
                chosen.append(previous)
            before = torch.stack(chosen, 1) if chosen else words[:, :0]
            said = self.family.foretell(frames, words, self._bins(before))[:, -1]
            logits.append(self._of_slot(said, slot))
            return logits[-1]

        tokens = decode_autoregressive(
            step, len(words), self.grammar, temperature, generator, words.device
        )
        return tokens, FamilyPolicyOutput(logits=torch.stack(logits, dim=1))


AutoConfig.register(Rt2PolicyConfig.model_type, Rt2PolicyConfig, exist_ok=True)
AutoModel.register(Rt2PolicyConfig, Rt2Policy, exist_ok=True)
AutoProcessor.register(Rt2PolicyConfig, FamilyPolicyProcessor, exist_ok=True)
