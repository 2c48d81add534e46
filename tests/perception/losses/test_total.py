from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from handeye.perception.losses.next_token import IGNORED, label_loss
from handeye.perception.losses.total import Counted, counted, share_of_update, update_counts

WEIGHTS = {"words": 1.0, "places": 0.3, "unused": 2.0}


class TwoLosses(nn.Module):
    """Words with few labels in some rows and many in others, and places in every second row."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.words, self.place = nn.Linear(8, 5), nn.Linear(8, 1)

    def forward(self, rows: Tensor, labels: Tensor) -> dict[str, Counted]:
        body = self.body(rows).tanh()  # (B, N, 8)
        far = self.place(body)[..., 0].square()
        return {
            "words": label_loss(self.words(body), labels),
            "places": counted(far, labels == 0),
        }


def update() -> tuple[TwoLosses, Tensor, Tensor]:
    torch.manual_seed(0)
    labels = torch.randint(5, (8, 6))
    for row in range(8):
        labels[row, : 5 - row % 6] = IGNORED  # from one label to six
    return TwoLosses(), torch.randn(8, 6, 4), labels


def gradient(sizes: list[list[int]]) -> Tensor:
    """Of one update that is split among processes (outer) and micro-batches (inner)."""
    model, rows, labels = update()
    parts: Iterator[tuple[Tensor, Tensor]] = iter(
        zip(
            rows.split([n for process in sizes for n in process]),
            labels.split([n for process in sizes for n in process]),
            strict=True,
        )
    )
    processes = [[next(parts) for _ in process] for process in sizes]

    def counts_of(batches: list[tuple[Tensor, Tensor]]) -> list[dict[str, Tensor]]:
        return [{name: t.count for name, t in model(*batch).items()} for batch in batches]

    alone = [update_counts(WEIGHTS, counts_of(batches)) for batches in processes]
    everywhere = torch.stack([torch.stack(list(counts.values())) for counts in alone]).sum(0)
    total = torch.zeros(sum(p.numel() for p in model.parameters()))
    for batches in processes:
        counts = update_counts(WEIGHTS, counts_of(batches), lambda _: everywhere)
        model.zero_grad()
        for batch in batches:
            share_of_update(model(*batch), counts, WEIGHTS).backward()
        total = total + torch.cat([p.grad.flatten() for p in model.parameters()])
    return total


@pytest.mark.parametrize("sizes", [[[4, 4]], [[1, 3, 4]], [[5], [3]], [[1, 2], [3, 2]]])
def test_the_gradient_is_the_same_however_an_update_is_split(sizes: list[list[int]]) -> None:
    torch.testing.assert_close(gradient(sizes), gradient([[8]]), atol=1e-6, rtol=0)


def test_the_mean_of_means_is_another_gradient() -> None:
    model, rows, labels = update()
    halves = [model(rows[:4], labels[:4]), model(rows[4:], labels[4:])]
    of_means = sum(half["words"].mean for half in halves) / 2
    assert abs(of_means - model(rows, labels)["words"].mean) > 1e-3


def test_the_whole_is_the_weighted_mean() -> None:
    model, rows, labels = update()
    terms = model(rows, labels)
    counts = update_counts(WEIGHTS, [{name: term.count for name, term in terms.items()}])
    expected = terms["words"].mean + 0.3 * terms["places"].mean
    torch.testing.assert_close(share_of_update(terms, counts, WEIGHTS), expected)
    assert counts["unused"] == 0


def test_nothing_counted_costs_nothing_and_hides_infinities() -> None:
    losses = torch.tensor([torch.inf, 1.0], requires_grad=True)
    term = counted(losses, torch.tensor([False, False]))
    assert term.mean == 0
    term.mean.backward()
    assert losses.grad is not None
    assert (losses.grad == 0).all()


def test_a_loss_without_a_weight_is_named() -> None:
    term = Counted(torch.ones(()), torch.ones(()))
    with pytest.raises(ValueError, match="the losses other have no weight"):
        share_of_update({"other": term}, {"words": torch.ones(())}, WEIGHTS)
    with pytest.raises(ValueError, match="gave no loss"):
        share_of_update({}, {}, WEIGHTS)
