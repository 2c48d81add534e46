"""The adversary of apartments that goes everywhere and comes back."""

from collections.abc import Iterator

import numpy as np

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.oracle import RoomsOracle
from handeye.envs.rooms.scene.scene import Leg, RoomScene
from handeye.envs.rooms.scene.viewpoints import places_in_room
from handeye.experiments.adversaries.adversary import Adversary
from handeye.policies.policy import Action, Claim


class Tour(Adversary):
    """Through all rooms, the nearest one first, then back to the start; says a goal's answer."""

    policy_id = "tour"

    def __init__(self, env: InstructedEnv) -> None:
        super().__init__(env)
        self._answer = ""

    def deeds(self, rng: np.random.Generator) -> Iterator[Action]:
        """Yield the way through the apartment."""
        env = self._env
        assert isinstance(env, RoomsEnv)
        self._answer = env.goals[int(rng.integers(len(env.goals)))].answer
        oracle = RoomsOracle(env.scene, legs_of_tour(env.scene), env.action_mode, "")
        yield from self.pursued(lambda: oracle.next_move(env.state), env.max_steps)

    def end(self, answer: str = "", claim: Claim = "success") -> Action:
        """Return the end, with an answer in case that one is asked for."""
        return super().end(self._answer, claim)


def legs_of_tour(scene: RoomScene) -> tuple[Leg, ...]:
    """Return a leg into each room that can be reached, the nearest one first, and one back."""
    rooms = [places_in_room(scene, room) for room in range(len(scene.apartment.rooms))]
    left = [places for places in rooms if len(places)]
    here, legs = scene.free.nearest_free(*scene.start.xy), []
    while left:
        field = scene.free.field_to(here)
        left.sort(key=lambda places: float(field.distances_m(places).min()))
        places = left.pop(0)
        x, y = places[int(field.distances_m(places).argmin())].tolist()
        here = (x, y)
        legs.append(Leg(tuple(map(tuple, places.tolist()))))
    return (*legs, Leg((scene.start.xy,)))
