"""The scripted expert of long instructions: one subgoal after the other, each by the oracle.

Which subgoal is next is read from what has been achieved, so it goes back to one that was undone.
"""

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.oracle_action import Claim, OracleAction
from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.long.goal import SIDES, LongGoal
from handeye.envs.tabletop.long.judging import History
from handeye.envs.tabletop.oracle import CLOSED, OPEN, TabletopOracle, waypoint
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.oracle_placement import free_spot
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY, Scene
from handeye.envs.tabletop.world.state import State

OVER_TOWERS_M = 0.21  # where the hand crosses what may be three blocks and a star high
OVER_TRAY_M = 0.033  # height of the tcp at which the fingers clear a tray's sides


class LongOracle:
    """Next waypoints towards a long goal; of an infeasible one it says that it cannot be done.

    Args:
        scene: where.
        goal: what for.
        history: of the open episode.
    """

    def __init__(self, scene: Scene, goal: LongGoal, history: History) -> None:
        self._scene, self._goal, self._history = scene, goal, history

    def next_waypoint(self, state: State, done: bool) -> OracleAction:
        """The waypoint an expert would command in `state`; `done` says the goal is reached."""
        step = None if done else self._next(state)
        if step is None or step.skill == "say":
            return self._finished(state, done)
        step = self._opened_first(state, step)
        if step.skill == "press" and predicates.is_pressed(self._scene, state, step.item):
            # it is down from the press before
            return OracleAction(_here(state, CLOSED, OVER_TOWERS_M), False, str(step))
        return CarefulOracle(self._scene, _as_skills(step)).next_waypoint(state, False)

    def _finished(self, state: State, done: bool) -> OracleAction:
        """Nothing is left to do but to let go of what is held, and to say so."""
        if not done and state.held_body >= FIRST_OBJECT_BODY:
            return OracleAction(_here(state, OPEN), False, "let go")
        claim: Claim = "success" if self._goal.feasible else "cannot"
        return OracleAction(_here(state, CLOSED), True, "done", self._goal.answer, claim)

    def _next(self, state: State) -> Subgoal | None:
        """The first subgoal that is not achieved for good, None if all are."""
        for step, effect in zip(self._goal.subgoals, self._goal.effects, strict=True):
            if effect is None or not self._history.achieved(effect):
                return step
            if effect.lasting and predicates.is_held(self._scene, state, step.item):
                return step
        return None

    def _opened_first(self, state: State, step: Subgoal) -> Subgoal:
        """The step, or the opening of a closed drawer that it puts into or takes out of."""
        scene = self._scene
        for drawer, thing in enumerate(scene.objects):
            if thing.kind != "drawer" or predicates.is_open(scene, state, drawer):
                continue
            takes = step.skill == "put" and predicates.is_stowed(scene, state, step.item, drawer)
            held = predicates.is_held(scene, state, step.item)
            if not held and (takes or (step.skill == "put" and step.target == drawer)):
                return Subgoal("slide", drawer, relation="open")
        return step


class CarefulOracle(TabletopOracle):
    """The oracle of one step among things, towers too, that must stay as they are."""

    hover_m = OVER_TOWERS_M
    low_m = OVER_TOWERS_M - 0.01

    def grasp_height(self, state: State, item: int) -> float:
        """Of what lies in a tray, so high that the open fingers clear the tray's sides."""
        usual = super().grasp_height(state, item)
        drawers = (i for i, o in enumerate(self._scene.objects) if o.kind == "drawer")
        if any(predicates.is_stowed(self._scene, state, item, drawer) for drawer in drawers):
            return max(usual, OVER_TRAY_M)
        return usual

    def rest(self, state: State, goal: Subgoal) -> tuple[float, float, float]:
        """In containers, trays and zones a spot that is free."""
        if goal.relation == "on" or goal.relation in SIDES:
            return super().rest(state, goal)
        return free_spot(self._scene, state, goal.item, goal.target)


def _here(state: State, gripper: float, height_m: float | None = None) -> NDArray[np.float32]:
    """The waypoint where the tcp is, or straight above."""
    x, y, z, _, _, yaw = tcp_target(state.joint_positions)
    return waypoint(x, y, z if height_m is None else height_m, yaw, gripper)


def _as_skills(step: Subgoal) -> tuple[Subgoal, ...]:
    """The subgoals by which the oracle of single skills does a step."""
    if step.skill == "put":
        return (
            Subgoal("grasp", step.item),
            Subgoal("place", step.item, step.target, step.relation),
        )
    return (step,)
