"""Is it done: a yes about an episode's last frame, and a no about its first or another goal."""

from collections.abc import Sequence

import numpy as np

from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.registry import ROOMS
from handeye.envs.rooms.scene.scene import BaseTrajectory
from handeye.envs.tabletop.episode import Episode, EpisodeGoal
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks import Goal
from handeye.experiments.data.tabletop_dataset import recorded_state
from handeye.experiments.data.vl.balance import one_of
from handeye.experiments.data.vl.examples import Frame, VlExample
from handeye.experiments.data.vl.wording import worded

PHRASINGS: dict[str, tuple[str, ...]] = {
    "done": ("is this done: {words}", "{words}: is it done"),
}
# Whose end a frame shows; that a button was pressed, or a thing was reached, is soon over.
SHOWN_TASKS = (
    *("pick_up", "put_in", "stack", "push_to_zone", "place_beside", "move_drawer"),
    *("object_goal", "room_goal", "relational"),
)
OTHER_GOAL_SHARE = 0.5  # of what is not done, where the goal is another than the one pursued


def done_questions(
    episode: Episode | RoomEpisode, frames: Sequence[Frame], rng: np.random.Generator
) -> list[VlExample]:
    """Return a yes about the last frame, and a no about the first one or about another goal.

    Args:
        episode: whose first goal was pursued.
        frames: some of it in the order of time, the first and the last state among them.
        rng: the only source of randomness.
    """
    first, last = frames[0], frames[-1]
    goal = episode.goals[0]
    task = getattr(goal, "task", "") or episode.task
    if task not in SHOWN_TASKS or not episode.success or not is_undone(episode, goal, first.time):
        return []
    undone = [one for one in episode.goals[1:] if is_undone(episode, one, last.time)]
    pairs = [(goal, last, "yes"), (goal, first, "no")]
    if undone and rng.random() < OTHER_GOAL_SHARE:
        pairs[1] = one_of(undone, rng), last, "no"
    return [
        VlExample(
            "vqa",
            "done",
            worded(PHRASINGS["done"], rng, words=one_of(one.instructions, rng)),
            reply,
            (frame,),
        )
        for one, frame, reply in pairs
    ]


def is_undone(episode: Episode | RoomEpisode, goal: object, time: int) -> bool:
    """Return whether a state shows that one of the episode's goals is not reached."""
    if isinstance(episode, RoomEpisode):
        walk = BaseTrajectory(episode.poses[: time + 1].astype(np.float64))
        wanted = goal.goal  # type: ignore[attr-defined]
        home_task = ROOMS.make_task(episode.task)
        return not all(home_task.conditions(episode.scene, wanted, walk).values())
    assert isinstance(goal, EpisodeGoal)
    task = goal.task or episode.task
    if task not in SHOWN_TASKS:
        return False
    conditions = TABLETOP.make_task(task).conditions(
        episode.scene,
        Goal(goal.referred, goal.relation, task),
        recorded_state(episode, time),
    )
    return not all(conditions.values())
