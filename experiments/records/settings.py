"""Settings that a run remembers, so that it is continued as it was begun."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from handeye.base.json_reader import read_json
from handeye.experiments.records.run_folder import write_json_atomic


def remember_settings(
    path: Path, settings: Mapping[str, Any], *, may_rise: Collection[str] = ()
) -> None:
    """Write a run's settings, or refuse to continue it under others.

    Args:
        path: the JSON file in the run's folder.
        settings: those that decide about the outcome.
        may_rise: names of numbers that may be larger than before; the file then holds the new one.

    Raises:
        ValueError: the file holds other settings; it names those that differ.
    """
    now = plain(settings)
    if path.exists():
        before = read_json(path, dict[str, Any])
        check_same(path.parent, before, now, may_rise=may_rise)
        if before == now:
            return
    write_json_atomic(path, now)


def check_same(
    folder: Path,
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    *,
    may_rise: Collection[str] = (),
) -> None:
    """Raise a ValueError that names every setting that differs from what a run began with."""
    told = [
        f"--{name} was {before.get(name)!r}, is {value!r}"
        for name, value in now.items()
        if before.get(name) != value and not (name in may_rise and _risen(before.get(name), value))
    ]
    if told:
        raise ValueError(
            f"{folder} holds a run with other settings ({'; '.join(told)}). Resume with the same, "
            "or choose another --output_dir."
        )


def _risen(before: object, now: object) -> bool:
    return isinstance(before, int) and isinstance(now, int) and now > before


def plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as they will be read back from JSON; paths become text."""
    read: dict[str, Any] = json.loads(json.dumps(dict(settings), default=str))
    return read
