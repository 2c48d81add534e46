"""What befalls an agent: once, by its seed alone, and shown to nobody but through its own tools."""

import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import Toolbox, ToolResult
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.scene import ObjectSpec, free_pose
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.oracles.perturbation import BROKEN, Perturbation, discs_of
from handeye.experiments.records.agent import Disturbance

SEED = 2_000_001


class Scene:
    """A scene of `put_in`, with tools that are disturbed."""

    def __init__(self, kind: Disturbance, seed: int = SEED) -> None:
        tool_set = tool_set_of("put_in")
        self.env: TabletopEnv = tool_set.env("put_in", max_steps=80)
        self.robot = Robot(self.env)
        self.robot.reset(seed)
        self.bench: TabletopContext = tool_set.bench(
            self.robot, tool_set.perception("truth", self.env)
        )
        self.hindrance = Perturbation(kind, self.env, seed)
        tools = [self.hindrance.around(tool, self.bench) for tool in tool_set.tools(self.bench)]
        self.box = Toolbox(tools, SafetyGate())
        self.item, self.container = self.env.goal.referred[:2]

    def name(self, item: int) -> str:
        thing = self.env.scene.objects[item]
        return f"{thing.size} {thing.colour} {thing.kind}".strip()

    def call(self, tool: str, **arguments: str) -> ToolResult:
        return self.box.call(ToolCall(tool, arguments, "1"))

    def xy(self, item: int) -> np.ndarray:
        return self.env.state.body_poses[self.env.scene.body(item), :2]


@pytest.mark.slow
def test_what_the_hand_holds_is_dropped_once_and_the_hand_feels_it() -> None:
    scene = Scene("dropped")
    assert scene.call("look").ok
    assert not scene.hindrance.happened  # nothing is held yet
    assert scene.call("pick", target=scene.name(scene.item)).ok  # its result is told as it was
    assert scene.hindrance.happened
    assert scene.env.state.held_body == -1
    assert scene.env.state.body_poses[scene.env.scene.body(scene.item), 2] < 0.01
    result = scene.call("place_in", container=scene.name(scene.container))
    assert result.reason == "the hand holds nothing to place"
    assert scene.call("pick", target=scene.name(scene.item)).ok
    assert scene.env.state.held_body == scene.env.scene.body(scene.item)  # once is enough


@pytest.mark.slow
def test_what_was_put_down_is_moved_to_a_free_place() -> None:
    scene = Scene("moved")
    scene.call("pick", target=scene.name(scene.item))
    assert not scene.hindrance.happened
    scene.call("place_in", container=scene.name(scene.container))
    assert scene.hindrance.happened
    assert np.linalg.norm(scene.xy(scene.item) - scene.xy(scene.container)) > 0.05
    for x, y, radius in discs_of(scene.env, scene.item):
        assert np.hypot(*(scene.xy(scene.item) - (x, y))) > radius


@pytest.mark.slow
def test_a_tool_breaks_down_before_it_does_anything_and_works_again() -> None:
    scene = Scene("tool_error")
    before = scene.env.state_hash
    results = []
    while not scene.hindrance.happened:
        before = scene.env.state_hash
        results.append(scene.call("reach", target=scene.name(scene.item)))
    assert results[-1].reason == BROKEN
    assert scene.env.state_hash == before
    assert len(results) <= 2
    assert scene.call("pick", target=scene.name(scene.item)).ok


@pytest.mark.slow
def test_the_seed_alone_decides() -> None:
    hashes = []
    for _ in range(2):
        scene = Scene("dropped")
        scene.call("pick", target=scene.name(scene.item))
        hashes.append(scene.env.state_hash)
    assert hashes[0] == hashes[1]


def test_no_disturbance_leaves_the_tools_alone() -> None:
    scene = Scene("")
    tools = tool_set_of("put_in").tools(scene.bench)
    assert all(scene.hindrance.around(tool, scene.bench) is tool for tool in tools)


def test_a_displacement_is_done_again_in_a_fork() -> None:
    env = TabletopEnv("put_in", cameras=(), action_mode="ee_pose")
    env.reset(seed=SEED)
    item = env.goal.referred[0]
    thing = env.scene.objects[item]
    spec = ObjectSpec(thing.kind, thing.colour, thing.size)
    x, y, _ = free_pose(spec, discs_of(env, item), np.random.default_rng(0))
    env.displace(item, x, y)
    place = env.state.body_poses[env.scene.body(item), :3]
    assert np.allclose(place, (x, y, 0.0), atol=2e-3)
    twin = env.fork()
    assert twin.state_hash == env.state_hash
    twin.close()
    fixed = next(i for i, thing in enumerate(env.scene.objects) if not thing.graspable)
    with pytest.raises(ValueError, match="is fixed to the table"):
        env.displace(fixed, 0.5, 0.0)
    env.close()
