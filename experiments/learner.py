"""One model in training: weights, their moving average, the optimizer, one step at a time."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from handeye.experiments.data_parallel import Team
from handeye.experiments.dataset import Batch
from handeye.policies.policy_loss import LossWeights, policy_losses, policy_metrics
from handeye.policies.token_policy import TokenPolicy

Score = Callable[[Any, Any], tuple[dict[str, Tensor], dict[str, Tensor]]]


@dataclass(frozen=True)
class Schedule:
    """Linear warm-up, then a cosine down to `floor` of the peak at the last step."""

    peak: float
    warmup_steps: int
    steps: int
    floor: float = 0.02

    def rate(self, step: int) -> float:
        """Learning rate of step 1, 2, ..."""
        if step < self.warmup_steps:
            return self.peak * step / self.warmup_steps
        done = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
        return self.peak * (self.floor + (1 - self.floor) * cosine)


def score_tokens(
    model: TokenPolicy, batch: Batch, *, weights: LossWeights
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The losses of a `TokenPolicy` by name, their weighted sum as "loss"; and metrics."""
    tokens = None
    if model.config.decoding == "autoregressive":
        tokens = batch.targets.tokens(model.tokenizer)
    output = model(**batch.inputs, action_tokens=tokens)
    with torch.autocast("cpu", enabled=False):
        kinds, tokenizer = model.class_counts[0], model.tokenizer
        losses = policy_losses(output, batch.targets, tokenizer, kinds, weights)
        return losses, policy_metrics(output, batch.targets, tokenizer)


class Learner:
    """AdamW (Loshchilov & Hutter 2019) on the policy's losses, with an average of the weights.

    Args:
        model: trained in place.
        schedule: of the learning rate.
        weight_decay: on matrices and filters; norms, biases and embeddings go free.
        clip_norm: of the gradient, over all weights.
        average_decay: of the exponential moving average, reached gradually.
        precision: "float32" or "bfloat16" (autocast; weights stay float32).
        score: (model, batch) -> losses by name, of which "loss" is minimized, and metrics.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        schedule: Schedule,
        *,
        weight_decay: float,
        clip_norm: float,
        average_decay: float,
        precision: str,
        score: Score,
    ) -> None:
        self.model = model.train().to(memory_format=torch.channels_last)
        self.schedule, self.clip_norm, self.score = schedule, clip_norm, score
        self.average_decay, self.precision = average_decay, precision
        self.names = [name for name, _ in model.named_parameters()]
        self.parameters: list[Tensor] = [p for _, p in model.named_parameters()]
        decayed = [p for p in self.parameters if p.ndim > 1]
        free = [p for p in self.parameters if p.ndim <= 1]
        groups = [
            {"params": decayed, "weight_decay": weight_decay},
            {"params": free, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=schedule.peak, betas=(0.9, 0.95), fused=True)
        self.average = [p.detach().clone() for p in self.parameters]
        self.step_number = 0

    def step(self, batches: list[Any], team: Team, stop: bool) -> tuple[dict[str, Tensor], bool]:
        """One update from this process's batches; its metrics, and whether any asks to stop.

        Several batches accumulate into one update.
        """
        self.step_number += 1
        self.optimizer.zero_grad(set_to_none=True)
        logs = [self._backward(batch, 1 / len(batches)) for batch in batches]
        flags = team.mean_gradients(self.parameters, torch.tensor([float(stop)]))
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.clip_norm)
        if not torch.isfinite(norm):
            raise ValueError(
                f"the gradient of step {self.step_number} is not finite; "
                "lower --learning_rate or use --precision float32"
            )
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate(self.step_number)
        self.optimizer.step()
        decay = min(self.average_decay, self.step_number / (self.step_number + 10))
        torch._foreach_lerp_(self.average, self.parameters, 1 - decay)
        means = {key: torch.stack([log[key] for log in logs]).mean() for key in logs[0]}
        return {**means, "gradient_norm": norm}, bool(flags[0] > 0)

    def _backward(self, batch: Any, share: float) -> dict[str, Tensor]:
        enabled = self.precision == "bfloat16"
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            losses, metrics = self.score(self.model, batch)
        (losses["loss"] * share).backward()
        return {**{name: loss.detach() for name, loss in losses.items()}, **metrics}

    @contextmanager
    def averaged(self) -> Iterator[PreTrainedModel]:
        """The model with its averaged weights in place, for evaluation and saving."""
        kept = [p.detach().clone() for p in self.parameters]
        self._set_weights(self.average)
        self.model.eval()
        try:
            yield self.model
        finally:
            self._set_weights(kept)
            self.model.train()

    @torch.no_grad()
    def _set_weights(self, values: list[Tensor]) -> None:
        for parameter, value in zip(self.parameters, values, strict=True):
            parameter.copy_(value)

    def state(self) -> dict[str, Tensor]:
        """Everything that the next step depends on, as named tensors.

        The weights are copies: while a checkpoint is written the model holds its averaged ones.
        """
        state: dict[str, Tensor] = {}
        for name, parameter, average in zip(self.names, self.parameters, self.average, strict=True):
            moments = self.optimizer.state.get(parameter, {})
            state[f"weight.{name}"] = parameter.detach().clone()
            state[f"average.{name}"] = average
            for key in ("exp_avg", "exp_avg_sq"):
                if key in moments:
                    state[f"{key}.{name}"] = moments[key]
        return state

    @torch.no_grad()
    def restore(self, state: dict[str, Tensor], step_number: int) -> None:
        """Continue from what `state` gave at `step_number`."""
        expected = {f"{kind}.{name}" for kind in ("weight", "average") for name in self.names}
        if missing := expected - state.keys():
            raise ValueError(f"the training state lacks {min(missing)}; it is another model's")
        for index, (name, parameter) in enumerate(zip(self.names, self.parameters, strict=True)):
            parameter.copy_(state[f"weight.{name}"])
            self.average[index].copy_(state[f"average.{name}"])
            if f"exp_avg.{name}" in state:
                self.optimizer.state[parameter] = {
                    "step": torch.tensor(float(step_number)),
                    # like the parameter: the fused optimizer walks all three in memory order
                    "exp_avg": torch.empty_like(parameter).copy_(state[f"exp_avg.{name}"]),
                    "exp_avg_sq": torch.empty_like(parameter).copy_(state[f"exp_avg_sq.{name}"]),
                }
        self.step_number = step_number
