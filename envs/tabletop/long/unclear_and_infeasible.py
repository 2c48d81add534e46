"""Kinds that cannot be done as told: unclear ones, to be asked about, and impossible ones."""

from handeye.envs.tabletop.long.casting import GRASPABLE, VESSEL
from handeye.envs.tabletop.long.goal import Clause, Start
from handeye.envs.tabletop.long.instruction_builder import InstructionBuilder
from handeye.envs.tabletop.long.kind import Kind
from handeye.envs.tabletop.long.reasoning import absent_colour
from handeye.envs.tabletop.long.words import NUMBERS, PLURALS
from handeye.envs.tabletop.tasks.stack import BASES


def unclear_thing(s: InstructionBuilder) -> None:
    """Which of several things of a shape is to be moved is not said."""
    kind, vessel = s.pick(GRASPABLE), s.new(*VESSEL)
    item, _ = s.new(kind), s.new(kind)
    s.crowd(2)
    s.say("put_in", f"the {kind}", vessel)
    s.put(item, vessel)
    s.clarification = f"the {s.things[item].colour} one"


def unclear_colour(s: InstructionBuilder) -> None:
    """Which of several things of a colour is to be moved is not said."""
    colour, other = s.colours(2)
    vessel, kinds = s.new(*VESSEL, colour=other), s.some(GRASPABLE, 2)
    item, _ = (s.new(kind, colour=colour) for kind in kinds)
    s.crowd(2)
    s.say("put_in", f"the {colour} thing", vessel)
    s.put(item, vessel)
    s.clarification = f"the {kinds[0]}"


def unclear_container(s: InstructionBuilder) -> None:
    """Which of several containers is meant is not said."""
    kind = s.pick(VESSEL)
    vessel, _, item = s.new(kind), s.new(kind), s.new(*GRASPABLE)
    s.crowd(2)
    s.say("put_in", item, f"the {kind}")
    s.put(item, vessel)
    s.clarification = f"the {s.things[vessel].colour} one"


def unclear_button(s: InstructionBuilder) -> None:
    """Which of several buttons is meant is not said."""
    button, _ = s.new("button"), s.new("button")
    s.crowd(3)
    s.say("press", "the button")
    s.press(button)
    s.clarification = f"the {s.things[button].colour} one"


def unclear_drawer(s: InstructionBuilder) -> None:
    """Which of two closed drawers is meant is not said."""
    drawer, _ = (s.new("drawer", start=Start("closed", -1)) for _ in range(2))
    s.crowd(2)
    s.say("open", "the drawer")
    s.slide(drawer, "open")
    s.clarification = f"the {s.things[drawer].colour} one"


def absent_thing(s: InstructionBuilder) -> None:
    """What is to be moved is not there."""
    vessel, kind = s.new(*VESSEL), s.pick(GRASPABLE)
    s.crowd(3)
    named = f"the {absent_colour(s, kind)} {kind}"
    s.cannot(f"there is no such thing as {named}", "put_in", named, vessel)


def absent_container(s: InstructionBuilder) -> None:
    """What something is to be put in is not there."""
    item, kind = s.new(*GRASPABLE), s.pick(VESSEL)
    s.new(kind)
    s.crowd(3)
    named = f"the {absent_colour(s, kind)} {kind}"
    s.cannot(f"there is no such thing as {named}", "put_in", item, named)


def absent_button(s: InstructionBuilder) -> None:
    """The button that is to be pressed is not there."""
    s.new("button")
    s.crowd(3)
    named = f"the {absent_colour(s, 'button')} button"
    s.cannot(f"there is no such thing as {named}", "press", named)


def absent_drawer(s: InstructionBuilder) -> None:
    """There is no drawer to put something in."""
    item = s.new(*GRASPABLE)
    s.crowd(3)
    s.group(0, 0, kind="drawer")
    s.cannot("there is no drawer", "stow", item, "the drawer")


def too_wide(s: InstructionBuilder) -> None:
    """A container does not fit into one that is narrower."""
    outer, inner = s.pick((("plate", "bowl"), ("plate", "cup"), ("bowl", "cup")))
    wide, narrow = s.new(outer), s.new(inner)
    s.crowd(3)
    s.cannot(f"the {outer} is wider than the {inner}", "put_in", wide, narrow)


def too_many(s: InstructionBuilder) -> None:
    """More things of a shape are asked for than there are."""
    kind, bowl = s.pick(GRASPABLE), s.new("bowl")
    shown = len(s.group(2, 4, kind=kind))
    s.crowd(2)
    wanted = shown + s.pick((1, 2))
    reason = f"there are {NUMBERS[shown]} {PLURALS[kind]}, not {NUMBERS[wanted]}"
    s.cannot(reason, "number_in", NUMBERS[wanted], f"the {PLURALS[kind]}", bowl)


def stacked_in_circle(s: InstructionBuilder) -> None:
    """Two things each on the other."""
    first, second = s.new(*BASES, size="large"), s.new(*BASES, size="large")
    s.crowd(3)
    one, two = Clause("put_on", (first, second)), Clause("put_on", (second, first))
    s.cannot("neither can be on the other at the same time", "both", one, two)


def in_two_places(s: InstructionBuilder) -> None:
    """One thing in two containers at the same time."""
    item, vessels = s.new(*GRASPABLE), [s.new(*VESSEL), s.new(*VESSEL)]
    s.crowd(2)
    one, two = (Clause("put_in", (item, vessel)) for vessel in vessels)
    s.cannot("one thing cannot be in two places", "both", one, two)


def open_and_closed(s: InstructionBuilder) -> None:
    """A drawer open and closed at the same time."""
    drawer = s.new("drawer")
    s.crowd(3)
    one, two = Clause("open", (drawer,)), Clause("close", (drawer,))
    s.cannot("a drawer cannot be open and closed", "both", one, two)


KINDS_UNCLEAR = (
    Kind(unclear_thing), Kind(unclear_colour), Kind(unclear_container), Kind(unclear_button),
    Kind(unclear_drawer),
)  # fmt: skip
KINDS_IMPOSSIBLE = (
    Kind(absent_thing), Kind(absent_container), Kind(absent_button), Kind(absent_drawer),
    Kind(too_wide), Kind(too_many), Kind(stacked_in_circle), Kind(in_two_places),
    Kind(open_and_closed),
)  # fmt: skip
