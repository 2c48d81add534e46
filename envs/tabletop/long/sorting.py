"""Kinds that sort and gather: groups of things named by what they have in common."""

from collections.abc import Sequence

from handeye.envs.tabletop.long.casting import GRASPABLE, VESSEL, Unfit
from handeye.envs.tabletop.long.goal import Condition, Start
from handeye.envs.tabletop.long.instruction_builder import InstructionBuilder
from handeye.envs.tabletop.long.kind import Kind
from handeye.envs.tabletop.long.words import NUMBERS, PLURALS


def sort_two_colours(s: InstructionBuilder) -> None:
    """Things of two colours into two bowls."""
    colours = s.colours(2)
    for colour, count in zip(colours, _shares(s, 2, most=3), strict=True):
        bowl = _of_another_colour(s, ("bowl",), colours)
        items = s.group(count, 3, colour=colour, drawn="small")
        _put_group(s, f"the {colour} things", items, bowl)
    s.crowd(2, size="small")


def sort_three_colours(s: InstructionBuilder) -> None:
    """Things of three colours into three containers."""
    colours = s.colours(3)
    for colour, count in zip(colours, _shares(s, 3, most=2), strict=True):
        kinds = ("bowl",) if count > 1 else VESSEL
        vessel = _of_another_colour(s, kinds, colours)
        items = s.group(count, count, colour=colour, drawn="small" if count > 1 else "")
        _put_group(s, f"the {colour} things", items, vessel)


def sort_two_kinds(s: InstructionBuilder) -> None:
    """Things of two shapes into two bowls."""
    for kind, count in zip(s.some(GRASPABLE, 2), _shares(s, 2, most=3), strict=True):
        items = s.group(count, 3, kind=kind, drawn="small")
        _put_group(s, f"the {PLURALS[kind]}", items, s.new("bowl"))
    s.crowd(2, size="small")


def sort_by_size(s: InstructionBuilder) -> None:
    """Small ones of a shape into a bowl, large ones onto a zone."""
    kind = s.pick(GRASPABLE)
    small, large = _shares(s, 2, most=2)
    smalls = s.group(small, 3, kind=kind, size="small")
    larges = s.group(large, 2, kind=kind, size="large")
    _put_group(s, f"the small {PLURALS[kind]}", smalls, s.new("bowl"))
    _put_group(s, f"the large {PLURALS[kind]}", larges, s.new("zone"))
    s.crowd(2)


def sort_to_match(s: InstructionBuilder) -> None:
    """Each thing of a shape into the container of its own colour."""
    colours = s.colours(min(max(s.count - 1, 2), 3))
    kind, other = s.some(GRASPABLE, 2)
    pairs = [(s.new(kind, colour=c), s.new(*VESSEL, colour=c)) for c in colours]
    _match(s, "by_match", kind, pairs, other)


def sort_onto_zones(s: InstructionBuilder) -> None:
    """Each thing of a shape onto the zone of its own colour."""
    kind, other = s.some(GRASPABLE, 2)
    pairs = [(s.new(kind, colour=c), s.new("zone", colour=c)) for c in s.colours(2)]
    _match(s, "match_zone", kind, pairs, other)


def sort_out_the_rest(s: InstructionBuilder) -> None:
    """Whatever loose thing does not have a colour into a bowl."""
    colour, bowl = s.pick(s.colours(1)), s.new("bowl")
    for _ in range(2):
        s.new(*GRASPABLE, colour=colour)
    others = {s.new(*GRASPABLE, size="small") for _ in range(min(max(s.count - 1, 2), 3))}
    rest = {i for i, t in enumerate(s.things) if t.kind in GRASPABLE and t.colour != colour}
    if rest != others:
        raise Unfit("more would have to go in than there is room for")
    s.reserve(lambda thing: thing.kind in GRASPABLE)
    s.crowd(1, "bowl")
    s.say("rest_in", colour, bowl)
    for item in sorted(rest):
        s.put(item, bowl)


def gather_shape(s: InstructionBuilder) -> None:
    """All things of a shape into a bowl."""
    kind = s.pick(GRASPABLE)
    items = s.group(_few(s), 3, kind=kind, drawn="small")
    _put_group(s, f"the {PLURALS[kind]}", items, s.new("bowl"))
    _decoys(s, kind)


def gather_colour(s: InstructionBuilder) -> None:
    """All things of a colour into a bowl."""
    colour, other = s.colours(2)
    items = s.group(_few(s), 3, colour=colour, drawn="small")
    _put_group(s, f"the {colour} things", items, s.new("bowl", colour=other))
    _decoys(s)


def gather_small(s: InstructionBuilder) -> None:
    """All small things into a bowl."""
    items = s.group(_few(s), 3, size="small")
    _put_group(s, "the small things", items, s.new("bowl"))
    s.crowd(1, "bowl")
    s.crowd(1, "zone")
    s.crowd(2, s.things[items[0]].kind, size="large")


def gather_all_but_one(s: InstructionBuilder) -> None:
    """All things of a shape but one into a bowl."""
    kind, bowl = s.pick(GRASPABLE), s.new("bowl")
    items = s.group(_few(s) + 1, 4, kind=kind, drawn="small")
    left = s.pick(items)
    _decoys(s, kind)
    s.say("all_but_in", f"the {PLURALS[kind]}", left, bowl)
    for item in items:
        if item != left:
            s.put(item, bowl)
    s.want(Condition("outside", left, bowl))


def gather_on_zone(s: InstructionBuilder) -> None:
    """All things of a shape onto a zone."""
    kind = s.pick(GRASPABLE)
    items = s.group(2, 2, kind=kind)
    _put_group(s, f"the {PLURALS[kind]}", items, s.new("zone"))
    s.crowd(1, "zone")
    s.crowd(2, s.pick([k for k in GRASPABLE if k != kind]))


def gather_number(s: InstructionBuilder) -> None:
    """So many of a shape, and no more, into a bowl."""
    kind, bowl, number = s.pick(GRASPABLE), s.new("bowl"), _few(s)
    items = s.group(number + 1, 4, kind=kind, drawn="small")
    _decoys(s, kind)
    s.say("number_in", NUMBERS[number], f"the {PLURALS[kind]}", bowl)
    put_number(s, items, number, bowl)


def clear_zone_into(s: InstructionBuilder) -> None:
    """What stands on a zone into a bowl."""
    zone, bowl = s.new("zone"), s.new("bowl")
    items = [s.new(*GRASPABLE, size="small", start=Start("in_zone", -1, zone)) for _ in range(2)]
    _decoys(s)
    s.say("clear_zone_in", zone, bowl)
    for item in items:
        s.put(item, bowl)


def clear_zone(s: InstructionBuilder) -> None:
    """Whatever stands on a zone away from it, anywhere."""
    zone, bowl = s.new("zone"), s.new("bowl")
    items = [s.new(*GRASPABLE, size="small", start=Start("in_zone", -1, zone)) for _ in range(2)]
    _decoys(s)
    s.say("clear_zone", zone)
    for item in items:
        s.put(item, bowl, wanted=False)
        s.want(Condition("off_zone", item, zone))


def empty_plate(s: InstructionBuilder) -> None:
    """What lies on a plate to another place."""
    plate, place = s.new("plate"), s.new("zone")
    item = s.new(*GRASPABLE, start=Start("inside", -1, plate))
    s.crowd(2)
    s.say("empty_plate", plate, place)
    s.put(item, place)


def _decoys(s: InstructionBuilder, *named: str) -> None:
    """Ask for another bowl and some small things of one shape, so that the words decide."""
    s.crowd(1, "bowl")
    s.crowd(2, s.pick([kind for kind in GRASPABLE if kind not in named]), size="small")
    s.crowd(1)


def put_number(s: InstructionBuilder, items: list[int], number: int, vessel: int) -> None:
    """Exactly `number` of `items` into a vessel, whichever."""
    for item in s.some(items, number):
        s.put(item, vessel, wanted=False)
    s.want(Condition("count_inside", -1, vessel, number, tuple(sorted(items))))


def _put_group(s: InstructionBuilder, group: str, items: list[int], target: int) -> None:
    s.say("all_on_zone" if s.things[target].kind == "zone" else "all_in", group, target)
    for item in items:
        s.put(item, target)


def _of_another_colour(s: InstructionBuilder, kinds: Sequence[str], colours: Sequence[str]) -> int:
    """A container that has none of the colours that the words name."""
    vessel = s.new(*kinds)
    if s.things[vessel].colour in colours:
        raise Unfit("the words would fit the container too")
    return vessel


def _match(
    s: InstructionBuilder, clause: str, kind: str, pairs: list[tuple[int, int]], other: str
) -> None:
    """Each thing of a kind to the place that it is paired with; of another kind there are some."""
    s.group(0, len(pairs), kind=kind)
    for item, _ in pairs if s.given is None else ():
        s.new(other, colour=s.things[item].colour, size="small")
    s.crowd(1)
    s.say(clause, f"the {PLURALS[kind]}")
    for item, place in pairs:
        s.put(item, place)


def _few(s: InstructionBuilder) -> int:
    """Two or three, as the steps allow."""
    return 3 if s.count > 2 and s.rng.random() < 0.5 else 2


def _shares(s: InstructionBuilder, groups: int, most: int) -> list[int]:
    """How many things each group has: at most `most`, together as many as there are steps."""
    total = min(max(s.count, groups), groups * most)
    shares = [1] * groups
    while sum(shares) < total:
        k = s.pick([k for k in range(groups) if shares[k] < most])
        shares[k] += 1
    return shares


KINDS = (
    Kind(sort_two_colours, 2), Kind(sort_three_colours, 3), Kind(sort_two_kinds, 2),
    Kind(sort_by_size, 2), Kind(sort_to_match, 2), Kind(sort_onto_zones, 2),
    Kind(sort_out_the_rest, 2), Kind(gather_shape, 2), Kind(gather_colour, 2),
    Kind(gather_small, 2), Kind(gather_all_but_one, 2), Kind(gather_on_zone, 2),
    Kind(gather_number, 2), Kind(clear_zone_into, 2), Kind(clear_zone, 2), Kind(empty_plate, 1),
)  # fmt: skip
