"""What every tabletop task has in common: a scene to draw, goals in it, success and subgoals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.synonyms import SYNONYM_SPLIT, Synonyms
from handeye.envs.core.oracle_action import Claim
from handeye.envs.core.task import InstructedTask, SceneSamplingError
from handeye.envs.tabletop.oracle import TabletopOracle, Waypoints
from handeye.envs.tabletop.world.goal import Goal, Subgoal
from handeye.envs.tabletop.world.language import descriptions, phrase
from handeye.envs.tabletop.world.palette import HELD_OUT, Palette
from handeye.envs.tabletop.world.presses import Presses
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene, place
from handeye.envs.tabletop.world.side_effects import Allowed
from handeye.envs.tabletop.world.state import State
from handeye.envs.tabletop.world.synonyms import TABLE_SYNONYMS

SPLITS = ("seen", "combination", "phrasing", SYNONYM_SPLIT, "distractors", "appearance")
SCENE_TRIES = 100
LEAST_GOALS = 4  # with fewer a guess is too good
HALF_OPEN_M = (0.035, 0.055)  # of a drawer
START_LOW = np.array([0.36, -0.10, 0.24, 0.0, 0.0, -0.3])
START_HIGH = np.array([0.46, 0.10, 0.34, 0.0, 0.0, 0.3])


@dataclass(frozen=True)
class Start:
    """The arm at reset.

    Attributes:
        tcp: (6,) x y z in m, roll pitch yaw in rad.
        gripper: -1 closed to +1 open.
        held: index of an object between the open fingers that is grasped and lifted first, or -1.
    """

    tcp: NDArray[np.float64]
    gripper: float = 1.0
    held: int = -1


class Task(InstructedTask):
    """A family of goals: what is on the table, what can be asked, what counts as success.

    Templates have the slots {a}, {b} and {side}.

    ## Actions
    `ee_pose`: float32 (7,) waypoint x, y, z (m), roll, pitch, yaw (rad) and gripper (-1 closed,
    +1 open), carried out in one step. `ee_delta`: float32 (7,) in [-1, 1], a small motion of
    the same quantities at 10 Hz.

    ## Observation
    `rgb_<camera>` uint8 (H, W, 3); on request `depth_<camera>` float32 (H, W) in m along the
    optical axis and `segmentation_<camera>` int32 (H, W), body numbers, -1 for the background
    (privileged); `proprio` float32 (14,): seven joints (rad), tcp position (m) and roll, pitch,
    yaw (rad), gripper opening (m); `instruction` text.

    ## Reward
    1.0 on the step that ends the episode in success, else 0.0.

    ## Episode end
    Terminated by whoever acts: by the last entry of an action with `terminate`, or by `finish`
    with a claim and an answer. Who cannot is judged after a second of stillness. Truncated when
    the step budget is spent.

    Attributes:
        presses: of the episode's buttons.
    """

    presses: Presses

    splits: ClassVar[tuple[str, ...]] = SPLITS
    synonyms: ClassVar[Synonyms] = TABLE_SYNONYMS
    step_budget: ClassVar[dict[str, int]] = {"ee_pose": 16, "ee_delta": 200}

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
        """A scene with at least four goals, its goals, and how many draws were rejected.

        Raises:
            SceneSamplingError: no valid scene in `SCENE_TRIES` draws.
        """
        for rejected in range(SCENE_TRIES):
            palette = Palette(rng, split)
            try:
                specs = self.specs(palette)
                if split == "distractors":
                    specs += palette.graspables(2)
                scene = place(specs, rng)
            except SceneSamplingError:
                continue
            goals = [g for g in self.goals(scene) if _nameable(scene, g)]
            if len({g.referred[0] for g in goals}) < 2:
                continue  # the words would not decide
            if len(goals) >= LEAST_GOALS and self.pursuable(scene, goals, split):
                return scene, goals, rejected
        raise SceneSamplingError(
            f"no solvable scene for {self.name!r} in {SCENE_TRIES} draws: one offers at least "
            f"{LEAST_GOALS} goals, each with words that fit nothing else"
        )

    def instruction(self, scene: Scene, goal: Goal, split: str, rng: np.random.Generator) -> str:
        """The goal in words."""
        return phrase(self.template(split, rng), scene, goal.referred, goal.relation, rng)

    def allowed(self, scene: Scene, goal: Any) -> Allowed:
        """What a goal lets change: what the scripted solution has to; see `SideEffects`."""
        return Allowed.by(scene, self.subgoals(goal))

    def oracle(self, scene: Scene, goal: Any) -> Waypoints:
        """Return the scripted policy for a goal, in waypoints of `ee_pose`."""
        return TabletopOracle(scene, self.subgoals(goal))

    def take_wishes(self, wishes: Mapping[str, Any]) -> None:
        """Take what the next scene and goal must be like; only long instructions know wishes.

        Raises:
            ValueError: there are wishes, and this task knows none.
        """
        if wishes:
            raise ValueError(
                f"{', '.join(wishes)}: options of the suite 'tabletop-long', which has no task "
                f"{self.name!r}; leave them out or ask for one of its tasks"
            )

    def pursuable(self, scene: Scene, goals: list[Any], split: str) -> list[int]:
        """Indices of the goals that an episode of a split may be about; the others distract."""
        return pursuable(scene, goals, split)

    def start(self, rng: np.random.Generator) -> Start:
        """Where the arm is at reset: above the robot's side of the table."""
        return Start(rng.uniform(START_LOW, START_HIGH))

    def slide_m(self, drawer: int, rng: np.random.Generator) -> float:
        """How far a drawer is open at reset: half."""
        return float(rng.uniform(*HALF_OPEN_M))

    def about(self, goal: Any) -> dict[str, Any]:
        """What an episode's info says of the goal."""
        return {"kind": self.name, "feasible": True}

    def next_goals(self, scene: Scene) -> tuple[list[Any], int]:
        """What can be asked next on the table as it is now, and the index of what is asked.

        Raises:
            RuntimeError: nothing more is asked; only chains go on.
        """
        raise RuntimeError(f"{self.name!r} asks for nothing more; reset the environment")

    def begin(self, scene: Scene, goals: list[Any]) -> None:
        """A new episode: forget the last one."""
        self.presses = Presses(scene)

    def watch(self, state: State) -> None:
        """The next state, before it is judged."""
        self.presses.watch(state)

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
