"""The Gymnasium environment of the suite `rooms`: an apartment, a wheeled base, one instruction.

env = gymnasium.make("handeye/ObjectGoal-v1", render_mode="rgb_array")
observation, info = env.reset(seed=1_000_000)
"""

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from handeye.base.names import look_up
from handeye.envs.core.action_values import with_terminate
from handeye.envs.core.base_env import LOOKS, SCENE, SENSORS, Expert, InstructedEnv
from handeye.envs.core.bodies import Primitive
from handeye.envs.core.chance import episode_rng
from handeye.envs.core.episode import Run, recorded_fields
from handeye.envs.core.oracle_action import Claim, OracleAction
from handeye.envs.core.physics import Physics
from handeye.envs.core.settings import EnvSettings
from handeye.envs.core.verdict import SideEffect, Stillness
from handeye.envs.rendering.rasterizer import Frames
from handeye.envs.rooms.apartments.floor import WALL_HEIGHT_M
from handeye.envs.rooms.custom_scene import given_goals, read_scene
from handeye.envs.rooms.episode import RoomEpisode, RoomEpisodeGoal
from handeye.envs.rooms.long.goals import CANNOT
from handeye.envs.rooms.pictures.appearance import (
    DEFAULT_HOME_LOOK,
    ApartmentAppearance,
    sample_home_look,
)
from handeye.envs.rooms.pictures.rendering import (
    HOME_RENDERER_FINGERPRINT,
    HomeRenderer,
    render_homes,
)
from handeye.envs.rooms.registry import ROOMS
from handeye.envs.rooms.scene.ego_camera import EGO_CAMERA
from handeye.envs.rooms.scene.mobile_base import (
    BASE_MODES,
    CONTROL_HZ,
    PHYSICS_HZ,
    SPEED_M_S,
    STOP,
    BasePose,
    MobileBase,
)
from handeye.envs.rooms.scene.scene import BaseTrajectory, RoomGoal, RoomScene
from handeye.envs.rooms.tasks.task import RoomTask, shortest_path_m

DISCRETE_MODE = "base_discrete"
STILL_RAD = math.radians(0.5)  # turn within a second that is none
SOME_TICKS = 512  # room for a walk at first; it doubles
PROPRIO_LIMIT = np.array([50.0, 50.0, 1.0, 1.0, 1.0, 1.0], np.float32)


@dataclass(frozen=True, kw_only=True)
class RoomsSettings(EnvSettings):
    """The arguments of a `RoomsEnv`.

    Attributes:
        odometry_noise: standard deviation of odometry's error as a share of each motion.
    """

    odometry_noise: float


class RoomsEnv(InstructedEnv):
    """An apartment and a wheeled base with a camera.

    ## Description
    A wheeled robot with one camera starts somewhere in a furnished apartment that it has not
    seen before, and carries out one instruction. Ids: `handeye/ObjectGoal-v1` and the like for
    single tasks, `handeye/Rooms-v1` and `handeye/RoomsLong-v1` for suites.

    ## Instructions
    English sentences by a grammar, such as "find the red sofa". One more reset option is
    "scene": a `RoomScene`, or what its `to_dict` gives after a trip through JSON. It is
    checked, and the task's goals that can be reached in it are offered; "goal" may then also be
    a `RoomGoal`, or a dict of fields of one: {"referred": ["red_chair_3"]}.

    ## Actions
    `base_discrete`: 0 stop, 1 forward 0.25 m, 2 turn left 15 degrees, 3 turn right 15 degrees.
    `base_velocity`: float32 (2,) in [-1, 1], shares of the greatest forward speed and turn
    rate, at 10 Hz.

    ## Observation
    `rgb_ego` uint8 (H, W, 3), `depth_ego` float32 (H, W) in m along the optical axis, on
    request `segmentation_ego` int32 (H, W), body numbers (privileged); `proprio` float32 (6,):
    odometry as m ahead and m to the left of the start pose, cosine and sine of the yaw since
    then, 1.0 if the last action touched something, speed of the last action as a share of the
    greatest; `instruction` text.

    ## Success
    Every named condition of the goal holds when the robot stops, see the task;
    `info["is_success"]` says so, `info["goal_conditions"]` how many do.

    ## Reward
    1.0 on the step that ends the episode with the goal reached, else 0.0.

    ## Episode end
    The discrete action 0, stop, ends it, and so does `finish` with an answer and a claim:
    terminated. What holds then counts. Truncated when the step budget is spent.

    Args:
        suite: "rooms", "rooms-long" or the name of a task; each reset draws one of them.
        action_mode: "base_discrete" or "base_velocity" (10 Hz).
        split: "seen" or "phrasing" (training apartments) or "unseen" apartments; in "rooms-long"
            also "combination".
        cameras: ("ego",) or nothing.
        image_size_px: height and width of frames.
        depth: add depth frames.
        segmentation: add segmentation frames (privileged).
        depth_noise_m: standard deviation of the depth frames' error (m).
        jitter: strength of the per-episode jitter of light, textures and colours; 0 is none.
        odometry_noise: standard deviation of odometry's error as a share of each motion.
        max_steps: actions an episode may take; None picks 500 discrete or 1500 velocities, a long
            instruction has more for each of its steps.
        render_mode: None or "rgb_array".
        terminate: `base_velocity` actions have one more entry, which ends the episode where it is
            above 0; a discrete action has its stop already.
        end_at_success: for training: the episode ends as soon as the goal holds.
    """

    task: RoomTask
    state: BaseTrajectory
    settings: RoomsSettings
    scene: RoomScene
    goal: RoomGoal
    renderer_fingerprint = HOME_RENDERER_FINGERPRINT
    reset_options = (*InstructedEnv.reset_options, "scene")
    metadata = {"render_modes": ["rgb_array"], "render_fps": CONTROL_HZ}  # noqa: RUF012

    def __init__(
        self,
        suite: str = "rooms",
        *,
        action_mode: str = "base_discrete",
        split: str = "seen",
        cameras: Sequence[str] = (EGO_CAMERA,),
        image_size_px: int = 128,
        depth: bool = True,
        segmentation: bool = False,
        depth_noise_m: float = 0.0,
        jitter: float = 1.0,
        odometry_noise: float = 0.0,
        max_steps: int | None = None,
        render_mode: str | None = None,
        terminate: bool = False,
        end_at_success: bool = False,
    ) -> None:
        settings = RoomsSettings(
            suite=suite,
            action_mode=action_mode,
            split=split,
            cameras=tuple(cameras),
            image_size_px=image_size_px,
            depth=depth,
            segmentation=segmentation,
            depth_noise_m=depth_noise_m,
            jitter=jitter,
            odometry_noise=odometry_noise,
            max_steps=max_steps,
            render_mode=render_mode,
            terminate=terminate and action_mode != DISCRETE_MODE,
            end_at_success=end_at_success,
        )
        look_up(f"split of {suite}", split, dict.fromkeys(ROOMS.splits_of(suite)))
        for camera in cameras:
            look_up("camera", camera, {EGO_CAMERA: None})
        _check_at_least(1, image_size_px=image_size_px, max_steps=max_steps)
        _check_at_least(0, jitter=jitter, odometry_noise=odometry_noise)
        self.action_space = deepcopy(look_up("action mode", action_mode, BASE_MODES))  # own seed
        self.task_names = ROOMS.tasks_of(suite, split)
        if settings.terminate and isinstance(self.action_space, spaces.Box):
            self.action_space = with_terminate(self.action_space)
        self._configure(settings, spaces.Box(-PROPRIO_LIMIT, PROPRIO_LIMIT, dtype=np.float32))
        self._can_stop |= action_mode == DISCRETE_MODE
        self._physics: Physics | None = None

    # ---------------------------------------------------------------- episode

    def _make_task(self, name: str) -> RoomTask:
        return ROOMS.make_task(name)

    def _sample_scene(self, options: dict[str, Any]) -> tuple[RoomScene, list[RoomGoal], int]:
        if "scene" not in options:
            task: Any = type(self.task)
            scene, goals, rejected = _drawn(task, self.episode_seed, self.split)
            return scene, list(goals), rejected
        scene = read_scene(options.pop("scene"))
        goals = given_goals(scene, self.task, options.get("goal"), self._rng(SCENE))
        self._options["scene"] = scene  # a fork must not see what becomes of the caller's dicts
        if isinstance(options.get("goal"), RoomGoal | Mapping):
            self._options["goal"], options["goal"] = goals[0], 0
        return scene, goals, 0

    def _start(self) -> None:
        scene = self.scene
        self._physics = Physics(PHYSICS_HZ)
        with self._physics.building():
            self._physics.add_fixtures(_solid_parts(scene))
            self._base = MobileBase(self._physics, scene.start)
        self.appearance: ApartmentAppearance = DEFAULT_HOME_LOOK
        if self.settings.jitter:
            rooms = len(scene.apartment.rooms)
            self.appearance = sample_home_look(self._rng(LOOKS), rooms, self.settings.jitter)
        self._renderer: HomeRenderer | None = None
        self._oracle: Expert | None = None
        self._sensor_rng = self._rng(SENSORS)
        self._last, self._ticks = self._base.pose, 0
        self._track = np.empty((SOME_TICKS, 3))  # rows up to now are never written again
        self._track[0] = self._last.x_m, self._last.y_m, self._last.yaw_rad
        self._odometry = BasePose(0.0, 0.0, 0.0)
        self._events: dict[str, None] = {}
        self._answer, self._speed, self.collisions = "", 0.0, 0
        self._stopped = False
        self._stillness = Stillness(STILL_RAD)
        self._look()

    def _carry_out(self, action: Any) -> None:
        before = self._base.pose
        ticks = 0
        for _ in self._base.execute(action, self.action_mode):
            ticks += 1
            self._after_tick()
        if self._base.bumped:
            self.note("collision")
        moved = math.dist(before.xy, self._base.pose.xy)
        self._speed = min(1.0, moved * CONTROL_HZ / SPEED_M_S / max(ticks, 1))
        self._stopped = self.action_mode == DISCRETE_MODE and int(action) == STOP
        self._look()

    def _after_tick(self) -> None:
        last, now = self._last, self._base.pose
        self._last, self._ticks = now, self._ticks + 1
        if self._ticks == len(self._track):
            self._track = np.concatenate([self._track, np.empty_like(self._track)])
        self._track[self._ticks] = now.x_m, now.y_m, now.yaw_rad
        self._hash.update(self._track[self._ticks].tobytes())
        self.record.path_length_m += math.dist(last.xy, now.xy)
        self.collisions += self._base.touching
        self._odometry = self._measured(last, now)
        self._stillness.watch(now.xy, now.yaw_rad)

    def _measured(self, last: BasePose, now: BasePose) -> BasePose:
        """Odometry after a tick: the motion in the robot's own frame, with its error, added up."""
        cos, sin = math.cos(last.yaw_rad), math.sin(last.yaw_rad)
        dx, dy, turn = now.x_m - last.x_m, now.y_m - last.y_m, now.yaw_rad - last.yaw_rad
        ahead, left = cos * dx + sin * dy, cos * dy - sin * dx
        if self.settings.odometry_noise:
            slip = 1.0 + self.settings.odometry_noise * self._sensor_rng.standard_normal(2)
            ahead, turn = ahead * slip[0], turn * slip[1]
        old = self._odometry
        cos, sin = math.cos(old.yaw_rad), math.sin(old.yaw_rad)
        x, y = old.x_m + cos * ahead - sin * left, old.y_m + sin * ahead + cos * left
        return BasePose(x, y, old.yaw_rad + turn)

    def _look(self) -> None:
        """Read what the walk so far means for the goal: once an action."""
        track = self._track[: self._ticks + 1]
        track.flags.writeable = False
        self.state = BaseTrajectory(track, self._answer)
        self._conditions = self.task.conditions(self.scene, self.goal, self.state)
        self.record.reached |= all(self._conditions.values())

    def _receive_claim(self, answer: str, claim: Claim) -> None:
        """Stop, with an answer if the instruction asks for one."""
        self.answer(CANNOT if claim == CANNOT else answer)

    def answer(self, words: str) -> None:
        """Say something; the last answer counts when the robot stops, blank ones do not."""
        self._require_open()
        words = words.strip().lower()
        if words:
            self._answer = words
            self._actions.append(words)
            self._look()

    def _redo(self, action: Any) -> None:
        if isinstance(action, str):
            self.answer(action)
        else:
            super()._redo(action)

    def _side_effects(self) -> list[SideEffect]:
        too_far = self.task.side_effects(self.scene, self.goal, self.state)
        return [SideEffect("walked_too_far", words) for words in too_far]

    def _ended_itself(self) -> bool:
        return self._stopped

    def note(self, event: str) -> None:
        """Remember an event."""
        self._events[event] = None

    def _world_info(self) -> dict[str, Any]:
        return {
            "events": list(self._events),
            "sim_s": self._ticks / CONTROL_HZ,
            "collisions": self.collisions,
        }

    # ------------------------------------------------------------- what is seen

    def _frames(self) -> Mapping[str, Frames]:
        size = (self.image_size_px, self.image_size_px)
        return {EGO_CAMERA: render_homes([self.renderer], [self.state.here], *size)}

    def proprio(self) -> NDArray[np.float32]:
        """What the robot feels of itself (6,), see the class."""
        here, bumped = self._odometry, self._base.bumped
        felt = [here.x_m, here.y_m, math.cos(here.yaw_rad), math.sin(here.yaw_rad)]
        row = np.array([*felt, float(bumped), self._speed], np.float32)
        return np.clip(row, -PROPRIO_LIMIT, PROPRIO_LIMIT)

    @property
    def renderer(self) -> HomeRenderer:
        """Draws this episode's apartment as it looks in this episode."""
        if self._renderer is None:
            self._renderer = HomeRenderer(self.scene, self.appearance)
        return self._renderer

    def render(self) -> NDArray[np.uint8] | None:
        """The ego camera's picture (256, 256, 3)."""
        if self.render_mode is None:
            return None
        return np.asarray(self.renderer.render([self.state.here], (256, 256)).rgb[0])

    # ------------------------------------------------------- privileged helpers

    def oracle_action(self) -> OracleAction:
        """What the scripted expert would do now, in this env's action mode."""
        if self._oracle is None:
            self._oracle = self.expert(self.goal_index)
        return self._oracle()

    def expert(self, goal: int) -> Expert:
        """The scripted expert for one of the scene's goals."""
        wanted = self.goals[goal]
        oracle = self.task.oracle(self.scene, wanted, self.action_mode)
        return lambda: oracle.next_move(self.state)

    def episode_of(self, run: Run) -> RoomEpisode:
        """A recorded run of this episode, as a file's contents."""
        labels = np.array([[label.values for label in row] for row in run.labels])
        return RoomEpisode(
            **recorded_fields(self, run),
            goals=tuple(
                RoomEpisodeGoal(g, run.words[k], self.goals[g]) for k, g in enumerate(run.goals)
            ),
            poses=np.stack([walk.track[-1] for walk in run.states]).astype(np.float32),
            actions=np.array(run.actions, labels.dtype).reshape(-1, *labels.shape[2:]),
            labels=labels,
        )

    def shortest_path_m(self) -> float:
        """Geodesic length from the start to the goal."""
        return shortest_path_m(self.scene, self.task.legs(self.scene, self.goal))

    def close(self) -> None:
        """Free the physics client; the open episode is over."""
        self._open = False
        if self._physics is not None:
            self._physics.close()
            self._physics = None


@lru_cache(maxsize=16)
def _drawn(task: Any, seed: int, split: str) -> tuple[RoomScene, list[RoomGoal], int]:
    """Return what a task, a class, draws for a seed, which is judged with several words."""
    return task().draw_scene(episode_rng(seed, task.name, SCENE), split)


def _check_at_least(least: int, **settings: float | None) -> None:
    """ValueError if a number is below `least` or not finite."""
    for name, value in settings.items():
        if value is not None and not least <= value < math.inf:
            raise ValueError(f"{name} is finite and at least {least}, got {value}")


def _solid_parts(scene: RoomScene) -> list[Primitive]:
    """Walls and furniture as boxes."""
    boxes = [(wall, WALL_HEIGHT_M) for wall in scene.walls]
    boxes += [
        (thing.footprint, thing.high_m[2])
        for thing in scene.things.values()
        if thing.low_m[2] == 0.0
    ]
    halves = [((f.x1 - f.x0) / 2, (f.y1 - f.y0) / 2, height / 2) for f, height in boxes]
    return [
        Primitive(half, position_m=(*foot.centre, half[2]))
        for half, (foot, _) in zip(halves, boxes, strict=True)
    ]
