"""One of those compared: its episodes, and what has to agree before it may stand beside another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

Episode = tuple[str, int]  # Task and seed.


@dataclass(frozen=True)
class Side:
    """Who acted, and how that went.

    Attributes:
        name: of who acted.
        where: file or folder that it was read from.
        facts: what has to be the same, such as the suite -> its value; "" is not known.
        solved: (task, seed) -> success, of the episodes with true instructions that were judged;
            empty where the seeds are not known.
        outcomes: task -> successes, of the same episodes; these are all that is known without
            seeds.
        lost: episodes that could not be run.
        films: of episodes that were filmed.
    """

    name: str
    where: str
    facts: Mapping[str, str]
    solved: Mapping[Episode, bool]
    outcomes: Mapping[str, Sequence[bool]]
    lost: frozenset[Episode] = frozenset()
    films: Mapping[Episode, Path] = field(default_factory=dict)

    @classmethod
    def of_episodes(
        cls,
        name: str,
        where: str,
        facts: Mapping[str, str],
        solved: Mapping[Episode, bool],
        lost: frozenset[Episode] = frozenset(),
    ) -> "Side":
        """Return the side of episodes whose seeds are known."""
        outcomes: dict[str, list[bool]] = {}
        for (task, _), success in solved.items():
            outcomes.setdefault(task, []).append(success)
        return cls(name, where, facts, solved, outcomes, lost)

    @property
    def called(self) -> str:
        """Return the name with the place, for messages."""
        return self.name if self.name == self.where else f"{self.name} ({self.where})"


def with_own_names(sides: Sequence[Side]) -> list[Side]:
    """Return the sides, those of equal names called by their places too."""
    names = [side.name for side in sides]
    shown = [
        replace(side, name=f"{side.name} ({Path(side.where).name})")
        if names.count(side.name) > 1
        else side
        for side in sides
    ]
    again = [side.name for side in shown]
    return [
        replace(side, name=f"{side.name} {number}") if again.count(side.name) > 1 else side
        for number, side in enumerate(shown, 1)
    ]


def check_alike(a: Side, b: Side) -> None:
    """Compare what has to be the same before figures may stand side by side.

    Raises:
        ValueError: something differs; the message names both sides.
    """
    told = [
        f"{fact} {a.facts[fact]!r} and {b.facts[fact]!r}"
        for fact in a.facts
        if a.facts[fact] and b.facts.get(fact) and a.facts[fact] != b.facts[fact]
    ]
    if told:
        raise ValueError(
            f"{a.called} and {b.called} cannot be compared: they have {'; '.join(told)}. "
            "Evaluate both alike."
        )
    if not set(a.outcomes) & set(b.outcomes):
        raise ValueError(
            f"{a.called} and {b.called} have no task in common: "
            f"{', '.join(a.outcomes) or 'none'} and {', '.join(b.outcomes) or 'none'}. "
            "Evaluate both on one suite."
        )


def shared_episodes(a: Side, b: Side) -> list[Episode]:
    """Return the episodes that both have, in the order of A; none where a side knows no seeds.

    Raises:
        ValueError: both know their seeds, and none is the same.
    """
    if not (a.solved and b.solved):
        return []
    shared = [episode for episode in a.solved if episode in b.solved]
    if not shared:
        raise ValueError(
            f"{a.called} and {b.called} have no episode in common: seeds {_span(a)} and "
            f"{_span(b)}. Evaluate both on the same seeds, or add --unpaired, which needs many "
            "more episodes."
        )
    return shared


def _span(side: Side) -> str:
    seeds = [seed for _, seed in side.solved]
    return f"{min(seeds)} to {max(seeds)}"
