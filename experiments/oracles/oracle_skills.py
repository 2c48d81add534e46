"""The skills of a tabletop by the scripted expert: the ladder's rung of skills, an ORACLE.

What a call names is found by the agent's own perception; how it is grasped and where it is put is
read from the simulator's state. Nothing is teleported: the expert moves the same arm, and says what
the tools say.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from handeye.agents.core.tools import CannotDo, Tool, ToolResult
from handeye.agents.tools.skills import Grip
from handeye.agents.tools.tabletop_context import Found, TabletopContext
from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.long.oracle import CarefulOracle
from handeye.envs.tabletop.oracle import CLOSED, HOVER_M, OPEN, waypoint
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.experiments.oracles.tabletop_call_checks import is_in_or_on

MOST_WAYPOINTS = 20  # of one skill
TOO_FAR_M = 0.10  # what is found so far from every thing is none of them
PUSHED_M = 0.05  # to what is no zone
FULL_HAND = "the hand already holds something; place that first"


class OracleSkills:
    """Stands in for the tools that act."""

    def __init__(self, env: TabletopEnv) -> None:
        """Act in `env`."""
        self._env = env
        self._skills: Mapping[str, Callable[..., ToolResult]] = {
            "pick": self._pick,
            "place_in": lambda bench, container: self._put(bench, container, "inside"),
            "place_on": lambda bench, base: self._put(bench, base, "on"),
            "place_beside": lambda bench, reference, side: self._put(
                bench, reference, relation=side
            ),
            "push_to": self._push,
            "press": self._press,
            "open_drawer": lambda bench, drawer: self._slide(bench, drawer, "open"),
            "close_drawer": lambda bench, drawer: self._slide(bench, drawer, "close"),
        }

    def around(self, tool: Tool, bench: TabletopContext) -> Tool:
        """The tool, done by the expert if it acts."""
        skill = self._skills.get(tool.spec.name)
        if skill is None:
            return tool

        def expertly(**arguments: Any) -> ToolResult:
            """Carry out the skill with the simulator's knowledge."""
            return skill(bench, **arguments)

        return Tool(tool.spec, expertly)

    def _pick(self, bench: TabletopContext, target: str) -> ToolResult:
        found = bench.one(target)
        if self._env.state.held_body >= 0:
            return ToolResult(False, FULL_HAND)
        item = self._nearest(found)
        bench.forget(target)
        if not self._until(bench, lambda: self._lifted(item), Subgoal("grasp", item)):
            return ToolResult(False, "the fingers closed on nothing")
        bench.take(target, Grip(float(bench.robot.tcp[5]), 0.0), found.name)
        return ToolResult(True, "it is in the hand")

    def _put(self, bench: TabletopContext, base: str, relation: str) -> ToolResult:
        target = self._nearest(bench.one(base))
        checked = {"inside": "in", "on": "on"}.get(relation, "")  # as `check` asks about it
        item = self._env.state.held_body - self._env.scene.body(0)
        if item < 0:
            return ToolResult(False, "the hand holds nothing to place")
        if self._env.scene.objects[target].kind == "zone" and relation == "on":
            relation = "in_zone"
        steps = Subgoal("grasp", item), Subgoal("place", item, target, relation)
        there = self._until(bench, lambda: self._rests(item, target, relation), *steps)
        self._rise(bench, OPEN)
        if self._env.state.held_body < 0:
            bench.leave(checked if there else "", base)
        return ToolResult(
            there, "it was let go there" if there else "it did not come to rest there"
        )

    def _push(self, bench: TabletopContext, target: str, goal: str) -> ToolResult:
        item, base = self._nearest(bench.one(target)), self._nearest(bench.one(goal))
        bench.forget(target)
        step = Subgoal("push", item, base)
        there = self._until(bench, lambda: self._pushed(item, base), step)
        self._rise(bench, CLOSED)
        if there:
            bench.placed = target, "on", goal
        return ToolResult(there, "pushed" if there else "the push was blocked on its way")

    def _press(self, bench: TabletopContext, button: str) -> ToolResult:
        item = self._nearest(bench.one(button))
        down = self._until(
            bench, lambda: self._is(predicates.is_pressed, item), Subgoal("press", item)
        )
        self._rise(bench, CLOSED)
        return ToolResult(down, "pressed" if down else "the finger did not get down to it")

    def _slide(self, bench: TabletopContext, drawer: str, relation: str) -> ToolResult:
        item = self._nearest(bench.one(drawer))
        so = predicates.is_open if relation == "open" else predicates.is_closed
        step = Subgoal("slide", item, relation=relation)
        moved = self._until(bench, lambda: self._is(so, item) and self._empty(), step)
        self._rise(bench, OPEN)
        return ToolResult(moved, "moved to its stop" if moved else "the handle slipped away")

    def _until(self, bench: TabletopContext, done: Callable[[], bool], *steps: Subgoal) -> bool:
        """Follow the expert until it is done, at most so long; whether it is."""
        oracle = CarefulOracle(self._env.scene, steps)
        for _ in range(MOST_WAYPOINTS):
            if done() or bench.robot.ended:
                break
            bench.robot.act(oracle.next_waypoint(self._env.state, False).values)
        return done()

    def _rise(self, bench: TabletopContext, gripper: float) -> None:
        if not bench.robot.ended:
            tcp = tcp_target(self._env.state.joint_positions)
            bench.robot.act(waypoint(tcp[0], tcp[1], HOVER_M, tcp[5], gripper))

    def _nearest(self, found: Found) -> int:
        """Index of the thing that was found.

        Raises:
            CannotDo: there is none.
        """
        scene, state = self._env.scene, self._env.state
        gaps = [
            math.dist(found.place.xy, predicates.position(scene, state, i)[:2])
            for i in range(len(scene.objects))
        ]
        alike = [i for i, thing in enumerate(scene.objects) if thing.kind in found.name.split()]
        nearest = min(alike or range(len(gaps)), key=lambda i: gaps[i])
        if gaps[nearest] > TOO_FAR_M:
            raise CannotDo(f"there is nothing where {found.name} was seen")
        return nearest

    def _is(self, predicate: Callable[..., bool], item: int) -> bool:
        return predicate(self._env.scene, self._env.state, item)

    def _empty(self) -> bool:
        return self._env.state.held_body < 0

    def _lifted(self, item: int) -> bool:
        return self._is(predicates.is_held, item) and self._is(predicates.is_lifted, item)

    def _rests(self, item: int, target: int, relation: str) -> bool:
        """Whether a thing has been let go where it should be."""
        scene, state = self._env.scene, self._env.state
        if not self._empty():
            return False
        if relation in predicates.DIRECTIONS:
            return predicates.is_beside(scene, state, item, target, relation)
        return is_in_or_on(scene, state, item, target)

    def _pushed(self, item: int, base: int) -> bool:
        scene, state = self._env.scene, self._env.state
        if scene.objects[base].kind == "zone":
            return predicates.is_in_zone(scene, state, item, base)
        places = [predicates.position(scene, state, i)[:2] for i in (item, base)]
        return math.dist(*places) < PUSHED_M
