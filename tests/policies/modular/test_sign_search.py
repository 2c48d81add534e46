"""Signs are sought in a world of boxes by a reader that is told what each says."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from handeye.perception.instructions.navigation_program import ProgramStep
from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.signs.reader import BLANK, LETTERS
from handeye.perception.signs.view import SignPlace
from handeye.policies.modular.program_executor import ProgramExecutor
from handeye.policies.modular.sign_search import READ_FROM_M, SeenSign, SignSearch
from handeye.policies.navigation.explorer import Explorer
from handeye.policies.navigation.grid_planner import STOP, GridPlanner
from tests.perception.box_world import Base, Box, cast, room, wall_with_door

WORLD = [*room(-1.5, -2, 4.5, 2), *wall_with_door(1.5, -2, 2, -1.0)]
PLATES: dict[str, Box] = {
    "near": (-0.3, 1.97, 1.2, 0.3, 2.0, 1.4),
    "next door": (4.47, 0.7, 1.2, 4.5, 1.3, 1.4),
}
PX, SPOTS = 64, 32


def letters(word: str, sure: float = 8.0) -> Tensor:
    """Log-odds (48, classes) of a reader that sees that word."""
    log_odds = torch.zeros(48, 1 + len(LETTERS))
    log_odds[:, BLANK] = sure
    for at, letter in enumerate(word):
        column = 2 + 5 * at
        log_odds[column, BLANK] = 0.0
        log_odds[column, 1 + LETTERS.index(letter)] = sure
    return log_odds.log_softmax(-1)


class Reader:
    """Eyes that know the plates, and a reader that is told what stands on them."""

    def __init__(self, word: str, texts: dict[str, str], readable: bool = True):
        self.base = Base([*WORLD, *PLATES.values()])
        self.texts, self.readable = texts, readable
        explorer = Explorer(GridPlanner(), FloorMap())
        self.signs = SignSearch(word, explorer, self.read)
        self.explorer = explorer
        self.pursuit = ProgramExecutor([ProgramStep("sign")], None, explorer, [], self.signs)

    def read(self, rgb: np.ndarray, place: SignPlace, pose: EgoPose) -> Tensor | None:
        if not self.readable or place.away_m(pose) > 1.5 or place.aside_rad(pose) > 1.0:
            return None
        middles = {name: ((b[0] + b[3]) / 2, (b[1] + b[4]) / 2) for name, b in PLATES.items()}
        nearest = min(middles, key=lambda name: math.dist(middles[name], place[:2]))
        return letters(self.texts[nearest])

    def walk(self, most: int = 400) -> int:
        for step in range(most):
            shown = cast(self.base.boxes, self.base.pose, PX)[1]
            odds = (shown >= len(WORLD)).reshape(SPOTS, 2, SPOTS, 2).mean((1, 3))
            seen = self.base.observation(PX)
            seen["rgb_ego"] = np.zeros((PX, PX, 3), np.uint8)
            self.explorer.see(seen)
            self.signs.see(seen, odds.astype(np.float32))
            action = self.explorer.doing(self.pursuit.next_action())
            if action == STOP:
                return step
            self.base.do(action)
        raise AssertionError(f"no stop in {most} steps, at {self.base.pose}")

    def away_m(self, name: str) -> float:
        x, y, _ = self.base.pose
        box = PLATES[name]
        return math.hypot((box[0] + box[3]) / 2 - x, (box[1] + box[4]) / 2 - y)


@pytest.mark.slow
def test_another_sign_is_read_and_left_and_the_right_one_reached_and_faced() -> None:
    walker = Reader("mia", {"near": "KARL", "next door": "MIA"})
    walker.walk()
    assert walker.away_m("next door") < 1.0
    assert abs(walker.base.pose.bearing_rad(4.5, 1.0)) < math.radians(15)


@pytest.mark.slow
def test_the_first_sign_that_fits_ends_the_search() -> None:
    walker = Reader("Karl", {"near": "KARL", "next door": "MIA"})
    walker.walk()
    assert walker.away_m("near") < 1.0
    assert max(pose.x_m for pose in walker.base.track) < 1.5  # it never went next door


@pytest.mark.slow
def test_a_near_miss_is_taken_only_when_nothing_else_is_left() -> None:
    walker = Reader("mira", {"near": "MIA", "next door": "KARL"})
    walker.walk()
    assert walker.away_m("near") < 1.0
    assert max(pose.x_m for pose in walker.base.track) > 1.5  # it looked at the other one
    exact = Reader("mira", {"near": "MIA", "next door": "MIRA"})
    exact.walk()
    assert exact.away_m("next door") < 1.0


@pytest.mark.slow
def test_what_cannot_be_read_is_looked_at_once_and_given_up() -> None:
    walker = Reader("mia", {}, readable=False)
    walker.walk()
    assert all(sign.visited for sign in walker.signs.signs)


def test_what_several_views_say_adds_up() -> None:
    sign = SeenSign(SignPlace(1.0, 0.0, 1.3, math.pi), 1.0)
    for at, misread in enumerate(("KARI", "KABL", "KARL")):
        sign.add(sign.place, 1.0 + at, letters(misread, 4.0))
    fit = sign.fit("KARL")
    assert fit.word > fit.other
    assert sign.fit("KARI").word < sign.fit("KARI").other
    assert sign.fit("").word == -math.inf


def test_the_nearest_view_says_where_a_sign_hangs() -> None:
    far, near = SignPlace(1.2, 0.0, 1.3, math.pi), SignPlace(1.0, 0.0, 1.3, math.pi)
    sign = SeenSign(far, 3.0)
    sign.add(near, READ_FROM_M, None)
    sign.add(far, 2.0, None)
    assert sign.place == near
