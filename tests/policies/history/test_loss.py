"""Losses and metrics of the token policy of the suite `rooms`."""

import math

import pytest
import torch

from handeye.perception.losses.next_token import IGNORED
from handeye.policies.history.loss import (
    HistoryTargets,
    HistoryWeights,
    history_losses,
    history_metrics,
    waypoint_bins,
)
from handeye.policies.history.model import (
    BEARINGS,
    DISTANCES,
    Heard,
    HistoryOutput,
    HistoryPolicy,
    Views,
)
from tests.policies.history.test_model import POINT, observation, processor, tiny_policy

Said = tuple[HistoryOutput, Views, Heard]


def said_and_true(model: HistoryPolicy) -> tuple[Said, HistoryTargets]:
    ours = processor()
    seen = [ours.observe(observation(seed)) for seed in range(2)]
    read = ours.read(POINT)
    said = model(
        torch.cat([one["frames"] for one in seen]),
        **read,
        of=torch.zeros(2, dtype=torch.int64),
        proprio=torch.cat([one["proprio"] for one in seen]),
        past=torch.tensor([[0, -1, -1], [1, 0, -1]]),
    )
    values = model.tokenizer.slots - 1
    targets = HistoryTargets(
        action_bins=torch.zeros(2, values),
        terminate=torch.tensor([False, True]),
        waypoint_m=torch.tensor([[1.0, 0.0], [0.0, 0.2]]),
        answer=torch.tensor([IGNORED, 3]),
        referred=torch.tensor([[0.0] * 16, [0.0] * 15 + [0.5]]),
        cells=torch.zeros(2, 3, 4, 4, dtype=torch.int64),
        named=torch.ones(1, 1, sum(model.config.class_counts), dtype=torch.bool),
        directions=torch.where(read["numbers_m"] > 0, 0, IGNORED),
        intent=torch.tensor([1]),
    )
    return said, targets


@pytest.mark.parametrize("mode", ["base_discrete", "base_velocity"])
def test_every_weight_gets_a_finite_gradient(mode: str) -> None:
    model = tiny_policy(action_mode=mode)
    said, targets = said_and_true(model)
    losses = history_losses(said, targets, model.tokenizer, mode, model.config.class_counts)
    assert losses.keys() == HistoryWeights().terms.keys()
    torch.stack([term.mean for term in losses.values()]).sum().backward()
    assert [n for n, p in model.named_parameters() if p.grad is None] == []
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)
    assert losses["naming"].mean.item() == pytest.approx(0.0, abs=1e-5)  # the words name nothing
    metrics = history_metrics(said, targets, model.tokenizer)
    assert all(0.0 <= float(value) <= 1.0 for value in metrics.values())


def test_no_target_costs_nothing() -> None:
    model = tiny_policy()
    said, targets = said_and_true(model)
    silent = targets._replace(
        answer=torch.full((2,), IGNORED),
        referred=torch.zeros(2, 16),
        directions=torch.full_like(targets.directions, IGNORED),
    )
    losses = history_losses(
        said, silent, model.tokenizer, "base_discrete", model.config.class_counts
    )
    assert [losses[name].mean.item() for name in ("answer", "grounding", "directions")] == [0.0] * 3


def test_the_truth_costs_less_than_anything_else() -> None:
    model = tiny_policy()
    (output, views, heard), targets = said_and_true(model)
    bearing, distance = waypoint_bins(targets.waypoint_m)
    costs = []
    for shift in (0, 3):
        sharp = output._replace(
            bearing=9.0 * torch.eye(BEARINGS)[(bearing.round().long() + shift) % BEARINGS],
            distance=9.0 * torch.eye(DISTANCES)[(distance.round().long() + shift) % DISTANCES],
        )
        losses = history_losses(
            (sharp, views, heard), targets, model.tokenizer, "base_discrete",
            model.config.class_counts,
        )  # fmt: skip
        costs.append((losses["bearing"].mean.item(), losses["distance"].mean.item()))
    assert costs[0] < costs[1]


def test_bearings_go_around_and_distances_end() -> None:
    places = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, -1e-6], [40.0, 0.0], [0.0, 0.0]])
    bearing, distance = waypoint_bins(places)
    assert bearing[:3].tolist() == pytest.approx([BEARINGS / 2, BEARINGS * 0.75, 0.0], abs=1e-3)
    assert float(distance[3]) == DISTANCES - 1
    assert float(distance[4]) == 0.0
    assert math.isfinite(float(bearing[4]))
