"""Frames to judge eyes by: what an environment shows on the way of its scripted expert.

They are the observations that an agent gets, in the episode's own light, colours and cameras.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.pictures.rendering import HomeRenderer
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.pictures import render_states
from handeye.experiments.data.eyes_train_frames import ROOM_PX, ROOM_WORDS, TABLE_PX, TABLE_WORDS
from handeye.experiments.labels.scene_facts import RELATIONS, Facts, room_facts, table_facts
from handeye.experiments.labels.scene_nouns import Noun, Wordlist
from handeye.experiments.labels.scene_questions import Asked

MOST_STEPS = {"table": 9, "room": 25}  # of the expert before the frame
EVERYTHING_SAID = {"table": TABLE_WORDS, "room": ROOM_WORDS}
STATEMENTS = {
    "pick_up": "held", "put_in": "in", "stack": "on", "push_to_zone": "in",
    "press_button": "pressed",
}  # fmt: skip


class EvaluationFrame(NamedTuple):
    """A frame and what is true of it.

    Attributes:
        world: "table" or "room".
        camera: whose frame.
        observation: what an agent gets.
        facts: what the frame shows.
        words: what questions may name; unlike in training, everything.
        goal: the episode's goal as a statement, None where it is none.
        rng: for questions.
    """

    world: str
    camera: str
    observation: dict[str, Any]
    facts: Facts
    words: Wordlist
    goal: Asked | None
    rng: np.random.Generator

    def is_held_out(self, index: int) -> bool:
        """Whether training never showed this thing's kind in its colour."""
        thing = self.facts.things[index]
        return (thing.kind, thing.colour) in EVERYTHING_SAID[self.world].unsaid


def table_views(split: str, count: int, seed: int) -> Iterator[EvaluationFrame]:
    """Frames of the suite `tabletop-core`, one of each episode."""
    env = TabletopEnv(
        action_mode="ee_pose", split=split, cameras=("front",), image_size_px=TABLE_PX, depth=True
    )
    words = TABLE_WORDS._replace(unsaid=frozenset())
    for number in range(count):
        env.reset(seed=seed + number)
        rng = np.random.default_rng([seed + number, 0xE7E5])
        _walk(env, int(rng.integers(MOST_STEPS["table"] + 1)))
        frame = render_states([env.renderer], [env.state], ["front"], TABLE_PX, TABLE_PX)["front"]
        points = env.renderer.standing_points("front", frame.depth_m[0])
        held = max(-1, env.state.held_body - env.scene.body(0))
        facts = table_facts(env.scene, env.state, frame.segmentation[0], points, held)
        yield EvaluationFrame("table", "front", env.observe(), facts, words, _goal(env), rng)
    env.close()


def room_views(split: str, count: int, seed: int) -> Iterator[EvaluationFrame]:
    """Frames of the suite `rooms`, one of each episode."""
    env = RoomsEnv(split=split, image_size_px=ROOM_PX)
    words = ROOM_WORDS._replace(unsaid=frozenset())
    for number in range(count):
        env.reset(seed=seed + number)
        rng = np.random.default_rng([seed + number, 0xE7E5])
        _walk(env, int(rng.integers(MOST_STEPS["room"] + 1)))
        frames = HomeRenderer(env.scene, env.appearance).render(
            [env.state.here], (ROOM_PX, ROOM_PX)
        )
        facts = room_facts(env.scene, frames.segmentation[0], frames.depth_m[0])
        yield EvaluationFrame("room", "ego", env.observe(), facts, words, None, rng)
    env.close()


def _walk(env: TabletopEnv | RoomsEnv, steps: int) -> None:
    for _ in range(steps):
        wanted = env.oracle_action()
        if wanted.done:
            return
        _, _, terminated, truncated, _ = env.step(wanted.values)
        if terminated or truncated:
            return


def _goal(env: TabletopEnv) -> Asked | None:
    """The goal as a statement about plain nouns: the success check."""
    goal, things = env.goal, env.scene.objects
    nouns = [Noun(things[i].kind, things[i].colour, things[i].size) for i in goal.referred]
    name = STATEMENTS.get(env.task.name, goal.relation)
    name = {"close": "closed"}.get(name, name)
    if not name:
        return None
    if len(nouns) == 1:
        return Asked("state", nouns[0], None, name)
    return Asked("holds", nouns[0], nouns[1], name) if name in RELATIONS else None
