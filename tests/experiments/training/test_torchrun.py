"""`torchrun ... train`: its processes share every batch, one folder, one voice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from handeye.experiments import cli
from handeye.experiments.records.checkpoints import last_checkpoint
from handeye.policies.trained import load_trained

pytestmark = pytest.mark.slow
FLAGS = "--family clip --preset tiny --steps 2 --batch_size 4 --evaluate_every 0 --log_every 1"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "core"
    flags = "--suite reach --episodes 1 --workers 0 --output_dir"
    assert cli.main(["collect", *flags.split(), str(folder)]) == 0
    return folder


def torchrun(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node"]
    return subprocess.run(
        [*command, "2", "-m", "handeye.experiments.cli", "train", *FLAGS.split(), *arguments],
        capture_output=True, text=True, timeout=240, check=False,
        env={**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


@pytest.mark.heavy
def test_two_processes_train_one_policy(root: Path, tmp_path: Path) -> None:
    said = torchrun("--dataset.root", str(root), "--output_dir", str(tmp_path / "run"))
    assert said.returncode == 0, said.stderr
    assert said.stderr.count("step 2 ") == 1
    checkpoint = last_checkpoint(tmp_path / "run")
    assert checkpoint is not None
    load_trained(checkpoint / "pretrained_model")


def test_a_process_that_cannot_begin_ends_them_all(root: Path) -> None:
    said = torchrun("--dataset.root", str(root))
    assert said.returncode != 0
    assert "under torchrun give --output_dir" in said.stderr
