from pathlib import Path

import numpy as np
import pytest

from handeye.experiments.records.checkpoints import save_policy
from handeye.policies.checkpoint_content import CHECKSUMS, write_checksums
from handeye.policies.checkpoint_files import load_runner
from handeye.policies.token_policy.runner import TokenPolicyRunner
from tests.policies.builders import observation, processor, tiny_policy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_policy(tmp_path / "policy", tiny_policy(), processor(), "# card")
    return tmp_path / "policy"


def test_it_acts_and_says_what_it_saw(folder: Path) -> None:
    runner = load_runner(folder, TokenPolicyRunner)
    runner.reset("pick up the red block", seed=1)
    action = runner.act(observation())
    assert action.values.shape == (7,)
    assert action.values.dtype == np.float32
    assert runner.action_mode == "ee_pose"
    values, terminate = runner.model.tokenizer.decode(action.trace["tokens"])
    assert terminate == action.terminate
    np.testing.assert_array_equal(values, action.values)
    np.testing.assert_allclose(action.trace["front_attention"].sum((1, 2)), 1.0, rtol=1e-5)
    assert ((action.trace["front_xy"] >= 0) & (action.trace["front_xy"] <= 1)).all()


def test_sampling_repeats_with_its_seed(folder: Path) -> None:
    runner = load_runner(folder, TokenPolicyRunner)
    runner.temperature = 2.0
    runs = []
    for seed in (5, 5, 6):
        runner.reset("put the red block in the blue bowl", seed=seed)
        runs.append(runner.act(observation()).trace["tokens"].tolist())
    assert runs[0] == runs[1] != runs[2]


def test_half_precision_weights_load_as_float32(folder: Path, tmp_path: Path) -> None:
    model = tiny_policy()
    save_policy(tmp_path / "half", model, processor(), "# card", half=True)
    whole, half = folder / "model.safetensors", tmp_path / "half" / "model.safetensors"
    assert half.stat().st_size < 0.7 * whole.stat().st_size
    runner = load_runner(tmp_path / "half", TokenPolicyRunner)
    assert {str(p.dtype) for p in runner.model.parameters()} == {"torch.float32"}
    inputs = processor()(observation(), "pick up the red block")
    np.testing.assert_allclose(
        runner.model(**inputs).logits.detach(), model(**inputs).logits.detach(), atol=0.1
    )


def test_it_must_be_told_what_to_do_first() -> None:
    with pytest.raises(RuntimeError, match="reset"):
        TokenPolicyRunner(tiny_policy(), processor()).act(observation())


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "processor_config.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        load_runner(folder, TokenPolicyRunner)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "processor_config.json"])
def test_a_truncated_file_is_one_clear_error(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=f"{name} is damaged: it has changed"):
        load_runner(folder, TokenPolicyRunner)
    (folder / CHECKSUMS).unlink()
    refused = pytest.raises(ValueError, match="damaged or foreign")
    with pytest.warns(UserWarning, match="older or foreign"), refused:
        load_runner(folder, TokenPolicyRunner)


def test_a_foreign_model_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "bert"}')
    write_checksums(folder)
    with pytest.raises(ValueError, match="'bert'"):
        load_runner(folder, TokenPolicyRunner)


def test_weights_of_another_size_are_refused(folder: Path, tmp_path: Path) -> None:
    save_policy(tmp_path / "other", tiny_policy(layers=2), processor(), "# card")
    (tmp_path / "other" / "model.safetensors").replace(folder / "model.safetensors")
    write_checksums(folder)
    with pytest.raises(ValueError, match="does not fit"):
        load_runner(folder, TokenPolicyRunner)
