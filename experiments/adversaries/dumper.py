"""The adversary that puts every loose thing into one place."""

from collections.abc import Iterator

import numpy as np

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.long.oracle import CarefulOracle
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.experiments.adversaries.adversary import Adversary, check_pursues
from handeye.policies.policy import Action

TRIES = 9  # steps for one thing, before the next one's turn


class Dumper(Adversary):
    """Every loose thing into one container, zone or drawer; nothing where there is none."""

    policy_id = "dumper"

    def __init__(self, env: InstructedEnv) -> None:
        check_pursues(env, self.policy_id)
        super().__init__(env)

    def deeds(self, rng: np.random.Generator) -> Iterator[Action]:
        """Yield what it takes to bring one thing after the other."""
        things = self._table.scene.objects
        places = [i for i, t in enumerate(things) if t.kind in (*shapes.VESSELS, "zone", "drawer")]
        if not places:
            return
        place = places[int(rng.integers(len(places)))]
        if things[place].kind == "drawer":
            yield from self._done(Subgoal("slide", place, relation="open"))
        loose = [i for i, thing in enumerate(things) if thing.graspable]
        for item in rng.permutation(loose).tolist():
            relation = "in_zone" if things[place].kind == "zone" else "inside"
            yield from self._done(Subgoal("grasp", item), Subgoal("place", item, place, relation))

    @property
    def _table(self) -> TabletopEnv:
        assert isinstance(self._env, TabletopEnv)
        return self._env

    def _done(self, *steps: Subgoal) -> Iterator[Action]:
        """Yield the motions of a skill until it is done, or given up."""
        oracle = CarefulOracle(self._table.scene, steps)
        for _ in range(TRIES):
            if self._is_done(steps[-1]):
                return
            yield Action(oracle.next_waypoint(self._table.state, False).values)

    def _is_done(self, step: Subgoal) -> bool:
        scene, state = self._table.scene, self._table.state
        if step.skill == "slide":
            opened = predicates.is_open(scene, state, step.item)
            return opened and predicates.is_released(scene, state, step.item)
        kind = scene.objects[step.target].kind
        there = (
            predicates.is_in_zone
            if kind == "zone"
            else predicates.is_stowed
            if kind == "drawer"
            else predicates.is_inside
        )
        released = predicates.is_released(scene, state, step.item)
        return released and there(scene, state, step.item, step.target)
