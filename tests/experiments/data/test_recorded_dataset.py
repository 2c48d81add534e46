"""Recorded episodes as a dataset of PyTorch: what an item holds, and batches by workers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

import handeye
from handeye.experiments.cli import main

SEED = 7


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two short datasets: of the tabletop and of an apartment."""
    made = {}
    for suite in ("reach", "point_goal"):
        made[suite] = tmp_path_factory.mktemp("data") / suite
        flags = ["--suite", suite, "--episodes", "2", "--workers", "0", "--seed", str(SEED)]
        assert main(["collect", *flags, "--output_dir", str(made[suite])]) == 0
    return made


@pytest.mark.slow
def test_items_are_states_with_frames_words_and_the_oracles_action(
    folders: dict[str, Path],
) -> None:
    dataset = handeye.load_dataset(folders["reach"], image_size_px=32, depth=True)
    assert dataset.action_mode == "ee_pose"
    assert len(dataset) == sum(len(episode.proprio) for episode in dataset.episodes)
    item = dataset[0]
    assert item["rgb_front"].shape == item["rgb_wrist"].shape == (32, 32, 3)
    assert item["rgb_front"].dtype == torch.uint8
    assert item["depth_front"].dtype == torch.float32
    assert item["proprio"].shape == (14,)
    assert item["action"].shape == (7,)
    assert (item["task"], item["episode"], item["step"]) == ("reach", 0, 0)
    assert isinstance(item["instruction"], str)
    last = dataset[-1]
    assert last["episode"] == 1
    assert last["terminate"]
    with pytest.raises(IndexError):
        dataset[len(dataset)]


def test_frames_are_what_the_environment_shows(folders: dict[str, Path]) -> None:
    env = handeye.make("reach", image_size_px=64, jitter=0.0, action_mode="ee_pose")
    observation, _ = env.reset(seed=SEED)
    env.close()
    item = handeye.load_dataset(folders["reach"], image_size_px=64)[0]
    apart = np.abs(item["rgb_front"].numpy().astype(int) - observation["rgb_front"])
    assert apart.mean() < 0.5
    np.testing.assert_allclose(item["proprio"], observation["proprio"], atol=1e-5)


@pytest.mark.parametrize(("suite", "workers"), [("reach", 2), ("point_goal", 0)])
def test_a_loader_makes_batches(folders: dict[str, Path], suite: str, workers: int) -> None:
    dataset = handeye.load_dataset(folders[suite], image_size_px=32)
    dataset[0]  # its renderer lives in this process when the workers are forked
    loader = DataLoader(dataset, batch_size=4, shuffle=True, num_workers=workers)
    batch = next(iter(loader))
    frames = batch["rgb_front" if suite == "reach" else "rgb_ego"]
    assert frames.shape == (4, 32, 32, 3)
    assert frames.float().std() > 5
    assert len(batch["instruction"]) == 4


def test_a_dataset_without_frames_is_states_alone(folders: dict[str, Path]) -> None:
    item = handeye.load_dataset(folders["point_goal"], cameras=())[0]
    assert not [key for key in item if key.startswith("rgb")]


def test_wrong_folders_and_cameras_are_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no dataset"):
        handeye.load_dataset(tmp_path)
    with pytest.raises(ValueError, match="unknown camera 'ego'"):
        handeye.load_dataset(folders["reach"], cameras=("ego",))
