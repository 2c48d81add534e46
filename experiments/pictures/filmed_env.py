"""A tabletop that keeps every state, and the film of what happened on it."""

from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.pictures import render_states
from handeye.envs.tabletop.world.state import State
from handeye.experiments.pictures.video import Frame

RENDER_BATCH = 32  # States that are drawn at once.


class FilmedEnv(TabletopEnv):
    """Keeps the state after every control tick, so that a film shows the way between waypoints.

    Harm is read off these states, so none of the forces between two of them is missed.
    """

    feels_every_tick = True
    states: list[State]

    def _start(self) -> None:
        super()._start()
        self.states = [self.state]

    def _after_tick(self) -> None:
        super()._after_tick()
        self.states.append(self.state)


def film_states(env: FilmedEnv, height_px: int) -> list[Frame]:
    """Return the front camera's pictures (height_px, height_px, 3), one a control tick so far."""
    pictures: list[Frame] = []
    for start in range(0, len(env.states), RENDER_BATCH):
        batch = env.states[start : start + RENDER_BATCH]
        frames = render_states([env.renderer] * len(batch), batch, ["front"], height_px, height_px)
        pictures += list(frames["front"].rgb)
    return pictures
