"""Kinds that take doubt: unclear ones, to be asked about, and ones that may be impossible.

Of the latter half can be done: the same sort of words about a table of the same sort.
"""

from handeye.envs.tabletop.long.casting import GRASPABLE, VESSEL
from handeye.envs.tabletop.long.goal import Clause, Start
from handeye.envs.tabletop.long.instruction_builder import IN_DRAWER, ROOM, InstructionBuilder
from handeye.envs.tabletop.long.kind import Kind
from handeye.envs.tabletop.long.reasoning import absent_colour
from handeye.envs.tabletop.long.sorting import put_number
from handeye.envs.tabletop.long.words import NUMBERS, PLURALS
from handeye.envs.tabletop.tasks.stack import BASES


def unclear_thing(s: InstructionBuilder) -> None:
    """Which of several things of a shape is to be moved is not said."""
    kind, vessel = s.pick(GRASPABLE), s.new(*VESSEL)
    item, *_ = (s.new(kind) for _ in range(3))
    s.crowd(2)
    s.say("put_in", f"the {kind}", vessel)
    s.put(item, vessel)
    s.clarification = f"the {s.things[item].colour} one"


def unclear_colour(s: InstructionBuilder) -> None:
    """Which of several things of a colour is to be moved is not said."""
    colour, other = s.colours(2)
    vessel, kinds = s.new(*VESSEL, colour=other), s.some(GRASPABLE, 3)
    item, *_ = (s.new(kind, colour=colour) for kind in kinds)
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
    button, *_ = (s.new("button") for _ in range(3))
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
    """What is to be moved is there, or it is not."""
    vessel, kind = s.new(*VESSEL), s.pick(GRASPABLE)
    if s.can_be_done():
        item = s.new(kind)
        s.crowd(3)
        s.keep(1)
        s.do_put(item, vessel)
        return
    s.crowd(4)
    named = f"the {absent_colour(s, kind)} {kind}"
    s.cannot(f"there is no such thing as {named}", "put_in", named, vessel)


def absent_container(s: InstructionBuilder) -> None:
    """What something is to be put in is there, or it is not."""
    item, vessel = s.new(*GRASPABLE), s.new(*VESSEL)
    kind = s.things[vessel].kind
    s.crowd(3)
    if s.can_be_done():
        s.keep(1)
        s.do_put(item, vessel)
        return
    named = f"the {absent_colour(s, kind)} {kind}"
    s.cannot(f"there is no such thing as {named}", "put_in", item, named)


def absent_button(s: InstructionBuilder) -> None:
    """The button that is to be pressed is there, or it is not."""
    button = s.new("button")
    s.crowd(1, "button")
    s.crowd(3)
    if s.can_be_done():
        s.keep(1)
        s.do_press(button)
        return
    named = f"the {absent_colour(s, 'button')} button"
    s.cannot(f"there is no such thing as {named}", "press", named)


def absent_drawer(s: InstructionBuilder) -> None:
    """The drawer that something is to be put in is there, or it is not."""
    drawer = s.new("drawer", start=Start("open", -1))
    item = s.new(*IN_DRAWER, size="small")
    s.crowd(3)
    if s.can_be_done():
        s.keep(1)
        s.say("stow", item, drawer)
        s.put(item, drawer)
        return
    named = f"the {absent_colour(s, 'drawer')} drawer"
    s.cannot(f"there is no such thing as {named}", "stow", item, named)


def too_wide(s: InstructionBuilder) -> None:
    """Something goes into a container; another container does not fit into it."""
    outer, inner = s.pick((("plate", "bowl"), ("plate", "cup"), ("bowl", "cup")))
    wide, narrow, item = s.new(outer), s.new(inner), s.new(*GRASPABLE)
    s.crowd(2)
    if s.can_be_done():
        s.keep(1)
        s.do_put(item, narrow)
        return
    s.cannot(f"the {outer} is wider than the {inner}", "put_in", wide, narrow)


def too_many(s: InstructionBuilder) -> None:
    """So many things of a shape are there as are asked for, or fewer."""
    kind, bowl = s.pick(GRASPABLE), s.new("bowl")
    items = s.group(2, 4, kind=kind, drawn="small")
    s.crowd(2)
    group = f"the {PLURALS[kind]}"
    if s.can_be_done():
        number = s.pick(range(1, min(len(items), s.count, ROOM["bowl"]) + 1))
        s.keep(number)
        s.say("number_in", NUMBERS[number], group, bowl)
        put_number(s, items, number, bowl)
        return
    wanted = len(items) + s.pick((1, 2))
    reason = f"there are {NUMBERS[len(items)]} {PLURALS[kind]}, not {NUMBERS[wanted]}"
    s.cannot(reason, "number_in", NUMBERS[wanted], group, bowl)


def stacked_in_circle(s: InstructionBuilder) -> None:
    """One thing on a second and a third on it, or two things each on the other."""
    first, second, third = (s.new(*BASES, size="large") for _ in range(3))
    s.crowd(2)
    one = Clause("put_on", (first, second))
    if s.can_be_done():
        s.keep(2)
        s.say("both", one, Clause("put_on", (third, first)))
        s.put(first, second)
        s.put(third, first)
        return
    two = Clause("put_on", (second, first))
    s.cannot("neither can be on the other at the same time", "both", one, two)


def in_two_places(s: InstructionBuilder) -> None:
    """Two things in two containers, or one thing in both at the same time."""
    (item, other), vessels = (
        (s.new(*GRASPABLE), s.new(*GRASPABLE)),
        [s.new(*VESSEL), s.new(*VESSEL)],
    )
    s.crowd(1)
    one = Clause("put_in", (item, vessels[0]))
    if s.can_be_done():
        s.keep(2)
        s.say("both", one, Clause("put_in", (other, vessels[1])))
        s.put(item, vessels[0])
        s.put(other, vessels[1])
        return
    two = Clause("put_in", (item, vessels[1]))
    s.cannot("one thing cannot be in two places", "both", one, two)


def open_and_closed(s: InstructionBuilder) -> None:
    """One drawer open and another one closed, or one both at the same time."""
    drawer, other = (
        s.new("drawer", start=Start("closed", -1)),
        s.new("drawer", start=Start("open", -1)),
    )
    s.crowd(2)
    one = Clause("open", (drawer,))
    if s.can_be_done():
        s.keep(2)
        s.say("both", one, Clause("close", (other,)))
        s.slide(drawer, "open")
        s.slide(other, "close")
        return
    two = Clause("close", (drawer,))
    s.cannot("a drawer cannot be open and closed", "both", one, two)


KINDS_UNCLEAR = (
    Kind(unclear_thing), Kind(unclear_colour), Kind(unclear_container), Kind(unclear_button),
    Kind(unclear_drawer),
)  # fmt: skip
KINDS_IMPOSSIBLE = (
    Kind(absent_thing), Kind(absent_container), Kind(absent_button), Kind(absent_drawer),
    Kind(too_wide), Kind(too_many), Kind(stacked_in_circle, 2), Kind(in_two_places, 2),
    Kind(open_and_closed, 2),
)  # fmt: skip
