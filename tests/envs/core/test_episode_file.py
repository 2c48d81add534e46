"""Episode files: a flipped bit is refused, older files are read with one warning."""

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load, save

from handeye.envs.core.episode import RecordedEpisode
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.suites import load_episode, make_suite_env
from handeye.experiments.data.recorder import record_episode

FLIPS = 300


@pytest.fixture(scope="module", params=["reach", "point_goal"])
def content(request: pytest.FixtureRequest) -> bytes:
    """A recorded file of either world."""
    env = make_suite_env(request.param, cameras=(), max_steps=12)
    episode = record_episode(env, request.param, 3)
    env.close()
    return episode.to_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A file, read without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield tmp_path / "e.safetensors"


def test_every_flipped_bit_is_refused(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    load_episode(path)
    rng = np.random.default_rng(0)
    header = int.from_bytes(content[:8], "little") + 8
    parts = ((0, 8 * header), (8 * header, 8 * len(content)))
    bits = np.concatenate([rng.integers(*part, size=FLIPS // 2) for part in parts])
    for bit in bits.tolist():
        broken = bytearray(content)
        broken[bit // 8] ^= 1 << bit % 8
        path.write_bytes(broken)
        with pytest.raises(ValueError, match=r"e\.safetensors is no whole episode"):
            load_episode(path)


NESTED = "[" * 50_000 + "]" * 50_000


@pytest.mark.slow
@pytest.mark.parametrize("part", ["", "scene", "goals", "subgoals", "seed"])
@pytest.mark.parametrize("foreign", ["null", "[]", "{}", "[7]", '"text"', NESTED, "9" * 400])
def test_json_of_another_shape_is_refused(
    content: bytes, path: Path, part: str, foreign: str
) -> None:
    path.write_bytes(content)
    with safe_open(path, "numpy") as file:
        header = json.loads(file.metadata()["episode"])
    del header["checksum"]
    whole = json.dumps({**header, part: "HERE"}).replace('"HERE"', foreign)
    text = whole if part else foreign
    path.write_bytes(save(load(content), metadata={"episode": text}))
    if (part, foreign) in {("goals", "[]"), ("subgoals", "[]"), ("seed", "9" * 400)}:
        return  # no goal, no name and a large number are of the right shape
    with pytest.raises(ValueError, match=r"e\.safetensors is no whole episode"):
        load_episode(path)


def test_exchanged_numbers_are_refused(content: bytes, path: Path) -> None:
    """A file that is whole as safetensors, with one number of another episode."""
    path.write_bytes(content)
    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
    rows = load(content)
    rows["proprio"] = rows["proprio"] + np.float32(1e-6)
    path.write_bytes(save(rows, metadata=metadata))
    with pytest.raises(ValueError, match="checksum does not fit"):
        load_episode(path)


def test_older_files_are_read_with_a_warning(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with safe_open(path, "numpy") as file:
        text = file.metadata()["episode"]
    older = re.sub(r'^\{"checksum":"[0-9a-f]{64}",', "{", text)
    assert older != text
    path.write_bytes(save(load(content), metadata={"episode": older}))
    with pytest.warns(UserWarning, match="carry no checksum") as told:
        episode = load_episode(path)
    assert len(told) == 1
    assert episode.to_bytes() == content


def test_both_worlds_share_the_episode(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    episode = load_episode(path)
    assert isinstance(episode, RecordedEpisode)
    assert len(episode.proprio) == len(episode.actions) + 1
    assert isinstance(episode, RoomEpisode) == (episode.task == "point_goal")
