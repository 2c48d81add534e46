"""Agents' worlds: the environment, what finds objects in it, and the tools, for each world.

A new perception or tool is one line here; `handeye agent` and `handeye evaluate --agent` read it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

from handeye.agents.agent import Equip
from handeye.agents.core.planner import PLAN, Planner
from handeye.agents.core.tools import Tool, Toolbox
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.sandbox.code_sandbox import Sandbox
from handeye.agents.sight.perception import CAMERA, Perception
from handeye.agents.sight.rooms_perception import RoomPerception
from handeye.agents.tools.policy import policy_tool
from handeye.agents.tools.program import Interpreter, with_programs
from handeye.agents.tools.robot import ARM_MODE, BASE_MODE, Robot
from handeye.agents.tools.rooms import rooms_tools
from handeye.agents.tools.rooms_context import RoomsContext
from handeye.agents.tools.tabletop import tabletop_tools
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.agents.tools.vision import vision_tools
from handeye.base.names import look_up
from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.rooms.apartments.apartment import PIECES
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.long.symbolic_home import home_of
from handeye.envs.suites import ROOMS, ROOMS_LONG, TABLETOP, World, world_of
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.actors.load_policy import open_policy, shipped_policies
from handeye.experiments.oracles.call_monitor import CallChecks, Wrap
from handeye.experiments.oracles.lookahead import LookaheadRule
from handeye.experiments.oracles.oracle_perception import OraclePerception
from handeye.experiments.oracles.oracle_planner import OraclePlanner
from handeye.experiments.oracles.oracle_rooms_perception import OracleRoomsPerception, room_words
from handeye.experiments.oracles.oracle_skills import OracleSkills
from handeye.experiments.oracles.plan_specs import plan_spec_of
from handeye.experiments.oracles.rooms_call_checks import RoomsCallChecks
from handeye.experiments.oracles.rooms_oracle_planner import RoomsOraclePlanner
from handeye.experiments.oracles.tabletop_call_checks import TabletopCallChecks
from handeye.experiments.pictures.filmed_env import FilmedEnv, film_states
from handeye.experiments.pictures.navigation_film import film_pictures, pictures_so_far
from handeye.experiments.pictures.video import Frame

FRAME_PX = 320  # Height of a video's pictures.
TABLETOP_STEPS = 300  # Waypoints; one placement takes about ten.
ROOMS_STEPS = 1500  # Moves; exploring a large apartment takes half of them.
ROOM_EYES = "handeye-rooms-nano"
SEEN_PX = 256  # Height and width of what the tools look at.
TRUTH = "truth"  # The perception that reads the simulator.


@dataclass(frozen=True, eq=False)
class AgentWorld:
    """The parts of a world that an agent works with.

    Attributes:
        env: makes the environment of a suite or task; takes `split` and `max_steps`.
        perceptions: name -> makes it for an environment; the simulator's truth reads it, others
            see what is observed. The tools of a world say what a perception has to do.
        bench: a robot and a perception -> what the tools share.
        tools: over one bench.
        call_checks: an environment -> judges calls by the simulator's state, an oracle.
        expert: a planner that knows an environment's goal, None if there is none: an oracle.
        skill_oracle: puts the scripted oracle around the tools that act, None if there is none.
        steps: actions that an episode may take.
        describe_scene: tells a person what stands in an environment's scene.
        pictures_so_far: counts the pictures that `video` would give by now.
        video: pictures of an environment's episode so far.
        copy_bench: a bench, and the robot and perception of a copy of the environment -> a bench
            there that knows what this one knows; None where calls cannot be tried on a copy.
        interpreter: of the programs that a model writes.
        knows: what the tools know of every scene beforehand, by what it is about.
    """

    env: Callable[..., Any]
    perceptions: Mapping[str, Callable[[Any], Any]]
    bench: Callable[[Robot, Any], Any]
    tools: Callable[[Any], list[Tool]]
    call_checks: Callable[[Any], CallChecks]
    expert: Callable[[Any], Planner] | None
    skill_oracle: Callable[[Any], Wrap] | None
    steps: int
    describe_scene: Callable[[Any], str]
    pictures_so_far: Callable[[Any], int]
    video: Callable[[Any], list[Frame]]
    copy_bench: Callable[[Any, Robot, Perception], Any] | None = None
    interpreter: Interpreter = Sandbox
    knows: Mapping[str, str] = field(default_factory=dict)

    def perception(self, name: str, env: InstructedEnv) -> Perception:
        """Return what finds objects for the tools.

        Raises:
            UnknownName: the world has none of that name.
        """
        return look_up("kind of --tools", name, self.perceptions)(env)

    def equip(self, perception: Perception) -> Equip:
        """Return what makes the toolbox of a run, programs over the tools included."""

        def equipped(robot: Robot, gate: SafetyGate) -> Toolbox:
            """Make the toolbox of one run."""
            return with_programs(self.tools(self.bench(robot, perception)), gate, self.interpreter)

        return equipped

    def equip_foreseeing(self, name: str, env: Any) -> Equip:
        """`equip` with a perception by its name; each call is tried on a copy of the world first.

        Raises:
            UnknownName: the world has no such perception.
        """
        perception = self.perception(name, env)
        if self.copy_bench is None:
            return self.equip(perception)

        def equipped(robot: Robot, gate: SafetyGate) -> Toolbox:
            """Make the toolbox of one run."""
            bench = self.bench(robot, perception)
            in_copy = _ToolsInCopy(self, name, perception, bench)
            gate.try_first(LookaheadRule(env, robot, in_copy, gate.limits))
            return with_programs(self.tools(bench), gate, self.interpreter)

        return equipped


class _ToolsInCopy:
    """Equips robots in copies of the world with tools that know what those of the world know.

    Args:
        world: whose tools.
        name: of the perception.
        perception: of the world; the one that reads the simulator is made anew for each copy.
        bench: what the world's tools share.
    """

    def __init__(self, world: AgentWorld, name: str, perception: Perception, bench: Any) -> None:
        self._world, self._name, self._perception, self._bench = world, name, perception, bench

    def __call__(self, copy: FilmedEnv) -> Callable[[Robot], Toolbox]:
        """Return what makes the tools of a robot in `copy`."""
        truth = self._name == TRUTH
        return partial(
            self._equip, self._world.perception(TRUTH, copy) if truth else self._perception
        )

    def _equip(self, perception: Perception, robot: Robot) -> Toolbox:
        copy_bench = self._world.copy_bench
        assert copy_bench is not None
        return Toolbox(self._world.tools(copy_bench(self._bench, robot, perception)), SafetyGate())


def _table(
    suite: str,
    *,
    split: str = "seen",
    max_steps: int,
    cameras: Sequence[str] = (CAMERA,),
    depth_noise_m: float = 0.0,
) -> FilmedEnv:
    return FilmedEnv(
        suite,
        split=split,
        action_mode=ARM_MODE,
        cameras=cameras,
        image_size_px=SEEN_PX,
        depth=True,
        depth_noise_m=depth_noise_m,
        max_steps=max_steps,
    )


def _copied_workbench(
    bench: TabletopContext, robot: Robot, perception: Perception
) -> TabletopContext:
    return replace(bench, robot=robot, perception=perception, handles=dict(bench.handles))


@cache
def _eyes() -> Perception:
    """The shipped eyes, loaded once in a process."""
    # torch and transformers take seconds to import, which truth does without
    from handeye.agents.sight.eyes_perception import EyesPerception

    return EyesPerception.load()


def _on_the_table(env: TabletopEnv) -> str:
    things = (f"{thing.size} {thing.colour} {thing.kind}".strip() for thing in env.scene.objects)
    return f"on the table: {', '.join(things)}"


def _apartment(suite: str, *, split: str = "unseen", max_steps: int, **noise: Any) -> RoomsEnv:
    return RoomsEnv(suite, split=split, action_mode=BASE_MODE, max_steps=max_steps, **noise)


def _in_the_apartment(env: RoomsEnv) -> str:
    home = home_of(env.scene)
    rooms = (
        f"{room}: {', '.join(f'{t.colour} {t.kind}' for t in home.things if t.room == room)}"
        for room in home.rooms
    )
    return f"in the {home.start_room}; the apartment has {'; '.join(rooms)}"


def shipped_room_eyes() -> RoomPerception:
    """The eyes of the policy of apartments that comes with the repository."""
    from handeye.agents.sight.learned_rooms_perception import (
        load_room_eyes,  # torch, which truth does without
    )

    sizes_m = {
        kind: (min(piece.depth_m, piece.width_m), max(piece.depth_m, piece.width_m))
        for kind, piece in PIECES.items()
    }
    return load_room_eyes(shipped_policies()[ROOM_EYES], room_words(), sizes_m)


ROOMS_TOOL_SET = AgentWorld(
    env=_apartment,
    perceptions={TRUTH: OracleRoomsPerception, "eyes": lambda env: shipped_room_eyes()},
    bench=RoomsContext,
    tools=lambda bench: [*rooms_tools(bench), PLAN],
    call_checks=RoomsCallChecks,
    expert=RoomsOraclePlanner,
    skill_oracle=None,
    steps=ROOMS_STEPS,
    describe_scene=_in_the_apartment,
    pictures_so_far=pictures_so_far,
    video=film_pictures,
    knows={"sizes": "of furniture by kind, exact", "rooms": "the names of kinds"},
)
TOOL_SETS: tuple[tuple[World, AgentWorld], ...] = (
    (
        TABLETOP,
        AgentWorld(
            env=_table,
            perceptions={TRUTH: OraclePerception, "eyes": lambda env: _eyes()},
            bench=TabletopContext,
            tools=lambda bench: [*tabletop_tools(bench), *vision_tools(bench), PLAN],
            call_checks=TabletopCallChecks,
            expert=lambda env: OraclePlanner(plan_spec_of(env)),
            skill_oracle=lambda env: OracleSkills(env).around,
            steps=TABLETOP_STEPS,
            describe_scene=_on_the_table,
            pictures_so_far=lambda env: len(env.states),
            video=lambda env: film_states(env, FRAME_PX),
            copy_bench=_copied_workbench,
            knows={"sizes": "of objects by kind, exact"},
        ),
    ),
    (ROOMS, replace(ROOMS_TOOL_SET, expert=None)),
    (ROOMS_LONG, ROOMS_TOOL_SET),
)


def tool_set_of(suite: str) -> AgentWorld:
    """The tools for a suite or task.

    Raises:
        ValueError: there is no such suite, or no tools for its world.
    """
    for world, tool_set in TOOL_SETS:
        if world_of(suite) is world:
            return tool_set
    able = [name for world, _ in TOOL_SETS for name in world.suites]
    raise ValueError(f"there are no tools for {suite}; give --suite {' or '.join(able)}")


def with_policy(tool_set: AgentWorld, path: str, suite: str) -> AgentWorld:
    """The tools, and a learned policy as one more.

    Args:
        tool_set: of the suite.
        path: what `--policy.path` of an evaluation says.
        suite: where it is to act.

    Raises:
        FileNotFoundError: there is no such policy.
        ValueError: it is a baseline, or made for another world.
    """
    source = open_policy(path)
    learned = source.loaded
    if learned is None or world_of(suite) is not TABLETOP:
        raise ValueError(f"{path} is no tool for {suite}; give a trained policy of the tabletop")
    source.check_suite(suite, TABLETOP)
    return replace(
        tool_set,
        env=partial(tool_set.env, cameras=(CAMERA, "wrist")),
        tools=lambda bench: [*tool_set.tools(bench), policy_tool(bench, learned)],
    )
