"""Examples in words as batches, and a family that learns from them beside its actions."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from handeye.experiments import cli
from handeye.experiments.data.config import DatasetFlags
from handeye.experiments.data.exchanges import draw_exchange, exchange, folders_of, texts_of
from handeye.experiments.data.vl.vl_dataset import VlDataset
from handeye.experiments.training.config import TrainConfig
from handeye.experiments.training.train import run
from handeye.perception.encoders.text import CLASS_ID, PAD_ID
from handeye.perception.families.vocabulary import END_ID, FIRST_LOCATION_ID, Vocabulary
from handeye.policies.families.model import FamilyPolicy
from handeye.policies.trained import load_trained

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vl") / "data"
    flags = "--data vl --suite move_drawer --episodes 1 --frames 2 --workers 0 --output_dir"
    assert cli.main(["collect", *flags.split(), str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def data(root: Path) -> VlDataset:
    return VlDataset.load(*folders_of([root]))


def test_places_are_words_and_answers_end(data: VlDataset) -> None:
    vocabulary = Vocabulary.train(texts_of(data))
    places = data.of_kind("refer")[:6]
    batch = exchange(data, places, vocabulary, 32)
    assert batch.frames.shape == (len(places), 1, 3, 32, 32)
    assert (batch.words[:, 0] == CLASS_ID).all()
    for row, place in zip(batch.answer, places, strict=True):
        one, said = data.examples[place], row[row != PAD_ID]
        assert said[-1] == END_ID
        located = int((said >= FIRST_LOCATION_ID).logical_and(said < FIRST_LOCATION_ID + 256).sum())
        assert located == 2 * one.answer.count("<box>")
        if not located:
            assert vocabulary.decode(said.tolist()) == one.answer
    assert (batch.wrong == PAD_ID).all()


def test_a_batch_depends_on_its_seed_alone_and_answers_fit(data: VlDataset) -> None:
    vocabulary = Vocabulary.train(texts_of(data))
    kinds = ("vqa", "hard_negative")
    one, again, other = (
        draw_exchange(data, kinds, 5, vocabulary, 32, np.random.default_rng(seed), 1.0, 24)
        for seed in (0, 0, 1)
    )
    assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
    assert not torch.equal(one.frames, other.frames)
    assert one.answer.shape[1] <= 24
    with pytest.raises(ValueError, match="'dense_caption' has an answer of less than 2 words"):
        draw_exchange(data, ("dense_caption",), 1, vocabulary, 32, np.random.default_rng(0), 1.0, 2)


def test_a_family_learns_from_a_mixture_and_acts(root: Path, tmp_path: Path) -> None:
    settings = {
        "family": "kosmos2",
        "preset": "tiny",
        "mixture": "act=0.4,vqa=0.2,ground=0.2,caption=0.1,dialogue=0.1",
        "steps": 2,
        "batch_size": 8,
        "accumulate": 2,
        "workers": 1,
        "evaluate_every": 0,
    }
    config = TrainConfig(DatasetFlags(root), output_dir=tmp_path / "run", **settings)  # type: ignore[arg-type]
    assert run(config) == 0
    runner = load_trained(tmp_path / "run" / "checkpoints" / "last" / "pretrained_model")
    assert isinstance(runner.model, FamilyPolicy)  # type: ignore[attr-defined]


def test_a_connector_learns_first_then_adapters_of_the_language_model(
    root: Path, tmp_path: Path
) -> None:
    pytest.importorskip("peft")
    settings = {
        "family": "llava",
        "preset": "tiny",
        "mixture": "act=0.5,vqa=0.5",
        "stages": "align,instruct",
        "lora": 2,
        "batch_size": 4,
        "workers": 1,
        "warmup_steps": 0,
        "evaluate_every": 0,
    }

    def trained(name: str, steps: int, **more: Any) -> dict[str, torch.Tensor]:
        folder = tmp_path / name
        config = TrainConfig(DatasetFlags(root), folder, steps=steps, **(settings | more))  # type: ignore[arg-type]
        assert run(config) == 0
        state = folder / "checkpoints" / "last" / "training_state" / "learner.safetensors"
        return load_file(state)

    after = trained("run", 2)
    moved = {name.split(".", 1)[1] for name in after if name.startswith("exp_avg.")}
    counts = {name: float(after[f"step.{name}"]) for name in moved}
    assert {counts[name] for name in moved if name.startswith("family.connector.")} == {2.0}
    assert {counts[name] for name in moved if "lora_" in name} == {1.0}
    assert not any(name.startswith("family.frames.tower.") for name in moved)
    kept = [name for name in moved if name.startswith("family.language.")]
    assert all("lora_" in name for name in kept)
    runner = load_trained(tmp_path / "run" / "checkpoints" / "last" / "pretrained_model")
    assert not any("lora" in name for name in runner.model.state_dict())  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="--steps was 2, is 4"):
        trained("run", 4, resume=True)


def test_a_mixture_needs_a_family_and_examples(root: Path, tmp_path: Path) -> None:
    config = TrainConfig(DatasetFlags(root), output_dir=tmp_path / "run", mixture="vqa=1")
    with pytest.raises(ValueError, match="--mixture is for a family"):
        run(config)
