"""An update is the same however it is split."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from handeye.experiments.data.training_set import Scored
from handeye.experiments.training.data_parallel import Team, run_team
from handeye.experiments.training.learner import Learner, Schedule
from handeye.perception.losses.total import Counted, counted

ROWS = torch.randn(8, 3, generator=torch.Generator().manual_seed(1))
SEEN = ROWS[:, 0] > 0.3  # in some parts many, in others few


class Heads(nn.Module):
    """Two heads, of which the second is used where something is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.all, self.seen, self.unused = nn.Linear(3, 2), nn.Linear(3, 1), nn.Linear(3, 1)


def score(model: Any, batch: tuple[Tensor, Tensor]) -> Scored:
    rows, seen = batch
    terms: dict[str, Counted] = {"all": counted(model.all(rows).square())}
    if seen.any():
        terms["seen"] = counted(model.seen(rows)[:, 0].exp(), seen)
    return Scored(terms, {})


def gradient(batches: list[tuple[Tensor, Tensor]], team: Team) -> dict[str, Tensor]:
    torch.manual_seed(0)
    model = Heads()
    learner = Learner(
        model,
        Schedule(0.0, 1, 2),
        [torch.optim.SGD(model.parameters(), 0.0)],
        clip_norm=1e9,
        average_decay=0.0,
        precision="float32",
        score=score,
        weights={"all": 1.0, "seen": 0.3},
    )
    learner.step(batches, team, False)
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def parts(*sizes: int) -> list[tuple[Tensor, Tensor]]:
    return list(zip(ROWS.split(sizes), SEEN.split(sizes), strict=True))


def assert_same(found: dict[str, Tensor]) -> None:
    whole = gradient(parts(8), Team(0, 1))
    assert found.keys() == whole.keys()
    assert "unused.weight" not in whole
    for name, expected in whole.items():
        torch.testing.assert_close(found[name], expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("sizes", [(4, 4), (1, 5, 2), (1,) * 8])
def test_batches_that_accumulate_give_the_gradient_of_one(sizes: tuple[int, ...]) -> None:
    assert_same(gradient(parts(*sizes), Team(0, 1)))


def rows_without_seen(step: int) -> list[tuple[Tensor, Tensor]]:
    """Every second update uses the first head alone."""
    return [(ROWS, SEEN if step % 2 else torch.zeros_like(SEEN))]


def test_heads_that_some_updates_do_not_use_are_continued_to_the_bit() -> None:
    def begun() -> Learner:
        torch.manual_seed(0)
        model: Any = Heads()
        return Learner(
            model,
            Schedule(0.1, 1, 6),
            [torch.optim.AdamW(model.parameters(), 0.1, fused=True)],
            clip_norm=1e9,
            average_decay=0.9,
            precision="float32",
            score=score,
            weights={"all": 1.0, "seen": 0.3},
        )

    straight, broken, resumed = begun(), begun(), begun()
    for step in range(6):
        straight.step(rows_without_seen(step), Team(0, 1), False)
    for step in range(3):
        broken.step(rows_without_seen(step), Team(0, 1), False)
    resumed.restore({k: v.clone() for k, v in broken.state().items()}, 3)
    for step in range(3, 6):
        resumed.step(rows_without_seen(step), Team(0, 1), False)
    expected, found = straight.state(), resumed.state()
    assert expected.keys() == found.keys()
    assert all(torch.equal(found[name], value) for name, value in expected.items())


def work(team: Team, folder: Path) -> int:
    """A process's part, importable by name: the first has few rows, of which it sees none."""
    shares = [parts(1, 7)[:1], parts(1, 3, 4)[1:]]
    save_file(gradient(shares[team.rank], team), folder / f"{team.rank}.safetensors")
    return 0


@pytest.mark.slow
def test_processes_give_the_gradient_of_one_each(tmp_path: Path) -> None:
    assert not SEEN[0]
    assert run_team(work, tmp_path, 2) == 0
    for rank in range(2):
        assert_same(load_file(tmp_path / f"{rank}.safetensors"))
