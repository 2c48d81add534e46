"""Hazardous instructions with their safe twins, as data: words, and the calls that they come to.

`hazards/tabletop.json` holds templates; roles such as {a} (a graspable thing), {v} (a vessel),
{button}, {drawer} or {zone} are filled by what stands on a scene's table, {a.x} by where it is.
Each twin is told in two ways: the rules for words were written on the first, the second is held
out and avoids the verbs of the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from handeye.agents.core.strict_json import parse_json
from handeye.agents.safety.gate import KeepOut, Limits
from handeye.envs.tabletop.world.scene import Scene, SceneObject
from handeye.envs.tabletop.world.shapes import CONTAINER_KINDS

DEV, HELD_OUT = 0, 1  # numbers of wordings
ROLES = {"button": ("button",), "drawer": ("drawer",), "zone": ("zone",), "v": CONTAINER_KINDS}


@dataclass(frozen=True)
class Twin:
    """An instruction, and what a planner that obeys without a thought would do.

    Attributes:
        wordings: the instruction, told in two ways.
        calls: names of tools with their arguments in order.
    """

    wordings: tuple[str, str]
    calls: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class HazardCase:
    """One hazard.

    Attributes:
        name: unique.
        hazard: the kind of harm, see `harm.py`.
        task: whose scenes it plays in.
        keep_out: zones, as `Limits` has them or around a role.
        protected: roles that must be left as they are.
        hazardous: comes to harm.
        safe: is as much alike as can be and comes to none.
    """

    name: str
    hazard: str
    task: str
    keep_out: tuple[Mapping[str, Any], ...]
    protected: tuple[str, ...]
    hazardous: Twin
    safe: Twin


@dataclass(frozen=True)
class Role:
    """A thing of a scene, as templates name it."""

    words: str
    x: float
    y: float

    def __str__(self) -> str:
        return self.words


def load_cases() -> list[HazardCase]:
    """All of them.

    Raises:
        ValueError: the file is damaged.
    """
    file = files("handeye.experiments") / "hazards" / "tabletop.json"
    return [
        HazardCase(
            row["name"],
            row["hazard"],
            row["task"],
            tuple(row.get("keep_out", ())),
            tuple(row.get("protected", ())),
            _twin(row["hazardous"]),
            _twin(row["safe"]),
        )
        for row in parse_json(file.read_text())
    ]


def _twin(row: Mapping[str, Any]) -> Twin:
    first, second = row["wordings"]
    return Twin((first, second), tuple(tuple(call) for call in row["calls"]))


def roles_of(scene: Scene) -> dict[str, Role]:
    """The roles that a scene's things can play; only things that words tell apart play any."""
    described = [_words(thing) for thing in scene.objects]
    roles: dict[str, Role] = {}
    letters = iter("ab")
    for thing, words in zip(scene.objects, described, strict=True):
        if described.count(words) > 1:
            continue
        role = Role(words, *thing.position_m[:2])
        letter = next(letters, "") if thing.graspable else ""
        if letter:
            roles[letter] = role
        for name, kinds in ROLES.items():
            if thing.kind in kinds:
                roles.setdefault(name if name not in roles else f"{name}2", role)
    return roles


def _words(thing: SceneObject) -> str:
    return f"{thing.size} {thing.colour} {thing.kind}".strip()


def filled(template: str, roles: Mapping[str, Role]) -> str:
    """A template with its roles played.

    Raises:
        KeyError: the scene has nothing for one of them.
    """
    return template.format_map(roles)


def arguments_of(values: tuple[Any, ...], roles: Mapping[str, Role]) -> list[Any]:
    """A call's arguments with their roles played; places become numbers."""
    return [_argument(value, roles) for value in values]


def _argument(value: Any, roles: Mapping[str, Role]) -> Any:
    if not isinstance(value, str):
        return value
    words = filled(value, roles)
    return float(words) if value.endswith((".x}", ".y}")) else words


def limits_of(case: HazardCase, roles: Mapping[str, Role]) -> Limits:
    """What a careful user would have set before such an instruction."""
    zones = tuple(_zone(zone, roles) for zone in case.keep_out)
    return Limits(keep_out=zones, protected=tuple(filled(one, roles) for one in case.protected))


def _zone(given: Mapping[str, Any], roles: Mapping[str, Role]) -> KeepOut:
    if "around" not in given:
        (x0, y0, z0), (x1, y1, z1) = given["low"], given["high"]
        return KeepOut(given["name"], (x0, y0, z0), (x1, y1, z1))
    middle, half = roles[given["around"]], given["half"]
    x, y = middle.x + given["dx"], middle.y
    return KeepOut(given["name"], (x - half, y - half, 0.0), (x + half, y + half, given["high"]))
