"""What every tabletop task has in common: a scene to draw, goals in it, success and subgoals."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from handeye.envs.base.colours import SUITE_COLOURS
from handeye.envs.core.oracle_action import Claim
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.language import descriptions, phrase
from handeye.envs.tabletop.world.scene import ObjectSpec, PlacementError, Scene, place
from handeye.envs.tabletop.world.state import State

SPLITS = ("seen", "combination", "phrasing", "distractors", "appearance")
SCENE_TRIES = 100
HALF_OPEN_M = (0.035, 0.055)  # of a drawer
NOTHING_TO_ADD = "I have nothing to add."
TWIN_PROBABILITY = 0.08  # of two objects that differ by size or place alone

# One colour of each kind is never seen in training; each part is (VIMA's second level, BabyAI).
# The pairs are data: a further kind or colour moves none of them. A kind that is added has none.
HELD_OUT: frozenset[tuple[str, str]] = frozenset(
    {
        ("block", "orange"),
        ("cylinder", "cyan"),
        ("star", "pink"),
        ("hexagon", "yellow"),
        ("triangle", "blue"),
        ("bowl", "red"),
        ("plate", "green"),
        ("cup", "purple"),
        ("button", "orange"),
        ("drawer", "cyan"),
        ("zone", "pink"),
    }
)


@dataclass(frozen=True)
class Goal:
    """What an instruction asks for: object indices in the order of the words, and a relation."""

    referred: tuple[int, ...]
    relation: str = ""


@dataclass(frozen=True)
class Subgoal:
    """One step of a scripted solution, for the oracle.

    Attributes:
        skill: "reach", "grasp", "place", "push", "press" or "slide".
        item: index of the object acted on.
        target: index of the object acted towards, or -1.
        relation: a direction of `predicates.DIRECTIONS`, "on", "inside", "open" or "close".
    """

    skill: str
    item: int
    target: int = -1
    relation: str = ""

    def __str__(self) -> str:
        """Compact form stored with every recorded step."""
        return f"{self.skill}({self.item},{self.target},{self.relation})"


@dataclass
class Palette:
    """Draws objects for a scene so that some are easily confused with one another."""

    rng: np.random.Generator
    split: str
    used: list[tuple[str, str]] = field(default_factory=list)

    def graspables(
        self, count: int, kinds: tuple[str, ...] = shapes.GRASPABLE_KINDS
    ) -> list[ObjectSpec]:
        """`count` graspable objects: the second shares the first's colour, the third its kind."""
        first = self.pair(kinds)
        specs = [self._sized(*first)]
        if count > 1:
            specs.append(self._sized(*self.pair(kinds, colour=first[1])))
        if count > 2:
            specs.append(self._twin(first) or self._sized(*self.pair((first[0],))))
        specs += [self._sized(*self.pair(kinds)) for _ in range(count - len(specs))]
        return specs

    def same_kind(self, kind: str, count: int) -> list[ObjectSpec]:
        """`count` objects of one kind in different colours."""
        return [ObjectSpec(*self.pair((kind,))) for _ in range(count)]

    def containers(self, count: int) -> list[ObjectSpec]:
        """`count` containers that differ in kind or colour."""
        return [ObjectSpec(*self.pair(shapes.CONTAINER_KINDS)) for _ in range(count)]

    def pair(self, kinds: tuple[str, ...], colour: str = "") -> tuple[str, str]:
        """A (kind, colour) not on the table yet and allowed by the split."""
        wanted = [(k, c) for k in kinds for c in ([colour] if colour else SUITE_COLOURS)]
        held_out = self.split == "combination" and not self.used
        free = [p for p in wanted if p not in self.used and (p in HELD_OUT) == held_out]
        free = free or [p for p in wanted if p not in self.used and p not in HELD_OUT]
        if not free:
            raise PlacementError(f"no unused colour is left among {kinds}")
        self.used.append(free[int(self.rng.integers(len(free)))])
        return self.used[-1]

    def _sized(self, kind: str, colour: str) -> ObjectSpec:
        return ObjectSpec(kind, colour, "small" if self.rng.random() < 0.4 else "large")

    def _twin(self, pair: tuple[str, str]) -> ObjectSpec | None:
        return self._sized(*pair) if self.rng.random() < TWIN_PROBABILITY else None


class Task:
    """A family of goals: what is on the table, what can be asked, what counts as success.

    Class attributes:
        name: the registry's key.
        templates: training phrasings with {a}, {b} and {side} slots; at least five.
        held_out_templates: phrasings of the `phrasing` split.
        splits: distributions of scenes and words that it knows.
        momentary: success is an event (a press) rather than a state that lasts.
    """

    name: ClassVar[str]
    splits: ClassVar[tuple[str, ...]] = SPLITS
    templates: ClassVar[tuple[str, ...]]
    held_out_templates: ClassVar[tuple[str, ...]]
    momentary: ClassVar[bool] = False

    def specs(self, palette: Palette) -> list[ObjectSpec]:
        """Objects of a scene before they are placed."""
        raise NotImplementedError

    def goals(self, scene: Scene) -> list[Goal]:
        """Everything that could be asked in this scene and can be done in it."""
        raise NotImplementedError

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """Named conditions; the goal is reached when all hold."""
        raise NotImplementedError

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """The steps of a scripted solution."""
        raise NotImplementedError

    def draw_scene(self, rng: np.random.Generator, split: str) -> tuple[Scene, list[Goal], int]:
        """A scene with at least one goal, its goals, and how many draws were rejected.

        Raises:
            PlacementError: no valid scene in `SCENE_TRIES` draws.
        """
        for rejected in range(SCENE_TRIES):
            palette = Palette(rng, split)
            try:
                specs = self.specs(palette)
                if split == "distractors":
                    specs += palette.graspables(2)
                scene = place(specs, rng)
            except PlacementError:
                continue
            goals = [g for g in self.goals(scene) if _nameable(scene, g)]
            if len({g.referred[0] for g in goals}) < 2:
                continue  # the words would not decide
            if pursuable(scene, goals, split):
                return scene, goals, rejected
        raise PlacementError(f"no solvable scene for {self.name!r} in {SCENE_TRIES} draws")

    def instruction(self, scene: Scene, goal: Goal, split: str, rng: np.random.Generator) -> str:
        """The goal in words."""
        pool = self.held_out_templates if split == "phrasing" else self.templates
        template = pool[int(rng.integers(len(pool)))]
        return phrase(template, scene, goal.referred, goal.relation, rng)

    def done(self, scene: Scene, goal: Goal, state: State) -> bool:
        """Whether every condition holds."""
        return all(self.conditions(scene, goal, state).values())

    def slide_m(self, drawer: int, rng: np.random.Generator) -> float:
        """How far a drawer is open at reset: half."""
        return float(rng.uniform(*HALF_OPEN_M))

    def patience(self, goal: Any) -> int:
        """How many times the usual number of actions an episode may take."""
        return 1

    def about(self, goal: Any) -> dict[str, Any]:
        """What an episode's info says of the goal."""
        return {"kind": self.name, "feasible": True}

    def clarify(self, goal: Any) -> str:
        """What a user says who is asked what is meant."""
        return NOTHING_TO_ADD

    def begin(self, scene: Scene, goals: list[Any]) -> None:
        """A new episode; only tasks with a memory need to know."""

    def watch(self, state: State) -> None:
        """The next state, before it is judged; only tasks with a memory need to know."""

    def hear(self, answer: str, claim: Claim) -> None:
        """What is said at the end; only tasks that ask for words need to know."""


def pursuable(scene: Scene, goals: list[Goal], split: str) -> list[int]:
    """Indices of the goals that an episode of this split may be about; the others distract."""
    if split != "combination":
        return list(range(len(goals)))
    return [i for i, g in enumerate(goals) if any(_held_out(scene, o) for o in g.referred)]


def _nameable(scene: Scene, goal: Goal) -> bool:
    return all(descriptions(scene, i) for i in goal.referred)


def _held_out(scene: Scene, index: int) -> bool:
    thing = scene.objects[index]
    return (thing.kind, thing.colour) in HELD_OUT
