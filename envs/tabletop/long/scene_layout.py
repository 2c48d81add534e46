"""From a layout to a scene: loose things at random free places, the others where they begin."""

import math

import numpy as np

from handeye.envs.tabletop.long.goal import SIDES, Beginning, Layout, LongGoal, Start
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.feasibility import beside_distance, beside_is_clear, push_is_clear
from handeye.envs.tabletop.world.predicates import DIRECTIONS
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene, SceneObject, place

IN_TRAY_YAW_RAD = 0.3  # a block's, so that the fingers close along the tray's wider side
ZONE_SPOTS_M = ((-0.035, 0.0), (0.035, 0.0))
BESIDE_TOWER_M = 0.145  # the hand is so wide that nearer by it would touch a tower of two
SAME_M = 0.03
HANDLE_X_M = (0.085, 0.185)  # of a drawer's handle, closed and open
Vector = tuple[float, float, float]


def lay(layout: Layout, rng: np.random.Generator) -> Scene:
    """Put everything on the table.

    Raises:
        SceneSamplingError: it does not fit.
    """
    held = {s.item: s for s in layout.starts if s.target >= 0}
    loose = [i for i in range(len(layout.things)) if i not in held]
    placed = place([layout.things[i] for i in loose], rng)
    objects = {i: _renamed(thing, i) for i, thing in zip(loose, placed.objects, strict=True)}
    for item, start in held.items():  # a target is in the list before what begins there
        taken = sum(s.target == start.target for s in held.values() if s.item < item)
        thing = layout.things[item]
        where = _begin(start, objects[start.target], taken)
        yaw = float(rng.uniform(-math.pi, math.pi))
        if objects[start.target].kind == "drawer":
            yaw *= IN_TRAY_YAW_RAD / math.pi
        objects[item] = _renamed(SceneObject("", *_named(thing), where, yaw), item)
    return Scene(tuple(objects[i] for i in range(len(objects))))


def layout_of(scene: Scene) -> Layout:
    """What a scene lays out: things that begin in or on others are recognised by their places."""
    things = tuple(ObjectSpec(o.kind, o.colour, o.size) for o in scene.objects)
    starts = [
        Start(relation, i, j)
        for i, thing in enumerate(scene.objects)
        for j, target in enumerate(scene.objects)
        if thing.graspable and (relation := _relation(thing, target))
    ]
    return Layout(things, tuple(starts))


def can_be_done(scene: Scene, goal: LongGoal) -> bool:
    """Return whether the places at reset leave room for the goal's steps.

    Room is needed for what is pushed and put beside something, and for the hand beside towers.
    """
    for step in goal.subgoals:
        if step.skill == "push" and not push_is_clear(scene, step.item, step.target):
            return False
        if step.relation in SIDES and not beside_is_clear(
            scene, step.item, step.target, step.relation
        ):
            return False
    return _keeps_off_towers(scene, goal)


def _keeps_off_towers(scene: Scene, goal: LongGoal) -> bool:
    """Return whether the hand never goes down close to a tower."""
    places = {i: np.array(thing.position_m[:2]) for i, thing in enumerate(scene.objects)}
    towers = [places[s.target] for s in layout_of(scene).starts if s.relation == "on"]
    for step in goal.subgoals:
        if step.skill == "say":
            continue
        ways = [places[step.item]]
        if step.skill == "slide":
            ways = [places[step.item] + np.array([x, 0.0]) for x in HANDLE_X_M]
        elif step.target >= 0:
            ways.append(places[step.target])
            if step.relation in SIDES:
                away = beside_distance(scene, step.target)
                ways[-1] = ways[-1] + DIRECTIONS[step.relation] * away
            places[step.item] = ways[-1]
        gaps = [math.dist(way, tower) for way in ways for tower in towers]
        if any(SAME_M < gap < BESIDE_TOWER_M for gap in gaps):
            return False
        towers += [ways[-1]] if step.relation == "on" else []
    return True


def _renamed(thing: SceneObject, index: int) -> SceneObject:
    size = f"{thing.size}_" if thing.size else ""
    name = f"{size}{thing.colour}_{thing.kind}_{index}"
    return SceneObject(name, thing.kind, thing.colour, thing.size, thing.position_m, thing.yaw_rad)


def _named(thing: ObjectSpec) -> tuple[str, str, str]:
    return thing.kind, thing.colour, thing.size


def _begin(start: Start, target: SceneObject, taken: int) -> Vector:
    """Where the bottom of something is at reset that begins in or on a target."""
    x, y, z = target.position_m
    if start.relation == "in_zone":
        dx, dy = ZONE_SPOTS_M[taken]
        return x + dx, y + dy, z
    if start.relation == "on":
        return x, y, z + target.height_m
    if target.kind == "drawer":
        size = shapes.DRAWER
        return x + size.half_depth_m - size.tray_half_depth_m, y, z + size.tray_floor_m
    return x, y, z + shapes.VESSELS[target.kind].floor_m


def _relation(thing: SceneObject, target: SceneObject) -> Beginning | None:
    """How a thing begins with respect to a target; None: apart from it."""
    (x, y, z), (tx, ty, tz) = thing.position_m, target.position_m
    apart = math.hypot(x - tx, y - ty)
    if target.kind == "zone":
        inside = max(abs(x - tx), abs(y - ty)) < shapes.ZONE_HALF_WIDTH_M and z < tz + 0.01
        return "in_zone" if inside else None
    if target.kind == "drawer":
        return "inside" if apart < shapes.DRAWER.half_depth_m and z > tz else None
    if target.kind in shapes.VESSELS:
        return "inside" if apart < shapes.VESSELS[target.kind].rim_radius_m and z > tz else None
    return "on" if target.graspable and apart < target.radius_m and z > tz else None
