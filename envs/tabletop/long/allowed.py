"""What a long goal lets change on the table."""

from collections import Counter
from dataclasses import replace

from handeye.envs.tabletop.long.goal import LongGoal
from handeye.envs.tabletop.long.scene_layout import layout_of
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.side_effects import Allowed


def allowed_by(goal: LongGoal, scene: Scene) -> Allowed:
    """Return what the goal's solutions may change.

    Beside what its own steps change: any of a group of which some are asked for, and the drawer of
    what is fetched. Of what cannot be done, the objects that the words name.
    """
    if not goal.feasible:
        return _of_what_is_said(goal, scene)
    plain = Allowed.by(scene, goal.subgoals)
    groups = {i for c in goal.conditions for i in c.among}
    moves = plain.moves | groups
    regions = dict(plain.regions)
    for condition in goal.conditions:
        if condition.target in regions:
            regions[condition.target] |= set(condition.among)
    regions |= {i: meant | groups for i, meant in regions.items() if i in groups}
    drawers = {
        start.target
        for start in layout_of(scene).starts
        if start.item in moves and scene.objects[start.target].kind == "drawer"
    }
    return replace(
        plain,
        moves=moves,
        regions={region: meant | _under(goal, meant) for region, meant in regions.items()},
        slides=plain.slides | drawers,
        references=plain.references - moves,
        pushed=plain.pushed - groups,
    )


def _under(goal: LongGoal, meant: frozenset[int]) -> set[int]:
    """Return what is to stand on what is meant for a place: with it, it comes to be there."""
    onto = {s.item: s.target for s in goal.subgoals if s.relation == "on"}
    found: set[int] = set()
    while more := {i for i, base in onto.items() if base in meant | found} - found:
        found |= more
    return found


def _of_what_is_said(goal: LongGoal, scene: Scene) -> Allowed:
    named = Counter(i for clause in goal.clauses for i in clause.objects())
    kinds = {i: scene.objects[i].kind for i in named}
    return Allowed(
        moves=frozenset(i for i in named if scene.objects[i].graspable),
        presses={i: times for i, times in named.items() if kinds[i] == "button"},
        slides=frozenset(i for i in named if kinds[i] == "drawer"),
    )
