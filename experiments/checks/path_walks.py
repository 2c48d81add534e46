"""Walks in apartments, honest ones and a tour's, measured so that caps can be set beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from handeye.agents.agent import Agent, Budget
from handeye.agents.safety.default_gate import cautious_gate
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.tasks.task import (
    path_length_m,
    shortest_path_m,
    way_m_between,
    way_on_cap_m,
    whole_cap_m,
)
from handeye.envs.suites import make_suite_env
from handeye.experiments.actors.agent_worlds import TRUTH, tool_set_of
from handeye.experiments.actors.load_policy import policy_source
from handeye.experiments.records.provenance import code_fingerprint
from handeye.policies.rollout import rollout

PLANNER = "planner"  # The oracle of planning over tools that see by the truth.
CALLS = 60
SEEING = ("frontier", "handeye-rooms-nano")  # Those that need a camera.


class Trial(NamedTuple):
    """One walk to be measured."""

    suite: str
    task: str
    actor: str
    seed: int
    split: str


@dataclass(frozen=True)
class Walk:
    """How far an actor went, and how far it is.

    Attributes:
        suite, task, actor, seed, split: as of `Trial`.
        won: the goal held at the end and the claim fits, whatever the way.
        walked_m: all of it.
        shortest_m: the way through the goal's places.
        rooms: of the apartment.
        walked_on_m: since the last visit that is told; None where nothing is told of the way then.
        shortest_on_m: the way from there to where the robot has to end.
        chance: of the scene, without the words.
        fingerprint: of the code.
    """

    suite: str
    task: str
    actor: str
    seed: int
    split: str
    won: bool
    walked_m: float
    shortest_m: float
    rooms: int
    walked_on_m: float | None
    shortest_on_m: float | None
    chance: float
    fingerprint: str

    @property
    def trial(self) -> Trial:
        """Return what was to be measured."""
        return Trial(self.suite, self.task, self.actor, self.seed, self.split)

    @property
    def too_far(self) -> bool:
        """Return whether it is longer than one of its caps."""
        cap_m = whole_cap_m(self.shortest_m, self.rooms)
        if self.walked_m > cap_m:
            return True
        if self.walked_on_m is None or self.shortest_on_m is None:
            return False
        return self.walked_on_m > way_on_cap_m(self.shortest_on_m)


def measure(trial: Trial) -> Walk:
    """Walk once; the same for the same trial."""
    options = {"task": trial.task}
    if trial.actor == PLANNER:
        agent, env = _planner(trial.suite, trial.split)
        info = dict(agent.run(env, seed=trial.seed, options=options).info)
    else:
        source = policy_source(trial.actor)
        env = _environment(trial.suite, trial.split, source.action_mode, trial.actor in SEEING)
        info = rollout(env, source.build(env), seed=trial.seed, options=options).info
    return Walk(**trial._asdict(), **_figures(env, info))


def _figures(env: RoomsEnv, info: Mapping[str, Any]) -> dict[str, Any]:
    scene, goal, walk = env.scene, env.goal, env.state
    since = env.task.visited_at(scene, goal, walk)
    on_m = shortest_on_m = None
    if since is not None:
        here = (float(walk.track[since, 0]), float(walk.track[since, 1]))
        on_m = path_length_m(walk.track[since:])
        shortest_on_m = way_m_between(scene, here, env.task.end_place_m(scene, goal))
    met, conditions = info["goal_conditions"]
    return {
        "won": bool(info["is_success"]) or (met == conditions and bool(info["side_effects"])),
        "walked_m": path_length_m(walk.track),
        "shortest_m": shortest_path_m(scene, env.task.legs(scene, goal)),
        "rooms": len(scene.apartment.rooms),
        "walked_on_m": on_m,
        "shortest_on_m": shortest_on_m,
        "chance": float(info["chance"]),
        "fingerprint": code_fingerprint(),
    }


@cache
def _environment(suite: str, split: str, action_mode: str | None, sees: bool) -> RoomsEnv:
    cameras = {} if sees else {"cameras": ()}
    env = make_suite_env(suite, split=split, action_mode=action_mode, **cameras)
    assert isinstance(env, RoomsEnv)
    return env


@cache
def _planner(suite: str, split: str) -> tuple[Agent, RoomsEnv]:
    world = tool_set_of(suite)
    env: RoomsEnv = world.env(suite, split=split, max_steps=world.steps)
    assert world.expert is not None
    equip = world.equip(world.perception(TRUTH, env))
    budget = Budget(calls=CALLS, steps=world.steps)
    return Agent(world.expert(env), equip, make_gate=cautious_gate, budget=budget), env
