"""An apartment in which somebody says a sentence of the corpus, judged by what it asks for."""

from typing import Any

from handeye.envs.people.utterances import Utterance
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.long.goals import ANSWER, CANNOT, Condition, LongGoal, Subgoal
from handeye.envs.rooms.long.task import LongRoomGoal
from handeye.envs.rooms.scene.scene import RoomScene


class SpokenHome(RoomsEnv):
    """An apartment of a task whose goal is what somebody said.

    Attributes:
        utterance: of the next episode; its seed and task fix the scene.
    """

    utterance: Utterance

    def sample_episode(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> None:
        """Sample the scene of the task, then put what was said in the place of its goal."""
        super().sample_episode(seed=seed, options=options)
        goal = goal_of(self.utterance, self.scene)
        self.goals, self.goal_index, self.goal = [goal], 0, goal

    def words_for(self, goal: int, variant: int = 0) -> str:
        """The sentence."""
        return self.utterance.words


def goal_of(utterance: Utterance, scene: RoomScene) -> LongRoomGoal:
    """What an utterance asks for in its apartment."""
    places = tuple(told["place"] for told in utterance.conditions)
    asked = utterance.answer or (CANNOT if utterance.kind in ("cannot", "harmful") else "")
    conditions = tuple(
        Condition(told["what"], told["place"], number - 1 if utterance.ordered else -1)
        for number, told in enumerate(utterance.conditions)
    )
    what = places[0].split("_")[1] if utterance.clarification else ""
    work = LongGoal(
        kind="ask_which" if utterance.clarification else utterance.kind,
        length="short",
        vagueness="ordinary",
        places=places,
        what=what,
        answer=asked,
        conditions=(*conditions, *(ANSWER,) * bool(asked)),
        subgoals=tuple(Subgoal("go_to", place) for place in places),
    )
    return LongRoomGoal.of(work, scene)
