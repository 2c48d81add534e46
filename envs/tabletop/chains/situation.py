"""What is true on a table in symbols: what can be asked of it, and what is true when that is done.

As in CALVIN (Mees et al. 2022), an object that has been picked up is in the hand, and then nothing
else can be asked for than to put it somewhere: into the container, onto another object or beside
one. Everything else is asked of an empty hand.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from handeye.envs.robots.inverse_kinematics import HOME_JOINTS
from handeye.envs.tabletop.oracle import place_target, push_line
from handeye.envs.tabletop.tasks import TASKS, Goal, Task
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.scene import DRAWER_DISCS, Scene
from handeye.envs.tabletop.world.state import State

Lies = Literal["in", "on", "in_zone"]
CATEGORIES = tuple(TASKS)
PLACING = ("put_in", "stack", "place_beside")
SLIDES_M = {"closed": 0.0, "half": 0.045, "open": 0.095}
BESIDE_TOWER_M = 0.145  # the hand is so wide that nearer by it would touch what stands on something
ASIDE_M = 0.045  # that an object which is put down or pushed keeps from a drawer's discs
CORE: dict[str, Task] = {name: TASKS[name]() for name in CATEGORIES}


@dataclass(frozen=True)
class Situation:
    """A table, as far as later instructions depend on it.

    Attributes:
        scene: every object where it is now, what is in the hand where it was taken.
        drawers: index of a drawer -> a key of `SLIDES_M`.
        lies: index of an object -> in, on or in which other one it is.
        held: index of the object in the hand, or -1.
    """

    scene: Scene
    drawers: Mapping[int, str]
    lies: Mapping[int, tuple[Lies, int]] = field(default_factory=dict)
    held: int = -1

    def still(self) -> State:
        """Return the simulator's state, with the arm at home."""
        scene = self.scene
        poses = np.zeros((scene.body_count, 7))
        poses[:, 6] = 1.0
        joints = np.zeros(scene.joint_count)
        joints[: len(HOME_JOINTS)] = HOME_JOINTS
        for i, thing in enumerate(scene.objects):
            half = thing.yaw_rad / 2
            poses[scene.body(i)] = (*thing.position_m, 0.0, 0.0, math.sin(half), math.cos(half))
            if i in self.drawers:
                joints[scene.joint(i)] = SLIDES_M[self.drawers[i]]
        return State(poses, joints, np.full(2, -1, np.int32), 0)

    def carries(self, item: int) -> bool:
        """Return whether something stands on or lies in an object."""
        return any(target == item for _, target in self.lies.values())

    def reachable(self, item: int) -> bool:
        """Return whether an object stands free: not in or on another one, and nothing on it."""
        return self.lies.get(item, ("in_zone", -1))[0] == "in_zone" and not self.carries(item)


def feasible_goals(situation: Situation, category: str) -> list[Goal]:
    """Return what can be asked of a core task."""
    task = CORE[category]
    if situation.held >= 0 and category not in PLACING:
        return []
    goals = [replace(goal, task=category) for goal in task.goals(situation.scene)]
    return [g for g in goals if _makes_sense(situation, g) and _has_room(situation, g)]


def after(situation: Situation, goal: Goal) -> Situation:
    """Return what is true when a feasible goal has been reached."""
    lies = {item: there for item, there in situation.lies.items() if item != goal.referred[0]}
    drawers, held, scene = situation.drawers, -1, situation.scene
    item = goal.referred[0]
    if goal.task == "pick_up":
        held = item
    elif goal.task == "move_drawer":
        drawers = {**drawers, item: "open" if goal.relation == "open" else "closed"}
    elif goal.task in (*PLACING, "push_to_zone"):
        scene = _moved(scene, item, _rest(situation, goal))
        if goal.task != "place_beside":
            where: dict[str, Lies] = {"put_in": "in", "stack": "on", "push_to_zone": "in_zone"}
            lies[item] = (where[goal.task], goal.referred[1])
    else:
        lies = dict(situation.lies)
    return Situation(scene, drawers, lies, held)


def _moved(scene: Scene, item: int, position_m: tuple[float, float, float]) -> Scene:
    objects = list(scene.objects)
    objects[item] = replace(objects[item], position_m=position_m)
    return Scene(tuple(objects))


def _rest(situation: Situation, goal: Goal) -> tuple[float, float, float]:
    """Where the bottom of what a goal moves comes to rest, m."""
    if goal.task == "push_to_zone":
        x, y, _ = situation.scene.objects[goal.referred[1]].position_m
        return x, y, 0.0
    subgoal = CORE[goal.task].subgoals(goal)[-1]
    return place_target(situation.scene, situation.still(), subgoal)


def _makes_sense(situation: Situation, goal: Goal) -> bool:
    """Return whether the symbols allow a goal, and it is not reached already."""
    scene, (item, *others) = situation.scene, goal.referred
    if goal.task == "press_button":
        return True
    if goal.task == "move_drawer":
        reached = "open" if goal.relation == "open" else "closed"
        return situation.drawers[item] != reached
    if situation.held >= 0 and item != situation.held:
        return False
    if not situation.reachable(item) or not all(map(situation.reachable, others)):
        return False
    if goal.task == "place_beside" and scene.objects[others[0]].kind in shapes.FIXTURE_KINDS:
        return False
    if goal.task == "push_to_zone":
        return ("in_zone", others[0]) not in situation.lies.values()
    return True


def _has_room(situation: Situation, goal: Goal) -> bool:
    """Return whether the hand keeps off towers, and what is moved off the drawers' ways."""
    scene, (item, *_) = situation.scene, goal.referred
    touched = [np.array(scene.objects[item].position_m[:2])]
    if goal.task == "move_drawer":
        touched = [touched[0] + np.array([x, 0.0]) for x in (0.085, 0.185)]
    elif goal.task == "push_to_zone":
        start, end, _ = push_line(scene, situation.still(), CORE[goal.task].subgoals(goal)[0])
        touched = [start + (end - start) * part for part in np.linspace(0.0, 1.0, 6)]
    elif goal.task in PLACING:
        touched = [] if situation.held >= 0 else touched
        touched.append(np.array(_rest(situation, goal)[:2]))
    towers = [target for how, target in situation.lies.values() if how == "on"]
    if any(_gap(point, scene, tower) < BESIDE_TOWER_M for point in touched for tower in towers):
        return False
    if goal.task == "push_to_zone" or goal.task == "place_beside":
        ends = touched if goal.task == "push_to_zone" else touched[-1:]
        return all(_off_drawers(point, scene, scene.objects[item].radius_m) for point in ends)
    return True


def _gap(point: NDArray[np.float64], scene: Scene, item: int) -> float:
    return math.dist(point, scene.objects[item].position_m[:2])


def _off_drawers(point: NDArray[np.float64], scene: Scene, radius_m: float) -> bool:
    return all(
        math.hypot(point[0] - o.position_m[0] - dx, point[1] - o.position_m[1])
        > radius + radius_m + ASIDE_M
        for o in scene.objects
        if o.kind == "drawer"
        for dx, radius in DRAWER_DISCS
    )
