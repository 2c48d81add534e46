"""Which buttons have been pressed in an episode, and when."""

from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State

DOWN_M = 0.5 * shapes.BUTTON.travel_m  # a cap that is lower has been pressed
UP_M = 0.25 * shapes.BUTTON.travel_m  # one that is higher has been let go


class Presses:
    """Counts presses; a button must come up again before it can be pressed once more.

    Args:
        scene: where.

    Attributes:
        ticks: button -> physics ticks at which it went down.
    """

    def __init__(self, scene: Scene) -> None:
        buttons = [i for i, thing in enumerate(scene.objects) if thing.kind == "button"]
        self._columns = [(i, scene.joint(i)) for i in buttons]
        self._down: set[int] = set()
        self.ticks: dict[int, list[int]] = {i: [] for i in buttons}

    def begin(self, state: State) -> None:
        """Take caps that are down when an episode begins for pressed before it."""
        self._down = {i for i, column in self._columns if state.joint_positions[column] < -UP_M}

    def watch(self, state: State) -> None:
        """Take in the next state."""
        for button, column in self._columns:
            height_m = state.joint_positions[column]
            if height_m < -DOWN_M and button not in self._down:
                self.ticks[button].append(state.tick)
                self._down.add(button)
            elif height_m > -UP_M:
                self._down.discard(button)
