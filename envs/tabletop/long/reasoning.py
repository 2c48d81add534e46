"""Kinds that take thought: decisions, counting, answers and common sense."""

from handeye.envs.base.colours import SUITE_COLOURS
from handeye.envs.tabletop.long.casting import GRASPABLE, VESSEL, Unfit
from handeye.envs.tabletop.long.goal import Clause, Start
from handeye.envs.tabletop.long.instruction_builder import IN_DRAWER, InstructionBuilder
from handeye.envs.tabletop.long.kind import Kind
from handeye.envs.tabletop.long.sorting import put_number
from handeye.envs.tabletop.long.words import NUMBERS, PLURALS


def if_there(s: InstructionBuilder) -> None:
    """If there is such a thing put it somewhere, otherwise press a button."""
    bowl, button, holds = s.new("bowl"), s.new("button"), s.coin()
    kind = s.pick(GRASPABLE)
    colour = s.colours(1)[0] if holds else absent_colour(s, kind)
    item = s.new(kind, colour=colour) if holds else -1
    s.crowd(3)
    asked = Clause("there_is", (a_or_an(colour, kind),))
    s.say("if", asked, Clause("put_in", ("it", bowl)), Clause("press", (button,)))
    if holds:
        s.put(item, bowl)
    else:
        s.press(button)


def if_there_only(s: InstructionBuilder) -> None:
    """If there is such a thing press a button; otherwise there is nothing to be done for it."""
    button, holds, kind = s.new("button"), s.coin(), s.pick(GRASPABLE)
    colour = s.colours(1)[0] if holds else absent_colour(s, kind)
    if holds:
        s.new(kind, colour=colour)
    s.crowd(3)
    s.say("if_only", Clause("there_is", (a_or_an(colour, kind),)), Clause("press", (button,)))
    if holds:
        s.press(button)


def if_more(s: InstructionBuilder) -> None:
    """If there are more of a shape than of another put something somewhere, otherwise press."""
    bowl, button = s.new("bowl"), s.new("button")
    first, second = s.some(GRASPABLE, 2)
    counts = _two_counts(s, first, second)
    item = s.new(*(k for k in GRASPABLE if k not in (first, second)))
    asked = Clause("more", (PLURALS[first], PLURALS[second]))
    s.say("if", asked, Clause("put_in", (item, bowl)), Clause("press", (button,)))
    if counts[0] > counts[1]:
        s.put(item, bowl)
    else:
        s.press(button)


def if_open(s: InstructionBuilder) -> None:
    """If a drawer is open close it, otherwise put something somewhere."""
    drawer = s.new("drawer", start=Start(s.pick(("open", "closed")), -1))
    vessel, item = s.new(*VESSEL), s.new(*GRASPABLE)
    s.crowd(2)
    asked = Clause("is_open", (drawer,))
    s.say("if", asked, Clause("close", ("it",)), Clause("put_in", (item, vessel)))
    if s.drawer_open[drawer]:
        s.slide(drawer, "close")
    else:
        s.put(item, vessel)


def if_taken(s: InstructionBuilder) -> None:
    """If something stands on a zone press a button, otherwise push something to it."""
    zone, button, taken = s.new("zone"), s.new("button"), s.coin()
    if taken:
        s.new(*GRASPABLE, start=Start("in_zone", -1, zone))
    item = s.new(*GRASPABLE)
    s.crowd(2)
    s.say("if", Clause("taken", (zone,)), Clause("press", (button,)), Clause("push", (item, zone)))
    if taken:
        s.press(button)
    else:
        s.push(item, zone)


def if_same_colour(s: InstructionBuilder) -> None:
    """If two things have one colour put one somewhere, otherwise press a button."""
    vessel, button, same = s.new(*VESSEL), s.new("button"), s.coin()
    kinds, (colour, other) = s.some(GRASPABLE, 2), s.colours(2)
    first, second = (
        s.new(kinds[0], colour=colour),
        s.new(kinds[1], colour=colour if same else other),
    )
    s.group(0, 1, kind=kinds[0])
    s.group(0, 1, kind=kinds[1])
    s.crowd(2)
    asked = Clause("same_colour", (f"the {kinds[0]}", f"the {kinds[1]}"))
    put = Clause("put_in", (f"the {kinds[0]}", vessel))
    s.say("if", asked, put, Clause("press", (button,)))
    if s.things[first].colour == s.things[second].colour:
        s.put(first, vessel)
    else:
        s.press(button)


def as_many_as(s: InstructionBuilder) -> None:
    """As many of a shape into a bowl as there are of another."""
    bowl, number = s.new("bowl"), min(max(s.count - 1, 1), 3)
    kind, counted = s.some(GRASPABLE, 2)
    number = len(s.group(number, 3, kind=counted))
    items = s.group(number + 1, 4, kind=kind, drawn="small")
    s.say("as_many", f"the {PLURALS[kind]}", bowl, PLURALS[counted])
    put_number(s, items, number, bowl)


def press_as_many(s: InstructionBuilder) -> None:
    """A button as many times as there are things of a shape."""
    button, counted = s.new("button"), s.pick(GRASPABLE)
    number = len(s.group(min(max(s.count - 1, 2), 3), 3, kind=counted))
    s.crowd(2)
    s.say("press_as_many", button, PLURALS[counted])
    for _ in range(number):
        s.press(button)


def say_how_many(s: InstructionBuilder) -> None:
    """Something to do, then say how many things of a shape there are."""
    counted = s.pick(GRASPABLE)
    number = len(s.group(s.pick((1, 2, 3, 4)), 5, kind=counted))
    s.crowd(1)
    _before_the_answer(s)
    s.say("how_many", PLURALS[counted])
    s.tell(NUMBERS[number])


def say_which_more(s: InstructionBuilder) -> None:
    """Something to do, then say of which of two shapes there are more."""
    first, second = s.some(GRASPABLE, 2)
    counts = _two_counts(s, first, second)
    _before_the_answer(s)
    s.say("which_more", PLURALS[first], PLURALS[second])
    s.tell(PLURALS[first if counts[0] > counts[1] else second])


def say_what_is_inside(s: InstructionBuilder) -> None:
    """Look into a closed drawer and say what shape is in there."""
    drawer, item = _in_drawer(s)
    s.crowd(3)
    _before_the_answer(s, keep=1)
    s.say("what_inside", "shape", drawer)
    s.slide(drawer, "open", lasting=False)
    s.tell(s.things[item].kind)


def say_what_colour(s: InstructionBuilder) -> None:
    """Look into a closed drawer and say what colour the thing in there has."""
    drawer, item = _in_drawer(s)
    s.crowd(3)
    _before_the_answer(s, keep=1)
    s.say("what_inside", "colour", drawer)
    s.slide(drawer, "open", lasting=False)
    s.tell(s.things[item].colour)


def tidy_up(s: InstructionBuilder) -> None:
    """All loose things into a drawer that is closed."""
    drawer = s.new("drawer", start=Start("closed", -1))
    items = [s.new(*IN_DRAWER, size="small") for _ in range(2)]
    loose = [i for i, t in enumerate(s.things) if t.kind in GRASPABLE]
    if sorted(items) != loose:
        raise Unfit("there are more loose things than the drawer has room for")
    s.reserve(lambda thing: thing.kind in GRASPABLE)
    s.crowd(1, *VESSEL)
    s.say("tidy", drawer)
    s.slide(drawer, "open", wanted=False)
    for item in items:
        s.put(item, drawer)


def hide(s: InstructionBuilder) -> None:
    """Something where nobody sees it: into the only drawer, which is to be closed then."""
    drawer, item = s.new("drawer", start=Start("closed", -1)), s.new(*IN_DRAWER, size="small")
    s.reserve(lambda thing: thing.kind == "drawer")
    s.crowd(3)
    s.say("hide", item)
    s.slide(drawer, "open", wanted=False)
    s.put(item, drawer)
    s.slide(drawer, "close")


def drink(s: InstructionBuilder) -> None:
    """Something into the one thing to drink from."""
    _by_use(s, "drink", "cup")


def serve(s: InstructionBuilder) -> None:
    """Something onto the one thing to eat cake from."""
    _by_use(s, "serve", "plate")


def soup(s: InstructionBuilder) -> None:
    """Something into the one thing to eat soup from."""
    _by_use(s, "soup", "bowl")


def ring_bell(s: InstructionBuilder) -> None:
    """The button that the words call a bell."""
    button = s.new("button")
    s.crowd(1, "button")
    s.crowd(2)
    s.say("bell", button)
    s.press(button)


def odd_one_out(s: InstructionBuilder) -> None:
    """The one of a shape that differs from the others in size into a container."""
    kind, vessel, odd_size = s.pick(GRASPABLE), s.new(*VESSEL), s.pick(("small", "large"))
    usual = "large" if odd_size == "small" else "small"
    odd = s.new(kind, size=odd_size)
    for _ in range(2):
        s.new(kind, size=usual)
    if sum(s.things[i].size == odd_size for i in s.group(0, 4, kind=kind)) > 1:
        raise Unfit("no one of them is the odd one out")
    s.crowd(1)
    s.say("odd_one", f"the {PLURALS[kind]}", vessel, "size")
    s.put(odd, vessel)


def a_or_an(colour: str, kind: str) -> str:
    """Such as "a red block" and "an orange block"."""
    return f"{'an' if colour[0] in 'aeiou' else 'a'} {colour} {kind}"


def absent_colour(s: InstructionBuilder, kind: str) -> str:
    """A colour that no thing of the kind on the table has, nor will have."""
    shown = {thing.colour for thing in s.things if thing.kind == kind}
    colour = s.pick([c for c in SUITE_COLOURS if c not in shown])
    s.reserve(lambda thing: (thing.kind, thing.colour) == (kind, colour))
    return colour


def _two_counts(s: InstructionBuilder, first: str, second: str) -> tuple[int, int]:
    """How many there are of two shapes, never as many of the one as of the other."""
    more, fewer = s.pick(((2, 1), (3, 1), (3, 2)))
    counts = (more, fewer) if s.coin() else (fewer, more)
    shown = [len(s.group(n, 5, kind=k)) for n, k in zip(counts, (first, second), strict=True)]
    if shown[0] == shown[1]:
        raise Unfit("there are as many of the one as of the other")
    return shown[0], shown[1]


def _before_the_answer(s: InstructionBuilder, keep: int = 0) -> None:
    """Steps that come first, so that the answer is the last one; `keep` more come with it."""
    s.count -= 1 + keep
    s.fill()
    s.count += 1 + keep


def _in_drawer(s: InstructionBuilder) -> tuple[int, int]:
    drawer = s.new("drawer", start=Start("closed", -1))
    return drawer, s.new(*IN_DRAWER, size="small", start=Start("inside", -1, drawer))


def _by_use(s: InstructionBuilder, clause: str, kind: str) -> None:
    vessel, item = s.new(kind), s.new(*GRASPABLE)
    s.reserve(lambda thing: thing.kind == kind)
    s.crowd(2, *(k for k in VESSEL if k != kind))
    s.crowd(1)
    s.say(clause, item)
    s.put(item, vessel)


KINDS_OF_DECISIONS = (
    Kind(if_there), Kind(if_there_only), Kind(if_more), Kind(if_open), Kind(if_taken),
    Kind(if_same_colour),
)  # fmt: skip
KINDS_OF_COUNTING = (
    Kind(as_many_as), Kind(press_as_many, 2), Kind(say_how_many, 2), Kind(say_which_more, 2),
    Kind(say_what_is_inside, 2), Kind(say_what_colour, 2),
)  # fmt: skip
KINDS_OF_SENSE = (
    Kind(tidy_up, 3), Kind(hide, 3), Kind(drink), Kind(serve), Kind(soup), Kind(ring_bell),
    Kind(odd_one_out),
)  # fmt: skip
