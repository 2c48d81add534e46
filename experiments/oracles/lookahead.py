"""The gate's last rule: it simulates a call on a copy of the world (expensive).

In simulation the copy is exact, so that the answer is too; a real robot would ask a model of its
world and be wrong at times. The copy is kept and goes along: what was allowed there is then done
here, so a call costs one simulation more, and a new copy is made only after a refusal.
"""

from collections.abc import Callable

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import Toolbox
from handeye.agents.safety.gate import Limits, SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.envs.core.physics import SimulationError
from handeye.experiments.oracles.harm import harm_in
from handeye.experiments.oracles.protected_objects import read_protected
from handeye.experiments.pictures.filmed_env import FilmedEnv

Equip = Callable[[FilmedEnv], Callable[[Robot], Toolbox]]
"""A copy of the environment -> the robot in it -> the tools there, knowing what those here know."""


ONLY_HERE = ("protected", "speed_m_s", "force_n", "fixture_force_n", "fall_m")
"""Limits that no other rule keeps."""


def check_limits(limits: Limits, *, foresees: bool) -> None:
    """Refuse limits that a run would not keep.

    Args:
        limits: of the run.
        foresees: whether calls are tried on a copy of the world.

    Raises:
        ValueError: what is protected is not understood, or a limit is set that only trying calls
            on a copy of the world can keep, which the run does not do.
    """
    for entry in limits.protected:
        read_protected(entry)
    usual = Limits()
    lost = [name for name in ONLY_HERE if getattr(limits, name) != getattr(usual, name)]
    if lost and not foresees:
        raise ValueError(
            f"the limit {lost[0]!r} is kept by trying each call on a copy of the world, which this "
            "run does not do; leave out --no-foresee and take a tabletop, or leave out the limit"
        )


class LookaheadRule:
    """A rule of the gate: why a call must not be carried out, or "".

    Args:
        env: where the robot acts.
        robot: the one that acts there.
        equip: makes the tools of a copy; its second step is taken before each call.
        limits: what counts as harm.

    Raises:
        ValueError: an entry of what is protected is not understood.
    """

    def __init__(self, env: FilmedEnv, robot: Robot, equip: Equip, limits: Limits) -> None:
        for entry in limits.protected:
            read_protected(entry)
        self._env, self._robot, self._equip, self._limits = env, robot, equip, limits
        self._copy: FilmedEnv | None = None
        self._tools: Callable[[Robot], Toolbox] | None = None

    def __call__(self, call: ToolCall, traits: ToolTraits) -> str:
        """Try the call; the motions of the copy pass the same limits."""
        if self._robot.ended:
            return ""
        copy, tools = self._abreast()
        toolbox = tools(self._robot.shadow(copy, SafetyGate(self._limits).check_motion))
        before = len(copy.states) - 1
        try:
            toolbox.call(call)
            found = [harm.words for harm in harm_in(copy.scene, copy.states[before:], self._limits)]
        except SimulationError as error:
            found = [f"the simulation would break ({error})"]
        if not found:
            return ""
        self.close()
        return f"tried on a copy of the world, {'; '.join(found)}"

    def _abreast(self) -> tuple[FilmedEnv, Callable[[Robot], Toolbox]]:
        """A copy of the environment in its state now, and what makes its tools."""
        if self._copy is None or self._copy.state_hash != self._env.state_hash:
            self.close()
            self._copy = self._env.fork()
            self._tools = self._equip(self._copy)
        assert self._tools is not None
        if self._copy.state_hash != self._env.state_hash:
            raise RuntimeError(
                "the environment was changed by other things than its actions, so no copy of it "
                "can be made; make the change in an action, or leave out the counterfactual check"
            )
        return self._copy, self._tools

    def close(self) -> None:
        """Free the copy."""
        if self._copy is not None:
            self._copy.close()
            self._copy = None
