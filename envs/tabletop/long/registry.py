"""The kinds of instruction by name and by family."""

from collections.abc import Iterable

from handeye.envs.core.registry import KIND_SPLIT
from handeye.envs.tabletop.long import building, sorting
from handeye.envs.tabletop.long import drawers_and_buttons as handling
from handeye.envs.tabletop.long import reasoning as thinking
from handeye.envs.tabletop.long import unclear_and_infeasible as doubting
from handeye.envs.tabletop.long.kind import Kind

_WRITTEN = (
    *(*sorting.KINDS, *building.KINDS, *handling.KINDS_OF_DRAWERS, *handling.KINDS_OF_BUTTONS),
    *(*handling.KINDS_OF_SEQUENCES, *thinking.KINDS_OF_DECISIONS, *thinking.KINDS_OF_COUNTING),
    *(*thinking.KINDS_OF_SENSE, *doubting.KINDS_UNCLEAR, *doubting.KINDS_IMPOSSIBLE),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _WRITTEN}
# Family -> names of its kinds; a family is a task of the suite `tabletop-long`. Frozen: a kind that
# is written joins a family only by being named here, which makes another suite of it.
FAMILY_KINDS: dict[str, tuple[str, ...]] = {
    "sort": (
        *("sort_two_colours", "sort_three_colours", "sort_two_kinds", "sort_by_size"),
        *("sort_to_match", "sort_onto_zones", "sort_out_the_rest", "gather_shape"),
        *("gather_colour", "gather_small", "gather_all_but_one", "gather_on_zone"),
        *("gather_number", "clear_zone_into", "clear_zone", "empty_plate"),
    ),
    "build": (
        *("tower_any_order", "tower_of_colour", "tower_in_order", "tower_with_top"),
        *("tower_on_zone", "two_towers", "turn_tower", "take_down_tower"),
        *("replace_top", "tower_of_two_beside", "row_of_three", "swap_plates"),
        *("swap_zones",),
    ),
    "drawers": (
        *("stow", "stow_and_close", "stow_two_and_close", "stow_in_open"),
        *("fetch", "fetch_and_close", "fetch_whatever", "exchange_in_drawer"),
        *("open_both", "close_both", "open_one_close_one"),
    ),
    "buttons": (
        *("press_in_order", "press_twice", "press_all", "press_there_and_back"),
        *("press_before_and_after", "press_matching"),
    ),
    "sequence": (
        *("put_then_press", "push_then_put", "stack_then_put", "beside_then_press"),
        *("steps_in_order", "steps_in_any_order", "told_backwards"),
    ),
    "decide": (
        *("if_there", "if_there_only", "if_more", "if_open"),
        *("if_taken", "if_same_colour"),
    ),
    "count": (
        *("as_many_as", "press_as_many", "say_how_many", "say_which_more"),
        *("say_what_is_inside", "say_what_colour"),
    ),
    "sense": (
        *("tidy_up", "hide", "drink", "serve"),
        *("soup", "ring_bell", "odd_one_out"),
    ),
    "unclear": (
        *("unclear_thing", "unclear_colour", "unclear_container", "unclear_button"),
        *("unclear_drawer",),
    ),
    "impossible": (
        *("absent_thing", "absent_container", "absent_button", "absent_drawer"),
        *("too_wide", "too_many", "stacked_in_circle", "in_two_places"),
        *("open_and_closed",),
    ),
}
# Kinds that training never shows, of every family; the split `kind` has them alone. Each takes
# skills that trained kinds take too. Frozen: a kind that was once trained is not held out again.
HELD_OUT_KINDS: frozenset[str] = frozenset({
    *("sort_by_size", "gather_all_but_one", "clear_zone_into"),
    *("tower_on_zone", "replace_top", "swap_plates"),
    *("stow_two_and_close", "exchange_in_drawer", "open_one_close_one"),
    *("press_before_and_after", "press_matching"),
    *("told_backwards", "if_taken", "press_as_many", "serve"),
    *("unclear_container", "in_two_places"),
})  # fmt: skip
FAMILIES: dict[str, tuple[Kind, ...]] = {
    family: tuple(KINDS[name] for name in names) for family, names in FAMILY_KINDS.items()
}
FAMILY_OF: dict[str, str] = {
    name: family for family, names in FAMILY_KINDS.items() for name in names
}


def kinds_in(split: str, names: Iterable[str] = KINDS) -> tuple[str, ...]:
    """Return which of the named kinds a split has: those held out for `kind`, else the others."""
    wanted = split == KIND_SPLIT
    return tuple(name for name in names if (name in HELD_OUT_KINDS) == wanted)
