"""Is it there: one question about a thing in view and one about a thing that is not.

As in POPE (Li et al. 2023, arXiv:2305.10355, section 4) what is not there shares kind or colour
with the thing that the other question is about ("adversarial"), or is anything ("random").
"""

from handeye.envs.base.colours import SUITE_COLOURS
from handeye.experiments.data.vl.balance import Tally
from handeye.experiments.data.vl.views import View
from handeye.experiments.labels.scene_facts import HANDLE
from handeye.experiments.labels.scene_nouns import Noun
from handeye.experiments.labels.scene_questions import Asked

ADVERSARIAL = "presence/adversarial"


def absent_noun(view: View, tally: Tally, like: Noun | None = None) -> Noun | None:
    """Return a kind and colour that nothing in view has; None if every one is there.

    Args:
        view: of the frame.
        tally: of the episode.
        like: it shares its kind with this one, or, every other time, its colour; None: neither has
            to be. So no kind and no colour tells more often by itself that a thing is absent.
    """
    kinds = [kind for kind in view.words.kinds if kind != HANDLE]
    pairs = {(kind, colour) for kind in kinds for colour in SUITE_COLOURS} - view.words.unsaid
    there = {(thing.kind, thing.colour) for thing in view.facts.things}
    faint = {(thing.kind, thing.colour) for thing in view.faint.things}
    free = sorted(pairs - there - faint)
    about = "absent"
    if like is not None:
        about = tally.rarest("absent like", ("kind", "colour"))
        column = ("kind", "colour").index(about)
        free = [pair for pair in free if pair[column] == (like.kind, like.colour)[column]]
    return _rarest_pair(f"absent {about}", free, tally) if free else None


def _rarest_pair(about: str, pairs: list[tuple[str, str]], tally: Tally) -> Noun:
    """The noun of a pair whose colour, then kind, has been said least."""
    colour = tally.rarest(f"{about} colour", sorted({colour for _, colour in pairs}))
    kind = tally.rarest(f"{about} kind", [kind for kind, other in pairs if other == colour])
    return Noun(kind, colour)


def presence(about: str, view: View, tally: Tally) -> list[Asked]:
    """Return questions for something that is there and something that is not, by colour and kind.

    Args:
        about: "presence/random", or `ADVERSARIAL`.
        view: of the frame.
        tally: of the episode.
    """
    there = {(t.kind, t.colour) for t in view.facts.things if t.kind != HANDLE}
    if not there:
        return []
    present = _rarest_pair(f"{about} there", sorted(there), tally)
    absent = absent_noun(view, tally, present if about == ADVERSARIAL else None)
    return [Asked("presence", one) for one in (present, absent)] if absent is not None else []
