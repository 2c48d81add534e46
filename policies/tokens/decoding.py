"""Grammar-constrained decoding: whatever the logits say, the tokens chosen are an action."""

from collections.abc import Callable

import torch
from torch import Tensor

from handeye.policies.tokens.action_tokenizer import BEGIN_ID, ActionTokenizer


class ActionGrammar:
    """Ids that may stand at each slot, as a mask (slots, vocabulary), True where allowed."""

    def __init__(self, tokenizer: ActionTokenizer) -> None:
        shape = tokenizer.slots, tokenizer.vocabulary
        # "cpu" in so many words: from_pretrained builds models under torch's meta device
        self.allowed = torch.zeros(shape, dtype=torch.bool, device="cpu")
        for slot in range(tokenizer.slots):
            ids = tokenizer.slot_range(slot)
            self.allowed[slot, ids.start : ids.stop] = True

    def constrain(self, logits: Tensor, slot: int | slice) -> Tensor:
        """Logits (..., vocabulary) of one slot, or (..., slots, vocabulary), with the rest at -inf.

        Non-finite logits are an error: no choice among them would mean anything.
        """
        allowed = self.allowed[slot].to(logits.device)
        if not torch.isfinite(logits.masked_select(allowed)).all():
            raise ValueError("the policy's logits are not finite; its weights are damaged")
        return logits.float().masked_fill(~allowed, -torch.inf)


def choose(logits: Tensor, temperature: float, generator: torch.Generator | None) -> Tensor:
    """One id per row of constrained logits (..., V): the best at temperature 0, else sampled."""
    if temperature == 0.0:
        return logits.argmax(-1)
    odds = (logits / temperature).softmax(-1).cpu()  # as the generator: equal on every device
    flat = torch.multinomial(odds.reshape(-1, odds.shape[-1]), 1, generator=generator)
    return flat.reshape(logits.shape[:-1]).to(logits.device)


def decode_parallel(
    logits: Tensor,
    grammar: ActionGrammar,
    temperature: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Token ids (B, slots) from the logits (B, slots, V) of a single pass."""
    return choose(grammar.constrain(logits, slice(None)), temperature, generator)


def decode_autoregressive(
    step: Callable[[Tensor, int], Tensor],
    batch: int,
    grammar: ActionGrammar,
    temperature: float = 0.0,
    generator: torch.Generator | None = None,
    device: torch.device | None = None,
) -> Tensor:
    """Token ids (B, slots) on `device`, one slot at a time.

    `step(previous (B,), slot)` returns that slot's logits (B, V); it keeps its own KV cache.
    """
    previous = torch.full((batch,), BEGIN_ID, dtype=torch.int64, device=device)
    chosen = []
    for slot in range(len(grammar.allowed)):
        previous = choose(grammar.constrain(step(previous, slot), slot), temperature, generator)
        chosen.append(previous)
    return torch.stack(chosen, dim=1)
