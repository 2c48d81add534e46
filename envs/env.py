"""The Gymnasium environment: one table, one instruction, one episode at a time.

    env = gymnasium.make("handeye/PutIn-v0", render_mode="rgb_array")
    observation, info = env.reset(seed=1_000_000)

An episode is a pure function of its seed, its options and the actions: every random choice comes
from generators seeded with (seed, purpose), and time is counted in physics ticks.
"""

import hashlib
import math
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, SupportsFloat

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from handeye.envs import predicates
from handeye.envs.appearance import DEFAULT_APPEARANCE, Appearance, sample_appearance
from handeye.envs.arm import ACTION_MODES, CONTROL_HZ, Arm
from handeye.envs.incidents import Incidents
from handeye.envs.inverse_kinematics import HOME_JOINTS
from handeye.envs.kinematics import tcp_target
from handeye.envs.language import MAX_INSTRUCTION_CHARS, check_instruction
from handeye.envs.names import look_up
from handeye.envs.oracle import DeltaOracle, Oracle, Waypoint
from handeye.envs.rendering import SceneRenderer, render_states
from handeye.envs.simulator import Simulator
from handeye.envs.state import State, proprio
from handeye.envs.tasks import SPLITS, Goal, Task, make_task, pursuable, suite_tasks

SETTLE_TICKS = 5  # 0.5 simulated seconds in which success must last
START_LOW = np.array([0.36, -0.10, 0.24, 0.0, 0.0, -0.3])
START_HIGH = np.array([0.46, 0.10, 0.34, 0.0, 0.0, 0.3])
DRAWER_START_M = (0.035, 0.055)
MAX_STEPS = {"ee_pose": 16, "ee_delta": 200}
PROPRIO_LOW = np.array([-3.2] * 7 + [-1.5, -1.5, -1.0] + [-3.2] * 3 + [0.0], np.float32)
PROPRIO_HIGH = np.array([3.9] * 7 + [1.5, 1.5, 1.5] + [3.2] * 3 + [0.1], np.float32)
SCENE, GOAL, WORDS, LOOKS, START = range(5)  # purposes of an episode's random generators


@dataclass
class Record:
    """What has happened in the open episode."""

    latched: bool = False
    final: bool = False
    steps: int = 0
    path_length_m: float = 0.0
    rejected_scenes: int = 0


class HandeyeEnv(gymnasium.Env[dict[str, Any], NDArray[np.float32]]):
    """A tabletop with a Franka Panda.

    Observation (house contract): `rgb_<camera>` uint8 (H, W, 3); on request `depth_<camera>`
    float32 (H, W) metres and `segmentation_<camera>` int32 (H, W) body numbers; `proprio` float32
    (14,), see `arm.proprio`; `instruction` text. Action: float32 (7,), see `arm.ACTION_MODES`.
    Reward is 1.0 on the step that reaches the goal, else 0.0.

    Args:
        suite: a suite or a task name; each reset draws one of its tasks.
        action_mode: "ee_delta" (10 Hz) or "ee_pose" (waypoints).
        split: which distribution scenes and words come from, see `tasks.SPLITS`.
        cameras: which of "front", "wrist" and "overhead" to show.
        image_size_px: height and width of frames.
        depth: add depth frames.
        segmentation: add segmentation frames (privileged).
        jitter: strength of the per-episode jitter of light, texture, colour and camera; 0 is none.
        max_steps: actions an episode may take; None picks 16 waypoints or 200 deltas.
        render_mode: None or "rgb_array".
        physics_hz: physics ticks a simulated second.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": CONTROL_HZ}  # noqa: RUF012

    def __init__(
        self,
        suite: str = "tabletop-core",
        *,
        action_mode: str = "ee_delta",
        split: str = "seen",
        cameras: Sequence[str] = ("front", "wrist"),
        image_size_px: int = 128,
        depth: bool = False,
        segmentation: bool = False,
        jitter: float = 1.0,
        max_steps: int | None = None,
        render_mode: str | None = None,
        physics_hz: int = 240,
    ) -> None:
        self._settings: dict[str, Any] = {
            "suite": suite,
            "action_mode": action_mode,
            "split": split,
            "cameras": tuple(cameras),
            "image_size_px": image_size_px,
            "depth": depth,
            "segmentation": segmentation,
            "jitter": jitter,
            "max_steps": max_steps,
            "render_mode": render_mode,
            "physics_hz": physics_hz,
        }
        look_up("split", split, dict.fromkeys(SPLITS))
        mode = look_up("action mode", action_mode, ACTION_MODES)
        self.task_names = suite_tasks(suite)
        self.action_mode, self.split, self.render_mode = action_mode, split, render_mode
        self.cameras, self.image_size_px = tuple(cameras), image_size_px
        self.max_steps = max_steps or MAX_STEPS[action_mode]
        self._depth, self._segmentation, self._jitter = depth, segmentation, jitter
        self._physics_hz = physics_hz
        self.action_space = spaces.Box(mode.low, mode.high, dtype=np.float32)
        self.observation_space = self._observation_space()
        self._simulator: Simulator | None = None

    def _observation_space(self) -> spaces.Dict:
        size = (self.image_size_px, self.image_size_px)
        space: dict[str, spaces.Space[Any]] = {}
        for camera in self.cameras:
            space[f"rgb_{camera}"] = spaces.Box(0, 255, (*size, 3), np.uint8)
            if self._depth:
                space[f"depth_{camera}"] = spaces.Box(0.0, np.inf, size, np.float32)
            if self._segmentation:
                space[f"segmentation_{camera}"] = spaces.Box(-1, 2**15, size, np.int32)
        space["proprio"] = spaces.Box(PROPRIO_LOW, PROPRIO_HIGH, dtype=np.float32)
        charset = string.ascii_letters + string.digits + string.punctuation + " "
        space["instruction"] = spaces.Text(MAX_INSTRUCTION_CHARS, min_length=0, charset=charset)
        return spaces.Dict(space)

    # ---------------------------------------------------------------- episode

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Start an episode.

        Args:
            seed: fixes the whole episode; None draws one from the env's generator.
            options: "task": one of the suite's; "goal": index of one of the scene's goals;
                "instruction": words that replace the grammar's, the goal stays.

        Raises:
            ValueError: an unknown option, task or goal, or an instruction that is no short text.
        """
        super().reset(seed=seed)
        options = dict(options or {})
        self._options = dict(options)
        self._actions: list[NDArray[np.float32]] = []
        self.episode_seed = int(self.np_random.integers(2**31)) if seed is None else int(seed)
        task = options.pop("task", None)
        if task is None:
            task = self.task_names[self.episode_seed % len(self.task_names)]
        look_up("task", task, dict.fromkeys(self.task_names))
        self.task: Task = make_task(task)
        self.record = Record()
        self.scene, self.goals, self.record.rejected_scenes = self.task.draw_scene(
            self._rng(SCENE), self.split
        )
        self.goal_index = self._draw_goal(options.pop("goal", None))
        self.goal: Goal = self.goals[self.goal_index]
        words = self.words_for(self.goal_index)
        self.instruction = check_instruction(options.pop("instruction", words))
        if options:
            raise ValueError(
                f"unknown reset options {sorted(options)}; know task, goal, instruction"
            )
        self._start()
        return self.observe(), self._info()

    def _rng(self, purpose: int, *more: int) -> np.random.Generator:
        task = zlib.crc32(self.task.name.encode())  # tasks of one seed are independent episodes
        return np.random.default_rng([self.episode_seed, purpose, task, *more])

    def _draw_goal(self, wanted: object) -> int:
        if wanted is None:
            return int(self._rng(GOAL).choice(pursuable(self.scene, self.goals, self.split)))
        if not isinstance(wanted, (int, np.integer)) or not 0 <= wanted < len(self.goals):
            raise ValueError(f"goal {wanted!r} is not one of the scene's {len(self.goals)}")
        return int(wanted)

    def words_for(self, goal: int, variant: int = 0) -> str:
        """The grammar's instruction for one of the scene's goals; variants are paraphrases."""
        rng = self._rng(WORDS, goal, variant)
        return self.task.instruction(self.scene, self.goals[goal], self.split, rng)

    def _start(self) -> None:
        self.close()
        rng = self._rng(START)
        self._simulator = Simulator(self.scene, HOME_JOINTS, self._physics_hz)
        self._arm = Arm(self._simulator)
        self._arm.reset(rng.uniform(START_LOW, START_HIGH))
        for i, thing in enumerate(self.scene.objects):
            if thing.kind == "drawer":
                self._simulator.set_slide(self.scene.body(i), float(rng.uniform(*DRAWER_START_M)))
        strength = self._jitter * (2.0 if self.split == "appearance" else 1.0)
        self.appearance: Appearance = (
            sample_appearance(self._rng(LOOKS), strength) if strength else DEFAULT_APPEARANCE
        )
        self._renderer: SceneRenderer | None = None
        self._oracle = Oracle(self.scene, self.task.subgoals(self.goal))
        self._delta_oracle = DeltaOracle(self._oracle)
        self._hash = hashlib.blake2b(digest_size=16)
        first = self.task.subgoals(self.goal)[0]
        grasps = first.skill in ("grasp", "slide")
        self._incidents = Incidents(self.scene, self.goal.referred[0], grasps=grasps)
        self._look()
        self._open = True

    def step(
        self, action: NDArray[np.float32]
    ) -> tuple[dict[str, Any], SupportsFloat, bool, bool, dict[str, Any]]:
        """Carry out one action.

        Raises:
            ValueError: the action has a wrong shape or is not finite.
            SimulationError: the physics broke; the message names the body.
        """
        self._advance(action)
        terminated = self.record.final
        truncated = not terminated and self.record.steps >= self.max_steps
        return self.observe(), float(terminated), terminated, truncated, self._info()

    def _advance(self, action: NDArray[np.float32]) -> None:
        self._require_open()
        for _ in self._arm.execute(action, self.action_mode):
            self._after_tick()
        self._actions.append(np.array(action, np.float32))
        self.record.steps += 1
        self._settle_if_done()
        out_of_steps = not self.record.final and self.record.steps >= self.max_steps
        if out_of_steps:
            self._incidents.note("timeout")
        self._open = not (self.record.final or out_of_steps)

    def fork(self) -> "HandeyeEnv":
        """An independent copy in the same state, to try actions out (counterfactual rollouts).

        Physics engines cannot save contacts exactly; running the actions again from the reset
        can. The copy continues bit for bit as this environment would.
        """
        if self._simulator is None:
            raise RuntimeError("nothing to fork; call reset first")
        twin = HandeyeEnv(**self._settings)
        twin.reset(seed=self.episode_seed, options=self._options)
        for action in self._actions:
            twin._advance(action)
        return twin

    def finish(self) -> dict[str, Any]:
        """End the episode as the policy's terminate token asks; returns the last info."""
        self._require_open()
        self._open = False
        if not self.record.final:
            self._settle_if_done()
            if not self.record.final:
                self._incidents.note("false_done")
        return self._info()

    def _require_open(self) -> None:
        if self._simulator is None or not self._open:
            raise RuntimeError("the episode is over; call reset first")

    def _settle_if_done(self) -> None:
        if self.task.momentary:
            self.record.final = self.record.latched
        elif self._holds:
            for _ in self._arm.hold(SETTLE_TICKS):
                self._after_tick()
            self.record.final = self._holds

    def _look(self) -> None:
        """Read the state and what it means for the goal: once a tick, since it costs as much as
        everything else that Python does in one.
        """
        assert self._simulator is not None
        self.state: State = self._simulator.state()
        self._tcp = tcp_target(self.state.joint_positions)[:3]
        self._conditions = self.task.conditions(self.scene, self.goal, self.state)
        self._holds = all(self._conditions.values())

    def _after_tick(self) -> None:
        before = self._tcp
        self._look()
        self._hash.update(self.state.body_poses.tobytes())
        self._hash.update(self.state.joint_positions.tobytes())
        self.record.path_length_m += math.dist(self._tcp, before)
        self.record.latched |= self._holds
        self._incidents.watch(self.state, self._arm.gripper, self._arm.ik_residual)

    # ------------------------------------------------------------- what is seen

    def observe(self, *, render: bool = True) -> dict[str, Any]:
        """The observation now; without frames if `render` is false."""
        observation: dict[str, Any] = {}
        if render and self.cameras:
            shape = (self.image_size_px, self.image_size_px)
            frames = render_states([self.renderer], [self.state], self.cameras, *shape)
            for camera, frame in frames.items():
                observation[f"rgb_{camera}"] = frame.rgb[0]
                if self._depth:
                    observation[f"depth_{camera}"] = frame.depth_m[0]
                if self._segmentation:
                    observation[f"segmentation_{camera}"] = frame.segmentation[0]
        observation["proprio"] = np.clip(proprio(self.state), PROPRIO_LOW, PROPRIO_HIGH)
        observation["instruction"] = self.instruction
        return observation

    @property
    def renderer(self) -> SceneRenderer:
        """Draws this episode's scene as it looks in this episode."""
        if self._renderer is None:
            self._renderer = SceneRenderer(self.scene, self.appearance)
        return self._renderer

    def render(self) -> NDArray[np.uint8] | None:
        """The front camera's picture (256, 256, 3)."""
        if self.render_mode is None:
            return None
        return np.asarray(
            render_states([self.renderer], [self.state], ["front"], 256, 256)["front"].rgb[0]
        )

    def _info(self) -> dict[str, Any]:
        conditions = self._conditions
        met = len(conditions) if self.record.final else sum(conditions.values())
        info: dict[str, Any] = {
            "is_success": self.record.final,
            "is_success_latched": self.record.latched or self.record.final,
            "goal_conditions": (met, len(conditions)),
            "events": self._incidents.names,
            "state_hash": self._hash.hexdigest(),
            "sim_s": self.state.tick / self._physics_hz,
            "path_length_m": self.record.path_length_m,
            "steps": self.record.steps,
            "task": self.task.name,
            "seed": self.episode_seed,
            "goal": self.goal_index,
            "n_choices": len(self.goals),
            "referred": self.goal.referred,
            "rejected_scenes": self.record.rejected_scenes,
        }
        if not self._open and not self.record.final:
            info["events"] += ["instruction_ignored"] if self.other_goals_reached() else []
        return info

    def other_goals_reached(self) -> list[int]:
        """Indices of the scene's other goals that hold now: what a deaf policy may have done."""
        return [
            i
            for i, goal in enumerate(self.goals)
            if i != self.goal_index and self.task.done(self.scene, goal, self.state)
        ]

    def alternatives(self) -> list[int]:
        """Goals of this scene that act on another object: contradictions of the instruction."""
        own = self.goal.referred[0]
        return [i for i, g in enumerate(self.goals) if g.referred[0] != own]

    # ------------------------------------------------------- privileged helpers

    def oracle_action(self) -> Waypoint:
        """What the scripted expert would do now, in this env's action mode."""
        done = self.record.final or self._holds
        if self.action_mode == "ee_pose":
            return self._oracle.next_waypoint(self.state, done)
        return self._delta_oracle.next_action(self.state, done, self._arm)

    def body_position(self, item: int) -> NDArray[np.float64]:
        """(3,) where an object is now; a drawer or button counts by its handle or cap."""
        return predicates.top(self.scene, self.state, item)

    def close(self) -> None:
        """Free the physics client."""
        if self._simulator is not None:
            self._simulator.close()
            self._simulator = None
