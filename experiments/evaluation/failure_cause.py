"""What the last state of a failed episode says of the cause; it reads the simulator."""

import re

import numpy as np

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world import predicates
from handeye.experiments.records.failure import FailureRecord

MOVED_M = 0.02  # An object that is farther from where it stood was moved.
NUMBERED = re.compile(r"\([\dx,+]+\)")  # Behind a condition on objects by their index.
PLACED = ("inside", "on", "beside", "in_zone", "reached")  # Conditions that one distance tells.


def failure_of(env: InstructedEnv) -> FailureRecord:
    """Return what went wrong in the episode that has just ended.

    Args:
        env: in which it was run; not yet reset to another one.
    """
    unmet = tuple(name for name, holds in env.conditions.items() if not holds)
    if isinstance(env, TabletopEnv):
        return _at_the_table(env, unmet)
    return _in_the_apartment(env, unmet) if isinstance(env, RoomsEnv) else FailureRecord(unmet)


def _at_the_table(env: TabletopEnv, unmet: tuple[str, ...]) -> FailureRecord:
    scene, state = env.scene, env.state
    names = [" ".join(filter(None, (o.size, o.colour, o.kind))) for o in scene.objects]
    moved = [
        names[i]
        for i, thing in enumerate(scene.objects)
        if np.linalg.norm(predicates.position(scene, state, i) - thing.position_m) > MOVED_M
        or predicates.is_held(scene, state, i)
    ]
    meant = tuple(names[i] for i in env.goal.referred)
    distance_m = None
    if any(name in PLACED for name in unmet):
        first, last = env.goal.referred[0], env.goal.referred[-1]
        there = predicates.position(scene, state, last)
        gap = (predicates.position(scene, state, first) - there)[:2]
        if first == last:
            gap = tcp_target(state.joint_positions)[:3] - predicates.top(scene, state, first)
        distance_m = round(float(np.linalg.norm(gap)), 3)
    said = tuple(NUMBERED.sub(lambda found: _named(found[0], names), name) for name in unmet)
    return FailureRecord(said, meant, tuple(moved), "", distance_m)


def _named(numbers: str, names: list[str]) -> str:
    """Return the bracket of a condition, such as "(0,2+3)", with the objects' names in it."""
    return re.sub(r"(?<![x\d])\d+", lambda found: names[int(found[0])], numbers)


def _in_the_apartment(env: RoomsEnv, unmet: tuple[str, ...]) -> FailureRecord:
    scene, (x, y) = env.scene, env.state.here.xy
    room = scene.apartment.room_at(x, y)
    place = scene.apartment.rooms[room].kind if room >= 0 else "doorway"
    legs = env.task.legs(scene, env.goal)
    ways_m = scene.free.field_to(scene.free.nearest_free(x, y)).distances_m(legs[-1].points_m)
    reached = ways_m[np.isfinite(ways_m)]
    distance_m = round(float(reached.min()), 2) if len(reached) else None
    return FailureRecord(unmet, tuple(env.goal.referred), (), place, distance_m)
