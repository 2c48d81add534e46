"""The expert of apartments as a planner for the environment's own goal. LABELLED AN ORACLE."""

from collections.abc import Sequence

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Step
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.long import Sample, exact_words, home_of
from handeye.envs.rooms.long.task import work_of
from handeye.envs.rooms.long.words import Said
from handeye.experiments.oracles.rooms_expert import rooms_script


class RoomsOraclePlanner:
    """Does the goal's true subgoals; what it says at the end is the goal's answer.

    Args:
        env: of the suite rooms-long; its goal is read at every reset.
    """

    planner_id = "expert of the rooms (oracle)"
    usage = Usage()

    def __init__(self, env: RoomsEnv) -> None:
        self._env = env

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Read the goal; the words do not matter, nor is anything random here."""
        home, goal = home_of(self._env.scene), work_of(self._env.goal)
        called = {name: exact_words(home, name) for name in home.nameable}
        self._handles: list[str] = []
        sample = Sample(home, goal, Said(instruction, called))
        self._script = rooms_script(sample, lambda name: self._handles.pop(0))
        self._count = 0

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """The script's next call."""
        if history:
            self._handles += history[-1].result.data.get("handles", ())
        asked = self._script.send(history[-1].result) if history else next(self._script)
        if isinstance(asked, Done):
            return asked
        self._count += 1
        return asked._replace(call_id=f"call_{self._count}")
