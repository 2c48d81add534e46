"""Physics is the same in every locale: nothing reads "2.8973" as 2."""

import locale
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.tabletop.env import TabletopEnv

COMMA, POINT, GROUPS, CODESET = b",\0", b".\0", b"\3\3\0\0", b"UTF-8\0"


def comma_locale(folder: Path) -> None:
    """Write the numeric half of a German locale, as `localedef` makes it (glibc's format)."""
    starts = struct.pack("<6I", 0x20, 0x22, 0x24, 0x28, 0x2C, 0x30)
    header = struct.pack("<2I", 0x20031114, 6) + starts
    wide = struct.pack("<2I", ord(","), ord("."))
    folder.mkdir()
    (folder / "LC_NUMERIC").write_bytes(header + COMMA + POINT + GROUPS + wide + CODESET)


@pytest.fixture
def decimal_comma(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process whose numbers have decimal commas."""
    comma_locale(tmp_path / "comma")
    monkeypatch.setenv("LOCPATH", str(tmp_path))
    before = locale.setlocale(locale.LC_NUMERIC)
    try:
        locale.setlocale(locale.LC_NUMERIC, "comma")
    except locale.Error:
        pytest.skip("this C library reads no locales of ours")
    yield
    locale.setlocale(locale.LC_NUMERIC, before)


def tabletop_hashes() -> list[str]:
    env = TabletopEnv("put_in", cameras=())
    hashes = []
    for seed in (1_000_000, 3, 4):  # the stars, triangles and hexagons among them are meshes
        env.reset(seed=seed)
        hashes.append(env.step(np.full(7, 0.1, np.float32))[-1]["state_hash"])
    env.close()
    return hashes


def rooms_hash() -> str:
    env = RoomsEnv("point_goal", cameras=())
    env.reset(seed=1)
    info = env.step(1)[-1]
    env.close()
    return str(info["state_hash"])


@pytest.fixture(scope="module")
def with_points() -> tuple[list[str], str]:
    """The hashes in the usual locale."""
    return tabletop_hashes(), rooms_hash()


@pytest.mark.slow
def test_a_decimal_comma_changes_no_state(
    with_points: tuple[list[str], str], decimal_comma: None
) -> None:
    assert locale.localeconv()["decimal_point"] == ","
    assert (tabletop_hashes(), rooms_hash()) == with_points
    assert locale.localeconv()["decimal_point"] == ","  # it is the user's, and stays


@pytest.mark.slow
def test_a_locale_that_another_thread_sets_meanwhile_does_not_matter(
    with_points: tuple[list[str], str], decimal_comma: None
) -> None:
    stop = threading.Event()

    def meddle() -> None:
        while not stop.is_set():
            locale.setlocale(locale.LC_NUMERIC, "comma")

    thread = threading.Thread(target=meddle)
    thread.start()
    try:
        assert tabletop_hashes() == with_points[0]
    finally:
        stop.set()
        thread.join()
