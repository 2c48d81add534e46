"""What a URDF file says in numbers, read without PyBullet: to check what PyBullet made of it."""

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

LIMITED = ("revolute", "prismatic")


class UrdfNumbers(NamedTuple):
    """Masses (kg) by link, and of joints that have limits: (lower, upper, greatest speed).

    Lower and upper are in rad or m, the speed is in rad/s or m/s.
    """

    masses_kg: dict[str, float]
    limits: dict[str, tuple[float, float, float]]


@lru_cache(maxsize=32)
def read_urdf(path: Path) -> UrdfNumbers:
    """Read the masses and limits that a URDF file gives.

    Raises:
        ValueError: the file cannot be read, is no URDF or holds a bad number; the message names it.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}; give the path of a URDF file") from error
    except ElementTree.ParseError as error:
        raise ValueError(f"{path} is no XML: {error}") from error
    if root.tag != "robot" or root.find("link") is None:
        raise ValueError(f"{path} is no URDF: it needs a <robot> with at least one <link>")
    masses = {
        str(link.get("name")): _number(path, link.find("inertial/mass"), "value")
        for link in root.iter("link")
        if link.find("inertial") is not None
    }
    limits = {
        str(joint.get("name")): _limits(path, joint)
        for joint in root.iter("joint")
        if joint.get("type") in LIMITED
    }
    return UrdfNumbers(masses, limits)


def _limits(path: Path, joint: ElementTree.Element) -> tuple[float, float, float]:
    limit = joint.find("limit")
    lower, upper = _number(path, limit, "lower"), _number(path, limit, "upper")
    if lower > upper:
        raise ValueError(f"{path}: joint {joint.get('name')!r} has its lower limit above its upper")
    return lower, upper, _number(path, limit, "velocity")


def _number(path: Path, element: ElementTree.Element | None, name: str) -> float:
    text = None if element is None else element.get(name)
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        where = "an element" if element is None else f"<{element.tag}>"
        raise ValueError(f"{path}: {where} lacks a finite number {name!r}; it says {text!r}")
    return value
