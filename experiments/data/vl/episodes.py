"""Examples about whole episodes: what was done, what is to be done, what comes next.

    narration   (frames in order)       the robot picks up the star, then puts it into the cup
    plan        a frame and the words   1: pick up the star. 2: put it into the cup.
    plan        the same, under way     put it into the cup

Plans at the table are those of the scripted oracle for every goal that the episode is labelled for;
in apartments they are the rooms on the way that was driven.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.scene.language import nameable, refer_to_room, refer_to_thing
from handeye.envs.rooms.scene.scene import STOP_WITHIN_M
from handeye.envs.tabletop.episode import Episode, EpisodeGoal
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks import TASKS, Goal
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.language import RELATION_WORDS, descriptions, refer
from handeye.experiments.data.tabletop_dataset import recorded_state
from handeye.experiments.data.vl.balance import one_of
from handeye.experiments.data.vl.done import done_questions
from handeye.experiments.data.vl.examples import Frame, VlExample
from handeye.experiments.data.vl.wording import articled, enumerated, worded
from handeye.experiments.labels.scene_facts import held_item

PHRASINGS: dict[str, tuple[str, ...]] = {
    "narration": ("what did the robot do", "what happens here"),
    "plan": ("{words}: in which steps", "which steps does this take: {words}"),
    "next": ("{words}: what comes next", "which step comes next: {words}"),
}
STEPS: dict[str, tuple[str, str]] = {  # an order, and the same told of the robot
    "reach": ("move over {a}", "moves over {a}"),
    "grasp": ("pick up {a}", "picks up {a}"),
    "place": ("put {a} {side} {b}", "puts {a} {side} {b}"),
    "push": ("push {a} to {b}", "pushes {a} to {b}"),
    "press": ("press {a}", "presses {a}"),
    "open": ("open {a}", "opens {a}"),
    "close": ("close {a}", "closes {a}"),
}
PLACED = {"inside": "into", "on": "onto"}
SUBGOAL = re.compile(r"(\w+)\((-?\d+),(-?\d+),(\w*)\)")
TURNING_BACK = "go_back"  # a list of rooms says nothing of what is to be visited there
SHORT_STAY = 3  # poses in a room that is only brushed


def about_episode(
    episode: Episode | RoomEpisode, frames: Sequence[Frame], rng: np.random.Generator
) -> list[VlExample]:
    """Return narration, plans and whether it is done (`done`).

    Args:
        episode: a solved one.
        frames: some of it in the order of time, the first and the last state among them.
        rng: the only source of randomness.
    """
    if isinstance(episode, Episode):
        steps = _table_steps(episode, frames, rng)
    else:
        steps = _home_steps(episode, frames, rng)
    return [*steps, *done_questions(episode, frames, rng)]


def _table_steps(
    episode: Episode, frames: Sequence[Frame], rng: np.random.Generator
) -> Iterator[VlExample]:
    told = [_step(episode, step, rng)[1] for step in steps_done(episode)]
    if told and all(told):
        words = "the robot " + ", then ".join(told)
        asked = one_of(PHRASINGS["narration"], rng)
        yield VlExample("narration", "episode", asked, articled(words), tuple(frames))
    for goal in episode.goals:
        plan = plan_of(episode, goal)
        orders = [_step(episode, step, rng)[0] for step in plan]
        if orders and all(orders):
            asked = worded(PHRASINGS["plan"], rng, words=one_of(goal.instructions, rng))
            yield VlExample("plan", "steps", asked, numbered(orders), (frames[0],))
    for frame in frames[1:-1]:
        coming = _parsed(episode.subgoals[frame.time])
        order = _step(episode, coming, rng)[0] if coming is not None else ""
        if order:
            words = one_of(episode.goals[0].instructions, rng)
            asked = worded(PHRASINGS["next"], rng, words=words)
            yield VlExample("plan", "next", asked, order, (frame,))


def steps_done(episode: Episode) -> list[Subgoal]:
    """Return the steps of a solved episode; of one that had to be done again the last time."""
    wanted = [step for step in map(_parsed, episode.subgoals) if step is not None]
    return [*dict.fromkeys(reversed(wanted))][::-1]


def plan_of(episode: Episode, goal: EpisodeGoal) -> list[Subgoal]:
    """Return the oracle's steps to a goal from the first state; none where the task has no plan."""
    task = goal.task or episode.task
    if task not in TASKS:
        return []
    wanted = Goal(goal.referred, goal.relation, task)
    held = held_item(episode.scene, recorded_state(episode, 0))
    steps = TABLETOP.make_task(task).subgoals(wanted)
    return [step for step in steps if (step.skill, step.item) != ("grasp", held)]


def numbered(orders: Sequence[str]) -> str:
    """Return "1: pick up the star. 2: put it into the cup."."""
    return " ".join(f"{number}: {order}." for number, order in enumerate(orders, 1))


def _parsed(subgoal: str) -> Subgoal | None:
    """A recorded subgoal; None for one that acts on nothing, such as "done"."""
    found = SUBGOAL.fullmatch(subgoal)
    if found is None:
        return None
    return Subgoal(found[1], int(found[2]), int(found[3]), found[4])


def _step(episode: Episode, step: Subgoal, rng: np.random.Generator) -> tuple[str, str]:
    """A step as an order and as told; two empty texts where words do not single its things out."""
    key = step.relation if step.skill == "slide" else step.skill
    items = [item for item in (step.item, step.target) if item >= 0]
    scene = episode.scene
    if key not in STEPS or not all(descriptions(scene, item) for item in items):
        return "", ""
    slots = {name: refer(scene, item, rng) for name, item in zip("ab", items, strict=False)}
    side = PLACED.get(step.relation) or one_of(RELATION_WORDS.get(step.relation, ("",)), rng)
    order, told = (text.format(**slots, side=side) for text in STEPS[key])
    return order, told


def _home_steps(
    episode: RoomEpisode, frames: Sequence[Frame], rng: np.random.Generator
) -> Iterator[VlExample]:
    rooms = rooms_driven(episode)
    if not rooms:
        return
    start, *on = [refer_to_room(kind, rng) for kind in rooms]
    goal, end = episode.goals[0].goal, _end(episode, rng)
    way = [f"drives to {room}" for room in on]
    last = f"says {goal.answer}" if goal.answer else f"stops near {end}" if end else "stops"
    told = enumerated([f"starts in {start}", *way, last])
    asked = one_of(PHRASINGS["narration"], rng)
    yield VlExample("narration", "episode", asked, articled(f"the robot {told}"), tuple(frames))
    if episode.task == TURNING_BACK:
        return
    stop = f"stop near {end}" if end else "stop there" if on else "stop"
    orders = [*(f"drive to {room}" for room in on), "say the number" if goal.answer else stop]
    words = one_of(episode.goals[0].instructions, rng)
    asked = worded(PHRASINGS["plan"], rng, words=words)
    yield VlExample("plan", "steps", asked, numbered(orders), (frames[0],))


def rooms_driven(episode: RoomEpisode) -> list[str]:
    """Return the kinds of the rooms that were driven through in turn, brushed ones left out."""
    home = episode.scene.apartment
    stays = [
        (index, len(list(run)))
        for index, run in groupby(home.room_at(x, y) for x, y, _ in episode.poses.tolist())
    ]
    long = [i for i, count in stays if i >= 0 and count > SHORT_STAY] or [stays[0][0]]
    return [home.rooms[index].kind for index, _ in groupby(long) if index >= 0]


def _end(episode: RoomEpisode, rng: np.random.Generator) -> str:
    """The thing of the goal beside which the base stands at last, in words."""
    x, y, _ = episode.poses[-1].tolist()
    for name in episode.goals[0].goal.referred[:1]:
        thing = episode.scene.things.get(name)
        if thing is not None and thing.distance_m(x, y) <= STOP_WITHIN_M:
            return refer_to_thing(episode.scene, name, rng) if nameable(episode.scene, name) else ""
    return ""
