"""Which objects come onto a table: sampled so that words decide, and what training never sees."""

from dataclasses import dataclass, field

import numpy as np

from handeye.envs.base.colours import SUITE_COLOURS
from handeye.envs.core.task import SceneSamplingError
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.scene import ObjectSpec

TWIN_PROBABILITY = 0.08  # Of two objects that differ by size or place alone.

# One colour of each kind is never seen in training; each part is (VIMA's second level, BabyAI).
# The pairs are data: a further kind or colour moves none of them. A kind that is added has none.
HELD_OUT: frozenset[tuple[str, str]] = frozenset(
    {
        ("block", "orange"),
        ("cylinder", "cyan"),
        ("star", "pink"),
        ("hexagon", "yellow"),
        ("triangle", "blue"),
        ("bowl", "red"),
        ("plate", "green"),
        ("cup", "purple"),
        ("button", "orange"),
        ("drawer", "cyan"),
        ("zone", "pink"),
    }
)


@dataclass
class Palette:
    """Draws objects for a scene so that some are easily confused with one another."""

    rng: np.random.Generator
    split: str
    used: list[tuple[str, str]] = field(default_factory=list)

    def graspables(
        self, count: int, kinds: tuple[str, ...] = shapes.GRASPABLE_KINDS
    ) -> list[ObjectSpec]:
        """`count` graspable objects: the second shares the first's colour, the third its kind."""
        first = self.pair(kinds)
        specs = [self._sized(*first)]
        if count > 1:
            specs.append(self._sized(*self.pair(kinds, colour=first[1])))
        if count > 2:
            specs.append(self._twin(first) or self._sized(*self.pair((first[0],))))
        specs += [self._sized(*self.pair(kinds)) for _ in range(count - len(specs))]
        return specs

    def same_kind(self, kind: str, count: int) -> list[ObjectSpec]:
        """`count` objects of one kind in different colours."""
        return [ObjectSpec(*self.pair((kind,))) for _ in range(count)]

    def containers(self, count: int) -> list[ObjectSpec]:
        """`count` containers that differ in kind or colour."""
        return [ObjectSpec(*self.pair(shapes.CONTAINER_KINDS)) for _ in range(count)]

    def pair(self, kinds: tuple[str, ...], colour: str = "") -> tuple[str, str]:
        """A (kind, colour) not on the table yet and allowed by the split."""
        wanted = [(k, c) for k in kinds for c in ([colour] if colour else SUITE_COLOURS)]
        held_out = self.split == "combination" and not self.used
        free = [p for p in wanted if p not in self.used and (p in HELD_OUT) == held_out]
        free = free or [p for p in wanted if p not in self.used and p not in HELD_OUT]
        if not free:
            raise SceneSamplingError(f"no unused colour is left among {kinds}")
        self.used.append(free[int(self.rng.integers(len(free)))])
        return self.used[-1]

    def _sized(self, kind: str, colour: str) -> ObjectSpec:
        return ObjectSpec(kind, colour, "small" if self.rng.random() < 0.4 else "large")

    def _twin(self, pair: tuple[str, str]) -> ObjectSpec | None:
        return self._sized(*pair) if self.rng.random() < TWIN_PROBABILITY else None
