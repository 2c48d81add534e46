"""The kinds of instruction by name and by family."""

from handeye.envs.long_tasks import building, doubting, handling, sorting, thinking
from handeye.envs.long_tasks.kind import Kind

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
