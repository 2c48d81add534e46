"""Wider wording for training, so that a model learns what words mean and not templates.

The suites have a few phrasings of each kind of instruction, and other ones of their own in the
split `phrasing`, which training never has. `wordings/` holds many more. A test holds that every
held-out phrasing is three word edits or more from all of them, see `checks.held_out_words`. Single
words are shared: a model that learns English from these traces cannot know a verb it never read.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms import long as rooms
from handeye.envs.rooms.long.sampling import Sample
from handeye.envs.rooms.long.words import Said, say
from handeye.envs.tabletop.long.goal import LongGoal, Vagueness
from handeye.envs.tabletop.long.phrasing import instruction
from handeye.envs.tabletop.long.words import SEEN, Joints, Wording
from handeye.envs.tabletop.tasks import TASKS
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world.goal import Goal
from handeye.envs.tabletop.world.language import phrase
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene

USUAL_SHARE = 0.3  # of instructions, worded as the suite does
WIDE_SHARE = 0.7  # of the clauses of the other ones, worded otherwise
WRAPPED, CAPITAL, STOPPED = 0.15, 0.2, 0.2  # shares of those other ones
WRAPPERS = ("{0}, please", "{0}, thanks", "hey, {0}", "robot, {0}", "ok, {0}", "now: {0}")
STOPS = (".", ".", "!")
# Core task -> the clause of long instructions that asks for the same; others are named by what is
# to be done (a side, "open" or "close").
SAME_CLAUSE = {
    "put_in": "put_in", "stack": "put_on", "push_to_zone": "push", "press_button": "press",
    "reach": "", "pick_up": "",
}  # fmt: skip


_SAID = (  # core tasks with what is asked of them
    *((task, "") for task in ("reach", "pick_up", "put_in", "stack", "push_to_zone")),
    *(("place_beside", side) for side in ("left", "right", "front", "behind")),
    *(("press_button", ""), ("move_drawer", "open"), ("move_drawer", "close")),
)


@dataclass(frozen=True)
class Wider:
    """Patterns of one kind, each with its alternatives, see `spell_out`.

    Attributes:
        orders: that begin with a verb and can be a part of another sentence.
        free: all others.
    """

    orders: tuple[str, ...]
    free: tuple[str, ...]


@cache
def wider(name: str) -> Mapping[str, Wider]:
    """The patterns of one file of `wordings/`: "core", "tabletop" or "rooms"."""
    text = (files("handeye.experiments") / "wordings" / f"{name}.json").read_text()
    read = json.loads(text)
    return {k: Wider(tuple(both["orders"]), tuple(both["free"])) for k, both in read.items()}


def word_core(
    task: Task,
    scene: Scene,
    goal: Goal,
    rng: np.random.Generator,
    described_as: list[str] | None = None,
) -> str:
    """A goal of `tabletop-core` in words; `described_as` gets those for its objects."""
    usual = rng.random() < USUAL_SHARE
    patterns = task.templates if usual else _core_patterns(task.name, goal.relation)
    template = _one_of(spell_out(_one_of(patterns, rng)), rng)
    said = phrase(template, scene, goal.referred, goal.relation, rng, described_as)
    return said if usual else _as_people_do(said, rng)


@cache
def _core_patterns(task: str, relation: str) -> tuple[str, ...]:
    """The patterns of a core task, and those of the clause of long instructions that says it."""
    known = [wider("core")[task]]
    clause = SAME_CLAUSE.get(task, relation)
    if clause in wider("tabletop"):
        known.append(wider("tabletop")[clause])
    patterns = (pattern for both in known for pattern in (*both.orders, *both.free))
    return tuple(p.replace("{0}", "{a}").replace("{1}", "{b}") for p in patterns)


def core_words() -> tuple[str, ...]:
    """Every phrasing of `word_core`, without what fills its slots."""
    usual = [pattern for task in TASKS.values() for pattern in task.templates]
    wide = [pattern for task, way in _SAID for pattern in _core_patterns(task, way)]
    said = (*usual, *spell_out(*wide), *WRAPPERS)
    return tuple(re.sub(r"\{\w+\}", " ", text) for text in said)


def word_long(
    goal: LongGoal,
    things: Sequence[ObjectSpec],
    rng: np.random.Generator,
    described_as: list[str] | None = None,
) -> str:
    """A goal of `tabletop-long` in words; `described_as` gets those for its objects."""
    if rng.random() < USUAL_SHARE:
        return instruction(goal, things, rng, SEEN, described_as)
    known = wider("tabletop")

    def options(clause: str, vagueness: Vagueness, inner: bool) -> tuple[str, ...]:
        """Return the phrasings of a clause, now and then the wider ones."""
        if rng.random() >= WIDE_SHARE:
            return SEEN.options(clause, vagueness, inner)
        orders, free = known[clause].orders, known[clause].free
        return spell_out(_one_of(orders if inner and orders else (*orders, *free), rng))

    wording = Wording(options, _joints())
    return _as_people_do(instruction(goal, things, rng, wording, described_as), rng)


def word_rooms(sample: Sample, rng: np.random.Generator) -> Said:
    """A goal of `rooms-long` in words."""
    if rng.random() < USUAL_SHARE:
        return sample.said
    known = wider("rooms")[sample.goal.kind]
    templates = spell_out(_one_of((*known.orders, *known.free), rng))
    kind = replace(rooms.KINDS[sample.goal.kind], templates=templates, vague=templates)
    said = say(sample.home, sample.goal, kind, "seen", rng) or sample.said
    return said._replace(words=_as_people_do(said.words, rng))


@cache
def _joints() -> Joints:
    """Those of the suite and wider ones; what does not begin with {0} joins the first two alone."""
    usual, known = SEEN.joints, wider("tabletop")
    ordered, free = spell_out(*known["JOIN_IN_ORDER"].free), spell_out(*known["JOIN"].free)
    return Joints(
        (*usual.in_order, *(joint for joint in ordered if joint.startswith("{0}"))),
        (*usual.at_first, *(joint for joint in ordered if not joint.startswith("{0}"))),
        (*usual.free, *free),
        (*usual.after_choice, *spell_out(*known["AFTER_CHOICE"].free)),
    )


def _as_people_do(words: str, rng: np.random.Generator) -> str:
    """Some with a word to the robot, a capital letter or a full stop."""
    if rng.random() < WRAPPED:
        words = _one_of(WRAPPERS, rng).format(words)
    if rng.random() < CAPITAL:
        words = words[0].upper() + words[1:]
    return words + _one_of(STOPS, rng) if rng.random() < STOPPED else words


def _one_of(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]
