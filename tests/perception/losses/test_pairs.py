"""Rows of other processes, with their gradients."""

import multiprocessing
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn

from handeye.perception.losses.info_nce import InfoNce
from handeye.perception.losses.pairs import from_all_processes


def rank_gradient(rank: int, folder: str) -> None:
    """Write the gradient of one of two processes that contrast across both."""
    store = dist.FileStore(f"{folder}/meeting", 2)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=2)
    images, texts, project = contrasted()
    part = slice(3 * rank, 3 * rank + 3)
    InfoNce()(project(images[part]), project(texts[part]), from_all_processes).total.backward()
    torch.save(project.weight.grad, f"{folder}/{rank}.pt")
    dist.destroy_process_group()


def contrasted() -> tuple[Tensor, Tensor, nn.Linear]:
    torch.manual_seed(1)
    return torch.randn(6, 4), torch.randn(6, 4), nn.Linear(4, 4)


@pytest.mark.slow
def test_two_processes_give_the_gradient_of_one_large_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "lo")
    context = multiprocessing.get_context("spawn")
    ranks = [context.Process(target=rank_gradient, args=(r, str(tmp_path))) for r in range(2)]
    for process in ranks:
        process.start()
    for process in ranks:
        process.join(timeout=120)
        assert process.exitcode == 0
    parts = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2)]
    images, texts, project = contrasted()
    InfoNce()(project(images), project(texts)).total.backward()
    torch.testing.assert_close(sum(parts), project.weight.grad, atol=1e-5, rtol=0)
