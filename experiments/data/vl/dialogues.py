"""Dialogues in the three kinds of LLaVA-Instruct (Liu et al. 2023, arXiv:2304.08485, section 3).

conversation    several questions about one frame in turn, each with its short answer
description     everything in view at length: what there is, how it stands, in what state it is
reasoning       an answer and why it is so: what hinders, what is nearer, which way to turn
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from handeye.envs.tabletop.world.shapes import PRISMS
from handeye.experiments.data.vl.balance import Tally, drawn, one_of
from handeye.experiments.data.vl.captions import everything
from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.questions import questions
from handeye.experiments.data.vl.views import View
from handeye.experiments.data.vl.wording import called, worded
from handeye.experiments.labels.scene_facts import HANDLE, RELATIONS
from handeye.experiments.labels.scene_nouns import RELATION_WORDS

PHRASINGS: dict[str, tuple[str, ...]] = {
    "description": (
        "tell me about all that you see here",
        "what does this frame show, thing by thing",
        "write down everything that can be seen",
    ),
    "pick": ("could the robot pick up {the} at once", "is {the} free to be picked up"),
    "inside": ("could the robot put something into {the} at once",),
    "nearer": ("which one is nearer to the camera, {the} or {b}",),
    "turn": ("which way is {the}, seen from the robot", "on which side does the robot see {the}"),
}
TURNS = 4  # of a conversation
SENTENCES = 4  # of a description about how things stand
FAR_APART_M = 1.0
ASIDE = 0.15  # of the frame's width from its middle, where a thing is at a side
Reasoned = tuple[str, str, list[int]]
"""Question, answer, and the things named."""


def dialogues(view: View, tally: Tally, rng: np.random.Generator) -> list[VlExample]:
    """Return one dialogue of each kind about a frame, as far as it shows enough."""
    made = [_conversation(view, tally, rng), _description(view, rng), _reasoning(view, rng)]
    return [one for one in made if one is not None]


def _conversation(view: View, tally: Tally, rng: np.random.Generator) -> VlExample | None:
    """Questions about different matters, one after the other."""
    by_matter = {one.about: one for one in drawn(questions(view, tally, rng), rng)}
    turns = drawn(list(by_matter.values()), rng, TURNS)
    if len(turns) < 2:
        return None
    before = tuple((one.question, one.answer) for one in turns[:-1])
    last = turns[-1]
    indices = _indices(view, last.bodies)
    return view.example(
        "dialogue", "conversation", last.question, last.answer, indices, before=before
    )


def _indices(view: View, bodies: Sequence[str]) -> list[int]:
    return [index for index, one in enumerate(view.frame.things) if one.name in bodies]


def _description(view: View, rng: np.random.Generator) -> VlExample | None:
    """All things, then how some of them stand, then what is open, pressed or held."""
    things = [i for i, thing in enumerate(view.facts.things) if thing.kind != HANDLE]
    if not things:
        return None
    place = f"from the {view.frame.room} one can see" if view.frame.room else "one can see"
    first = f"{place} {everything(view, rng)}"
    sentences = [first, *drawn(list(_standing(view, rng)), rng, SENTENCES)]
    for index in things:
        words, state = called(view, index, rng), view.facts.things[index].state
        if words and state:
            sentences.append(f"{words} is {'in the gripper' if state == 'held' else state}")
    asked = one_of(PHRASINGS["description"], rng)
    answer = ". ".join(sentences) + "."
    return view.example("dialogue", "description", asked, answer, things)


def _standing(view: View, rng: np.random.Generator) -> Iterator[str]:
    """Yield how each thing stands to one other."""
    for index in range(len(view.facts.things)):
        rows = [row for row, name in enumerate(RELATIONS) if name != "of"]
        pairs = np.argwhere(view.facts.related[rows, index]).tolist()
        for row, other in drawn(pairs, rng, 1):
            words, reference = called(view, index, rng), called(view, other, rng)
            if words and reference:
                side = one_of(RELATION_WORDS[RELATIONS[rows[row]]], rng)
                yield f"{words} is {side} {reference}"


def _reasoning(view: View, rng: np.random.Generator) -> VlExample | None:
    """A question that is answered with its reason."""
    ways: list[Callable[..., Reasoned | None]] = [_picking, _opening, _nearer, _turning]
    for way in drawn(ways, rng):
        found = way(view, rng)
        if found is not None:
            asked, reply, indices = found
            return view.example("dialogue", "reasoning", asked, reply, indices)
    return None


def _picking(view: View, rng: np.random.Generator) -> Reasoned | None:
    """What is in the way of picking something up: what is held, or lies on it."""
    things = view.facts.things
    held = [i for i, thing in enumerate(things) if thing.state == "held"]
    on = view.facts.related[RELATIONS.index("on")]
    loose = [i for i, t in enumerate(things) if t.kind in PRISMS and i not in held]
    for index in drawn(loose, rng):
        words, above = called(view, index, rng), np.flatnonzero(on[:, index]).tolist()
        hindering = [*held, *above][:1]
        hinders = [called(view, other, rng) for other in hindering]
        if not words or "" in hinders:
            continue
        asked = worded(PHRASINGS["pick"], rng, the=words)
        if held:
            reply = f"no: the gripper holds {hinders[0]}, which has to be put down before"
        elif above:
            reply = f"no: {hinders[0]} is on top of it and has to be lifted before"
        else:
            reply = "yes: the gripper is empty, and nothing is on top of it"
        return asked, reply, [index, *hindering]
    return None


def _opening(view: View, rng: np.random.Generator) -> Reasoned | None:
    """Whether a drawer can take something."""
    for index in drawn(range(len(view.facts.things)), rng):
        thing, words = view.facts.things[index], called(view, index, rng)
        if words and thing.state in ("open", "closed"):
            replies = {
                "open": "yes: it is open",
                "closed": "no: it is closed and has to be open before",
            }
            asked = worded(PHRASINGS["inside"], rng, the=words)
            return asked, replies[thing.state], [index]
    return None


def _nearer(view: View, rng: np.random.Generator) -> Reasoned | None:
    """Which of two things is nearer: of a table by the side, of a home by metres."""
    home, away = view.frame.camera == "ego", view.facts.away
    if view.frame.camera == "overhead":
        return None
    in_front = view.facts.related[RELATIONS.index("front")]
    closer = away[None] - away[:, None] > FAR_APART_M if home else in_front
    for a, b in drawn(np.argwhere(closer).tolist(), rng):
        first, second = called(view, a, rng), called(view, b, rng)
        if not first or not second or HANDLE in (view.facts.things[i].kind for i in (a, b)):
            continue
        named = drawn([first, second], rng)
        asked = worded(PHRASINGS["nearer"], rng, the=named[0], b=named[1])
        reason = (
            f"it is about {away[a]:.1f} metres away and {second} about {away[b]:.1f}"
            if home
            else f"{second} is behind it"
        )
        return asked, f"{first}: {reason}", [a, b]
    return None


def _turning(view: View, rng: np.random.Generator) -> Reasoned | None:
    """Which way the robot has to turn to face something in an apartment."""
    if view.frame.camera != "ego":
        return None
    for index in drawn(range(len(view.facts.things)), rng):
        words, aside = called(view, index, rng), float(view.facts.column[index]) - 0.5
        if words:
            asked = worded(PHRASINGS["turn"], rng, the=words)
            if abs(aside) < ASIDE:
                return asked, "straight ahead: it is in the middle of the frame", [index]
            side = "left" if aside < 0 else "right"
            return asked, f"to the {side}: it is {side} of the middle of the frame", [index]
    return None
