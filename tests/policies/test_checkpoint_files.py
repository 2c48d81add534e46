import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from handeye.agents.embedded.handeye_planner import load_weights
from handeye.agents.planners.palm_e import SPECIALS, PalmE, PalmESize
from handeye.agents.sight.eyes_perception import EyesPerception
from handeye.experiments.records.checkpoints import save_policy
from handeye.policies.checkpoint_content import CHECKSUMS
from handeye.policies.trained import load_trained
from tests.policies.builders import processor, tiny_policy

ROOT = Path(__file__).resolve().parents[2]
CODE: dict[str, Any] = {
    "_attn_implementation": "stranger/kernels",
    "attn_implementation": "stranger/kernels",
    "quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True},
    "auto_map": {"AutoConfig": "code.Config", "AutoModel": "code.Model", "AutoProcessor": "code.P"},
    "dtype": "int8",
    "torch_dtype": "float64",
    "transformers_weights": "../elsewhere.safetensors",
    "audio_tokenizer": {"audio_tokenizer_class": "DacModel", "audio_tokenizer_name_or_path": "x"},
    "tokenizer_class": "StrangersTokenizer",
    "processor_class": "StrangersProcessor",
}
VALUES: list[Any] = [
    None, [], {}, "", "much", -7, 10**400, 1e308, float("nan"), float("inf"), True,
    [[]], ["a", None], [[[[[[[[1]]]]]]]], {"a": {"b": {}}},
]  # fmt: skip


def tiny_palm_e(folder: Path) -> None:
    PalmE(PalmESize((*SPECIALS, "the"), frame_width=4, width=32, layers=1, heads=2)).save(
        folder, ""
    )


def tiny_token_policy(folder: Path) -> None:
    save_policy(folder, tiny_policy(), processor(), "# card")


def shipped(name: str) -> Callable[[Path], None]:
    def copy(folder: Path) -> None:
        shutil.copytree(ROOT / name, folder)

    return copy


LOADERS: dict[str, tuple[Callable[[Path], None], Callable[[Path], Any]]] = {
    "token": (tiny_token_policy, load_trained),
    "rooms": (shipped("policies/checkpoints/handeye-rooms-nano"), load_trained),
    "eyes": (
        shipped("perception/checkpoints/handeye-eyes"),
        lambda folder: EyesPerception.load(str(folder)),
    ),
    "planner": (shipped("agents/checkpoints/handeye-planner"), load_weights),
    "palm-e": (tiny_palm_e, PalmE.load),
}


@pytest.fixture(params=LOADERS)
def checkpoint(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Callable[..., Any]]:
    """A checkpoint without checksums, as a stranger may make one, and its loader."""
    make, load = LOADERS[request.param]
    make(tmp_path / "it")
    (tmp_path / "it" / CHECKSUMS).unlink()
    return tmp_path / "it", load


def files_of(folder: Path) -> list[Path]:
    """The JSON files that are read."""
    return sorted(path for path in folder.glob("*.json") if path.name != "tokenizer_config.json")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*older or foreign")
def test_json_of_any_shape_is_one_clear_error(
    checkpoint: tuple[Path, Callable[..., Any]],
) -> None:
    folder, load = checkpoint
    for path in files_of(folder):
        whole = path.read_bytes()
        for content in ("[]", "null", "3", "{", "[" * 9999, whole[:-20].decode()):
            path.write_text(content)
            with pytest.raises(ValueError, match=path.name.replace(".", r"\.")):
                load(folder)
        path.write_bytes(whole)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*older or foreign")
def test_fields_of_any_value_are_one_clear_error_or_harmless(
    checkpoint: tuple[Path, Callable[..., Any]],
) -> None:
    folder, load = checkpoint
    refused = []
    for path in files_of(folder):
        if path.name == "tokenizer.json":
            continue
        whole = path.read_text()
        told = json.loads(whole)
        for number, name in enumerate(told):
            for value in VALUES[number % 13 :: 13]:
                path.write_text(json.dumps(told | {name: value}))
                try:
                    load(folder)
                except ValueError as error:
                    refused.append(str(error))
        path.write_text(whole)
    assert len(refused) > 5
    assert all(str(folder) in error for error in refused)


@pytest.mark.filterwarnings("ignore:.*older or foreign")
@pytest.mark.parametrize("loader", ["token", "rooms", "eyes", "planner"])
def test_no_field_selects_code_or_precision(tmp_path: Path, loader: str) -> None:
    make, load = LOADERS[loader]
    folder = tmp_path / "it"
    make(folder)
    (folder / CHECKSUMS).unlink()
    for path in folder.glob("*.json"):
        if path.name != "tokenizer.json":
            path.write_text(json.dumps(json.loads(path.read_text()) | CODE))
    loaded = load(folder)
    model = loaded[0] if isinstance(loaded, tuple) else loaded.model
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert model.config._attn_implementation in ("sdpa", "eager", None)
    assert not any(hasattr(model.config, name) for name in ("auto_map", "quantization_config"))


@pytest.mark.filterwarnings("ignore:.*older or foreign")
@pytest.mark.parametrize("name", ["layers", "width", "vocabulary", "bins", "front_film_blocks"])
@pytest.mark.parametrize("value", [10**7, 10**18])
def test_sizes_that_the_weights_cannot_fill_are_refused_before_anything_is_built(
    tmp_path: Path, name: str, value: int
) -> None:
    tiny_token_policy(tmp_path)
    (tmp_path / CHECKSUMS).unlink()
    told = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(told | {name: value}))
    with pytest.raises(ValueError, match=f"config.json is damaged or foreign .{name} = "):
        load_trained(tmp_path)


@pytest.mark.parametrize("loader", LOADERS)
def test_a_changed_checkpoint_is_refused_by_every_loader(tmp_path: Path, loader: str) -> None:
    make, load = LOADERS[loader]
    make(tmp_path / "it")
    path = tmp_path / "it" / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1  # The lowest bits of a weight: nothing else would notice.
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.safetensors is damaged: it has changed"):
        load(tmp_path / "it")


@pytest.mark.parametrize("kind", ["bert", None, ["a"], {"b": 1}])
def test_a_model_of_no_known_kind_is_refused(tmp_path: Path, kind: Any) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    with pytest.raises(ValueError, match="which is no policy"):
        load_trained(tmp_path)


@pytest.mark.filterwarnings("ignore:.*older or foreign")
def test_a_processor_of_another_vocabulary_is_refused(tmp_path: Path) -> None:
    tiny_token_policy(tmp_path)
    (tmp_path / CHECKSUMS).unlink()
    told = json.loads((tmp_path / "processor_config.json").read_text())
    told["words"].append("mug")
    (tmp_path / "processor_config.json").write_text(json.dumps(told))
    with pytest.raises(ValueError, match="does not fit together"):
        load_trained(tmp_path)
