"""Checks an agent's tool calls in an apartment against the simulator's state (oracle)."""

from collections.abc import Mapping
from typing import Any

from handeye.agents.core.conversation import ToolSpec
from handeye.agents.core.tools import CannotDo
from handeye.agents.tools.rooms_context import RoomsContext
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.long.symbolic_home import home_of


class RoomsCallChecks:
    """The truth about calls of `rooms_tools.py`."""

    def __init__(self, env: RoomsEnv) -> None:
        """Judge by the scene of `env`."""
        self._env = env

    def violates(self, tool: ToolSpec, bench: RoomsContext) -> bool:
        """Return False: only what was seen is presupposed, which a tool says itself."""
        return False

    def unreal(self, tool: ToolSpec, arguments: Mapping[str, Any], bench: RoomsContext) -> bool:
        """Return whether the call drives to what fits nothing in the apartment."""
        named = (str(arguments.get(name, "")) for name in tool.traits.acted_on)
        return any(self._is_unreal(words, bench) for words in named if words)

    def _is_unreal(self, words: str, bench: RoomsContext) -> bool:
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

    def verdict(
        self, tool: ToolSpec, arguments: Mapping[str, Any], bench: RoomsContext
    ) -> bool | None:
        """Return None: no tool here checks whether the goal is met."""
        return None
