"""Describe routes in words, follow the words alone, and count who comes to where the route ends.

    python -m handeye.experiments.checks.route_check --routes 1000 --result results/route_check.json

No route is rejected for being hard to follow: what the task `route_following` sorts out is counted.
The words are also followed with left and right exchanged, which tells whether they matter.
"""

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from handeye.envs.rooms.apartments.furnishing import draw_apartment
from handeye.envs.rooms.apartments.splits import APARTMENT_SPLITS
from handeye.envs.rooms.routes.language import USUAL_WORDS, say_route
from handeye.envs.rooms.routes.route_map import RouteMap
from handeye.envs.rooms.routes.routes import describe, draw_target, way_to
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.envs.rooms.tasks.route_following import all_near, ends_of
from handeye.envs.rooms.tasks.task import draw_start
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import write_json_atomic
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED
from handeye.experiments.records.statistics import Rate

ROUTES_EACH = 4  # from the start in one apartment
WORDINGS = ("seen", "phrasing")


@dataclass(frozen=True)
class RouteCheckConfig:
    """What to follow.

    Attributes:
        result: JSON file of the outcome.
        routes: how many, half of them in unseen apartments, half in held-out wordings.
        seed: of the first apartment.
    """

    result: Path = Path("results/route_check.json")
    routes: int = 1000
    seed: int = FIRST_EVALUATION_SEED


@dataclass(frozen=True)
class Followed:
    """One route, described and followed.

    Attributes:
        apartments: split of the apartment.
        wording: "seen", or "phrasing" for held-out words.
        words: the instruction.
        steps: how many it has.
        reached: whether the words alone led to within `STOP_WITHIN_M` of the end.
        alone: whether every walk that fits the words ends there, not just the one that is taken.
        exchanged: where left and right exchanged lead: "no walk", "elsewhere", "the same place",
            or "" where the words have neither.
    """

    apartments: str
    wording: str
    words: str
    steps: int
    reached: bool
    alone: bool
    exchanged: str


def run(config: RouteCheckConfig) -> int:
    """Describe, follow, write; exit code 0."""
    routes: list[Followed] = []
    for number in range(config.routes):  # every apartment has a route; this bounds the loop
        split = APARTMENT_SPLITS[number % 2]
        routes += routes_in(split, np.random.default_rng(config.seed + number))
        if len(routes) >= config.routes:
            break
    outcome = summarised(routes[: config.routes])
    write_json_atomic(config.result, {**outcome, **measured_with()})
    print(outcome["summary"])
    return 0


def routes_in(split: str, rng: np.random.Generator) -> list[Followed]:
    """Up to `ROUTES_EACH` routes from one start in one apartment."""
    apartment = draw_apartment(rng, split=split)
    route_map = RouteMap(draw_start(RoomScene(apartment, BasePose(0, 0, 0)), rng))
    found = []
    for number in range(ROUTES_EACH):
        target = draw_target(route_map, rng)
        path = way_to(route_map, target)
        steps = None if path is None else describe(route_map, path, target, rng)
        if path is None or steps is None:
            continue
        wording, end = WORDINGS[number % 2], (float(path[-1, 0]), float(path[-1, 1]))
        words = say_route(route_map.scene, steps, wording, rng)
        ends, exchanged = ends_of(route_map, words), where_exchanged(route_map, words, end)
        reached, alone = all_near(ends[:1], end), all_near(ends, end)
        found.append(Followed(split, wording, words, len(steps), reached, alone, exchanged))
    return found


def exchange_sides(words: str) -> str:
    """Left for right and right for left."""
    other = {"left": "right", "right": "left"}
    return re.sub(r"\b(left|right)\b", lambda match: other[match[1]], words)


def where_exchanged(route_map: RouteMap, words: str, end: tuple[float, float]) -> str:
    """What comes of the words with left and right exchanged, see `Followed.exchanged`."""
    changed = exchange_sides(words)
    if changed == words:
        return ""
    ends = ends_of(route_map, changed)
    if not ends:
        return "no walk"
    return "the same place" if all_near(ends[:1], end) else "elsewhere"


def summarised(routes: list[Followed]) -> dict[str, Any]:
    """Rates over all routes and over parts of them, lengths, and what is lost."""
    rate = Rate.of([route.reached for route in routes])
    parts = {
        f"{apartments} apartments, {wording} wordings": Rate.of(
            [r.reached for r in routes if (r.apartments, r.wording) == (apartments, wording)]
        ).to_dict()
        for apartments in APARTMENT_SPLITS
        for wording in WORDINGS
    }
    lengths = [len(route.words.split()) for route in routes]
    low, high = rate.wilson95
    usual = sum(length <= USUAL_WORDS for length in lengths)
    summary = (
        f"{rate.k} of {rate.n} described routes ({100 * low:.1f} to {100 * high:.1f} %) lead by "
        f"their words alone to within a metre of the end; {usual} take at most {USUAL_WORDS} words."
    )
    return {
        "summary": summary,
        "reached": rate.to_dict(),
        "no_other_place_fits": Rate.of([route.alone for route in routes]).to_dict(),
        "parts": parts,
        "words": {"median": float(np.median(lengths)), "most": max(lengths), "usual": usual},
        "steps": {str(n): k for n, k in sorted(Counter(r.steps for r in routes).items())},
        "left_and_right_exchanged": dict(Counter(r.exchanged for r in routes if r.exchanged)),
        "lost": [route.words for route in routes if not route.reached],
    }


if __name__ == "__main__":
    sys.exit(run(tyro.cli(RouteCheckConfig, use_underscores=True)))
