"""Run one episode of an evaluation: to be judged, or once more to be filmed.

Both are pure functions of their job, so they may run in any process in any order. What is costly
to make (a policy, an environment) is kept per process; every episode resets it by its seed.
"""

import time
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.scene.ego_camera import EGO_CAMERA
from handeye.envs.rooms.scene.mobile_base import DISCRETE_NAMES
from handeye.envs.suites import TABLETOP, action_mode_of, make_suite_env, world_of
from handeye.envs.tabletop.world.arm import CONTROL_HZ
from handeye.experiments.actors.load_policy import PolicySource, open_policy
from handeye.experiments.evaluation.navigation_episode import draw_map, record_of
from handeye.experiments.oracles.baselines import OraclePolicy
from handeye.experiments.pictures.film import MOST_DECISIONS, Film, PolicyDecision
from handeye.experiments.pictures.filmed_env import FilmedEnv, film_states
from handeye.experiments.pictures.navigation_film import EGO_PX, film_pictures
from handeye.experiments.pictures.video import (
    Frame,
    draw_heat,
    draw_marks,
    encode_jpeg,
    encode_mp4,
    enlarge,
    spread,
)
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord
from handeye.policies.policy import Action, Policy
from handeye.policies.rollout import rollout

FILM_FPS = CONTROL_HZ  # a picture of the tabletop every control tick: real time
OTHER_GOAL = 0xC0  # purpose of the generator that draws a contradictory goal


class FilmSize(NamedTuple):
    """How large pictures of an episode are.

    Attributes:
        height_px: of what a camera sees, in the film.
        crf: of the film, see `encode_mp4`.
        decision_px: height of what the policy saw.
    """

    height_px: int
    crf: int
    decision_px: int


TABLETOP_SIZE = FilmSize(320, 23, 256)
ROOMS_SIZE = FilmSize(EGO_PX, 34, 160)  # long, and by a camera that moves: nothing to reuse


def run_policy_episode(job: EpisodeJob) -> EpisodeRecord:
    """Run the job's episode and record how it went."""
    env = _environment(job.suite, job.split, _source(job.policy).action_mode)
    return _run(job, env, _policy(job.policy, env))


def film(job: EpisodeJob) -> Film:
    """Run the job's episode with the camera on, see `watch`."""
    record, pictures, decisions = watch(job)
    floor_map = draw_map(job, record) if record.navigation else None
    mp4 = encode_mp4(pictures, FILM_FPS, _film_size(job).crf)
    return Film(record, mp4, decisions, floor_map)


def watch(
    job: EpisodeJob, height_px: int | None = None
) -> tuple[EpisodeRecord, list[Frame], tuple[PolicyDecision, ...]]:
    """Run the job's episode and see it.

    Args:
        job: the episode.
        height_px: of what a camera sees; by default as `FilmSize` says.

    Returns:
        The record, which equals `run_policy_episode`'s except for its wall time, since cameras do
        not touch the physics; of the tabletop a picture (height_px, height_px, 3) by the front
        camera for every control tick, of navigation `film_pictures`; what the policy saw at up to
        `MOST_DECISIONS` of its decisions.
    """
    action_mode = action_mode_of(job.suite, _source(job.policy).action_mode)
    made_of = FilmedEnv if world_of(job.suite) is TABLETOP else RoomsEnv
    env = made_of(job.suite, split=job.split, action_mode=action_mode)
    watched = WatchedPolicy(_source(job.policy).build(env))
    record = _run(job, env, watched)
    pictures = _render(env, height_px or _film_size(job).height_px)
    decisions = tuple(
        _decision(number + 1, *watched.decisions[number], _film_size(job).decision_px)
        for number in spread(len(watched.decisions), MOST_DECISIONS)
    )
    env.close()
    return record, pictures, decisions


def _film_size(job: EpisodeJob) -> FilmSize:
    return TABLETOP_SIZE if world_of(job.suite) is TABLETOP else ROOMS_SIZE


class WatchedPolicy:
    """A policy that keeps what it saw and decided; it acts as the one it holds."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.policy_id = policy.policy_id
        self.action_mode = policy.action_mode
        self.decisions: list[tuple[Mapping[str, Any], Action]] = []

    def reset(self, instruction: str, seed: int) -> None:
        """Start an episode with an empty memory."""
        self.decisions.clear()
        self._policy.reset(instruction, seed)

    def act(self, observation: Mapping[str, Any]) -> Action:
        """The held policy's action."""
        action = self._policy.act(observation)
        self.decisions.append((observation, action))
        return action


def _run(job: EpisodeJob, env: InstructedEnv, policy: Policy) -> EpisodeRecord:
    started = time.perf_counter()
    visited: list[tuple[float, float]] = []  # of a mobile base, after every decision

    def note(*_: object) -> None:
        """Keep where a mobile base is, as (x, y) in metres."""
        if isinstance(env, RoomsEnv):
            visited.append(env.state.here.xy)

    result = rollout(env, policy, seed=job.seed, options=reset_options(job), on_step=note)
    return recorded(
        job,
        env,
        result.info,
        policy_id=policy.policy_id,
        steps=result.steps,
        termination=result.terminated_by,
        wall_s=time.perf_counter() - started,
        navigation=record_of(env, visited) if isinstance(env, RoomsEnv) else None,
    )


def recorded(
    job: EpisodeJob, env: InstructedEnv, info: Mapping[str, Any], **known: Any
) -> EpisodeRecord:
    """The record of an episode that has just ended.

    Args:
        job: what was asked for.
        env: in which it was run; not yet reset to another one.
        info: the last one.
        known: further fields of the record.
    """
    met, conditions = info["goal_conditions"]
    counted = job.condition == "true"
    return EpisodeRecord(
        episode_id=job.episode_id,
        suite=job.suite,
        task=job.task,
        split=job.split,
        seed=job.seed,
        condition=job.condition,
        instruction=env.instruction,
        success=bool(info["is_success_latched"]),
        success_final=bool(info["is_success"]),
        goal_conditions=(int(met), int(conditions)),
        oracle_steps=_oracle_steps(job, env.action_mode) if counted else None,
        path_length_m=float(info["path_length_m"]),
        sim_s=float(info["sim_s"]),
        state_hash=info["state_hash"],
        renderer_fingerprint=env.renderer_fingerprint,
        n_choices=int(info["n_choices"]),
        **{"events": tuple(info["events"]), **known},
    )


def reset_options(job: EpisodeJob) -> dict[str, Any]:
    """What `env.reset` is told so that the words stand to the goal as the job's condition says."""
    options: dict[str, Any] = {"task": job.task}
    if job.condition == "blank":
        options["instruction"] = ""
    elif job.condition == "shuffled":
        assert job.donor is not None
        options["instruction"] = _peek(job, *job.donor).instruction
    elif job.condition == "contradictory":
        options["goal"] = _other_goal(job)
    return options


def _other_goal(job: EpisodeJob) -> int:
    """Another goal of the job's scene, on another object if there is one."""
    env = _peek(job, job.task, job.seed)
    others = env.alternatives() or [i for i in range(len(env.goals)) if i != env.goal_index]
    if not others:
        raise ValueError(f"the scene of {job.episode_id} has one goal only: nothing contradicts it")
    return int(np.random.default_rng([job.seed, OTHER_GOAL, *job.task.encode()]).choice(others))


def _oracle_steps(job: EpisodeJob, action_mode: str) -> int:
    """Decisions of the oracle on the job's own goal, without rendering."""
    env = _blindfolded(job.suite, job.split, action_mode)
    return rollout(env, OraclePolicy(env), seed=job.seed, options={"task": job.task}).steps


def _peek(job: EpisodeJob, task: str, seed: int) -> InstructedEnv:
    """An env without cameras, reset to an episode of the job's suite, to read words and goals."""
    env = _blindfolded(job.suite, job.split, action_mode_of(job.suite, None))
    env.reset(seed=seed, options={"task": task})
    return env


@cache
def _source(policy: str) -> PolicySource:
    return open_policy(policy)


@cache
def _policy(policy: str, env: InstructedEnv) -> Policy:
    return _source(policy).build(env)


@cache  # one for all tasks: a physics client with its meshes takes 30 MB
def _environment(suite: str, split: str, action_mode: str | None) -> InstructedEnv:
    return make_suite_env(suite, split=split, action_mode=action_mode, render_mode="rgb_array")


@cache
def _blindfolded(suite: str, split: str, action_mode: str) -> InstructedEnv:
    return make_suite_env(suite, split=split, action_mode=action_mode, cameras=())


def _render(env: FilmedEnv | RoomsEnv, height_px: int) -> list[Frame]:
    """The film's pictures, see `watch`."""
    if isinstance(env, RoomsEnv):
        return film_pictures(env, height_px)
    return film_states(env, height_px)


def _decision(
    number: int, observation: Mapping[str, Any], action: Action, height_px: int
) -> PolicyDecision:
    """The picture with attention and grounding on it, and the action in words."""
    picture = observation["rgb_front" if "rgb_front" in observation else f"rgb_{EGO_CAMERA}"]
    trace = action.trace
    if "front_attention" in trace:
        maps = np.asarray(trace["front_attention"], dtype=np.float64)
        picture = draw_heat(picture, maps.sum(axis=0) if maps.ndim == 3 else maps)
    picture = enlarge(picture, height_px)
    if "front_xy" in trace:
        picture = draw_marks(picture, np.asarray(trace["front_xy"]))
    tokens = " ".join(str(int(token)) for token in trace.get("tokens", ()))
    return PolicyDecision(number, encode_jpeg(picture), _in_words(action), tokens)


def _in_words(action: Action) -> str:
    if action.terminate:
        return f"done: {action.answer}" if action.answer else "done"
    if np.shape(action.values) == ():
        return DISCRETE_NAMES[int(action.values)]
    if len(action.values) == 2:
        return f"speed {action.values[0]:+.2f} turn {action.values[1]:+.2f}"
    x, y, z, _, _, yaw, gripper = (float(value) for value in action.values)
    return f"x {x:+.2f} y {y:+.2f} z {z:+.2f} yaw {yaw:+.1f}, {'open' if gripper > 0 else 'close'}"
