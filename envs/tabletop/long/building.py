"""Kinds that build towers and rows, take them apart, and exchange things."""

import itertools

from handeye.envs.tabletop.long.casting import GRASPABLE
from handeye.envs.tabletop.long.goal import SIDES, Condition, Start
from handeye.envs.tabletop.long.instruction_builder import InstructionBuilder, several
from handeye.envs.tabletop.long.kind import Kind
from handeye.envs.tabletop.tasks.stack import BASES


def tower_any_order(s: InstructionBuilder) -> None:
    """Three things into one tower, in any order."""
    parts = _bases(s, 3)
    s.crowd(2)
    s.say("tower", several(*parts))
    _stack(s, parts, wanted=False)
    s.want(Condition("tower", among=tuple(sorted(parts))))


def tower_of_colour(s: InstructionBuilder) -> None:
    """All things of a colour into one tower."""
    colour = s.colours(1)[0]
    parts = [s.new(kind, colour=colour, size="large") for kind in s.some(BASES, 3)]
    s.group(0, 3, colour=colour)
    s.crowd(2)
    s.say("tower", f"the {colour} things")
    _stack(s, parts, wanted=False)
    s.want(Condition("tower", among=tuple(sorted(parts))))


def tower_in_order(s: InstructionBuilder) -> None:
    """Three things into one tower, told from the bottom to the top."""
    parts = _bases(s, 3)
    s.crowd(2)
    s.say("tower_order", several(*parts))
    _stack(s, parts)


def tower_with_top(s: InstructionBuilder) -> None:
    """A tower of three, and something small to crown it."""
    parts = _bases(s, 3)
    crown = s.new(*GRASPABLE, size="small")
    s.crowd(1)
    s.say("tower_order", several(*parts))
    _stack(s, parts)
    s.next_turn()
    s.do_put(crown, parts[-1])


def tower_on_zone(s: InstructionBuilder) -> None:
    """A tower of two that stands on a zone."""
    zone, (base, upper) = s.new("zone"), _bases(s, 2)
    s.crowd(2)
    s.do_put(base, zone)
    s.do_put(upper, base)


def two_towers(s: InstructionBuilder) -> None:
    """Two towers of two."""
    first, second = _bases(s, 2), _bases(s, 2)
    s.crowd(1)
    for base, upper in (first, second):
        s.do_put(upper, base)


def turn_tower(s: InstructionBuilder) -> None:
    """The lower of two stacked things onto the upper one."""
    zone, lower = s.new("zone"), s.new(*BASES, size="large")
    upper = s.new(*BASES, size="large", start=Start("on", -1, lower))
    s.crowd(2)
    s.say("turn_tower", lower, upper)
    s.put(upper, zone, wanted=False)
    s.put(lower, upper)


def take_down_tower(s: InstructionBuilder) -> None:
    """The upper of two stacked things to another place."""
    lower, place = s.new(*BASES, size="large"), s.new("zone", "bowl")
    upper = s.new(*GRASPABLE, start=Start("on", -1, lower))
    s.crowd(2)
    s.say("take_down", upper, s.where(place), place)
    s.put(upper, place)


def replace_top(s: InstructionBuilder) -> None:
    """Another thing in the place of a tower's top."""
    lower, place = s.new(*BASES, size="large"), s.new("zone", "plate")
    upper = s.new(*GRASPABLE, start=Start("on", -1, lower))
    other = s.new(*GRASPABLE)
    s.crowd(2)
    s.say("replace", upper, lower, other, place)
    s.put(upper, place)
    s.put(other, lower)


def tower_of_two_beside(s: InstructionBuilder) -> None:
    """Something beside a reference, and another thing on it."""
    reference, (base, upper) = s.new(*GRASPABLE), _bases(s, 2)
    s.crowd(1)
    s.do_put(base, reference, s.pick(SIDES))
    s.do_put(upper, base)


def row_of_three(s: InstructionBuilder) -> None:
    """Three things in a row from left to right; the middle one stays."""
    left, middle, right = (s.new(*GRASPABLE) for _ in range(3))
    s.crowd(2, *BASES, size="large")
    s.crowd(1, "zone")
    s.say("row", several(left, middle, right))
    s.put(left, middle, "left")
    s.put(right, middle, "right")


def swap_plates(s: InstructionBuilder) -> None:
    """What lies on two plates changes places; a zone is free meanwhile."""
    plates, zone = [s.new("plate"), s.new("plate")], s.new("zone")
    items = [s.new(*GRASPABLE, start=Start("inside", -1, plate)) for plate in plates]
    s.crowd(2, *BASES, size="large")
    s.say("swap", *items)
    s.put(items[0], zone, meanwhile=True)
    s.put(items[1], plates[0])
    s.put(items[0], plates[1])


def swap_zones(s: InstructionBuilder) -> None:
    """What stands on two zones changes places."""
    zones = [s.new("zone"), s.new("zone")]
    items = [s.new(*GRASPABLE, size="small", start=Start("in_zone", -1, z)) for z in zones]
    s.crowd(2)
    s.say("swap", *items)
    s.put(items[0], zones[1])
    s.put(items[1], zones[0])


def _bases(s: InstructionBuilder, count: int) -> list[int]:
    """Large things that others can stand on."""
    return [s.new(*BASES, size="large") for _ in range(count)]


def _stack(s: InstructionBuilder, parts: list[int], *, wanted: bool = True) -> None:
    for base, upper in itertools.pairwise(parts):
        s.put(upper, base, wanted=wanted)


KINDS = (
    Kind(tower_any_order, 2), Kind(tower_of_colour, 2), Kind(tower_in_order, 2),
    Kind(tower_with_top, 3), Kind(tower_on_zone, 2), Kind(two_towers, 2), Kind(turn_tower, 2),
    Kind(take_down_tower, 1), Kind(replace_top, 2), Kind(tower_of_two_beside, 2),
    Kind(row_of_three, 2), Kind(swap_plates, 3), Kind(swap_zones, 2),
)  # fmt: skip
