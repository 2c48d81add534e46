"""The kinds of instruction by name and by family."""

from handeye.envs.tabletop.long import building, sorting
from handeye.envs.tabletop.long import drawers_and_buttons as handling
from handeye.envs.tabletop.long import reasoning as thinking
from handeye.envs.tabletop.long import unclear_and_infeasible as doubting
from handeye.envs.tabletop.long.kind import Kind

# Family -> kinds; a family is a task of the suite `tabletop-long`.
FAMILIES: dict[str, tuple[Kind, ...]] = {
    "sort": sorting.KINDS,
    "build": building.KINDS,
    "drawers": handling.KINDS_OF_DRAWERS,
    "buttons": handling.KINDS_OF_BUTTONS,
    "sequence": handling.KINDS_OF_SEQUENCES,
    "decide": thinking.KINDS_OF_DECISIONS,
    "count": thinking.KINDS_OF_COUNTING,
    "sense": thinking.KINDS_OF_SENSE,
    "unclear": doubting.KINDS_UNCLEAR,
    "impossible": doubting.KINDS_IMPOSSIBLE,
}
KINDS: dict[str, Kind] = {kind.name: kind for kinds in FAMILIES.values() for kind in kinds}
FAMILY_OF: dict[str, str] = {k.name: name for name, kinds in FAMILIES.items() for k in kinds}
