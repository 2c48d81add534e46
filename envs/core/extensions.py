"""Tasks and suites of other packages, found by name among their entry points in every process.

[project.entry-points."handeye.tasks"]
fold_cloth = "my_package.tasks:FoldCloth"

[project.entry-points."handeye.suites"]
laundry = "my_package.suites:LAUNDRY"
"""

from collections import defaultdict
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

TASKS, SUITES = "handeye.tasks", "handeye.suites"


class ExtensionError(ValueError):
    """What another package offers cannot be used; the message names the package and the remedy."""


@lru_cache(maxsize=8)
def offers(group: str) -> dict[str, tuple[EntryPoint, ...]]:
    """Return the entry points of a group by name, one a package; nothing is imported."""
    found: dict[str, dict[str, EntryPoint]] = defaultdict(dict)
    for point in entry_points(group=group):
        found[point.name].setdefault(_package(point), point)
    return {name: tuple(points.values()) for name, points in found.items()}


def load_extension(group: str, name: str) -> Any:
    """Import what a package offers under a name; None if no package does.

    Raises:
        ExtensionError: two packages offer that name, or the package cannot be imported.
    """
    points = offers(group).get(name, ())
    if len(points) > 1:
        raise clash(name, *map(_package, points))
    for point in points:
        try:
            return point.load()
        except Exception as error:
            cause = f"{type(error).__name__}: {error}".strip().rstrip(".")
            raise ExtensionError(
                f"{name!r} of the package {_package(point)} cannot be imported from "
                f"{point.value!r} ({cause}). Mend that package or uninstall it."
            ) from error
    return None


def check_loaded(name: str) -> None:
    """Refuse a name that a package offers though no environment could take it in.

    Raises:
        ExtensionError: a package offers it.
    """
    for group in (TASKS, SUITES):
        for point in offers(group).get(name, ()):
            raise ExtensionError(
                f"{name!r} of the package {_package(point)} is no {group.partition('.')[2][:-1]} "
                f"that any environment knows (see {point.value!r}). Mend that package or "
                "uninstall it."
            )


def check_unclaimed(group: str, name: str) -> None:
    """Refuse a name of ours that another package offers as well.

    Raises:
        ExtensionError: one does.
    """
    if points := offers(group).get(name, ()):
        raise clash(name, "handeye", *map(_package, points))


def clash(name: str, *packages: str) -> ExtensionError:
    """Return the error of a name that several packages claim."""
    return ExtensionError(
        f"{name!r} is the name of something in each of the packages {' and '.join(packages)}. "
        "Rename one, or uninstall a package."
    )


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value.partition(".")[0]
