"""What tasks of every suite share: words, success, a step budget, and what a user answers."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

import numpy as np

from handeye.envs.base.synonyms import SYNONYM_SPLIT, Synonyms
from handeye.envs.core.oracle_action import Claim
from handeye.envs.core.simulated_user import Unclear

SYNONYM_TRIES = 40  # phrasings drawn for one whose verb has a synonym


class SceneSamplingError(RuntimeError):
    """No scene could be sampled, such as one with places for all of its objects."""


class InstructedTask:
    """A family of goals that are given in words.

    Class attributes:
        name: the registry's key.
        templates: training phrasings; at least five.
        held_out_templates: phrasings of the split `phrasing`.
        splits: distributions of scenes and words that it knows.
        step_budget: action mode -> env steps that an episode may usually take.
        synonyms: words of the split `synonym`.
        tests_words: False where the instruction is "everything": such a task is shown, and stands
            outside of means over tasks.
    """

    name: ClassVar[str]
    templates: ClassVar[tuple[str, ...]]
    held_out_templates: ClassVar[tuple[str, ...]]
    splits: ClassVar[tuple[str, ...]]
    step_budget: ClassVar[dict[str, int]]
    synonyms: ClassVar[Synonyms]
    tests_words: ClassVar[bool] = True

    def draw_scene(self, rng: np.random.Generator, split: str) -> tuple[Any, list[Any], int]:
        """Return a scene with its goals, and how many samples were rejected.

        Raises:
            SceneSamplingError: none could be sampled.
        """
        raise NotImplementedError

    def instruction(self, scene: Any, goal: Any, split: str, rng: np.random.Generator) -> str:
        """Return the goal in words."""
        raise NotImplementedError

    def words(self, scene: Any, goal: Any, split: str, rng: np.random.Generator) -> str:
        """Return the goal in the words of a split: of `synonym`, trained ones with other words."""
        said = self.instruction(scene, goal, split, rng)
        if split != SYNONYM_SPLIT:
            return said
        for _ in range(SYNONYM_TRIES):
            if self.synonyms.fits(said):
                break
            said = self.instruction(scene, goal, split, rng)
        return self.synonyms.replaced(said)

    def conditions(self, scene: Any, goal: Any, state: Any) -> dict[str, bool]:
        """Return named conditions; the goal is reached when all hold."""
        raise NotImplementedError

    def done(self, scene: Any, goal: Any, state: Any) -> bool:
        """Return whether every condition holds."""
        return all(self.conditions(scene, goal, state).values())

    def template(self, split: str, rng: np.random.Generator) -> str:
        """Return one of the phrasings of a split."""
        pool = self.held_out_templates if split == "phrasing" else self.templates
        return pool[int(rng.integers(len(pool)))]

    def max_steps(self, goal: Any, action_mode: str) -> int:
        """Return how many env steps an episode about a goal may take."""
        return self.step_budget[action_mode]

    def outcome(self, goal: Any) -> Hashable:
        """Return what carrying out a goal comes to: equal for goals that one deed reaches."""
        return goal

    def chance(self, goals: Sequence[Any]) -> float:
        """Return the share of a scene's goals that the best deed reaches without the words."""
        return max(Counter(map(self.outcome, goals)).values()) / len(goals)

    def about(self, goal: Any) -> dict[str, Any]:
        """Return further entries of an episode's info."""
        return {}

    def true_claim(self, goal: Any) -> Claim:
        """Return what is true to claim where a goal is met: of one without a way, "cannot"."""
        return "success" if self.about(goal).get("feasible", True) else "cannot"

    def unclear(self, goal: Any) -> Unclear | None:
        """Return what the words leave open, for the user who is asked; None if nothing."""
        return None
