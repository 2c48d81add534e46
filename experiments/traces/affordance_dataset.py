"""What came of calls that were made at random in the simulator, judged by its truth.

Training material of affordances: the situation in the words that a planner has of it, the call, and
whether it did what it says. Things are found by the truth, so that only the skills are judged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from handeye.agents.core.conversation import ToolCall, ToolSpec
from handeye.agents.core.planner import Step
from handeye.agents.core.scene_notes import EVERYTHING, SceneNotes, scene_notes
from handeye.agents.core.tools import Toolbox
from handeye.agents.planners.affordance import features
from handeye.agents.planners.saycan import grounded_calls, is_skill
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.sight.perception import CAMERA
from handeye.agents.tools.robot import ARM_MODE, Robot
from handeye.agents.tools.tabletop import tabletop_toolbox
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State
from handeye.experiments.oracles.oracle_perception import OraclePerception
from handeye.experiments.pictures.filmed_env import FilmedEnv

CALLS_PER_EPISODE = 8
SENSIBLE = 0.75  # share of calls that make sense; the others are any
MADE_FOR = {
    "pick": shapes.GRASPABLE_KINDS, "push_to": shapes.GRASPABLE_KINDS,
    "place_in": shapes.CONTAINER_KINDS, "place_on": (*shapes.GRASPABLE_KINDS, "zone"),
    "press": ("button",), "open_drawer": ("drawer",), "close_drawer": ("drawer",),
}  # fmt: skip
"""Kinds of the simulator's objects that a call makes sense on; tools know no kinds."""
CLOSE_M = 0.10  # of what was pushed to a thing
PIXELS, STEPS = 256, 400


@dataclass(frozen=True)
class SkillOutcome:
    """One call.

    Attributes:
        tool: its name.
        features: see `affordance.features`.
        came_off: whether it did what it says.
    """

    tool: str
    features: tuple[str, ...]
    came_off: bool


def sample_outcomes(suite: str, seed: int) -> Iterator[SkillOutcome]:
    """The outcomes of one scene's random calls, until its instruction happens to be met."""
    env = FilmedEnv(
        suite, action_mode=ARM_MODE, cameras=(CAMERA,), image_size_px=PIXELS, depth=True,
        max_steps=STEPS,
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    robot = Robot(env, max_steps=STEPS)
    robot.reset(seed)
    bench = TabletopContext(robot, OraclePerception(env))
    box = tabletop_toolbox(bench, SafetyGate())
    skills = [spec for spec in box.specs if is_skill(spec)]
    history: list[Step] = []
    _take(box, ToolCall("detect", {"words": EVERYTHING}, ""), history)
    for _ in range(CALLS_PER_EPISODE):
        noted = scene_notes(history)
        call = _draw(skills, noted, rng)
        things = [_index(env, bench, noted, words) for words in _things(call)]
        held, before = env.state.held_body - 2, len(env.states)
        _take(box, call, history)
        ticks = env.states[before:]
        came_off = bool(ticks) and came_about(call, things, held, env.scene, ticks)
        yield SkillOutcome(call.name, tuple(features(call, noted)), came_off)
        if robot.ended:
            break
        _take(box, ToolCall("detect", {"words": EVERYTHING}, ""), history)
    env.close()


def _take(box: Toolbox, call: ToolCall, history: list[Step]) -> None:
    history.append(Step(call, box.call(call)))


def _draw(skills: Sequence[ToolSpec], noted: SceneNotes, rng: np.random.Generator) -> ToolCall:
    """A skill, each as likely as the other, then any of its grounded calls."""
    calls = {spec.name: list(grounded_calls([spec], noted, "call")) for spec in skills}
    if rng.random() < SENSIBLE:
        calls = {tool: [c for c in many if _sensible(c, noted)] for tool, many in calls.items()}
    choices = [many for many in calls.values() if many]
    chosen = choices[int(rng.integers(len(choices)))]
    return chosen[int(rng.integers(len(chosen)))]


def _sensible(call: ToolCall, noted: SceneNotes) -> bool:
    """Whether somebody who knows what skills are for would make the call."""
    if call.name.startswith("place") != bool(noted.held):
        return False
    first = noted.name_of(_things(call)[0])
    return first != noted.held and first.split()[-1] in MADE_FOR.get(call.name, shapes.KINDS)


def _things(call: ToolCall) -> list[str]:
    return [str(words) for name, words in call.arguments.items() if name != "side"]


def _index(env: FilmedEnv, bench: TabletopContext, noted: SceneNotes, words: str) -> int:
    """Which of the scene's objects a grounded call means: the nearest of that name."""
    (thing,) = noted.called(words)
    name, at = thing.name, bench.handles[thing.handle].place.xy
    objects = enumerate(env.scene.objects)
    alike = [i for i, o in objects if f"{o.size} {o.colour} {o.kind}".strip() == name]
    places = [predicates.position(env.scene, env.state, index)[:2] for index in alike]
    return alike[int(np.argmin([np.linalg.norm(place - at) for place in places]))]


def came_about(
    call: ToolCall, things: Sequence[int], held: int, scene: Scene, ticks: Sequence[State]
) -> bool:
    """Whether a call did what it says.

    Args:
        call: of a skill.
        things: indices of the objects that its arguments name, in their order.
        held: index of what the hand held before, negative if nothing.
        scene: of the episode.
        ticks: the states that it went through; at least one.
    """
    last, first = ticks[-1], things[0]
    kind = scene.objects[first].kind
    match call.name:
        case "reach":
            return predicates.is_reached(scene, last, first)
        case "pick":
            return predicates.is_held(scene, last, first) and predicates.is_lifted(
                scene, last, first
            )
        case "press":
            return kind == "button" and any(predicates.is_pressed(scene, t, first) for t in ticks)
        case "open_drawer":
            return kind == "drawer" and predicates.is_open(scene, last, first)
        case "close_drawer":
            return kind == "drawer" and predicates.is_closed(scene, last, first)
        case "push_to":
            return _is_at(scene, last, first, things[1])
    if held < 0 or held == first or not predicates.is_released(scene, last, held):
        return False
    if call.name == "place_beside":
        return predicates.is_beside(scene, last, held, first, str(call.arguments["side"]))
    if kind in shapes.VESSELS:
        return predicates.is_inside(scene, last, held, first)
    if kind == "zone":
        return call.name == "place_on" and predicates.is_in_zone(scene, last, held, first)
    on = call.name == "place_on" and kind in shapes.PRISMS
    return on and predicates.is_on(scene, last, held, first)


def _is_at(scene: Scene, state: State, item: int, goal: int) -> bool:
    """Whether what was pushed is where it was to go."""
    if scene.objects[goal].kind == "zone":
        return predicates.is_in_zone(scene, state, item, goal)
    gap = predicates.position(scene, state, item) - predicates.position(scene, state, goal)
    return bool(np.hypot(gap[0], gap[1]) < CLOSE_M)
