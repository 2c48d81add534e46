"""The tabletop's Gymnasium environment: one table, one instruction, one episode at a time.

env = gymnasium.make("handeye/PutIn-v1", render_mode="rgb_array")
observation, info = env.reset(seed=1_000_000)
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from handeye.base.names import look_up
from handeye.envs.base.phrases import check_instruction
from handeye.envs.core.action_values import with_terminate
from handeye.envs.core.base_env import LOOKS, START, Expert, InstructedEnv, Observation
from handeye.envs.core.episode import Run, recorded_fields
from handeye.envs.core.oracle_action import Claim, OracleAction
from handeye.envs.core.verdict import Record, SideEffect, Stillness
from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.rasterizer import Frames
from handeye.envs.robots.inverse_kinematics import HOME_JOINTS
from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.episode import Episode, EpisodeGoal
from handeye.envs.tabletop.interventions import Displacement, GoOn
from handeye.envs.tabletop.oracle import HOVER_M, DeltaOracle
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.settings import PROPRIO_HIGH, PROPRIO_LOW, TabletopSettings
from handeye.envs.tabletop.tasks import Task
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.appearance import DEFAULT_APPEARANCE, Appearance, sample_appearance
from handeye.envs.tabletop.world.arm import ACTION_MODES, CONTROL_HZ, Arm
from handeye.envs.tabletop.world.cameras import check_cameras
from handeye.envs.tabletop.world.failure_events import Incidents
from handeye.envs.tabletop.world.pictures import RENDERER_FINGERPRINT, SceneRenderer, render_states
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY, Scene
from handeye.envs.tabletop.world.side_effects import SideEffects
from handeye.envs.tabletop.world.simulator import Simulator
from handeye.envs.tabletop.world.state import State, present_scene, proprio

REST_TICKS = 5  # 0.5 simulated seconds, after which an episode is judged
SETTLED = 5e-4  # m, and shares of a turn, by which nothing moves in a control tick
SETTLED_IN_HAND = 0.1  # of what is held so much of its motion counts: it may slip
STILL_WIDTH_M = 0.001  # change of a gripper's width that is none
GRASPING = ("grasp", "place", "put", "slide")
WISHES = ("kind", "length", "vagueness", "scene")  # reset options of long instructions


class TabletopEnv(InstructedEnv):
    """A tabletop with a Franka Panda.

    ## Description
    A robot arm stands at a table with objects, containers, buttons and drawers, and carries out
    one instruction. Ids: `handeye/PutIn-v1` and the like for single tasks,
    `handeye/TabletopCore-v1` and `handeye/TabletopLong-v1` for suites.

    ## Instructions
    English sentences by a grammar, such as "put the red block into the blue bowl"; the words
    single out one goal. `ask` asks the user where they do not. Tasks of `tabletop-long` know
    more reset options: "kind", "length" and "vagueness" of the instruction, and "scene", a
    `Scene` or what its `to_dict` gives, in which a goal is sought.

    ## Actions
    `ee_pose`: float32 (7,) waypoint x, y, z (m), roll, pitch, yaw (rad) and gripper (-1 closed,
    +1 open), carried out in one step. `ee_delta`: float32 (7,) in [-1, 1], a small motion of
    the same quantities at 10 Hz. With `terminate` there is one entry more: above 0 it ends the
    episode, and nothing moves. `info["motion"]` tells how the last action was carried out
    ("followed", "slowed" where a joint turned as fast as it may, "out of reach", see
    `arm.Arm.motion`), `info["ik_residual"]` by how much (m or rad) the best known joints missed
    what was asked for.

    ## Observation
    `rgb_<camera>` uint8 (H, W, 3); on request `depth_<camera>` float32 (H, W) in m along the
    optical axis and `segmentation_<camera>` int32 (H, W), body numbers, -1 for the background
    (privileged); `proprio` float32 (14,): seven joints (rad), tcp position (m) and roll, pitch,
    yaw (rad), gripper opening (m); `instruction` text.

    ## Success
    `info["is_success"]`: half a simulated second after the end every named condition of the goal
    holds, see the task; nothing else was changed (`info["side_effects"]` names what was: moved,
    turned, pressed, opened, lifted or thrown down); and whoever acts ended the episode itself.
    `info["goal_reached"]`: it held at some time. `info["goal_conditions"]`: (how many hold, all).

    ## Reward
    1.0 on the step that ends the episode in success, else 0.0.

    ## Episode end
    Terminated by the last entry of an action (see `terminate`), or by `finish` with a claim and an
    answer; truncated when the step budget is spent, which is no success. Who cannot end an episode
    (the reset option "can_terminate", by default as `terminate` says) is judged after a second in
    which the hand stands still, or at the budget's end. For training `end_at_success` ends it as
    soon as the goal has held for half a second. `info["ended_by"]` says which it was.

    Args:
        suite: a suite or a task name; each reset draws one of its tasks.
        action_mode: "ee_pose" (waypoints) or "ee_delta" (10 Hz).
        split: which distribution scenes and words come from, see `tasks.SPLITS`.
        cameras: which of "front", "wrist", "overhead" and your own cameras to show.
        image_size_px: height and width of frames.
        depth: add depth frames.
        segmentation: add segmentation frames (privileged).
        depth_noise_m: standard deviation of the depth frames' error (m).
        jitter: strength of the per-episode jitter of light, texture, colour and camera; 0 is none.
        max_steps: actions an episode may take; None picks 16 waypoints or 200 deltas, a long
            instruction has so many for each of its steps.
        render_mode: None or "rgb_array".
        physics_hz: physics ticks a simulated second.
        terminate: actions have one more entry, which ends the episode where it is above 0.
        end_at_success: for training: the episode ends when the goal has held for half a second.
        own_cameras: cameras of your own that stand still, such as
            `Camera.look_at("side", (0.5, 0.9, 0.4), (0.5, 0.0, 0.0), fov_y_rad=0.7, width_px=128,
            height_px=128)`; frames have `image_size_px`, and jitter does not move these cameras.

    Raises:
        UnknownName: no suite, split, action mode or camera has that name.
        ValueError: an own camera has the name of another one.
    """

    task: Task
    state: State
    settings: TabletopSettings
    feels_every_tick: ClassVar[bool] = False  # Whether no blow between control ticks is missed.
    renderer_fingerprint = RENDERER_FINGERPRINT
    reset_options = (*InstructedEnv.reset_options, *WISHES)
    metadata = {"render_modes": ["rgb_array"], "render_fps": CONTROL_HZ}  # noqa: RUF012

    def __init__(
        self,
        suite: str = "tabletop-core",
        *,
        action_mode: str = "ee_pose",
        split: str = "seen",
        cameras: Sequence[str] = ("front", "wrist"),
        image_size_px: int = 128,
        depth: bool = False,
        segmentation: bool = False,
        depth_noise_m: float = 0.0,
        jitter: float = 1.0,
        max_steps: int | None = None,
        render_mode: str | None = None,
        physics_hz: int = 240,
        terminate: bool = False,
        end_at_success: bool = False,
        own_cameras: Sequence[Camera] = (),
    ) -> None:
        settings = TabletopSettings(
            suite=suite,
            action_mode=action_mode,
            split=split,
            cameras=tuple(cameras),
            image_size_px=image_size_px,
            depth=depth,
            segmentation=segmentation,
            depth_noise_m=depth_noise_m,
            jitter=jitter,
            max_steps=max_steps,
            render_mode=render_mode,
            physics_hz=physics_hz,
            terminate=terminate,
            end_at_success=end_at_success,
            own_cameras=tuple(own_cameras),
        )
        check_cameras(cameras, own_cameras)
        look_up(f"split of {suite}", split, dict.fromkeys(TABLETOP.splits_of(suite)))
        mode = look_up("action mode", action_mode, ACTION_MODES)
        self.task_names = TABLETOP.tasks_of(suite, split)
        self._configure(settings, spaces.Box(PROPRIO_LOW, PROPRIO_HIGH, dtype=np.float32))
        motions = spaces.Box(mode.low, mode.high, dtype=np.float32)
        self.action_space = with_terminate(motions) if terminate else motions
        self._simulator: Simulator | None = None

    # ---------------------------------------------------------------- episode

    def _make_task(self, name: str) -> Task:
        return TABLETOP.make_task(name)

    def _sample_scene(self, options: dict[str, Any]) -> tuple[Scene, list[Any], int]:
        wishes = {name: options.pop(name) for name in WISHES if name in options}
        self.task.take_wishes(wishes)
        return super()._sample_scene(options)

    def _allowed_goals(self) -> list[int]:
        return self.task.pursuable(self.scene, self.goals, self.split)

    def _start(self) -> None:
        rng = self._rng(START)
        hz, every = self.settings.physics_hz, self.feels_every_tick
        self._simulator = Simulator(self.scene, HOME_JOINTS, hz, every_tick=every)
        self._arm = Arm(self._simulator)
        start = self.task.start(rng)
        self._arm.reset(start.tcp, start.gripper)
        for i, thing in enumerate(self.scene.objects):
            if thing.kind == "drawer":
                self._simulator.set_slide(self.scene.body(i), self.task.slide_m(i, rng))
        if start.held >= 0:
            self._arm.lift(HOVER_M)
        strength = self.settings.jitter * (2.0 if self.split == "appearance" else 1.0)
        self.appearance: Appearance = (
            sample_appearance(self._rng(LOOKS), strength) if strength else DEFAULT_APPEARANCE
        )
        self._renderer: SceneRenderer | None = None
        self.task.begin(self.scene, self.goals)
        self._begin_goal()

    def _begin_goal(self) -> None:
        """Pursue the goal from here on, and judge from here on."""
        self._oracle = self.task.oracle(self.scene, self.goal)
        self._delta_oracle = DeltaOracle(self._oracle)
        steps = self.task.subgoals(self.goal)
        grasps = all(step.skill in GRASPING for step in steps)
        self._incidents = Incidents(self.scene, {step.item for step in steps}, grasps=grasps)
        self._stillness, self._settled = Stillness(STILL_WIDTH_M, 0.0), True
        self._look()
        allowed = self.task.allowed(self.scene, self.goal)
        self._effects = SideEffects(self.scene, allowed, self.state, self.task.presses)

    def go_on(self) -> tuple[Observation, dict[str, Any]]:
        """Begin the chain's next instruction: the table and the arm stay as they are.

        It is judged from here on; `state_hash` goes on. Returns what `reset` does.

        Raises:
            RuntimeError: the instruction before is not finished, or was the last.
        """
        if self._open or not self.record.ended_by:
            raise RuntimeError("the instruction is not finished; call finish first")
        self.scene = present_scene(self.scene, self.state)
        self.goals, self.goal_index = self.task.next_goals(self.scene)
        self.goal, self.record = self.goals[self.goal_index], Record()
        self.instruction = check_instruction(self.words_for(self.goal_index))
        self.questions = 0
        self._actions.append(GoOn())
        self.task.begin(self.scene, self.goals)
        self.task.presses.begin(self.state)
        self._begin_goal()
        self._open = True
        return self.observe(), self._info()

    def _carry_out(self, action: NDArray[np.float32]) -> None:
        for _ in self._arm.execute(action, self.action_mode):
            self._after_tick()

    def note(self, event: str) -> None:
        """Remember an incident that shows outside the states, such as a timeout."""
        self._incidents.note(event)

    def _receive_claim(self, answer: str, claim: Claim) -> None:
        self.task.hear(answer, claim)
        self._look()

    def _hold(self) -> None:
        for _ in self._arm.hold(REST_TICKS):
            self._after_tick()

    def _side_effects(self) -> list[SideEffect]:
        return self._effects.at_end(self.state)

    def _look(self) -> None:
        """Read the state and what it means for the goal: once a tick, since it costs as much as
        everything else that Python does in one.
        """
        assert self._simulator is not None
        self.state: State = self._simulator.state()
        self._tcp = tcp_target(self.state.joint_positions)[:3]
        self.task.watch(self.state)
        self._conditions = self.task.conditions(self.scene, self.goal, self.state)
        self._holds = all(self._conditions.values())

    def _after_tick(self) -> None:
        before, poses = self._tcp, self.state.body_poses
        self._look()
        self._hash.update(self.state.body_poses.tobytes())
        self._hash.update(self.state.joint_positions.tobytes())
        self.record.path_length_m += math.dist(self._tcp, before)
        self.record.reached |= self._holds
        gripper, joints = self._arm.gripper, self.state.joint_positions
        moved = np.abs(self.state.body_poses - poses).max(axis=1)
        if self.state.held_body >= FIRST_OBJECT_BODY:
            moved[self.state.held_body] *= SETTLED_IN_HAND
        self._settled = bool(moved.max() < SETTLED)
        self._incidents.watch(self.state, gripper, self._arm.ik_residual)
        self._effects.watch(self.state)
        self._stillness.watch(self._tcp.tolist(), float(joints[7] + joints[8]), gripper)

    # ------------------------------------------------------------- what is seen

    def _frames(self) -> Mapping[str, Frames]:
        size = (self.image_size_px, self.image_size_px)
        return render_states([self.renderer], [self.state], self.cameras, *size)

    def proprio(self) -> NDArray[np.float32]:
        """Return joints, tcp pose and gripper (14,), see `state.proprio`."""
        felt = np.maximum(proprio(self.state), PROPRIO_LOW)
        return np.minimum(felt, PROPRIO_HIGH)

    @property
    def renderer(self) -> SceneRenderer:
        """Draws this episode's scene as it looks in this episode."""
        if self._renderer is None:
            self._renderer = SceneRenderer(self.scene, self.appearance, self.settings.own_cameras)
        return self._renderer

    def render(self) -> NDArray[np.uint8] | None:
        """The front camera's picture (256, 256, 3)."""
        if self.render_mode is None:
            return None
        return np.asarray(
            render_states([self.renderer], [self.state], ["front"], 256, 256)["front"].rgb[0]
        )

    def _world_info(self) -> dict[str, Any]:
        return {
            "events": self._incidents.names,
            "sim_s": self.state.tick / self.settings.physics_hz,
            "motion": self._arm.motion,
            "ik_residual": self._arm.worst_ik_residual,
        }

    # ------------------------------------------------------- privileged helpers

    def oracle_action(self) -> OracleAction:
        """What the scripted expert would do now, in this env's action mode."""
        if self.action_mode == "ee_pose":
            return self._patient(self._oracle.next_waypoint(self.state, self._holds))
        return self._patient(self._delta_oracle.next_action(self.state, self._holds, self._arm))

    def _patient(self, action: OracleAction) -> OracleAction:
        """The action, or none where it would claim something while things are moving."""
        if self._settled or not action.done:
            return action
        stay = self._arm.target if self.action_mode == "ee_pose" else np.zeros(6)
        values = np.array([*stay, self._arm.gripper], np.float32)
        return action._replace(values=values, done=False, subgoal="wait")

    def expert(self, goal: int) -> Expert:
        """The scripted expert in absolute waypoints (`ee_pose`) for one of the scene's goals."""
        wanted = self.goals[goal]
        oracle = self.task.oracle(self.scene, wanted)

        def act() -> OracleAction:
            """Return the oracle's action in the present state."""
            done = self.task.done(self.scene, wanted, self.state)
            return self._patient(oracle.next_waypoint(self.state, done))

        return act

    def episode_of(self, run: Run) -> Episode:
        """A recorded run of this episode, as a file's contents."""
        return Episode(
            **recorded_fields(self, run),
            goals=tuple(
                EpisodeGoal(
                    g, words, self.goals[g].referred, self.goals[g].relation, self.goals[g].task
                )
                for g, words in zip(run.goals, run.words, strict=True)
            ),
            body_poses=np.stack([s.body_poses for s in run.states]).astype(np.float32),
            joint_positions=np.stack([s.joint_positions for s in run.states]).astype(np.float32),
            actions=np.array(run.actions, np.float32).reshape(-1, 7),
            labels=np.array([[w.values for w in row] for row in run.labels], np.float32),
        )

    def displace(self, item: int, x_m: float, y_m: float) -> None:
        """Let somebody take a loose thing and put it elsewhere on the table, out of the hand too.

        It counts as no action, but a fork of the environment does it again in its turn.

        Raises:
            ValueError: the object is fixed to the table.
        """
        self._require_open()
        if not self.scene.objects[item].graspable:
            name = self.scene.objects[item].name
            raise ValueError(f"{name!r} is fixed to the table; choose a movable object")
        assert self._simulator is not None
        self._simulator.displace(self.scene.body(item), x_m, y_m)
        self._actions.append(Displacement(item, x_m, y_m))
        self._hold()
        self._effects.displaced(item, self.state)

    def _redo(self, action: Any) -> None:
        if isinstance(action, Displacement):
            self.displace(*action)
        elif isinstance(action, GoOn):
            self.go_on()
        else:
            super()._redo(action)

    def body_position(self, item: int) -> NDArray[np.float64]:
        """(3,) where an object is now; a drawer or button counts by its handle or cap."""
        return predicates.top(self.scene, self.state, item)

    def close(self) -> None:
        """Free the physics client; the open episode is over."""
        self._open = False
        if self._simulator is not None:
            self._simulator.close()
            self._simulator = None
