"""Kinds about drawers and buttons: stow, fetch, press in order, and plain sequences."""

from handeye.envs.tabletop.long.casting import GRASPABLE, VESSEL
from handeye.envs.tabletop.long.goal import SIDES, Clause, Condition, Start
from handeye.envs.tabletop.long.instruction_builder import IN_DRAWER, InstructionBuilder, several
from handeye.envs.tabletop.long.kind import Kind
from handeye.envs.tabletop.long.words import NUMBERS
from handeye.envs.tabletop.tasks.stack import BASES

OPEN, SHUT = Start("open", -1), Start("closed", -1)


def stow(s: InstructionBuilder) -> None:
    """Open a drawer and put something in."""
    drawer = s.new("drawer", start=SHUT)
    s.crowd(3, *IN_DRAWER, size="small")
    s.do_slide(drawer, "open")
    stow_in(s, [s.new(*IN_DRAWER, size="small")], drawer)


def stow_and_close(s: InstructionBuilder) -> None:
    """Open a drawer, put something in, close it."""
    drawer = s.new("drawer", start=SHUT)
    s.crowd(3)
    s.do_slide(drawer, "open", lasting=False)
    stow_in(s, [s.new(*IN_DRAWER, size="small")], drawer)
    s.do_slide(drawer, "close")


def stow_two_and_close(s: InstructionBuilder) -> None:
    """Open a drawer, put two things in, close it."""
    drawer = s.new("drawer", start=SHUT)
    s.crowd(2)
    s.do_slide(drawer, "open", lasting=False)
    stow_in(s, [s.new(*IN_DRAWER, size="small") for _ in range(2)], drawer)
    s.do_slide(drawer, "close")


def stow_in_open(s: InstructionBuilder) -> None:
    """Put things in an open drawer and close it."""
    drawer = s.new("drawer", start=OPEN)
    s.crowd(3, *IN_DRAWER, size="small")
    stow_in(s, [s.new(*IN_DRAWER, size="small")], drawer)
    s.do_slide(drawer, "close")


def fetch(s: InstructionBuilder) -> None:
    """Something out of a closed drawer to a place; the drawer may stay open."""
    _fetch(s)
    s.crowd(1, "zone", "plate")
    s.crowd(2)


def fetch_and_close(s: InstructionBuilder) -> None:
    """Something out of a closed drawer to a place; then close the drawer."""
    drawer = _fetch(s)
    s.crowd(2)
    s.do_slide(drawer, "close")


def fetch_whatever(s: InstructionBuilder) -> None:
    """Whatever is in a closed drawer to a place."""
    drawer, place = s.new("drawer", start=SHUT), s.new("zone", "plate")
    item = s.new(*IN_DRAWER, size="small", start=Start("inside", -1, drawer))
    s.crowd(1, "zone", "plate")
    s.crowd(3)
    s.say("fetch_any", drawer, s.where(place), place)
    s.slide(drawer, "open", wanted=False)
    s.put(item, place)


def exchange_in_drawer(s: InstructionBuilder) -> None:
    """Something out of a drawer, something else in, and the drawer closed."""
    drawer, place = s.new("drawer", start=SHUT), s.new("zone", "plate")
    item = s.new(*IN_DRAWER, size="small", start=Start("inside", -1, drawer))
    other = s.new(*IN_DRAWER, size="small")
    s.crowd(2)
    s.do_slide(drawer, "open", lasting=False)
    s.say("fetch", item, drawer, s.where(place), place)
    s.put(item, place)
    stow_in(s, [other], drawer)
    s.do_slide(drawer, "close")


def open_both(s: InstructionBuilder) -> None:
    """Both drawers open."""
    _slide_both(s, "open_all", SHUT, "open")


def close_both(s: InstructionBuilder) -> None:
    """Both drawers closed."""
    _slide_both(s, "close_all", OPEN, "close")


def open_one_close_one(s: InstructionBuilder) -> None:
    """One drawer open, the other one closed."""
    shut, ajar = s.new("drawer", start=SHUT), s.new("drawer", start=OPEN)
    s.crowd(2)
    s.do_slide(shut, "open")
    s.do_slide(ajar, "close")


def press_in_order(s: InstructionBuilder) -> None:
    """Several buttons in the order told."""
    buttons = [s.new("button") for _ in range(min(max(s.count, 2), 3))]
    s.crowd(2)
    s.say("press_list", several(*buttons))
    for button in buttons:
        s.press(button)
        s.next_turn()


def press_twice(s: InstructionBuilder) -> None:
    """One button several times, the others not at all."""
    button, times = s.new("button"), min(max(s.count, 2), 3)
    s.crowd(1, "button")
    s.crowd(2)
    s.say("press_times", button, NUMBERS[times])
    for _ in range(times):
        s.press(button)


def press_all(s: InstructionBuilder) -> None:
    """Every button once, in any order."""
    buttons = [s.new("button") for _ in range(3)]
    s.reserve(lambda thing: thing.kind == "button")
    s.crowd(2)
    s.say("press_all")
    for button in buttons:
        s.press(button)


def press_there_and_back(s: InstructionBuilder) -> None:
    """One button, another one, and the first one again."""
    first, second = s.new("button"), s.new("button")
    s.crowd(3)
    for button in (first, second, first):
        s.do_press(button)


def press_before_and_after(s: InstructionBuilder) -> None:
    """A button before and after something is put somewhere."""
    button = s.new("button")
    s.crowd(2)
    s.do_press(button)
    s.do_put(s.new(*GRASPABLE), s.new(*VESSEL))
    s.do_press(button)


def press_matching(s: InstructionBuilder) -> None:
    """The button that has the colour of something."""
    colour, other = s.colours(2)
    item, button = s.new(*GRASPABLE, colour=colour), s.new("button", colour=colour)
    s.new("button", colour=other)
    s.crowd(2)
    s.say("press_match", f"the {s.things[item].colour} {s.things[item].kind}")
    s.press(button)


def put_then_press(s: InstructionBuilder) -> None:
    """Something into a container, then a button."""
    s.crowd(2)
    s.do_put(s.new(*GRASPABLE), s.new(*VESSEL))
    s.do_press(s.new("button"))


def push_then_put(s: InstructionBuilder) -> None:
    """Push something to a zone, then put something else in a container."""
    s.do_push(s.new(*GRASPABLE), s.new("zone"))
    s.do_put(s.new(*GRASPABLE), s.new(*VESSEL))
    s.crowd(1)


def stack_then_put(s: InstructionBuilder) -> None:
    """Stack one thing on another, then put a third one in a container."""
    s.do_put(s.new(*GRASPABLE), s.new(*BASES, size="large"))
    s.do_put(s.new(*GRASPABLE), s.new(*VESSEL))
    s.crowd(1)


def beside_then_press(s: InstructionBuilder) -> None:
    """Something beside a reference, then a button."""
    side = s.pick(SIDES)
    s.do_put(s.new(*GRASPABLE), s.new(*GRASPABLE), side)
    s.do_press(s.new("button"))
    s.crowd(2)


def steps_in_order(s: InstructionBuilder) -> None:
    """Steps of any sort, one after the other."""
    s.crowd(1)
    s.fill()


def steps_in_any_order(s: InstructionBuilder) -> None:
    """Steps of any sort whose order does not matter."""
    s.ordered = False
    s.crowd(1)
    s.fill()


def told_backwards(s: InstructionBuilder) -> None:
    """Two steps told in the other order: "before you ..."."""
    button, item, vessel = s.new("button"), s.new(*GRASPABLE), s.new(*VESSEL)
    s.crowd(2)
    s.say("before", Clause("press", (button,)), Clause("put_in", (item, vessel)))
    s.press(button)
    s.next_turn()
    s.put(item, vessel)


def stow_in(s: InstructionBuilder, items: list[int], drawer: int) -> None:
    """Ask for things to be put in an open drawer and lay it out."""
    for item in items:
        s.say("stow", item, drawer)
        s.put(item, drawer)


def _fetch(s: InstructionBuilder) -> int:
    drawer, place = s.new("drawer", start=SHUT), s.new("zone", "plate")
    item = s.new(*IN_DRAWER, size="small", start=Start("inside", -1, drawer))
    s.say("fetch", item, drawer, s.where(place), place)
    s.slide(drawer, "open", wanted=False)
    s.put(item, place)
    s.want(Condition("outside", item, drawer))
    return drawer


def _slide_both(s: InstructionBuilder, clause: str, start: Start, way: str) -> None:
    drawers = [s.new("drawer", start=start) for _ in range(2)]
    s.crowd(2)
    s.say(clause)
    for drawer in drawers:
        s.slide(drawer, way)


KINDS_OF_DRAWERS = (
    Kind(stow, 2), Kind(stow_and_close, 3), Kind(stow_two_and_close, 4), Kind(stow_in_open, 2),
    Kind(fetch, 2), Kind(fetch_and_close, 3), Kind(fetch_whatever, 2),
    Kind(exchange_in_drawer, 4), Kind(open_both, 2), Kind(close_both, 2),
    Kind(open_one_close_one, 2),
)  # fmt: skip
KINDS_OF_BUTTONS = (
    Kind(press_in_order, 2), Kind(press_twice, 2), Kind(press_all, 3),
    Kind(press_there_and_back, 3), Kind(press_before_and_after, 3), Kind(press_matching, 1),
)  # fmt: skip
KINDS_OF_SEQUENCES = (
    Kind(put_then_press, 2), Kind(push_then_put, 2), Kind(stack_then_put, 2),
    Kind(beside_then_press, 2), Kind(steps_in_order, 2), Kind(steps_in_any_order, 2),
    Kind(told_backwards, 2),
)  # fmt: skip
