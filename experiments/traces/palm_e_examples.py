"""Sentences to train `PalmE` on: frame, instruction and steps so far -> the next step.

The steps are those of an expert that knows the goal and names things by what the frame shows of
them ("the thing left of the bowl" -> red star). Frames are drawn from the simulator's scenes as
they would look after each step; nothing is simulated in between, so a thing in the hand or in a
bowl stands exactly where it belongs. Half-failed work and things that are not there are among them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.instruction_parser import parse
from handeye.agents.core.planner import Step
from handeye.agents.core.tools import ToolResult
from handeye.agents.planners.palm_e import call_words, prompt_of
from handeye.agents.tools.skills import HOME
from handeye.envs.robots.inverse_kinematics import HOME_JOINTS, solve_ik
from handeye.envs.robots.kinematics import tcp_target_pose
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.language import Description
from handeye.envs.tabletop.world.pictures import render_states
from handeye.envs.tabletop.world.predicates import DIRECTIONS
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State
from handeye.experiments.labels.scene_nouns import read_noun

SEEN_PX = 256
HELD_FINGERS_M, OPEN_FINGERS_M = 0.015, 0.04
BESIDE_M = 0.06
FAILED_SHARE = 0.3  # of the steps are preceded by a failed one
GIVE_UP = 3  # failures of one step
CLAIMS = {claim: ToolCall("done", {"claim": claim}, "") for claim in ("success", "failure")}
CANNOT = ToolCall("done", {"claim": "cannot"}, "")


class PalmEExample(NamedTuple):
    """One sentence.

    Attributes:
        rgb: (256, 256, 3) uint8, what is seen.
        prompt: the words so far.
        step: what comes next.
        about: "act", "end" or "cannot", for measuring.
    """

    rgb: NDArray[np.uint8]
    prompt: str
    step: str
    about: str


def examples_of(env: TabletopEnv, seed: int, foreign: str) -> Iterator[PalmEExample]:
    """The sentences of one scene.

    Args:
        env: of the tabletop's core tasks.
        seed: of the scene.
        foreign: another scene's instruction; used if it names what is not there.
    """
    env.reset(seed=seed)
    rng = np.random.default_rng([seed, 0xE])
    plan = plan_of(env)
    away = at_home(env.state, OPEN_FINGERS_M)
    if foreign and names_absent(foreign, env.scene):
        yield _example(env, away, foreign, [], CANNOT, "cannot")
    if plan is None:
        return
    states = [away, *_states_after(env, away)]
    steps: list[Step] = []
    for number, call in enumerate(plan):
        tried = _failures(call, rng)
        yield _example(env, states[number], env.instruction, [*steps, *tried], call, "act")
        if number and rng.random() < FAILED_SHARE:  # it was lost on the way: from the start again
            lost = [*steps, Step(call, ToolResult(False, ""))]
            yield _example(env, away, env.instruction, lost, plan[0], "act")
        steps.append(Step(call, ToolResult(True, "")))
    yield _example(env, states[-1], env.instruction, steps, CLAIMS["success"], "end")
    if rng.random() < FAILED_SHARE:
        given_up = [Step(plan[0], ToolResult(False, ""))] * GIVE_UP
        yield _example(env, away, env.instruction, given_up, CLAIMS["failure"], "end")


def plan_of(env: TabletopEnv) -> list[ToolCall] | None:
    """The calls that reach the goal; None where a thing has no name of its own."""
    names = [name_of(env.scene, index) for index in env.goal.referred]
    if not all(names):
        return None
    first, last = names[0], names[-1]
    pick = ToolCall("pick", {"target": first}, "")
    match env.task.name:
        case "put_in":
            return [pick, ToolCall("place_in", {"container": last}, "")]
        case "stack":
            return [pick, ToolCall("place_on", {"base": last}, "")]
        case "place_beside":
            where = {"reference": last, "side": env.goal.relation}
            return [pick, ToolCall("place_beside", where, "")]
        case "push_to_zone":
            return [ToolCall("push_to", {"target": first, "goal": last}, "")]
        case "press_button":
            return [ToolCall("press", {"button": first}, "")]
        case "move_drawer":
            return [ToolCall(f"{env.goal.relation}_drawer", {"drawer": first}, "")]
        case "reach":
            return [ToolCall("reach", {"target": first}, "")]
    return [pick]


def name_of(scene: Scene, index: int) -> str:
    """Colour and kind, with the size where it is needed; "" where that fits others too."""
    thing = scene.objects[index]
    for size in ("", thing.size):
        if _count(scene, Description(size, thing.colour, thing.kind)) == 1:
            return f"{size} {thing.colour} {thing.kind}".strip()
    return ""


def names_absent(instruction: str, scene: Scene) -> bool:
    """Whether an instruction names, without a relation, a thing that nothing in the scene fits."""
    said = [words for _, arguments in parse(instruction) for words in arguments.values()]
    nouns = [read_noun(words) for words in said if words not in DIRECTIONS]
    return any(
        noun is not None
        and not noun.relation
        and not _count(scene, Description(noun.size, noun.colour, noun.kind))
        for noun in nouns
    )


def _count(scene: Scene, description: Description) -> int:
    return sum(description.fits(scene, index) for index in range(len(scene.objects)))


def at_home(state: State, fingers_m: float) -> State:
    """The state with the arm where it hides nothing."""
    joints = state.joint_positions.copy()
    pose = tcp_target_pose(np.array([*HOME, 0.0, 0.0, 0.0]))
    solve_ik(pose, HOME_JOINTS[:7], joints[:7])
    joints[7:9] = fingers_m
    return replace(state, joint_positions=joints)


def _states_after(env: TabletopEnv, away: State) -> list[State]:
    """How it looks after each call of the plan, the arm out of the way."""
    scene, (item, *others) = env.scene, env.goal.referred
    places = away.joint_positions.copy()
    match env.task.name:
        case "press_button" | "reach":
            return [away]
        case "move_drawer":
            is_open = env.goal.relation == "open"
            places[scene.joint(item)] = shapes.DRAWER.travel_m if is_open else 0.0
            return [replace(away, joint_positions=places)]
    if env.task.name == "push_to_zone":
        return [_moved(away, scene, item, _position(away, scene, others[0]))]
    places[7:9] = HELD_FINGERS_M
    below = scene.objects[item].height_m / 2
    held = _moved(away, scene, item, np.array(HOME) - (0.0, 0.0, below))
    held = replace(held, joint_positions=places)
    if not others:
        return [held]
    return [held, _moved(away, scene, item, _goal_place(env, away, others[0]))]


def _goal_place(env: TabletopEnv, state: State, other: int) -> NDArray[np.float64]:
    """Where the item lies when the goal is reached."""
    place, thing = _position(state, env.scene, other), env.scene.objects[other]
    if env.task.name == "place_beside":
        place[:2] += (thing.radius_m + BESIDE_M) * DIRECTIONS[env.goal.relation]
    elif env.task.name == "stack":
        place[2] += thing.height_m
    else:
        place[2] += 0.005
    return place


def _position(state: State, scene: Scene, index: int) -> NDArray[np.float64]:
    return np.array(state.body_poses[scene.body(index), :3])


def _moved(state: State, scene: Scene, index: int, place: NDArray[np.float64]) -> State:
    poses = state.body_poses.copy()
    poses[scene.body(index), :3] = place
    return replace(state, body_poses=poses)


def _failures(call: ToolCall, rng: np.random.Generator) -> list[Step]:
    """Now and then a failed try of the same call, or two."""
    tries = int(rng.integers(1, GIVE_UP)) if rng.random() < FAILED_SHARE else 0
    return [Step(call, ToolResult(False, ""))] * tries


def _example(
    env: TabletopEnv,
    state: State,
    instruction: str,
    steps: Sequence[Step],
    call: ToolCall,
    about: str,
) -> PalmEExample:
    frames = render_states([env.renderer], [state], ["front"], SEEN_PX, SEEN_PX)["front"]
    return PalmEExample(
        frames.rgb[0].copy(), prompt_of(instruction, steps), call_words(call), about
    )
