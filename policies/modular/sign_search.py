"""Find the sign that says a word: note every sign that shows, walk up to it, read it, go on.

What was read of a sign from several places adds up. A sign that clearly says something else is left
alone, often in passing; the one that fits is walked up to.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.signs.reader import letters_of, readings, word_scores
from handeye.perception.signs.view import SignPlace, find_signs
from handeye.policies.navigation.explorer import Explorer, look_at
from handeye.policies.navigation.grid_planner import STOP

READ_FROM_M, READ_WITHIN_M = 0.7, 0.25  # in front of a sign, to read it or to stop there
SAME_SIGN_M = 0.45
MOST_VIEWS = 8  # of a sign, the best ones
LEAST_SIGHTINGS = 2  # what was seen so often is worth a walk before all is explored
LEGIBLE = -0.7  # log-likelihood of each letter of what counts as read
REJECTED = -2.5  # log-likelihood of the word against what was read instead

Read = Callable[[NDArray[np.uint8], SignPlace, EgoPose], Tensor | None]
"""Frame, sign and pose -> log-odds of letters (T, classes); None where it cannot be read."""


@dataclass
class SeenSign:
    """One sign on a wall and what was read of it.

    Attributes:
        place: where, as seen from nearest.
        away_m: from how far that was.
        views: from how far it was read, and the letters' log-odds (T, classes).
        sightings: how often it was seen.
        visited: whether the robot has stood in front of it.
    """

    place: SignPlace
    away_m: float
    views: list[tuple[float, Tensor]] = field(default_factory=list)
    sightings: int = 0
    visited: bool = False

    def add(self, place: SignPlace, away_m: float, letters: Tensor | None) -> None:
        """Note that it was seen again, and its letters if they could be read."""
        self.sightings += 1
        if away_m <= self.away_m:
            self.place, self.away_m = place, away_m
        if letters is not None:
            self.views.append((away_m, letters))
            self.views.sort(key=lambda view: view[0])
            del self.views[MOST_VIEWS:]

    def fit(self, word: str) -> "WordFit":
        """Return how well a word in capitals fits all views."""
        if not self.views or not word:
            return WordFit(-math.inf, -math.inf, "")
        letters = torch.stack([view for _, view in self.views])
        others = [
            (_mean_score(letters, text), text) for text in set(readings(letters)) - {word, ""}
        ]
        return WordFit(_mean_score(letters, word), *max(others, default=(-math.inf, "")))


class WordFit(NamedTuple):
    """Log-likelihood of a word, the mean over all views of a sign, and of the best other reading.

    Minus infinity: nothing was read.
    """

    word: float
    other: float
    other_word: str


def _mean_score(letters: Tensor, word: str) -> float:
    return float(word_scores(letters, [word] * len(letters)).mean())


class SignSearch:
    """The search for one word.

    Args:
        word: as it was said.
        explorer: moves, and knows the map and the pose.
        read: of a frame, the letters of a sign.
    """

    def __init__(self, word: str, explorer: Explorer, read: Read) -> None:
        self.word = letters_of(word)
        self.signs: list[SeenSign] = []
        self._explorer, self._read = explorer, read
        self._faced: SeenSign | None = None  # what was walked up to, and where it hangs
        self._face = (0.0, 0.0)

    def see(self, observation: Mapping[str, Any], odds: NDArray[np.float32]) -> None:
        """Note the signs of a frame; call it after `Explorer.see`.

        Args:
            observation: with `rgb_ego` and `depth_ego`.
            odds: (rows, columns) of each spot, that it is part of a sign.
        """
        pose = self._explorer.pose
        for place in find_signs(odds, observation["depth_ego"], pose):
            letters = self._read(observation["rgb_ego"], place, pose)
            self._known(place, place.away_m(pose)).add(place, place.away_m(pose), letters)

    def _known(self, place: SignPlace, away_m: float) -> SeenSign:
        """The sign that was seen there before, or a new one."""
        for sign in self.signs:
            turned = math.remainder(place.facing_rad - sign.place.facing_rad, math.tau)
            if math.dist(place[:2], sign.place[:2]) < SAME_SIGN_M and abs(turned) < math.pi / 2:
                return sign
        self.signs.append(SeenSign(place, away_m))
        return self.signs[-1]

    def next_action(self, explored: bool) -> int | None:
        """Towards a sign; `STOP` in front of the right one, None if there is none to walk up to.

        Args:
            explored: whether nothing is left to explore: then the likeliest must do.
        """
        right = self._right()
        if right is not None:
            return self._up_to(right)
        pose = self._explorer.pose
        for sign in sorted(self.signs, key=lambda sign: sign.place.away_m(pose)):
            if self._is_open(sign, explored):
                action = self._up_to(sign)
                if action not in (None, STOP):
                    return action
                sign.visited = action == STOP or explored
        return self._to_likeliest() if explored else None

    def _right(self) -> SeenSign | None:
        """The sign that says the word."""
        fits = [(sign.fit(self.word), sign) for sign in self.signs]
        least = max(1, len(self.word)) * LEGIBLE
        right = [(fit.word, sign) for fit, sign in fits if fit.word > max(fit.other, least)]
        return max(right, key=lambda found: found[0])[1] if right else None

    def _is_open(self, sign: SeenSign, explored: bool) -> bool:
        """Return whether a walk to it may tell more."""
        worth = explored or sign.sightings >= LEAST_SIGHTINGS
        return worth and not sign.visited and not self._says_other(sign)

    def _says_other(self, sign: SeenSign) -> bool:
        """Return whether it says clearly something else."""
        fit = sign.fit(self.word)
        legible = fit.other > len(fit.other_word) * LEGIBLE
        return legible and fit.word <= fit.other + REJECTED

    def _to_likeliest(self) -> int | None:
        """Up to the sign that the word fits best of all that were read; None if none was."""
        read = [sign for sign in self.signs if sign.views]
        if not read or not self.word:
            return None
        return self._up_to(max(read, key=lambda sign: sign.fit(self.word).word))

    def _up_to(self, sign: SeenSign) -> int | None:
        """To where it is read best, then a look at it; `STOP` there, None if there is no way."""
        if self._faced is not sign:
            x, y = sign.place.in_front(READ_FROM_M)
            action = self._explorer.to_point(x, y, READ_WITHIN_M)
            if action != STOP:
                return action
            self._faced, self._face = sign, sign.place[:2]  # its place changes with each turn
        action = look_at(self._explorer.pose, *self._face)
        if action == STOP:
            self._faced = None
        return action
