"""A tabletop on paper: the real tools and skills over a stand-in for the simulator.

Things are points that a hand picks up, drops, pushes and presses without physics; what the tools
say is what they say over the simulator, since they are the same tools. A call takes a millisecond,
so a language model can be taught from many thousands of episodes. `FailureRates` says what fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from handeye.agents.sight.perception import called
from handeye.agents.tools.robot import GRIPPER, TCP
from handeye.agents.tools.skills import FINGER_M
from handeye.envs.core.simulated_user import Unclear, reply
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.scene import SceneObject
from handeye.experiments.labels.scene_facts import HANDLE, RELATIONS, Facts, VisibleObject, sides
from handeye.experiments.labels.scene_nouns import fitting, read_noun

OPEN_M, GRASP_M, NEAR_M = 0.08, 0.03, 0.02
ON_TABLE_M, PUSHING_M = 0.0, 0.03
AHEAD_M = 0.11  # Distance from where a push begins to what it pushes.
SHUT_M = 0.015  # A drawer that is open by less counts as closed.
FAR_M = 0.09  # Distance from its place at which a falling object lands.


@dataclass(frozen=True)
class FailureRates:
    """How often things go wrong.

    Attributes:
        missed: grasps that close on nothing.
        dropped: things lost on the way.
        toppled: placements that miss.
        unseen: of one thing in one look.
        overlooked: of a thing that lies in a closed drawer, also in every look once it is open.
    """

    missed: float = 0.03
    dropped: float = 0.02
    toppled: float = 0.03
    unseen: float = 0.003
    overlooked: float = 0.12


NO_MISHAPS = FailureRates(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass
class SymbolicObject:
    """Something on the table, now.

    Attributes:
        spec: what it is; its place there is where it began.
        xy: (2,) where it is, m.
        bottom_m: height of its lowest point.
        inside: index of the container or drawer that it is in, -1 if it is in none.
        on: index of the thing that it stands on, -1 if it stands on none.
        slide_m: of a drawer: how far it is open.
        presses: of a button, so far.
    """

    spec: SceneObject
    xy: NDArray[np.float64]
    bottom_m: float = ON_TABLE_M
    inside: int = -1
    on: int = -1
    slide_m: float = 0.0
    presses: int = 0

    @property
    def top_m(self) -> float:
        """Height of its top."""
        return self.bottom_m + self.spec.height_m

    @property
    def fin(self) -> NDArray[np.float64]:
        """(2,) the middle of a drawer's handle."""
        size = shapes.DRAWER
        out = size.half_depth_m + size.fin_length_m / 2 + self.slide_m
        return self.xy + np.array([out, 0.0])

    @property
    def tray(self) -> NDArray[np.float64]:
        """(2,) the place in its tray that is in the middle of what shows when it is open."""
        out = shapes.DRAWER.half_depth_m + self.slide_m - shapes.DRAWER.travel_m / 2
        return self.xy + np.array([out, 0.0])


class SymbolicTabletop(gymnasium.Env[dict[str, Any], NDArray[np.float32]]):
    """One episode at a time, in waypoints; `lay` comes before each.

    Attributes:
        things: on the table.
        held: index of the thing in the hand, -1 if it is empty.
        unclear: what the words leave open, which the user knows.
    """

    action_mode = "ee_pose"

    def __init__(self, mishaps: FailureRates = NO_MISHAPS) -> None:
        self.mishaps = mishaps
        self.things: list[SymbolicObject] = []

    def lay(
        self, things: Sequence[SymbolicObject], instruction: str, unclear: Unclear | None = None
    ) -> None:
        """What the next episode is about."""
        self.things, self._words = list(things), instruction
        self.unclear = unclear

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Start the episode that was laid."""
        self._rng = np.random.default_rng(seed)
        self.held = self._drawer = -1
        self._facts: tuple[Facts, list[int]] | None = None  # until something moves
        dice = self._rng.random(len(self.things))
        self._overlooked = {
            i for i in range(len(dice)) if dice[i] < self.mishaps.overlooked and self.hidden(i)
        }
        self._tcp, self._gap_m = np.array([0.30, 0.0, 0.40]), OPEN_M
        return self._seen(), {"is_success": False}

    def step(
        self, action: NDArray[np.float32]
    ) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Go to the waypoint, then set the gripper."""
        self._facts = None
        goal, gripper = np.asarray(action[:3], np.float64), float(action[6])
        from_m = float(self._tcp[2])
        if self._drawer >= 0:
            self._slide(goal)
        elif self.held >= 0:
            self._carry(goal)
        elif goal[2] < PUSHING_M and self._tcp[2] < PUSHING_M:
            self._push(goal)
        self._tcp = goal
        self._press(from_m)
        if gripper > 0:
            self._let_go()
            self._gap_m = OPEN_M
        elif gripper == -1.0 and self.held < 0 and self._drawer < 0:
            self._close()
        return self._seen(), 0.0, False, False, {"is_success": False}

    def finish(self, answer: str = "", claim: str = "success") -> dict[str, Any]:
        """Nothing is judged here."""
        return {"is_success": False, "answer": answer, "claim": claim}

    def ask(self, question: str) -> str:
        """What the user answers."""
        return reply(question, self.unclear)

    @property
    def tcp_m(self) -> NDArray[np.float64]:
        """(3,) where the fingertips are."""
        return self._tcp

    def places(self) -> NDArray[np.float64]:
        """(N, 2) where each thing is, m."""
        return np.array([thing.xy for thing in self.things])

    def hidden(self, index: int) -> bool:
        """Whether a thing is in a drawer that is not open."""
        inside = self.things[index].inside
        if inside < 0 or self.things[inside].spec.kind != "drawer":
            return False
        return self.things[inside].slide_m < shapes.DRAWER.travel_m / 2

    def facts(self) -> tuple[Facts, list[int]]:
        """What can be seen, and for each of its things the index of the thing it is."""
        if self._facts is None:
            self._facts = self._read_facts()
        return self._facts

    def _read_facts(self) -> tuple[Facts, list[int]]:
        shown: list[tuple[VisibleObject, int]] = []
        for i, thing in enumerate(self.things):
            if self.hidden(i) or i in self._overlooked:
                continue
            spec, is_drawer = thing.spec, thing.spec.kind == "drawer"
            if is_drawer:
                shown.append((VisibleObject(HANDLE, spec.colour), i))
            state = "held" if i == self.held else _how_open(thing.slide_m) if is_drawer else ""
            shown.append((VisibleObject(spec.kind, spec.colour, spec.size, state), i))
        items, count = [i for _, i in shown], len(shown)
        places = self.places()[items]
        handles = np.array([fact.kind == HANDLE for fact, _ in shown])
        related = sides(places, handles)
        inside, on, of = (related[RELATIONS.index(name)] for name in ("in", "on", "of"))
        movable = [thing.spec.graspable for thing in self.things]
        for a, i in enumerate(items):
            for b, j in enumerate(items) if handles[a] or movable[i] else ():
                of[a, b] = bool(handles[a]) and i == j and a != b
                if handles[a] or handles[b]:
                    continue
                base = self.things[j].spec.kind
                inside[a, b] = self.things[i].inside == j and base != "drawer"
                on[a, b] = self.things[i].on == j
                if base == "zone" and self.stands_in(i, j):
                    inside[a, b] = on[a, b] = True
        sizes = np.array([self.things[i].spec.radius_m for i in items])
        masks = np.zeros((count, 1, 1), np.bool_)
        facts = tuple(fact for fact, _ in shown)
        return Facts(facts, related, sizes, places[:, 1], -places[:, 0], masks), items

    def resolve(self, words: str) -> list[int]:
        """Indices of the things that a noun phrase fits, as they are now."""
        noun, (facts, items) = read_noun(words), self.facts()
        return [items[k] for k in np.flatnonzero(fitting(noun, facts))] if noun else []

    def whole_name(self, words: str) -> str:
        """The name in full of the one thing that a noun phrase fits now, "" if there is none."""
        found = [self.things[k].spec for k in self.resolve(words)]
        return called(found[0].size, found[0].colour, found[0].kind) if len(found) == 1 else ""

    def stands_in(self, item: int, zone: int) -> bool:
        """Whether a thing stands on the table within a zone, and not in the hand."""
        gap = np.abs(self.things[item].xy - self.things[zone].xy)
        low = self.things[item].bottom_m < shapes.ZONE_THICKNESS_M + 0.01
        return low and item != self.held and bool((gap < shapes.ZONE_HALF_WIDTH_M).all())

    def overlooked(self) -> bool:
        """Whether one thing is missed in one look."""
        return bool(self._rng.random() < self.mishaps.unseen)

    def _seen(self) -> dict[str, Any]:
        felt = np.zeros(14, np.float32)
        felt[TCP], felt[GRIPPER] = (*self._tcp, 0.0, 0.0, 0.0), self._gap_m
        return {
            "proprio": felt,
            "instruction": self._words,
            "rgb_front": np.zeros((1, 1, 3), np.uint8),
            "depth_front": np.zeros((1, 1), np.float32),
        }

    # ------------------------------------------------------------------ the hand

    def _close(self) -> None:
        self._gap_m = 0.0
        for i, thing in enumerate(self.things):
            if thing.spec.kind == "drawer" and np.hypot(*(thing.fin - self._tcp[:2])) < NEAR_M:
                self._drawer, self._gap_m = i, GRASP_M / 2
                return
        within = [
            i
            for i, thing in enumerate(self.things)
            if thing.spec.graspable
            and not self.hidden(i)
            and np.hypot(*(thing.xy - self._tcp[:2])) < NEAR_M
            and thing.bottom_m <= self._tcp[2] <= thing.top_m + 0.005
        ]
        if within and self._rng.random() >= self.mishaps.missed:
            self.held = max(within, key=lambda i: self.things[i].top_m)
            self.things[self.held].inside = self.things[self.held].on = -1
            self._gap_m = GRASP_M

    def _carry(self, goal: NDArray[np.float64]) -> None:
        far = np.hypot(*(goal - self._tcp)[:2]) > NEAR_M
        if far and self._rng.random() < self.mishaps.dropped:
            self._fall(self.held, (self._tcp[:2] + goal[:2]) / 2)
            self.held, self._gap_m = -1, 0.0
            return
        self.things[self.held].xy = goal[:2].copy()

    def _let_go(self) -> None:
        held, self.held, self._drawer = self.held, -1, -1
        if held < 0:
            return
        if self._rng.random() < self.mishaps.toppled:
            turn = self._rng.uniform(0, 2 * np.pi)
            aside = FAR_M * np.array([np.cos(turn), np.sin(turn)])
            self._fall(held, self._tcp[:2] + aside)
            return
        thing = self.things[held]
        thing.xy = self._tcp[:2].copy()
        self._rest(held)

    def _fall(self, index: int, xy: NDArray[np.float64]) -> None:
        """Onto the bare table, wherever that is."""
        thing = self.things[index]
        thing.xy, thing.bottom_m = xy, ON_TABLE_M
        thing.inside = thing.on = -1

    def _rest(self, index: int) -> None:
        """On or in whatever is below; nothing slides off."""
        thing = self.things[index]
        self._fall(index, thing.xy)
        for i, other in enumerate(self.things):
            if i == index:
                continue
            gap = float(np.hypot(*(other.xy - thing.xy)))
            kind = other.spec.kind
            if kind in shapes.VESSELS and gap < shapes.VESSELS[kind].rim_radius_m:
                thing.inside = i
                thing.bottom_m = max(thing.bottom_m, other.bottom_m + shapes.VESSELS[kind].floor_m)
            elif kind == "drawer" and np.hypot(*(other.tray - thing.xy)) < FAR_M / 2:
                thing.inside, thing.bottom_m = i, 0.01
            elif other.spec.graspable and gap < other.spec.radius_m:
                thing.on = i if thing.on < 0 or other.top_m > thing.bottom_m else thing.on
                thing.bottom_m = max(thing.bottom_m, other.top_m)

    def _push(self, goal: NDArray[np.float64]) -> None:
        """What stands in the way goes ahead of the fingers."""
        way = goal[:2] - self._tcp[:2]
        heading = way / max(float(np.hypot(*way)), 1e-9)
        for thing in self.things:
            gap = thing.xy - self._tcp[:2]
            along = float(gap @ heading)
            if not thing.spec.graspable or thing.inside >= 0 or not 0 < along < AHEAD_M:
                continue
            if abs(_across(gap, heading)) < NEAR_M:
                thing.xy = goal[:2] + heading * (0.9 * thing.spec.radius_m + FINGER_M)
                return

    def _press(self, from_m: float) -> None:
        """A button is pressed by a hand that comes down on it from above."""
        for thing in self.things:
            if thing.spec.kind == "button" and np.hypot(*(thing.xy - self._tcp[:2])) < NEAR_M:
                thing.presses += bool(self._tcp[2] < thing.top_m <= from_m)

    def _slide(self, goal: NDArray[np.float64]) -> None:
        """The drawer goes with the hand as far as it can, and the hand with it."""
        drawer = self.things[self._drawer]
        before = drawer.slide_m
        wanted = before + float(goal[0] - self._tcp[0])
        drawer.slide_m = float(np.clip(wanted, 0.0, shapes.DRAWER.travel_m))
        moved = drawer.slide_m - before
        goal[0] = self._tcp[0] + moved
        for thing in self.things:
            if thing.inside == self._drawer:
                thing.xy = thing.xy + np.array([moved, 0.0])


def _across(gap: NDArray[np.float64], heading: NDArray[np.float64]) -> float:
    """Distance of a point from a line through the origin, m, signed."""
    return float(heading[0] * gap[1] - heading[1] * gap[0])


def _how_open(slide_m: float) -> str:
    if slide_m > 0.75 * shapes.DRAWER.travel_m:
        return "open"
    return "closed" if slide_m < SHUT_M else "half open"
