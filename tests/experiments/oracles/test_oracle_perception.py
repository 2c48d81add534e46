import math
from collections.abc import Iterator

import pytest

from handeye.agents.agent import Agent, Budget
from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import Toolbox
from handeye.agents.planners.scripted import ScriptedPlanner
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.tabletop import tabletop_toolbox
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.predicates import position
from handeye.experiments.oracles.oracle_perception import OraclePerception

SEED = 2_000_000


def make(task: str) -> TabletopEnv:
    return TabletopEnv(
        task, action_mode="ee_pose", cameras=("front",), image_size_px=256, depth=True, max_steps=99
    )


@pytest.fixture
def env() -> Iterator[TabletopEnv]:
    env = make("put_in")
    yield env
    env.close()


def bench_of(env: TabletopEnv, seed: int = SEED) -> tuple[TabletopContext, Toolbox]:
    robot = Robot(env)
    robot.reset(seed)
    bench = TabletopContext(robot, OraclePerception(env))
    return bench, tabletop_toolbox(bench, SafetyGate())


def test_things_are_found_by_their_words_and_measured_from_depth(env: TabletopEnv) -> None:
    bench, box = bench_of(env)
    things = env.scene.objects
    for index, thing in enumerate(things):
        own = (thing.size, thing.colour, thing.kind)
        if sum((other.size, other.colour, other.kind) == own for other in things) > 1:
            continue
        found = bench.one(" ".join(own))
        assert math.dist(found.place.xy, position(env.scene, env.state, index)[:2]) < 0.02
        assert abs(found.place.top_m - thing.height_m) < 0.012
    everything = box.call(ToolCall("count", {"words": "objects"}, "1"))
    assert everything.data["count"] == len(things)


def test_words_that_fit_none_or_several_lead_nowhere(env: TabletopEnv) -> None:
    _, box = bench_of(env)
    for tool, argument in (("pick", "target"), ("locate", "target")):
        result = box.call(ToolCall(tool, {argument: "invisible unicorn"}, "1"))
        assert "nothing in view fits" in result.reason
        many = box.call(ToolCall(tool, {argument: "object"}, "2"))
        assert "Name one by its handle" in many.reason
    assert not box.call(ToolCall("detect", {"words": "drawer"}, "3")).ok
    assert box.call(ToolCall("locate", {"target": "#1"}, "4")).ok
    assert "no handle" in box.call(ToolCall("locate", {"target": "#99"}, "5")).reason


def test_a_picture_shows_the_table(env: TabletopEnv) -> None:
    _, box = bench_of(env)
    seen = box.call(ToolCall("look", {}, "1"))
    assert seen.image is not None
    assert seen.image.rgb.shape == (256, 256, 3)
    assert seen.reason == "The hand is empty."
    empty = box.call(ToolCall("place_in", {"container": "#1"}, "2"))
    assert not empty.ok


def test_sides_are_those_of_the_user(env: TabletopEnv) -> None:
    bench, _ = bench_of(env)
    for relation, axis, sign in (("right of", 1, 1), ("behind", 0, -1)):
        for base in bench.find("bowl"):
            for item in bench.find(f"object {relation} the {base.name}"):
                assert sign * (item.place.xy[axis] - base.place.xy[axis]) > 0


def test_questions_and_statements_are_answered_from_the_truth(env: TabletopEnv) -> None:
    bench, _ = bench_of(env)
    truth, seen = bench.perception, bench.robot.observation
    thing = env.scene.objects[0]
    name = f"{thing.size} {thing.colour} {thing.kind}"
    assert truth.ask(f"is there a {name}?", seen, "front").text == "yes"
    assert truth.ask(f"The {name} is held.", seen, "front").text == "no"
    assert truth.ask("how many objects are there", seen, "front").text == str(
        len(env.scene.objects)
    )
    assert truth.ask("why", seen, "front").score == 0.0
    assert name in truth.caption(seen, "front")


@pytest.mark.slow
@pytest.mark.parametrize("task", ["put_in", "stack", "press_button", "move_drawer"])
def test_the_scripted_agent_carries_out_instructions(task: str) -> None:
    env = make(task)

    def equip(robot: Robot, gate: SafetyGate) -> Toolbox:
        return tabletop_toolbox(TabletopContext(robot, OraclePerception(env)), gate)

    agent = Agent(ScriptedPlanner(), equip, budget=Budget(calls=12, steps=60))
    results = [agent.run(env, seed=SEED + k) for k in range(5)]
    env.close()
    assert sum(result.success for result in results) >= 4
    assert all(result.steps <= 60 and not result.denials for result in results)
