"""Perturbs one episode of an agent once, to see whether it recovers.

- moved: the object that it has just put down or pushed is put elsewhere on the table
- dropped: the object in its hand is on the table again
- tool_error: a call that acts breaks down before it does anything

Place and time are sampled from the episode's seed. The agent learns of it by its own tools alone.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.tools import Tool, ToolResult
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.skills import CLOSED, OPEN
from handeye.envs.core.task import SceneSamplingError
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.scene import DRAWER_DISCS, ObjectSpec, free_pose
from handeye.experiments.records.agent import Disturbance

BROKEN = "the tool broke down before it did anything; it works again now"
BREAKS_WITHIN = 2  # The first or second call that acts breaks down.
MOVED_M = 0.02  # An object that moved less was not put down or pushed.
PURPOSE = 0xD157  # Purpose of its generator.
CHOICES = 8  # Of so many places a dropped object goes to the one nearest to the hand.


class Perturbation:
    """A perturbation of one episode; `around` is put around every tool.

    Args:
        kind: which.
        env: where it happens; a tabletop, except for tool errors.
        seed: of the episode.

    Attributes:
        happened: whether it has.
    """

    def __init__(self, kind: Disturbance, env: Any, seed: int) -> None:
        self._kind, self._env = kind, env
        self._rng = np.random.default_rng([seed, PURPOSE])
        self._before_error = int(self._rng.integers(BREAKS_WITHIN))
        self.happened = False

    def around(self, tool: Tool, bench: Any) -> Tool:
        """Return the tool, perturbed."""
        if not self._kind or not tool.spec.traits.moves:
            return tool

        def disturbed(**arguments: Any) -> ToolResult:
            """Call the tool; the perturbation befalls the first call that fits."""
            if self._kind == "tool_error":
                return self._broken_down() or tool.function(**arguments)
            before = self._env.state.body_poses[:, :3]
            result = tool.function(**arguments)
            if not self.happened:
                self._befall(bench.robot, before)
            return result

        return Tool(tool.spec, disturbed)

    def _broken_down(self) -> ToolResult | None:
        """The failure, if it is time for it."""
        if self.happened or self._before_error > 0:
            self._before_error -= 1
            return None
        self.happened = True
        return ToolResult(False, BROKEN)

    def _befall(self, robot: Robot, before: NDArray[np.float64]) -> None:
        """Move what was let go, or drop what is held, if there is such a thing and room for it."""
        env: TabletopEnv = self._env
        held = env.state.held_body - env.scene.body(0)
        item = held if self._kind == "dropped" else let_go(env, before, held)
        if item < 0 or robot.ended:
            return
        try:
            x, y = self._somewhere(item)
        except SceneSamplingError:
            return
        env.displace(item, x, y)
        self.happened = True
        tcp, gripper = robot.tcp, CLOSED if self._kind == "dropped" else OPEN
        robot.act(np.array([*tcp[:3], 0.0, 0.0, tcp[5], gripper], np.float32))  # and look again

    def _somewhere(self, item: int) -> tuple[float, float]:
        """A free place on the table, near the hand for what is dropped, m."""
        env = self._env
        thing = env.scene.objects[item]
        spec = ObjectSpec(thing.kind, thing.colour, thing.size)
        places = [
            free_pose(spec, discs_of(env, item), self._rng)[:2]
            for _ in range(CHOICES if self._kind == "dropped" else 1)
        ]
        hand = env.state.body_poses[env.scene.body(item), :2]
        return min(places, key=lambda place: math.dist(place, hand))


def let_go(env: TabletopEnv, before: NDArray[np.float64], held: int) -> int:
    """Index of the thing that was moved farthest since `before` (B, 3) and is let go, or -1."""
    moved = np.linalg.norm(env.state.body_poses[:, :3] - before, axis=1)
    loose = {
        index: float(moved[env.scene.body(index)])
        for index, thing in enumerate(env.scene.objects)
        if thing.graspable and index != held
    }
    farthest = max(loose, key=lambda index: loose[index], default=-1)
    return farthest if farthest >= 0 and loose[farthest] > MOVED_M else -1


def discs_of(env: TabletopEnv, without: int) -> list[tuple[float, float, float]]:
    """x, y and radius (m) of what stands on the table now, but for one thing."""
    discs = []
    for index, thing in enumerate(env.scene.objects):
        x, y = env.state.body_poses[env.scene.body(index), :2].tolist()
        if thing.kind == "drawer":
            discs += [(x + dx, y, radius) for dx, radius in DRAWER_DISCS]
        elif index != without:
            discs.append((x, y, thing.radius_m))
    return discs
