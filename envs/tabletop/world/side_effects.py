"""What an episode changed on the table though nobody asked for it.

A task says what may change (`Allowed`); everything else is compared with how it was at reset, at
the end or, where that would hide something, at every control tick.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.verdict import SideEffect
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.presses import Presses
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY, Scene
from handeye.envs.tabletop.world.state import State

MOVED_M = 0.03
REFERENCE_MOVED_M = 0.02
TURNED_RAD = math.radians(30)
SLID_M = 0.01
OFF_TABLE_M = -0.05
LIFTED_M = 0.02  # between the table and the middle of the bottom of what is pushed
JUMPED_M = 0.12  # in a control tick; no push is so fast
Pose = NDArray[np.float64]
ROUND = ("cylinder", *shapes.CONTAINER_KINDS)  # kinds that look the same whatever their yaw


@dataclass(frozen=True)
class Allowed:
    """What a goal lets change; objects are given by their index.

    Attributes:
        moves: may be moved and turned.
        presses: button -> how often it may be pressed.
        slides: drawers that may slide.
        regions: container, tray, zone or base -> the objects that may come to be in it.
        references: say where something belongs, and stay there to within 2 cm.
        pushed: never leave the table's surface.
    """

    moves: frozenset[int] = frozenset()
    presses: Mapping[int, int] = field(default_factory=dict)
    slides: frozenset[int] = frozenset()
    regions: Mapping[int, frozenset[int]] = field(default_factory=dict)
    references: frozenset[int] = frozenset()
    pushed: frozenset[int] = frozenset()

    @classmethod
    def by(cls, scene: Scene, subgoals: Iterable[Subgoal]) -> "Allowed":
        """Return what the steps of a solution change."""
        steps = list(subgoals)
        handled = [s for s in steps if s.skill in ("grasp", "place", "put", "push")]
        moves = frozenset(s.item for s in handled)
        regions: dict[int, frozenset[int]] = {}
        for s in handled:
            if s.target >= 0 and s.relation not in predicates.DIRECTIONS:
                regions[s.target] = regions.get(s.target, frozenset()) | {s.item}
        targets = {s.target for s in handled if s.target >= 0 and s.skill != "push"} - moves
        drawers = {i for i, thing in enumerate(scene.objects) if thing.kind == "drawer"}
        fixed = {i for i, thing in enumerate(scene.objects) if thing.kind in shapes.FIXTURE_KINDS}
        pressed = [s.item for s in steps if s.skill == "press"]
        put = {s.item for s in handled if s.skill != "push"}
        return cls(
            moves=moves,
            presses={button: pressed.count(button) for button in pressed},
            slides=frozenset({s.item for s in steps if s.skill == "slide"} | (targets & drawers)),
            regions=regions,
            references=frozenset(targets - fixed),
            pushed=frozenset(s.item for s in steps if s.skill == "push") - put,
        )


class SideEffects:
    """Watches one episode.

    Args:
        scene: what is on the table.
        allowed: what the goal lets change.
        start: the state at reset.
        presses: of the episode.
    """

    def __init__(self, scene: Scene, allowed: Allowed, start: State, presses: Presses) -> None:
        self._scene, self._allowed, self._presses = scene, allowed, presses
        self._poses, self._joints = start.body_poses.copy(), start.joint_positions.copy()
        self._last = start.body_poses
        things = enumerate(scene.objects)
        self._still = [i for i, o in things if o.kind == "drawer" and i not in allowed.slides]
        self._columns = [scene.joint(i) for i in self._still]
        self._slid_m = np.zeros(len(self._still))
        self._pushed = [scene.body(i) for i in sorted(allowed.pushed)]
        self._lifted: dict[int, str] = {}  # by index
        self._fallen: set[int] = set()
        self._loose = [i for i, o in enumerate(scene.objects) if o.kind not in shapes.FIXTURE_KINDS]
        self._outside = {
            (i, region)
            for region, meant in allowed.regions.items()
            for i in self._loose
            if i not in meant and i != region and not is_within(scene, start, i, region)
        }
        self._carriers = {
            (i, carrier)
            for carrier in allowed.moves | allowed.slides
            for i in self._loose
            if i != carrier and is_within(scene, start, i, carrier)
        }

    def watch(self, state: State) -> None:
        """Look at the state after a control tick."""
        poses = state.body_poses
        if poses[FIRST_OBJECT_BODY:, 2].min() < OFF_TABLE_M:
            low = np.flatnonzero(poses[FIRST_OBJECT_BODY:, 2] < OFF_TABLE_M)
            self._fallen.update(low.tolist())
        if self._columns:
            slid_m = np.abs(state.joint_positions[self._columns] - self._joints[self._columns])
            self._slid_m = np.maximum(self._slid_m, slid_m)
        for body in self._pushed:
            item, at, was = body - FIRST_OBJECT_BODY, poses[body], self._last[body]
            if at[2] > LIFTED_M:
                self._lifted.setdefault(item, "was lifted, not pushed")
            elif math.dist(at[:2], was[:2]) > JUMPED_M:
                self._lifted.setdefault(item, "jumped, it was not pushed")
        self._last = poses

    def displaced(self, item: int, state: State) -> None:
        """Take where somebody has put an object for where it was at reset."""
        scene, body = self._scene, self._scene.body(item)
        self._poses[body] = state.body_poses[body]
        self._last = state.body_poses
        for region, meant in self._allowed.regions.items():
            self._outside.discard((item, region))
            if item not in meant and not is_within(scene, state, item, region):
                self._outside.add((item, region))
        self._carriers = {(i, c) for i, c in self._carriers if i != item}

    def at_end(self, state: State) -> list[SideEffect]:
        """Return what is otherwise than the goal lets it be, and what was at any time."""
        found = [*self._pressed(), *self._slid()]
        names = [thing.words for thing in self._scene.objects]
        for i in self._loose:
            into = [region for item, region in self._outside if item == i]
            entered = [r for r in into if is_within(self._scene, state, i, r)]
            if i in self._fallen:
                effect = SideEffect("object_off_table", f"{names[i]} fell off the table")
            elif i in self._lifted:
                effect = SideEffect("object_lifted", f"{names[i]} {self._lifted[i]}")
            elif entered:
                into_it = f"{names[i]} entered {names[min(entered)]}"
                effect = SideEffect("intruder_in_goal", into_it)
            else:
                changed = self._changed(i, state)
                if not changed:
                    continue
                reference = i in self._allowed.references
                effect = SideEffect("reference_moved" if reference else "bystander_moved", changed)
            found.append(effect)
        return found

    def _pressed(self) -> list[SideEffect]:
        found = []
        for button, ticks in self._presses.ticks.items():
            allowed, name = self._allowed.presses.get(button, 0), self._scene.objects[button].words
            if len(ticks) > allowed:
                often = f" {len(ticks)} times, not {allowed}" if allowed else ""
                found.append(SideEffect("wrong_button_pressed", f"pressed {name}{often}"))
        return found

    def _slid(self) -> list[SideEffect]:
        return [
            SideEffect(
                "wrong_drawer_moved", f"{self._scene.objects[i].words} slid {100 * slid_m:.0f} cm"
            )
            for i, slid_m in zip(self._still, self._slid_m.tolist(), strict=True)
            if slid_m > SLID_M
        ]

    def _changed(self, item: int, state: State) -> str:
        """Return in words how an object is otherwise than it was; "" if it is not, or may be."""
        if item in self._allowed.moves:
            return ""
        if any(i == item and is_within(self._scene, state, i, c) for i, c in self._carriers):
            return ""
        thing, body = self._scene.objects[item], self._scene.body(item)
        was, now = self._poses[body], state.body_poses[body]
        moved_m = math.dist(was[:3], now[:3])
        if moved_m > (REFERENCE_MOVED_M if item in self._allowed.references else MOVED_M):
            return f"moved {thing.words} {100 * moved_m:.0f} cm"
        turned_rad = _tilt_rad(was, now) if thing.kind in ROUND else _turn_rad(was, now)
        if turned_rad > TURNED_RAD:
            return f"turned {thing.words} {math.degrees(turned_rad):.0f} degrees"
        return ""


def is_within(scene: Scene, state: State, item: int, region: int) -> bool:
    """Return whether an object is in a container or tray, over a zone, or on another object.

    Anything over a container counts, on its rim or on what lies in there.
    """
    kind = scene.objects[region].kind
    if kind == "drawer":
        return predicates.is_stowed(scene, state, item, region)
    if kind in shapes.VESSELS:
        gap = predicates.middle(scene, state, item) - predicates.position(scene, state, region)
        return bool(np.hypot(gap[0], gap[1]) < shapes.VESSELS[kind].rim_radius_m and gap[2] > 0)
    if kind == "zone":
        return predicates.is_over(scene, state, item, region)
    return kind in shapes.PRISMS and predicates.is_on(scene, state, item, region)


def _turn_rad(was: Pose, now: Pose) -> float:
    """Return the angle between two poses."""
    return 2 * math.acos(min(1.0, abs(float(was[3:] @ now[3:]))))


def _tilt_rad(was: Pose, now: Pose) -> float:
    """Return the angle between the own z axes of two poses."""
    return math.acos(max(-1.0, min(1.0, float(_up(was) @ _up(now)))))


def _up(pose: Pose) -> Pose:
    x, y, z, w = pose[3:]
    return np.array([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)])
