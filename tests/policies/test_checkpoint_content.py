import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from handeye.policies.checkpoint_content import (
    CHECKSUMS,
    read_json_object,
    verify_checksums,
    write_checksums,
)

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(ROOT.glob("*/checkpoints/*/config.json"))
NO_OBJECTS = [
    "", "nothing", "[]", "null", "3", '"words"', "{", '{"a": 1', "[" * 100_000, '{"a":' * 100_000,
    "9" * 100_000, '{"a": ' + "9" * 100_000 + "}", "\x00",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text('{"width": 32}')
    (tmp_path / "model.safetensors").write_bytes(np.random.default_rng(0).bytes(500))
    write_checksums(tmp_path)
    return tmp_path


@pytest.mark.parametrize("config", SHIPPED, ids=lambda path: path.parent.name)
def test_what_is_shipped_is_as_it_was_written(config: Path) -> None:
    files = {path.name for path in config.parent.iterdir()} - {"README.md", CHECKSUMS}
    assert read_json_object(config.parent / CHECKSUMS).keys() == files
    verify_checksums(config.parent)


def test_a_flipped_bit_anywhere_is_refused(folder: Path) -> None:
    rng = np.random.default_rng(0)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for at in rng.integers(8 * len(whole), size=40).tolist():
            content = bytearray(whole)
            content[at // 8] ^= 1 << at % 8
            path.write_bytes(content)
            with pytest.raises(ValueError, match="damaged"):
                verify_checksums(folder)
        path.write_bytes(whole)
    verify_checksums(folder)


def test_a_file_that_is_gone_is_named(folder: Path) -> None:
    (folder / "config.json").unlink()
    with pytest.raises(ValueError, match=r"no config\.json"):
        verify_checksums(folder)


def test_the_card_may_change(folder: Path) -> None:
    (folder / "README.md").write_text("# measured again")
    verify_checksums(folder)


def test_without_checksums_there_is_one_warning(folder: Path) -> None:
    (folder / CHECKSUMS).unlink()
    with pytest.warns(UserWarning, match="older or foreign"):
        verify_checksums(folder)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(3):
            verify_checksums(folder)
    assert len(told) == 1


@pytest.mark.parametrize("content", NO_OBJECTS, ids=lambda content: content[:12])
def test_json_of_another_shape_is_one_error_that_names_the_file(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"config\.json is damaged or foreign") as told:
        read_json_object(path)
    assert len(str(told.value)) < 500
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"config\.json is damaged or foreign"):
        read_json_object(path)


def test_an_object_is_read_as_it_is(tmp_path: Path) -> None:
    told = {"a": [1, None, {"b": "ü"}]}
    (tmp_path / "x.json").write_text(json.dumps(told))
    assert read_json_object(tmp_path / "x.json") == told
