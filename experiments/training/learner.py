"""One model in training: weights, their moving average, optimizers, one step at a time."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import PreTrainedModel

from handeye.experiments.data.training_set import Score, Scored
from handeye.experiments.training.data_parallel import Team
from handeye.experiments.training.muon import Muon
from handeye.perception.losses.total import Counted, share_of_update, update_counts
from handeye.policies.devices import moved

CPU_DEVICE = torch.device("cpu")
MOMENTS = ("exp_avg", "exp_avg_sq")  # that optimizers keep of a weight
UPDATES = "step"  # AdamW's count of a weight's updates: fewer than steps if some do not use it


class RateSchedule(Protocol):
    """Course of a learning rate over the steps 1, 2, ... of a training."""

    @property
    def peak(self) -> float:
        """The highest rate, which the log tells."""

    def scaled(self, peak: float, step: int) -> float:
        """Return the rate of a step for an optimizer whose highest rate is `peak`."""


@dataclass(frozen=True)
class Schedule:
    """Linear warm-up, then a cosine down to `floor` of the peak at the last step."""

    peak: float
    warmup_steps: int
    steps: int
    floor: float = 0.02

    def scaled(self, peak: float, step: int) -> float:
        """Return the rate of a step for an optimizer whose highest rate is `peak`."""
        return peak * self.share(step)

    def share(self, step: int) -> float:
        """Return the rate of a step as a share of the peak."""
        if step < self.warmup_steps:
            return step / self.warmup_steps
        done = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
        return self.floor + (1 - self.floor) * cosine


class Learner:
    """Optimizers of one model, with an average of its weights.

    Args:
        model: trained in place.
        schedule: of the learning rate.
        optimizers: of the model's weights, each made with its highest rate; several share the
            schedule. See `usual_optimizers`.
        clip_norm: of the gradient, over all weights.
        average_decay: of the exponential moving average, reached gradually; 0 for none.
        precision: "float32" or "bfloat16" (autocast; weights stay float32).
        score: (model, batch) -> terms of the loss, and metrics.
        weights: of the terms.
        device: where it computes.
    """

    def __init__(
        self,
        model: Any,
        schedule: RateSchedule,
        optimizers: Sequence[torch.optim.Optimizer],
        *,
        clip_norm: float,
        average_decay: float,
        precision: str,
        score: Score,
        weights: Mapping[str, float],
        device: torch.device = CPU_DEVICE,
    ) -> None:
        self.model, self.device = model.train().to(memory_format=torch.channels_last), device
        self.schedule, self.clip_norm = schedule, clip_norm
        self.score, self.weights = score, weights
        self.average_decay, self.precision = average_decay, precision
        self.names = [name for name, _ in model.named_parameters()]
        self.parameters: list[Tensor] = [p for _, p in model.named_parameters()]
        self.optimizers = list(optimizers)
        self.peaks = [optimizer.param_groups[0]["lr"] for optimizer in self.optimizers]
        self.average = [p.detach().clone() for p in self.parameters]
        self.step_number = 0

    @property
    def rate(self) -> float:
        """Learning rate of the latest step."""
        return self.schedule.scaled(self.schedule.peak, self.step_number)

    def step(self, batches: list[Any], team: Team, stop: bool) -> tuple[dict[str, Tensor], bool]:
        """One update from this process's batches; its metrics, and whether any asks to stop.

        However an update is split among batches and processes, its loss is the same: each term is
        a mean over what it counts in all of them. Of several batches the counts are known before
        the first backward pass, from a forward pass of each that keeps nothing.
        """
        self.step_number += 1
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        whole = self._counts(map(self._scored_only, batches), team) if len(batches) > 1 else None
        logs = [self._backward(batch, whole, team) for batch in batches]
        flags = team.sum_gradients(self.parameters, torch.tensor([float(stop)], device=self.device))
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.clip_norm)
        if not torch.isfinite(norm):
            finer = " or use --precision float32" if self.precision != "float32" else ""
            raise ValueError(
                f"the gradient of step {self.step_number} is not finite; lower --learning_rate"
                f"{finer}. The last checkpoint is kept"
            )
        for optimizer, peak in zip(self.optimizers, self.peaks, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = self.schedule.scaled(peak, self.step_number)
            optimizer.step()
        decay = min(self.average_decay, self.step_number / (self.step_number + 10))
        torch._foreach_lerp_(self.average, self.parameters, 1 - decay)
        told = dict.fromkeys(key for log in logs for key in log)
        means = {k: torch.stack([log[k] for log in logs if k in log]).mean() for k in told}
        return {**means, "gradient_norm": norm}, bool(flags[0] > 0)

    def _backward(
        self, batch: Any, whole: Mapping[str, Tensor] | None, team: Team
    ) -> dict[str, Tensor]:
        """Add a batch's gradient; what is told of it. `whole` are the update's counts, if known."""
        terms, metrics = self._scored(batch)
        counts = self._counts([terms], team) if whole is None else whole
        share_of_update(terms, counts, self.weights).backward()
        told = {name: term.mean.detach() for name, term in terms.items()}
        loss = torch.stack([self.weights[name] * mean for name, mean in told.items()]).sum()
        return {"loss": loss, **told, **metrics}

    def _scored(self, batch: Any) -> Scored:
        enabled = self.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=enabled):
            return self.score(self.model, moved(batch, self.device))

    @torch.no_grad()
    def _scored_only(self, batch: Any) -> dict[str, Counted]:
        """Terms of a batch that no gradient is wanted of."""
        return self._scored(batch).terms

    def _counts(self, parts: Iterable[Mapping[str, Counted]], team: Team) -> dict[str, Tensor]:
        """What each term counts in the whole update."""
        counted = [{name: term.count for name, term in part.items()} for part in parts]
        return update_counts(self.weights, counted, team.sum_)

    @contextmanager
    def averaged(self) -> Iterator[Any]:
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
            moments = self._optimizer_of(parameter).state.get(parameter, {})
            state[f"weight.{name}"] = parameter.detach().clone()
            state[f"average.{name}"] = average
            for key in (*MOMENTS, UPDATES):
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
            moments = {}
            for key in MOMENTS:
                if f"{key}.{name}" in state:
                    # like the parameter: the fused optimizer walks all three in memory order
                    moments[key] = torch.empty_like(parameter).copy_(state[f"{key}.{name}"])
            if MOMENTS[-1] in moments:  # Adam's, which counts a weight's updates
                updates = state.get(f"{UPDATES}.{name}", torch.tensor(float(step_number)))
                moments[UPDATES] = updates.to(parameter.device, copy=True)
            if moments:
                self._optimizer_of(parameter).state[parameter] = moments
        self.step_number = step_number

    def _optimizer_of(self, parameter: Tensor) -> torch.optim.Optimizer:
        """The one that updates a parameter."""
        for optimizer in self.optimizers[1:]:
            if any(p is parameter for group in optimizer.param_groups for p in group["params"]):
                return optimizer
        return self.optimizers[0]


def usual_optimizers(
    model: PreTrainedModel, rate: float, weight_decay: float, muon_rate: float | None = None
) -> list[torch.optim.Optimizer]:
    """Return AdamW (Loshchilov & Hutter 2019), or Muon beside it, for a model's weights.

    Args:
        model: whose weights are trained.
        rate: the highest of AdamW.
        weight_decay: on matrices and filters; norms, biases and embeddings go free.
        muon_rate: the highest of `Muon` for the matrices between embedding and output; None for
            AdamW on all weights.
    """
    matrices = _inner_matrices(model) if muon_rate is not None else []
    by_muon = {id(p) for p in matrices}
    parameters = list(model.parameters())
    decayed = [p for p in parameters if p.ndim > 1 and id(p) not in by_muon]
    groups = [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    adamw = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=True)
    if muon_rate is None:
        return [adamw]
    return [adamw, Muon(matrices, muon_rate, weight_decay=weight_decay)]


def _inner_matrices(model: PreTrainedModel) -> list[Tensor]:
    """Weights of linear layers that are neither the embedding nor the output."""
    ends = [model.get_input_embeddings(), model.get_output_embeddings()]
    outer = {id(end.weight) for end in ends if end is not None}
    return [p for p in model.parameters() if p.ndim == 2 and id(p) not in outer]
