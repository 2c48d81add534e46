"""Drafts of planning traces: what is on a table of paper, what is asked, and the expert's plan."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from handeye.envs.core.simulated_user import Unclear
from handeye.envs.tabletop.chains.sampling import sample_chain
from handeye.envs.tabletop.chains.situation import CORE, SLIDES_M
from handeye.envs.tabletop.long import LongGoal, LongSample, sample_long_goal
from handeye.envs.tabletop.long.registry import FAMILY_KINDS, kinds_in
from handeye.envs.tabletop.long.task import left_open_by
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks import TASKS, pursuable
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.scene import SceneObject
from handeye.experiments.oracles.oracle_planner import PlanSpec
from handeye.experiments.oracles.plan_specs import core_plan_spec, long_plan_spec
from handeye.experiments.traces.symbolic_tabletop import SymbolicObject, SymbolicTabletop
from handeye.experiments.wordings.paraphrases import word_core, word_long

MOST_BEFORE = 3  # goals that have been reached before on a mixed table
HARD_SHARE = 0.4  # of long instructions in training, that are of the kinds which are hard to learn:
HARD_KINDS = (
    "if_more", "if_same_colour", "if_there_only", "as_many_as", "say_which_more", "odd_one_out",
    "press_all", "say_what_is_inside", "drink", "soup", "unclear_colour", "gather_small",
    "gather_shape", "gather_colour", "gather_number", "gather_on_zone", "sort_two_kinds",
    "sort_three_colours", "sort_onto_zones", "sort_out_the_rest", "empty_plate", "swap_zones",
    "tower_of_colour", "tower_any_order", "tower_with_top", "turn_tower",
)  # fmt: skip
CELLS = [(x, y) for x in (0.34, 0.44, 0.54, 0.64) for y in (-0.3, -0.1, 0.1, 0.3)]
DRAWERS = ((0.36, -0.2), (0.36, 0.2))
AJAR_M = (0.035, 0.055)


class TraceDraft(NamedTuple):
    """An episode before it is played."""

    kind: str
    things: list[SymbolicObject]
    instruction: str
    unclear: Unclear | None
    assign: Callable[[SymbolicTabletop], PlanSpec]
    subgoals: tuple[Subgoal, ...] = ()
    goal: LongGoal | None = None


def draw_core(rng: np.random.Generator, split: str, *, wide: bool = False) -> TraceDraft:
    """An episode of `tabletop-core`."""
    task = TABLETOP.make_task(list(TASKS)[int(rng.integers(len(TASKS)))])
    scene, goals, _ = task.draw_scene(rng, split)
    allowed = pursuable(scene, goals, split)
    goal = goals[allowed[int(rng.integers(len(allowed)))]]
    words = word_core(task, scene, goal, rng) if wide else task.instruction(scene, goal, split, rng)
    things = [SymbolicObject(spec, np.array(spec.position_m[:2])) for spec in scene.objects]
    for thing in things:
        if thing.spec.kind == "drawer":
            thing.slide_m = float(rng.uniform(*AJAR_M))

    def assign(table: SymbolicTabletop) -> PlanSpec:
        """Return what the words ask for, on this table."""
        return core_plan_spec(task, goal, scene.objects, words, table.resolve)

    return TraceDraft(task.name, things, words, None, assign, task.subgoals(goal))


def draw_mixed(rng: np.random.Generator, split: str, *, wide: bool = False) -> TraceDraft:
    """An episode of `tabletop-mixed`, where the verb alone says what to do; the hand is empty."""
    while True:
        before = int(rng.integers(MOST_BEFORE + 1))
        chain, _ = sample_chain(rng, split, before + 1)
        now, goal = chain.situations[before], chain.goals[before]
        if now.held < 0:
            break
    task, scene = CORE[goal.task], now.scene
    words = word_core(task, scene, goal, rng) if wide else task.instruction(scene, goal, split, rng)
    things = [SymbolicObject(spec, np.array(spec.position_m[:2])) for spec in scene.objects]
    for drawer, how in now.drawers.items():
        things[drawer].slide_m = SLIDES_M[how]
    for item, (relation, target) in now.lies.items():
        if relation != "in_zone":
            _lie(things[item], relation, target, things[target])

    def assign(table: SymbolicTabletop) -> PlanSpec:
        """Return what the words ask for, on this table."""
        return core_plan_spec(task, goal, scene.objects, words, table.resolve)

    return TraceDraft(task.name, things, words, None, assign, task.subgoals(goal))


def draw_long(rng: np.random.Generator, split: str, *, wide: bool = False) -> TraceDraft:
    """An episode of `tabletop-long`."""
    family = list(FAMILY_KINDS)[int(rng.integers(len(FAMILY_KINDS)))]
    kinds = kinds_in(split, FAMILY_KINDS[family])
    if wide and rng.random() < HARD_SHARE:
        kinds = HARD_KINDS
    sample = sample_long_goal(rng, kinds=kinds, split=split)
    things, goal = _spread(sample, rng), sample.goal
    words = word_long(goal, sample.layout.things, rng) if wide else sample.instruction

    def assign(table: SymbolicTabletop) -> PlanSpec:
        """Return what the words ask for, on this table."""
        specs = [thing.spec for thing in things]
        return long_plan_spec(goal, specs, words, table.resolve)

    unclear = left_open_by(goal)
    return TraceDraft(goal.kind, things, words, unclear, assign, goal.subgoals, goal)


def _spread(sample: LongSample, rng: np.random.Generator) -> list[SymbolicObject]:
    """The things of a layout, each at a place of its own or where it begins."""
    cells = [CELLS[i] for i in rng.permutation(len(CELLS))]
    drawers = list(DRAWERS)
    things: list[SymbolicObject] = []
    for spec in sample.layout.things:
        xy = drawers.pop() if spec.kind == "drawer" else cells.pop()
        things.append(SymbolicObject(standing(spec.kind, spec.colour, spec.size, xy), np.array(xy)))
    for start in sample.layout.starts:
        thing = things[start.item]
        if start.relation in ("open", "closed"):
            thing.slide_m = shapes.DRAWER.travel_m if start.relation == "open" else 0.0
    for start in sample.layout.starts:
        if start.target < 0:
            continue
        thing, base = things[start.item], things[start.target]
        thing.xy = base.tray if base.spec.kind == "drawer" else base.xy.copy()
        if start.relation in ("inside", "on"):
            _lie(thing, start.relation, start.target, base)
        else:
            thing.xy = thing.xy + rng.uniform(-0.02, 0.02, 2)
    return things


def _lie(thing: SymbolicObject, relation: str, target: int, base: SymbolicObject) -> None:
    if relation == "on":
        thing.bottom_m, thing.on = base.top_m, target
    else:
        thing.inside, thing.bottom_m = target, 0.004


def standing(kind: str, colour: str, size: str, xy: tuple[float, float]) -> SceneObject:
    """A thing that stands upright at a place, m."""
    return SceneObject(f"{size}_{colour}_{kind}", kind, colour, size, (*xy, 0.0), 0.0)
