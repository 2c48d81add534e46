"""Run an episode once more with the camera on: its film, and what the policy saw on the way."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.scene.ego_camera import EGO_CAMERA
from handeye.envs.rooms.scene.mobile_base import DISCRETE_NAMES
from handeye.envs.suites import action_mode_of, world_of
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.arm import CONTROL_HZ
from handeye.experiments.actors.load_policy import policy_source
from handeye.experiments.evaluation.navigation_episode import draw_map
from handeye.experiments.evaluation.run_policy_episode import run_in
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

FILM_FPS = CONTROL_HZ  # A picture of the tabletop every control tick shows it in real time.


class FilmStyle(NamedTuple):
    """How the episodes of one environment are filmed.

    Attributes:
        env: the environment, keeping what its film needs.
        camera: whose picture shows what the policy saw.
        pictures: an environment after its episode, and their height in px -> the film's pictures.
        height_px: of what a camera sees, in the film.
        crf: of the film, see `encode_mp4`.
        decision_px: height of what the policy saw.
    """

    env: Callable[..., InstructedEnv]
    camera: str
    pictures: Callable[[Any, int], list[Frame]]
    height_px: int
    crf: int
    decision_px: int


TABLETOP_STYLE = FilmStyle(FilmedEnv, "front", film_states, height_px=320, crf=23, decision_px=256)
# Films of navigation are long, and nothing repeats between frames of a camera that moves.
ROOMS_STYLE = FilmStyle(
    RoomsEnv, EGO_CAMERA, film_pictures, height_px=EGO_PX, crf=34, decision_px=160
)
STYLES: dict[Callable[..., InstructedEnv], FilmStyle] = {
    TabletopEnv: TABLETOP_STYLE,
    RoomsEnv: ROOMS_STYLE,
}


def film(job: EpisodeJob) -> Film:
    """Run the job's episode with the camera on, see `watch`."""
    record, pictures, decisions = watch(job)
    floor_map = draw_map(job, record) if record.navigation else None
    mp4 = encode_mp4(pictures, FILM_FPS, style_of(job).crf)
    return Film(record, mp4, decisions, floor_map)


def watch(
    job: EpisodeJob, height_px: int | None = None
) -> tuple[EpisodeRecord, list[Frame], tuple[PolicyDecision, ...]]:
    """Run the job's episode and see it.

    Args:
        job: the episode.
        height_px: of what a camera sees; by default as `FilmStyle` says.

    Returns:
        The record, which equals `run_policy_episode`'s except for its wall time, since cameras do
        not touch the physics; of the tabletop a picture (height_px, height_px, 3) by the front
        camera for every control tick, of navigation `film_pictures`; what the policy saw at up to
        `MOST_DECISIONS` of its decisions.
    """
    style, source = style_of(job), policy_source(job.policy, job.device)
    action_mode = action_mode_of(job.suite, source.action_mode)
    env = style.env(job.suite, split=job.split, action_mode=action_mode)
    watched = WatchedPolicy(source.build(env))
    record = run_in(env, watched, job)
    pictures = style.pictures(env, height_px or style.height_px)
    decisions = tuple(
        _decision(number + 1, *watched.decisions[number], style)
        for number in spread(len(watched.decisions), MOST_DECISIONS)
    )
    env.close()
    return record, pictures, decisions


def style_of(job: EpisodeJob) -> FilmStyle:
    """Return how the job's episode is filmed."""
    return STYLES[world_of(job.suite).env]


class WatchedPolicy:
    """A policy that keeps what it saw and decided; it acts as the one it holds."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.policy_id = policy.policy_id
        self.action_mode, self.can_terminate = policy.action_mode, policy.can_terminate
        self.decisions: list[tuple[Mapping[str, Any], Action]] = []

    def reset(self, instruction: str, seed: int) -> None:
        """Start an episode with an empty memory."""
        self.decisions.clear()
        self._policy.reset(instruction, seed)

    def act(self, observation: Mapping[str, Any]) -> Action:
        """Return the held policy's action."""
        action = self._policy.act(observation)
        self.decisions.append((observation, action))
        return action


def _decision(
    number: int, observation: Mapping[str, Any], action: Action, style: FilmStyle
) -> PolicyDecision:
    """The picture with attention and grounding on it, and the action in words."""
    picture, trace = observation[f"rgb_{style.camera}"], action.trace
    if "front_attention" in trace:
        maps = np.asarray(trace["front_attention"], dtype=np.float64)
        picture = draw_heat(picture, maps.sum(axis=0) if maps.ndim == 3 else maps)
    picture = enlarge(picture, style.decision_px)
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
