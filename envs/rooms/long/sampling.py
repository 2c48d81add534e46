"""Draw goals of the suite `rooms-long` in homes, real or drawn alone."""

from typing import NamedTuple

import numpy as np

from handeye.base.names import look_up
from handeye.envs.base.synonyms import SYNONYM_SPLIT
from handeye.envs.core.registry import KIND_SPLIT
from handeye.envs.rooms.long.choices import CHOICES
from handeye.envs.rooms.long.draws import draw_absent
from handeye.envs.rooms.long.goals import (
    Length,
    LongGoal,
    Vagueness,
    length_of,
    vaguenesses_in,
)
from handeye.envs.rooms.long.kind import Kind, infeasible
from handeye.envs.rooms.long.questions import QUESTIONS
from handeye.envs.rooms.long.symbolic_home import SymbolicHome, sample_home
from handeye.envs.rooms.long.visits import VISITS
from handeye.envs.rooms.long.words import Said, say

KINDS: dict[str, Kind] = {**VISITS, **QUESTIONS, **CHOICES}
LONG_SPLITS = ("seen", "unseen", "phrasing", SYNONYM_SPLIT, "combination")
# Kinds that training never shows, of every family of them; the split `kind` has them alone. Frozen.
HELD_OUT_KINDS: tuple[str, ...] = (
    *("room_with", "back_to_nth", "which_has"),
    *("how_many_more", "stay_or_go", "search_through"),
)
INFEASIBLE_SHARE = 0.15  # of the goals of kinds that can lack something
DRAWS = 12  # of a goal in one home
HOMES = 200  # that are drawn for one sample
# Kind of instruction -> rooms in which training never sees it begin. Both are trained apart: the
# kind with other rooms first, the room with other kinds. A kind that is added has none.
HELD_OUT_ROOMS: dict[str, tuple[str, str]] = {
    "visit_in_order": ("kitchen", "bathroom"),
    "visit_reversed": ("bedroom", "living room"),
    "visit_any_order": ("study", "dining room"),
    "round_trip": ("bathroom", "playroom"),
    "patrol": ("living room", "kitchen"),
    "shuttle": ("dining room", "bedroom"),
    "each_of": ("playroom", "study"),
    "room_with": ("kitchen", "bathroom"),
    "back_to_nth": ("bedroom", "living room"),
    "retrace": ("study", "dining room"),
    "ask_which": ("bathroom", "playroom"),
    "where_is": ("living room", "kitchen"),
    "which_has": ("dining room", "bedroom"),
    "whether": ("playroom", "study"),
    "what_colour": ("kitchen", "bathroom"),
    "how_many": ("bedroom", "living room"),
    "total": ("study", "dining room"),
    "most": ("bathroom", "playroom"),
    "as_many": ("living room", "kitchen"),
    "how_many_more": ("dining room", "bedroom"),
    "how_many_in_all": ("playroom", "study"),
    "how_many_rooms": ("kitchen", "bathroom"),
    "stay_or_go": ("bedroom", "living room"),
    "if_there": ("study", "dining room"),
    "if_more_than": ("bathroom", "playroom"),
    "where_most": ("living room", "kitchen"),
    "search_through": ("dining room", "bedroom"),
}


class Sample(NamedTuple):
    """A home, what is asked for in it, and the words."""

    home: SymbolicHome
    goal: LongGoal
    said: Said


def sample_long_goal(
    rng: np.random.Generator,
    *,
    split: str = "seen",
    kind: str | None = None,
    length: Length | None = None,
    vagueness: Vagueness | None = None,
) -> Sample:
    """A home and an instruction in it, without geometry; whatever is not given is drawn,
    a kind among those that the split has.

    Raises:
        UnknownName: there is no such kind or split.
        ValueError: no home allows it, such as a length that the kind does not have.
    """
    look_up("split", split, dict.fromkeys((*LONG_SPLITS, KIND_SPLIT)))
    kinds = [name for name in KINDS if (name in HELD_OUT_KINDS) == (split == KIND_SPLIT)]
    for _ in range(HOMES):
        home = sample_home(rng, "unseen" if split == "unseen" else "train")
        drawn = kind or kinds[int(rng.integers(len(kinds)))]
        goal = draw_goal(home, drawn, rng, split=split, length=length, vagueness=vagueness)
        said = None if goal is None else say(home, goal, KINDS[drawn], split, rng)
        if goal is not None and said is not None:
            return Sample(home, goal, said)
    raise ValueError(f"no {length or ''} goal of the kind {kind!r} in {HOMES} homes of {split!r}")


def draw_goal(
    home: SymbolicHome,
    kind: str,
    rng: np.random.Generator,
    *,
    split: str = "seen",
    length: Length | None = None,
    vagueness: Vagueness | None = None,
) -> LongGoal | None:
    """A goal of a kind in a home; None if chance gives none.

    Raises:
        UnknownName: there is no such kind.
    """
    known = look_up("kind of instruction", kind, KINDS)
    wanted = length or list(known.sizes)[int(rng.integers(len(known.sizes)))]
    ways = vaguenesses_in(split)
    plainness = vagueness or ways[int(rng.integers(len(ways)))]
    lacking = known.lacking > 0 and rng.random() < INFEASIBLE_SHARE
    sizes = known.sizes.get(wanted, ())
    for _ in range(DRAWS if sizes else 0):
        draft = known.draw(home, sizes[int(rng.integers(len(sizes)))], rng)
        if draft is None or length_of(len(draft.subgoals)) != wanted:
            continue
        if is_held_out(home, kind, draft.places) != (split == "combination"):
            continue
        if lacking:
            which = int(rng.integers(min(known.lacking, len(draft.places))))
            draft = infeasible(draft, which, draw_absent(home, draft.places[which], rng))
        goal = LongGoal(kind, wanted, plainness, **draft._asdict())
        if say(home, goal, known, split, rng) is not None:
            return goal
    return None


def is_held_out(home: SymbolicHome, kind: str, places: tuple[str, ...]) -> bool:
    """Return whether training never sees this, see `HELD_OUT_ROOMS`."""
    first = home.room_of(places[0]) if places else home.start_room
    return first in HELD_OUT_ROOMS.get(kind, ())
