"""What an apartment shows, from the simulator's truth, for the tools of an agent.

LABELLED AN ORACLE: it reads the scene and a segmentation of its own, which no agent may. Places
come from depth and odometry as with any other perception.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.agents.sight.rooms_perception import SeenObject, Sight
from handeye.agents.sight.rooms_words import RoomWords
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.long.naming import PLURALS
from handeye.envs.rooms.pictures.meshes import FIRST_THING_BODY
from handeye.envs.rooms.scene.language import ROOM_WORDS, THING_WORDS
from handeye.experiments.labels.room_cells import COLOUR_NAMES, THING_KINDS, spot_classes
from handeye.perception.mapping.ego_camera import EgoPose

LEAST_PX = 10  # of a thing that is seen, in a frame of 128 x 128
LEAST_SIGN_PX = 60  # so large a sign can be read


def room_words() -> RoomWords:
    """All words that the suites' instructions have for things and rooms of an apartment."""
    kinds = {kind: kind for kind in THING_KINDS}
    for kind in THING_KINDS:
        for word in (*THING_WORDS.get(kind, ()), *PLURALS.get(kind, ())):
            kinds[word] = kind
        kinds[f"{kind}s"] = kind
    rooms = {word: kind for kind in ROOM_KINDS for word in (kind, *ROOM_WORDS.get(kind, ()))}
    return RoomWords(kinds, {name: name for name in COLOUR_NAMES}, rooms)


class OracleRoomsPerception:
    """Things, rooms and signs in the frame, from the simulator; one for each environment."""

    perception_id = "truth (oracle)"
    guesses = False
    kinds, colours, rooms = THING_KINDS, COLOUR_NAMES, ROOM_KINDS
    sizes_m = np.full((len(THING_KINDS), 2), np.nan)  # it tells kinds by themselves

    def __init__(self, env: RoomsEnv) -> None:
        self._env = env
        self.words = room_words()

    def see(self, observation: Mapping[str, Any]) -> Sight:
        """Every thing of which enough pixels show, and the room of every spot."""
        env = self._env
        bodies = self._bodies(observation)
        spots = spot_classes(env.scene, env.state.here, observation["depth_ego"], bodies)
        odds = np.eye(1 + len(ROOM_KINDS), dtype=np.float32)[spots.rooms][..., 1:]
        shown = np.bincount(bodies[bodies >= 0])
        things = [
            self._seen(name, bodies == body)
            for body, name in enumerate(env.scene.things, FIRST_THING_BODY)
            if body < len(shown) and shown[body] >= LEAST_PX
        ]
        return Sight(things, odds)

    def _bodies(self, observation: Mapping[str, Any]) -> NDArray[np.int32]:
        env, side = self._env, len(observation["depth_ego"])
        frames = env.renderer.render([env.state.here], (side, side))
        return np.asarray(frames.segmentation[0])

    def _seen(self, name: str, mask: NDArray[np.bool_]) -> SeenObject:
        thing = self._env.scene.things[name]
        kinds = np.eye(len(THING_KINDS), dtype=np.float32)[THING_KINDS.index(thing.kind)]
        colours = np.eye(len(COLOUR_NAMES), dtype=np.float32)[COLOUR_NAMES.index(thing.colour)]
        return SeenObject(kinds, colours, mask, identity=name)

    def read(self, observation: Mapping[str, Any], pose: EgoPose) -> list[str]:
        """Texts of the signs that are large enough in the frame, the nearest first."""
        env, bodies = self._env, self._bodies(observation)
        found = []
        for body, (name, thing) in enumerate(env.scene.things.items(), FIRST_THING_BODY):
            if thing.kind == "sign" and (bodies == body).sum() >= LEAST_SIGN_PX:
                found.append((env.scene.things[name].distance_m(*env.state.here.xy), thing.text))
        return [text for _, text in sorted(found)]
