"""The kinds of instructions of `rooms-long` as tasks of apartments."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.colours import COLOURS
from handeye.envs.core.documentation import headed
from handeye.envs.core.registry import KIND_SPLIT, Suite
from handeye.envs.core.simulated_user import Unclear
from handeye.envs.rooms.apartments.apartment import PIECES
from handeye.envs.rooms.apartments.sample_floor_plan import LEAST_ROOMS
from handeye.envs.rooms.long.answers import says
from handeye.envs.rooms.long.goals import Condition, LongGoal
from handeye.envs.rooms.long.sampling import HELD_OUT_KINDS, KINDS, LONG_SPLITS, draw_goal
from handeye.envs.rooms.long.symbolic_home import START, home_of
from handeye.envs.rooms.long.words import say
from handeye.envs.rooms.scene.ego_camera import in_view
from handeye.envs.rooms.scene.scene import STOP_WITHIN_M, BaseTrajectory, Leg, RoomGoal, RoomScene
from handeye.envs.rooms.scene.viewpoints import places_in_room, viewpoints
from handeye.envs.rooms.tasks.task import RoomTask, shortest_path_m

OFFERED = 4  # goals of a scene
DRAWS = 40  # of goals in a scene
EVERYTHING = ("patrol", "how_many_rooms")  # kinds whose words leave nothing to be told apart
# Kinds that a tour through all rooms could fulfil -> least number of rooms.
TOURED = {"round_trip": 5, "visit_any_order": 5}
NOTHING = LongGoal("", "short", "ordinary", ())
STEPS = 400  # that any goal may take, and for each subgoal:
STEPS_A_SUBGOAL = 200


@dataclass(frozen=True)
class LongRoomGoal(RoomGoal):
    """A goal of an apartment that has a kind of instruction of its own.

    Attributes:
        work: all that it asks for.
    """

    work: LongGoal = NOTHING

    @classmethod
    def of(cls, work: LongGoal, scene: RoomScene) -> "LongRoomGoal":
        """The goal; it refers to the places of its words that the scene has."""
        rooms = {room.kind for room in scene.apartment.rooms}
        there = tuple(place for place in work.places if place in rooms or place in scene.things)
        return cls(there, work.what, answer=work.answer, work=work)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "LongRoomGoal":
        """The inverse of `dataclasses.asdict`, after a trip through JSON too."""
        plain = RoomGoal.from_dict(data)
        work = LongGoal.from_dict(data["work"])
        return cls(plain.referred, plain.relation, answer=plain.answer, work=work)


class LongRoomTask(RoomTask):
    """One kind of instruction: ordered visits, a stop, an answer; or the word that it cannot be."""

    splits: ClassVar[tuple[str, ...]] = LONG_SPLITS
    least_way_m: ClassVar[float] = 1.5
    _split = "seen"

    def draw_scene(
        self, rng: np.random.Generator, split: str
    ) -> tuple[RoomScene, list[RoomGoal], int]:
        """As for every task; the split also decides what goals may be about."""
        self._split = split
        return super().draw_scene(rng, split)

    def goals(self, scene: RoomScene, rng: np.random.Generator) -> Iterator[RoomGoal]:
        """Different goals of this kind; few, since looking for ways takes time."""
        home = home_of(scene)
        offered: list[LongGoal] = []
        for _ in range(DRAWS):
            work = draw_goal(home, self.name, rng, split=self._split)
            if work is None or replace(work, vagueness="ordinary") in offered:
                continue
            goal = LongRoomGoal.of(work, scene)
            if self.worth_asking(scene, goal):
                offered.append(replace(work, vagueness="ordinary"))
                yield goal
            if len(offered) == OFFERED:
                return

    def conditions(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> dict[str, bool]:
        """What has been visited in the order asked for, where the robot stands, what it said."""
        work = work_of(goal)
        return {
            f"{number} {condition.what} {condition.place}".strip(): tick is not None
            for number, (condition, tick) in enumerate(
                zip(work.conditions, _met(scene, work, walk), strict=True), 1
            )
        }

    def visited_at(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> int | None:
        """The last tick at a place that is visited last, where nothing is asked.

        Whoever explores may have been at places before it sets out for them, so that it is not the
        first tick. It counts where the goal ends with its visits, or back at the start.
        """
        conditions = work_of(goal).conditions
        visits = [each for each in conditions if each.what == "visit"]
        ends = {each.place for each in conditions if each.what != "visit"}
        if not visits or not ends <= {START}:
            return None
        if None in _met(scene, work_of(goal), walk)[: len(visits)]:
            return None
        before = {each.after for each in visits}
        last = [each.place for number, each in enumerate(visits) if number not in before]
        track_m = walk.track[:, :2]
        return max(int(np.flatnonzero(_been(scene, place, track_m))[-1]) for place in last)

    def end_place_m(self, scene: RoomScene, goal: RoomGoal) -> tuple[float, float] | None:
        """The start, for who has to come back."""
        stops = any(condition.what == "stop" for condition in work_of(goal).conditions)
        return scene.start.xy if stops else None

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        """From place to place; for a goal that needs none, none but the start."""
        conditions = work_of(goal).conditions
        legs = tuple(_leg(scene, c) for c in conditions if c.what != "answer")
        return legs or (Leg((scene.start.xy,)),)

    def worth_asking(self, scene: RoomScene, goal: RoomGoal) -> bool:
        """Return whether it can be done and is not done yet; or cannot be done by anybody."""
        if not work_of(goal).feasible:
            return True
        here = BaseTrajectory(np.array([(*scene.start.xy, scene.start.yaw_rad)]))
        legs = self.legs(scene, goal)
        reached = all(leg.points_m for leg in legs)  # of what cannot be reached, a leg has none
        moves = bool(goal.answer) or (reached and shortest_path_m(scene, legs) >= self.least_way_m)
        return reached and moves and not self.done(scene, goal, here)

    def instruction(
        self, scene: RoomScene, goal: RoomGoal, split: str, rng: np.random.Generator
    ) -> str:
        """The goal in words of its own vagueness.

        Raises:
            ValueError: nothing tells one of its places from others.
        """
        said = say(home_of(scene), work_of(goal), KINDS[self.name], split, rng)
        if said is None:
            raise ValueError(f"no words for {goal}: a place of it cannot be told from others")
        return said.words

    def max_steps(self, goal: RoomGoal, action_mode: str) -> int:
        """Return a budget that grows with the goal's steps, exploring included."""
        steps = STEPS + STEPS_A_SUBGOAL * len(work_of(goal).subgoals)
        return steps * self.step_budget[action_mode] // self.step_budget["base_discrete"]

    def about(self, goal: RoomGoal) -> dict[str, Any]:
        """What records keep of a goal."""
        work = work_of(goal)
        told = {"kind": work.kind, "length": work.length, "vagueness": work.vagueness}
        return {**told, "feasible": work.feasible}

    def unclear(self, goal: RoomGoal) -> Unclear | None:
        """Which of several things of a kind is meant, where the words leave it open."""
        return which_is_meant(work_of(goal))


def which_is_meant(work: LongGoal) -> Unclear | None:
    """Which of several things of a kind is meant, where the words of a goal leave it open."""
    if work.kind != "ask_which":
        return None
    colour = work.places[0].split("_")[0]
    return Unclear(work.what, f"the {colour} one", COLOURS, PIECES)


def work_of(goal: RoomGoal) -> LongGoal:
    """All that a goal asks for.

    Raises:
        ValueError: it is a goal of another suite.
    """
    if not isinstance(goal, LongRoomGoal):
        raise ValueError(f"{goal} is no goal of rooms-long; leave the goal to be drawn")
    return goal.work


def _met(scene: RoomScene, work: LongGoal, walk: BaseTrajectory) -> list[int | None]:
    """The tick at which each condition was first met; None for one that is not."""
    met_at: list[int | None] = []
    for condition in work.conditions:
        met_at.append(_met_at(scene, work, condition, walk, met_at))
    return met_at


def _met_at(
    scene: RoomScene,
    work: LongGoal,
    condition: Condition,
    walk: BaseTrajectory,
    before: list[int | None],
) -> int | None:
    """The tick at which a condition was first met; None if it is not."""
    last = len(walk.track) - 1
    if condition.what == "answer":
        return last if says(walk.answer, work.answer) else None
    if condition.what == "stop":
        seen = condition.place not in scene.things or in_view(scene, walk.here, condition.place)
        return last if seen and _been(scene, condition.place, walk.track[-1:, :2]).all() else None
    since = 0 if condition.after < 0 else before[condition.after]
    if since is None:
        return None
    there = _been(scene, condition.place, walk.track[since:, :2])
    return since + int(there.argmax()) if there.any() else None


def _been(scene: RoomScene, place: str, track_m: NDArray[np.float64]) -> NDArray[np.bool_]:
    """At which of the points (P, 2) a robot is at a place."""
    if place == START:
        return np.asarray(np.hypot(*(track_m - scene.start.xy).T) <= STOP_WITHIN_M)
    if place not in scene.things:
        return scene.inside(scene.room_index(place), track_m)
    thing = scene.things[place]
    near = thing.distances_m(track_m) <= STOP_WITHIN_M
    return scene.inside(thing.room, track_m, 0.0) & near


def _leg(scene: RoomScene, condition: Condition) -> Leg:
    place = condition.place
    if place == START:
        return Leg((scene.start.xy,))
    if place in scene.things:
        points = tuple(map(tuple, viewpoints(scene, place).tolist()))
        return Leg(points, scene.things[place].footprint.centre)
    return Leg(tuple(map(tuple, places_in_room(scene, scene.room_index(place)).tolist())))


def _doc(name: str) -> str:
    """Return the headed docstring of a kind of instruction."""
    kind = KINDS[name]
    shown = "; ".join(f'"{template}"' for template in kind.templates[:2])
    return headed(
        f"{kind.summary}.",
        Description=(
            f"An apartment, and an instruction of the kind `{name}`: {kind.summary}. Of some, "
            "something that is spoken of does not exist; then it is right to search and to say so."
        ),
        Instructions=(
            f"Such as {shown}. Their length is short, medium or long, their wording specific, "
            "ordinary or vague."
        ),
        Success=(
            "Every place has been visited in the order asked for, the robot stops where it should, "
            "and its answer is right; where it cannot be done, it has said so."
        ),
    )


def splits_of(name: str) -> tuple[str, ...]:
    """Return the splits that a kind of instruction can be asked for in."""
    return (*LONG_SPLITS, KIND_SPLIT) if name in HELD_OUT_KINDS else LONG_SPLITS


LONG_ROOM_TASKS: dict[str, type[LongRoomTask]] = {
    name: type(
        name,
        (LongRoomTask,),
        {
            "name": name,
            "__doc__": _doc(name),
            "splits": splits_of(name),
            "tests_words": name not in EVERYTHING,
            "least_goals": 1 if name in EVERYTHING else OFFERED,
            "least_rooms": TOURED.get(name, LEAST_ROOMS),
        },
    )
    for name in KINDS
}
ROOMS_LONG = Suite(
    "rooms-long",
    2,
    (
        *("visit_in_order", "visit_reversed", "visit_any_order", "round_trip"),
        *("patrol", "shuttle", "each_of", "room_with"),
        *("back_to_nth", "retrace", "ask_which", "where_is"),
        *("which_has", "whether", "what_colour", "how_many"),
        *("total", "most", "as_many", "how_many_more"),
        *("how_many_in_all", "how_many_rooms", "stay_or_go", "if_there"),
        *("if_more_than", "where_most", "search_through"),
    ),
    HELD_OUT_KINDS,
)
