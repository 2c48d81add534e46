"""The scripted expert of long instructions: one subgoal after the other, each by the oracle.

Which subgoal is next is read from what has been achieved, so it goes back to one that was undone.
"""

from handeye.envs import predicates
from handeye.envs.expert_action import Claim, ExpertAction
from handeye.envs.free_spot import free_spot
from handeye.envs.kinematics import tcp_target
from handeye.envs.long_tasks.goal import SIDES, LongGoal
from handeye.envs.long_tasks.judging import History
from handeye.envs.oracle import CLOSED, HOVER_M, Oracle, waypoint
from handeye.envs.scene import Scene
from handeye.envs.state import State
from handeye.envs.tasks.task import Subgoal

OVER_TRAY_M = 0.033  # height of the tcp at which the fingers clear a tray's sides


class ChainOracle:
    """Next waypoints towards a long goal; of an infeasible one it says that it cannot be done.

    Args:
        scene: where.
        goal: what for.
        history: of the open episode.
    """

    def __init__(self, scene: Scene, goal: LongGoal, history: History) -> None:
        self._scene, self._goal, self._history = scene, goal, history

    def next_waypoint(self, state: State, done: bool) -> ExpertAction:
        """The waypoint an expert would command in `state`; `done` says the goal is reached."""
        step = None if done else self._next(state)
        if step is None or step.skill == "say":
            tcp = tcp_target(state.joint_positions)
            stay = waypoint(tcp[0], tcp[1], tcp[2], tcp[5], CLOSED)
            claim: Claim = "success" if self._goal.feasible else "cannot"
            return ExpertAction(stay, True, "done", self._goal.answer, claim)
        step = self._opened_first(state, step)
        if step.skill == "press" and predicates.is_pressed(self._scene, state, step.item):
            tcp = tcp_target(state.joint_positions)  # it is down from the press before
            return ExpertAction(waypoint(tcp[0], tcp[1], HOVER_M, tcp[5], CLOSED), False, str(step))
        return CarefulOracle(self._scene, _as_skills(step)).next_waypoint(state, False)

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


class CarefulOracle(Oracle):
    """The oracle of one step among things that must stay as they are."""

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


def _as_skills(step: Subgoal) -> tuple[Subgoal, ...]:
    """The subgoals by which the oracle of single skills does a step."""
    if step.skill == "put":
        return (
            Subgoal("grasp", step.item),
            Subgoal("place", step.item, step.target, step.relation),
        )
    return (step,)
