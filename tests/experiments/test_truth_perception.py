import math
from collections.abc import Iterator

import numpy as np
import pytest

from handeye.agents.agent import Agent, Budget
from handeye.agents.conversation import ToolCall
from handeye.agents.perception_tools import Workbench
from handeye.agents.robot import Robot
from handeye.agents.safety import SafetyGate
from handeye.agents.scripted import ScriptedPlanner
from handeye.agents.tabletop_tools import tabletop_toolbox
from handeye.agents.tools import Toolbox
from handeye.envs.env import HandeyeEnv
from handeye.envs.predicates import position
from handeye.experiments.truth_perception import TruthPerception, fits

SEED = 2_000_000


def make(task: str) -> HandeyeEnv:
    return HandeyeEnv(
        task, action_mode="ee_pose", cameras=("front",), image_size_px=256, depth=True, max_steps=99
    )


@pytest.fixture
def env() -> Iterator[HandeyeEnv]:
    env = make("put_in")
    yield env
    env.close()


def bench_of(env: HandeyeEnv, seed: int = SEED) -> tuple[Workbench, Toolbox]:
    robot = Robot(env)
    robot.reset(seed)
    bench = Workbench(robot, TruthPerception(env))
    return bench, tabletop_toolbox(bench, SafetyGate())


def test_things_are_found_by_their_words_and_measured_from_depth(env: HandeyeEnv) -> None:
    bench, box = bench_of(env)
    things = env.scene.objects
    for index, thing in enumerate(things):
        words = {*thing.size.split(), thing.colour, thing.kind}
        if sum(fits(other, words) for other in things) > 1:
            continue
        found = bench.one(" ".join(sorted(words)))
        assert math.dist(found.place.xy, position(env.scene, env.state, index)[:2]) < 0.02
        assert abs(found.place.top_m - thing.height_m) < 0.012
    everything = box.call(ToolCall("count", {"words": "objects"}, "1"))
    assert everything.data["count"] == len(things)


def test_words_that_fit_none_or_several_lead_nowhere(env: HandeyeEnv) -> None:
    _, box = bench_of(env)
    for tool, argument in (("pick", "target"), ("locate", "target")):
        result = box.call(ToolCall(tool, {argument: "invisible unicorn"}, "1"))
        assert "nothing in view fits" in result.reason
        many = box.call(ToolCall(tool, {argument: "object"}, "2"))
        assert "Name one by its handle" in many.reason
    assert not box.call(ToolCall("detect", {"words": "drawer"}, "3")).ok
    assert box.call(ToolCall("locate", {"target": "#1"}, "4")).ok
    assert "no handle" in box.call(ToolCall("locate", {"target": "#99"}, "5")).reason


def test_a_picture_shows_the_table(env: HandeyeEnv) -> None:
    _, box = bench_of(env)
    seen = box.call(ToolCall("look", {}, "1"))
    assert seen.image is not None
    assert seen.image.rgb.shape == (256, 256, 3)
    assert seen.reason == "The hand is empty."
    empty = box.call(ToolCall("place_in", {"container": "#1"}, "2"))
    assert not empty.ok


def test_sides_are_those_of_the_user(env: HandeyeEnv) -> None:
    env.reset(seed=SEED)
    truth = TruthPerception(env)
    places = np.array([o.position_m for o in env.scene.objects])
    for relation, axis, sign in (("right of", 1, 1), ("behind", 0, -1)):
        for base in range(len(places)):
            for item in truth._beside(list(range(len(places))), [base], _key(relation)):
                assert sign * (places[item, axis] - places[base, axis]) > 0


def _key(words: str) -> str:
    return words.split()[0]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["put_in", "stack", "press_button", "move_drawer"])
def test_the_scripted_agent_carries_out_instructions(task: str) -> None:
    env = make(task)

    def equip(robot: Robot, gate: SafetyGate) -> Toolbox:
        return tabletop_toolbox(Workbench(robot, TruthPerception(env)), gate)

    agent = Agent(ScriptedPlanner(), equip, budget=Budget(calls=12, steps=60))
    results = [agent.run(env, seed=SEED + k) for k in range(5)]
    env.close()
    assert sum(result.success for result in results) >= 4
    assert all(result.steps <= 60 and not result.denials for result in results)
