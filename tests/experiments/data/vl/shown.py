"""Three tables and two apartments with all that is said about them, made once."""

from functools import cache

from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.suites import make_suite_env
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.world.appearance import DEFAULT_APPEARANCE
from handeye.envs.tabletop.world.pictures import SceneRenderer
from handeye.experiments.data.eyes_train_frames import TABLE_WORDS
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.data.tabletop_dataset import recorded_state
from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.record import examples_of
from handeye.experiments.data.vl.table_views import TableShot, table_view
from handeye.experiments.data.vl.views import View

FRAMES = 4


@cache
def tables() -> tuple[Episode, ...]:
    """Something put away, a drawer moved, a tower built; all solved."""
    env = make_suite_env("tabletop-core", cameras=())
    try:
        jobs = (("put_in", 5), ("move_drawer", 2), ("stack", 7))
        made = tuple(record_episode(env, task, seed, noise=0.0) for task, seed in jobs)
    finally:
        env.close()
    assert all(isinstance(one, Episode) and one.success for one in made)
    return made  # type: ignore[return-value]


@cache
def homes() -> tuple[RoomEpisode, ...]:
    """Two drives, both solved."""
    env = make_suite_env("rooms", cameras=())
    try:
        jobs = (("object_goal", 3), ("count_things", 4))
        made = tuple(record_episode(env, task, seed, noise=0.0) for task, seed in jobs)
    finally:
        env.close()
    assert all(isinstance(one, RoomEpisode) and one.success for one in made)
    return made  # type: ignore[return-value]


@cache
def said(*kinds: str) -> tuple[VlExample, ...]:
    """Every example of some kinds, or of all; the number of an episode is its place here."""
    episodes = (*tables(), *homes())
    return tuple(
        one
        for number in range(len(episodes))
        for one in _all_said(number)
        if not kinds or one.kind in kinds
    )


@cache
def _all_said(number: int) -> tuple[VlExample, ...]:
    return tuple(examples_of((*tables(), *homes())[number], number, FRAMES))


@cache
def table_views() -> tuple[View, ...]:
    """The first and the last frame of each table."""
    views = []
    for number, episode in enumerate(tables()):
        renderer = SceneRenderer(episode.scene, DEFAULT_APPEARANCE)
        for time in (0, len(episode.body_poses) - 1):
            shot = TableShot(renderer, recorded_state(episode, time), "front")
            views.append(table_view(shot, TABLE_WORDS, number, time))
    return tuple(views)
