"""What instructions mean, drawn without end: each with its intent, for a model to learn to read.

A reading is a trace of one turn: the call of `carry_out` that a planner makes of its instruction.
"""

import numpy as np

from handeye.agents.core.conversation import ToolCall
from handeye.agents.planners.intent_planner import CARRY_OUT
from handeye.envs.core.registry import KIND_SPLIT
from handeye.envs.rooms import long as rooms
from handeye.envs.tabletop.long import sample_long_goal
from handeye.envs.tabletop.long.phrasing import instruction
from handeye.envs.tabletop.long.registry import FAMILY_KINDS, kinds_in
from handeye.envs.tabletop.long.words import wording_of
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks import TASKS, pursuable
from handeye.envs.tabletop.world.language import phrase
from handeye.experiments.traces.colour_renaming import with_other_colours
from handeye.experiments.traces.free_readings import draw_free, draw_list
from handeye.experiments.traces.plan_annotation import Trace, Turn
from handeye.experiments.traces.rooms_intents import rooms_intent
from handeye.experiments.traces.table_intents import core_intent, long_intent
from handeye.experiments.wordings.noise import as_typed
from handeye.experiments.wordings.paraphrases import word_core, word_long, word_rooms

ROOMS_SHARE, CORE_SHARE = 0.3, 0.1
# Shares of readings in training: about nothing that is there, mere lists, and with colours that no
# suite has.
FREE, LISTED, OTHER_COLOURS = 0.4, 0.1, 0.25
TYPED = {"free": 0.65, "suite": 0.3}  # of those in training, as people type


def draw_reading(rng: np.random.Generator, split: str = "seen", *, wide: bool = False) -> Trace:
    """An instruction of one of the suites, and what it means.

    Args:
        rng: the only source of randomness.
        split: of things and words, see `tasks.SPLITS`.
        wide: for training: worded in more ways than the suites have, and as people type.
    """
    if wide and rng.random() < LISTED:
        return draw_listing(rng, wide=True)
    free = wide and rng.random() < FREE
    reading = reading_of("free", *draw_free(rng)) if free else _of_suite(rng, split, wide=wide)
    if wide and rng.random() < OTHER_COLOURS:
        reading = with_other_colours(reading, rng)
    if wide and rng.random() < TYPED["free" if free else "suite"]:
        reading = reading._replace(instruction=as_typed(reading.instruction, rng))
    return reading


def draw_listing(rng: np.random.Generator, split: str = "seen", *, wide: bool = False) -> Trace:
    """Names one after the other: what a model learns first; other splits are those of readings."""
    if not wide:
        return draw_reading(rng, split)
    reading = reading_of("list", *draw_list(rng))
    return with_other_colours(reading, rng) if rng.random() < OTHER_COLOURS else reading


def reading_of(kind: str, words: str, intent: str) -> Trace:
    """An instruction and what it means as a trace."""
    call = ToolCall(CARRY_OUT.spec.name, {"intent": intent}, "")
    return Trace(kind, words, (Turn(call, "", True),))


def _of_suite(rng: np.random.Generator, split: str, *, wide: bool) -> Trace:
    world = rng.random()
    if world < ROOMS_SHARE:
        return _of_rooms(rng, split, wide=wide)
    if world < ROOMS_SHARE + CORE_SHARE and split != KIND_SPLIT:
        return _of_core(rng, split, wide=wide)
    return _of_long(rng, split, wide=wide)


def _of_rooms(rng: np.random.Generator, split: str, *, wide: bool) -> Trace:
    sample = rooms.sample_long_goal(rng, split=split)
    if wide:
        sample = sample._replace(said=word_rooms(sample, rng))
    return reading_of(sample.goal.kind, sample.said.words, rooms_intent(sample))


def _of_core(rng: np.random.Generator, split: str, *, wide: bool) -> Trace:
    task = TABLETOP.make_task(list(TASKS)[int(rng.integers(len(TASKS)))])
    scene, goals, _ = task.draw_scene(rng, split)
    allowed = pursuable(scene, goals, split)
    goal = goals[allowed[int(rng.integers(len(allowed)))]]
    described: list[str] = []
    if wide:
        words = word_core(task, scene, goal, rng, described)
    else:
        template = task.template(split, rng)
        words = phrase(template, scene, goal.referred, goal.relation, rng, described)
    return reading_of(task.name, words, core_intent(task.name, goal, described))


def _of_long(rng: np.random.Generator, split: str, *, wide: bool) -> Trace:
    family = list(FAMILY_KINDS)[int(rng.integers(len(FAMILY_KINDS)))]
    sample = sample_long_goal(rng, kinds=kinds_in(split, FAMILY_KINDS[family]), split=split)
    things, described = sample.layout.things, list[str]()
    if wide:
        words = word_long(sample.goal, things, rng, described)
    else:
        words = instruction(sample.goal, things, rng, wording_of(split), described)
    return reading_of(sample.goal.kind, words, long_intent(sample.goal, things, described, words))
