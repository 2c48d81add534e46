"""The apartment as tools have it: a robot, eyes, a map from depth and odometry, and a memory."""

import math

import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.conversation import Image
from handeye.agents.core.tools import CannotDo
from handeye.agents.sight.rooms_perception import RoomPerception, Sight
from handeye.agents.sight.rooms_words import Query
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.rooms_memory import FAR_M, KnownObject, RoomMemory, squares_of
from handeye.agents.tools.tool_context import only
from handeye.perception.mapping.ego_camera import EgoCamera
from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.mapping.known_rooms import ROOM_SCORE, is_known
from handeye.perception.mapping.room_labels import settle_rooms
from handeye.perception.mapping.things_on_map import STANDS_ODDS, things_on_map
from handeye.policies.navigation.explorer import Explorer
from handeye.policies.navigation.grid_planner import GridPlanner

CAMERA = "ego"
HERE_M = 0.7  # Floor within this distance tells which room the robot is in.
BESIDE_M = 0.2  # Floor within this distance tells which room an object stands in.
STAYED = 3  # A room counts as visited after so many actions in it.


class RoomsContext:
    """The state that the tools of an apartment share.

    Args:
        robot: the only way to act.
        perception: the only way to see.

    Attributes:
        robot: as given.
        perception: as given.
        explorer: the map and the ways on it.
        memory: the things seen so far.
        visited: rooms in the order in which the robot came into them.
        explored: whether an exploration has ended with nothing left.
    """

    def __init__(self, robot: Robot, perception: RoomPerception) -> None:
        self.robot, self.perception = robot, perception
        self._rooms = len(perception.rooms)
        looks = len(perception.kinds) + len(perception.colours) if perception.guesses else 0
        self.explorer = Explorer(GridPlanner(), FloorMap(channels=self._rooms + looks))
        self.memory = RoomMemory(perception.kinds, perception.colours, perception.rooms)
        self.visited: list[str] = []
        self._camera = EgoCamera()
        self._last_room, self._stayed = "", 0
        self.in_view: list[KnownObject] = []
        self.explored = False
        self._seen_steps = -1

    def watch(self) -> None:
        """Take in what the robot sees now, once for each of its steps."""
        if self._seen_steps == self.robot.steps:
            return
        self._seen_steps = self.robot.steps
        observation = self.robot.observation
        sight = self.perception.see(observation)
        pose = self.explorer.see(observation, self._scores(sight))
        points = self._camera.points(observation[f"depth_{CAMERA}"], pose)[..., :2]
        near = np.hypot(*(np.moveaxis(points, -1, 0).T - pose[:2]).T).T <= FAR_M
        self.in_view = []
        for seen in sight.things:
            shown = seen.mask & near
            thing = self.memory.add(seen, points[shown], self._room_odds(sight.rooms, shown))
            if thing is not None and thing not in self.in_view:
                self.in_view.append(thing)
        if self.explored and sight.looks is not None:
            stands = sight.looks[..., : len(self.perception.kinds)].sum(-1) > STANDS_ODDS
            side = len(points) // len(stands)
            shown = stands.repeat(side, 0).repeat(side, 1) & near
            self.in_view = self.memory.shown(squares_of(points[shown]))
        self._note_room()

    def _scores(self, sight: Sight) -> NDArray[np.float32] | None:
        """Return what a map takes from a look: rooms and looks, until they are decided."""
        if sight.looks is None:
            return sight.rooms
        return None if self.explored else np.concatenate([sight.rooms, sight.looks], axis=-1)

    def end_exploring(self) -> None:
        """Nothing is left to explore: an eye that guesses has seen all, so that it decides now."""
        decides = self.perception.guesses and not self.explored
        self.explored = True
        if not decides:
            return
        floor = self.explorer.floor
        settle_rooms(floor, self._rooms)
        for guessed in things_on_map(floor, self._rooms, self.perception.sizes_m):
            x, y = guessed.points_m.mean(0).tolist()
            self.memory.put(guessed, floor.scores_near(x, y, BESIDE_M)[: self._rooms])
        self.visited.clear()  # where it went was for looking
        self._note_room()

    def _room_odds(
        self, rooms: NDArray[np.float32], shown: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """Odds (R,) of the rooms that a thing's pixels lie in, given those of a coarse picture."""
        side = len(shown) // len(rooms)
        spots = shown[side // 2 :: side, side // 2 :: side]
        if not spots.any():  # too small for the middles of spots: any that it touches
            spots = np.any(shown.reshape(len(rooms), side, -1, side), axis=(1, 3))
        return rooms[spots].mean(0) if spots.any() else np.zeros(rooms.shape[-1], np.float32)

    def act(self, action: int) -> None:
        """One discrete action, and a look at what comes of it.

        Raises:
            CannotDo: the episode is over.
        """
        self.robot.act(np.asarray(self.explorer.doing(action)))
        self.watch()

    @property
    def room(self) -> str:
        """The room that the robot is in; "" if it does not know."""
        pose, floor = self.explorer.pose, self.explorer.floor
        odds = floor.scores_near(pose.x_m, pose.y_m, HERE_M)[: self._rooms]
        return self.perception.rooms[int(odds.argmax())] if odds.max() >= ROOM_SCORE else ""

    def _note_room(self) -> None:
        room = self.room
        self._stayed = self._stayed + 1 if room == self._last_room else 1
        self._last_room = room
        new = not self.visited or (room != self.visited[-1] and self._stayed >= STAYED)
        if room and new:
            self.visited.append(room)

    @property
    def from_start_m(self) -> float:
        """Return how far the start is, as the crow flies."""
        return math.hypot(self.explorer.pose.x_m, self.explorer.pose.y_m)

    def channel(self, room: str) -> int:
        """Of the map, for a room."""
        return self.perception.rooms.index(room)

    def knows(self, room: str) -> bool:
        """Return whether enough of a room has been seen to go there."""
        return is_known(self.explorer.floor, self.channel(room))

    def known_rooms(self) -> list[str]:
        """All such rooms."""
        return [room for room in self.perception.rooms if self.knows(room)]

    def query(self, words: str) -> Query:
        """Return what words name.

        Raises:
            CannotDo: nothing that is known here.
        """
        return self.perception.words.read(words)

    def meant(self, query: Query) -> list[KnownObject]:
        """The things that a query fits; where all is explored and none does, the likeliest."""
        found = self.memory.fitting(query)
        return found if found or not self.explored else self.memory.likeliest(query)

    def one(self, words: str) -> KnownObject:
        """The one thing that words, or a handle such as "#3", mean.

        Raises:
            CannotDo: they fit nothing seen so far, or several things.
        """
        if words.startswith("#"):
            for thing in self.memory.things:
                if f"#{thing.number}" == words.strip():
                    return thing
            raise CannotDo(f"{words} is no handle; detect the thing first", "unknown_words")
        query = self.query(words)
        found = self.meant(query)
        if len(found) > 1:
            found = self.memory.likeliest(query)
        return only(words, found, self.memory.listed, nothing_seen(words))

    def picture(self) -> Image:
        """Return what the robot sees now."""
        return Image(np.asarray(self.robot.observation[f"rgb_{CAMERA}"]), "seen by the robot")


def nothing_seen(words: str) -> str:
    """Say that words fit nothing that was seen so far."""
    return f"nothing seen so far fits {words!r}; explore to find it"
