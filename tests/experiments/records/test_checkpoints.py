import os
from functools import partial
from pathlib import Path

import pytest
import torch

from handeye.experiments.records.checkpoints import (
    TrainingState,
    last_checkpoint,
    load_training_state,
    prune_checkpoints,
    save_checkpoint,
    save_policy,
    take_weights,
)
from handeye.experiments.records.run_folder import JsonLines
from handeye.policies.checkpoint_content import write_checksums
from tests.policies.builders import processor, tiny_policy


def save(root: Path, step: int) -> Path:
    state = TrainingState({"weight.a": torch.full((3,), float(step))}, {"step": step})
    write = partial(save_policy, model=tiny_policy(), processor=processor(), card="# card")
    return save_checkpoint(root, step, write, state)


def test_the_last_checkpoint_is_found_and_linked(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path) is None
    for step in (5, 10):
        save(tmp_path, step)
    newest = last_checkpoint(tmp_path)
    assert newest == tmp_path / "checkpoints" / "000010"
    assert os.readlink(tmp_path / "checkpoints" / "last") == "000010"
    state = load_training_state(newest)
    assert state.progress == {"step": 10}
    assert state.tensors["weight.a"].tolist() == [10, 10, 10]


def test_a_half_written_checkpoint_is_not_taken_for_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, 5)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("handeye.experiments.records.checkpoints.save_file", full)
        with pytest.raises(OSError, match="No space"):
            save(tmp_path, 10)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoints" / "000005"
    prune_checkpoints(tmp_path, keep=1)
    names = sorted(p.name for p in (tmp_path / "checkpoints").iterdir())
    assert names == ["000005", "last"]


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        save(tmp_path, step)
    prune_checkpoints(tmp_path, keep=2)
    names = sorted(p.name for p in (tmp_path / "checkpoints").iterdir())
    assert names == ["000002", "000003", "last"]


def test_the_best_policy_stays_beside_the_newest(tmp_path: Path) -> None:
    with JsonLines(tmp_path / "evaluations.jsonl") as lines:
        for step, rate in ((1, 0.2), (2, 0.9), (3, 0.9), (4, 0.5), (5, 0.1)):
            save(tmp_path, step)
            lines.append({"step": step, "success_rate": rate, "per_task": {}})
            prune_checkpoints(tmp_path, keep=1)
    folder = tmp_path / "checkpoints"
    assert sorted(p.name for p in folder.iterdir()) == ["000003", "000005", "best", "last"]
    assert (folder / "best" / "pretrained_model" / "model.safetensors").is_file()
    assert not (folder / "best" / "training_state").exists()
    assert last_checkpoint(tmp_path) == folder / "000005"


@pytest.mark.parametrize("name", ["learner.safetensors", "progress.json"])
def test_a_damaged_state_names_its_folder(tmp_path: Path, name: str) -> None:
    folder = save(tmp_path, 5)
    (folder / "training_state" / name).write_bytes(b"{")
    with pytest.raises(ValueError, match=r"training_state|progress\.json"):
        load_training_state(folder)


def test_weights_of_the_same_shape_are_taken_over(tmp_path: Path) -> None:
    donor = tiny_policy()
    torch.nn.init.ones_(donor.norm.weight)
    torch.nn.init.constant_(donor.slot, 7.0)
    save_policy(tmp_path, donor, processor(), "# card")
    deeper = tiny_policy(layers=2)
    assert take_weights(deeper, tmp_path) == len(donor.state_dict())
    assert (deeper.slot == 7).all()
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="is damaged: it has changed"):
        take_weights(deeper, tmp_path)
    write_checksums(tmp_path)
    with pytest.raises(ValueError, match="cannot be read"):
        take_weights(deeper, tmp_path)


def test_a_table_that_has_grown_keeps_the_rows_it_had(tmp_path: Path) -> None:
    donor = tiny_policy()
    torch.nn.init.constant_(donor.text.word.weight, 3.0)
    save_policy(tmp_path, donor, processor(), "# card")
    rows, width = donor.text.word.weight.shape
    larger = tiny_policy()
    larger.text.word = torch.nn.Embedding(rows + 2, width)
    name = "text.word.weight"
    assert take_weights(larger, tmp_path) == len(donor.state_dict()) - 1
    assert not (larger.text.word.weight == 3).any()
    assert take_weights(larger, tmp_path, grown=(name,)) == len(donor.state_dict())
    assert (larger.text.word.weight[:rows] == 3).all()
    assert not (larger.text.word.weight[rows:] == 3).any()


def test_a_state_with_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    folder = save(tmp_path, 5)
    path = folder / "training_state" / "learner.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"has changed since it was written.*the one before"):
        load_training_state(folder)
