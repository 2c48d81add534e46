"""What mostly is asked: neither one answer nor "cannot" wins more than a scene's best deed."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.rooms.long.goals import CANNOT, LongGoal
from handeye.envs.rooms.long.sampling import KINDS, draw_goal
from handeye.envs.rooms.long.symbolic_home import SymbolicHome, sample_home
from handeye.envs.rooms.long.task import DRAWS, EVERYTHING, OFFERED

HOMES = 30
MARGIN = 0.05


def offered(home: SymbolicHome, kind: str, rng: np.random.Generator) -> list[LongGoal]:
    """Different goals of a kind, as a scene has them."""
    found: list[LongGoal] = []
    for _ in range(DRAWS):
        drawn = draw_goal(home, kind, rng)
        goal = None if drawn is None else replace(drawn, vagueness="ordinary")
        if goal is not None and goal not in found:
            found.append(goal)
        if len(found) == OFFERED:
            return found
    return []


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in EVERYTHING])
def test_no_answer_wins_more_than_chance(kind: str) -> None:
    rng = np.random.default_rng([5, len(kind)])
    answers: Counter[str] = Counter()
    chances = []
    for _ in range(HOMES):
        goals = offered(sample_home(rng), kind, rng)
        if goals:
            best = Counter(goal.answer or goal for goal in goals).most_common(1)[0][1]
            chances.append(best / len(goals))
            answers.update(goal.answer for goal in goals)
    asked = answers.total()
    bar = float(np.mean(chances)) + MARGIN
    assert asked >= HOMES * 2
    assert answers[CANNOT] <= bar * asked
    assert answers[CANNOT] <= asked / 2  # the others are what can be done, in the same words
    answers.pop("", None)
    assert max(answers.values(), default=0) <= bar * asked
