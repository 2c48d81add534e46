"""The adversary that knows what is mostly asked in a task, and does and says that.

python -m handeye.experiments.adversaries.usual_answer    # measure it again, on training seeds
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from handeye.base.json_reader import read_json
from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.suites import WORLDS, make_suite_env
from handeye.experiments.adversaries.adversary import Adversary, check_pursues
from handeye.experiments.records.run_folder import write_json_atomic
from handeye.policies.policy import Action, Claim

DATA = Path(__file__).with_suffix(".json")
SEEDS = range(60)  # of training, for each task
SHOWN = 6  # shapes of goals that are kept of a task


class UsualAnswer(Adversary):
    """The goal whose shape is asked for most often, and the answer that is right most often.

    Where most instructions of a task cannot be carried out, it says so and does nothing.
    """

    policy_id = "usual_answer"

    def __init__(self, env: InstructedEnv) -> None:
        check_pursues(env, self.policy_id)
        super().__init__(env)

    def deeds(self, rng: np.random.Generator) -> Iterator[Action]:
        """Yield the motions towards the goal of the commonest shape."""
        env = self._env
        if self._usual["cannot"] > 0.5:
            return
        shapes: Mapping[str, int] = self._usual["goals"]
        order = rng.permutation(len(env.goals)).tolist()
        goal = max(order, key=lambda k: shapes.get(shape_of(env, env.goals[k]), 0))
        yield from self.pursued(env.expert(goal), env.max_steps)

    def end(self, answer: str = "", claim: Claim = "success") -> Action:
        """Return the end with the commonest answer or claim."""
        if self._usual["cannot"] > 0.5:
            return super().end("", "cannot")
        return super().end(self._usual["answer"], claim)

    @property
    def _usual(self) -> Mapping[str, Any]:
        """What is known of the task; nothing of one that was never measured."""
        unknown = {"answer": "", "cannot": 0.0, "goals": {}}
        return usual_answers().get(self._env.task.name, unknown)


@cache
def usual_answers() -> Mapping[str, Mapping[str, Any]]:
    """Return by task the commonest answer, the share that cannot be done, and shapes of goals."""
    return read_json(DATA, dict)


def shape_of(env: InstructedEnv, goal: Any) -> str:
    """Return what is alike in goals of many scenes: relation and sorts of what is referred to."""
    if isinstance(env, RoomsEnv):
        things = env.scene.things
        sorts = [things[name].kind if name in things else name for name in goal.referred]
    else:
        sorts = [env.scene.objects[item].kind for item in goal.referred]
    return " ".join([goal.relation, *sorts])


def measured(task: str, seeds: range) -> dict[str, Any]:
    """Return what is mostly asked in a task; nothing is simulated."""
    env = make_suite_env(task, cameras=())
    answers: Counter[str] = Counter()
    shapes: Counter[str] = Counter()
    cannot = 0
    for seed in seeds:
        env.sample_episode(seed=seed)
        feasible = env.task.about(env.goal).get("feasible", True)
        cannot += not feasible
        if feasible:
            answers[getattr(env.goal, "answer", "")] += 1
            shapes[shape_of(env, env.goal)] += 1
    answers.pop("", None)
    usual = answers.most_common(1)
    return {
        "answer": usual[0][0] if usual else "",
        "cannot": round(cannot / len(seeds), 3),
        "goals": dict(sorted(shapes.most_common(SHOWN))),
    }


def run() -> int:
    """Measure every task and keep the figures."""
    tasks = [task for world in WORLDS for task in world.tasks]
    write_json_atomic(DATA, {task: measured(task, SEEDS) for task in tasks})
    return 0


if __name__ == "__main__":
    sys.exit(run())
