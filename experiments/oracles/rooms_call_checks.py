"""What is so in an apartment, to judge an agent's calls by. It reads the scene: an oracle."""

from collections.abc import Mapping
from typing import Any

from handeye.agents.core.tools import CannotDo
from handeye.agents.tools.rooms_context import RoomsContext
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.long.symbolic_home import home_of

DRIVING = ("go_to", "go_back", "explore", "count", "detect", "look_around", "turn")
ACT_ON = {"go_to": "target", "count": "where"}


class RoomsCallChecks:
    """The truth about calls of `rooms_tools.py`."""

    def __init__(self, env: RoomsEnv) -> None:
        """Judge by the scene of `env`."""
        self._env = env

    def violates(self, tool: str, bench: RoomsContext) -> bool:
        """Nothing is presupposed but what is seen, which a tool itself says."""
        return False

    def unreal(self, tool: str, arguments: Mapping[str, Any], bench: RoomsContext) -> bool:
        """Whether the call drives to words, or a handle, that fit nothing in the apartment."""
        words = str(arguments.get(ACT_ON.get(tool, ""), ""))
        if not words:
            return False
        if words.startswith("#"):
            return words not in {f"#{thing.number}" for thing in bench.memory.things}
        try:
            query = bench.query(words)
        except CannotDo:
            return True
        home = home_of(self._env.scene)
        if query.is_room:
            return query.room not in home.rooms
        return not query.anything and not any(
            query.kind in ("", thing.kind)
            and query.colour in ("", thing.colour)
            and query.room in ("", thing.room)
            for thing in home.things
        )

    def verdict(self, tool: str, arguments: Mapping[str, Any], bench: RoomsContext) -> bool | None:
        """No tool here checks whether the goal is met."""
        return None
