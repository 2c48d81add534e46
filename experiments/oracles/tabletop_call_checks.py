"""Checks an agent's tool calls on a tabletop against the simulator's state (oracle)."""

from collections.abc import Mapping
from typing import Any

from handeye.agents.core.conversation import ToolSpec
from handeye.agents.sight.perception import CAMERA
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State
from handeye.experiments.labels.scene_facts import HANDLE
from handeye.experiments.labels.scene_nouns import Noun, read_noun
from handeye.experiments.oracles.oracle_perception import OraclePerception

CHECKED = ("item", "relation", "base")


class TabletopCallChecks:
    """The truth about calls of `tabletop_tools.py`."""

    def __init__(self, env: TabletopEnv) -> None:
        """Judge by the state of `env`."""
        self._env = env
        self._seen = OraclePerception(env)

    def violates(self, tool: ToolSpec, bench: TabletopContext) -> bool:
        """Return whether the hand is full where it must be empty, or the other way round."""
        return tool.traits.hand == ("empty" if bench.grip is not None else "full")

    def unreal(self, tool: ToolSpec, arguments: Mapping[str, Any], bench: TabletopContext) -> bool:
        """Return whether the call acts on words, or a handle, that fit nothing in the scene."""
        named = [str(arguments[name]) for name in tool.traits.acted_on if name in arguments]
        return any(not self._is_there(words, bench) for words in named)

    def verdict(
        self, tool: ToolSpec, arguments: Mapping[str, Any], bench: TabletopContext
    ) -> bool | None:
        """Return whether the statement of a success check is so, as far as the frame can show."""
        if tool.name == "check":
            return self._holds(*(_name(str(arguments.get(part, "")), bench) for part in CHECKED))
        if tool.name != "verify":
            return None
        answer = self._seen.ask(str(arguments["statement"]), bench.robot.observation, CAMERA).text
        return answer == "yes" if answer in ("yes", "no") else None

    def _holds(self, item: str, relation: str, base: str) -> bool | None:
        """Whether any of the things that the words fit stand so; None if they fit nothing."""
        scene, state = self._env.scene, self._env.state
        items = self._fitting(read_noun(item))
        if relation == "held":
            return state.held_body in map(scene.body, items) if items else None
        bases = self._fitting(read_noun(base))
        if not items or not bases:
            return None
        return any(is_in_or_on(scene, state, a, b) for a in items for b in bases if a != b)

    def _is_there(self, words: str, bench: TabletopContext) -> bool:
        if words.startswith("#"):
            return words in bench.handles
        noun = read_noun(words)
        while noun is not None and noun.reference is not None and self._fitting(noun):
            noun = noun.reference  # what a thing is said to stand by must be there too
        return bool(self._fitting(noun))

    def _fitting(self, noun: Noun | None) -> list[int]:
        """Things of the scene that a noun fits, whatever it says of where they stand."""
        if noun is None:
            return []
        kind = "drawer" if noun.kind == HANDLE else noun.kind
        return [
            index
            for index, thing in enumerate(self._env.scene.objects)
            if kind in ("", thing.kind)
            and noun.colour in ("", thing.colour)
            and noun.size in ("", thing.size)
        ]


def is_in_or_on(scene: Scene, state: State, item: int, base: int) -> bool:
    """Whether a thing is in a vessel or drawer, in a zone or on a solid thing, as the base is."""
    kind = scene.objects[base].kind
    if not scene.objects[item].graspable:
        return False
    if kind in shapes.VESSELS:
        return predicates.is_inside(scene, state, item, base)
    if kind == "drawer":
        return predicates.is_stowed(scene, state, item, base)
    if kind == "zone":
        return predicates.is_in_zone(scene, state, item, base)
    return kind in shapes.PRISMS and predicates.is_on(scene, state, item, base)


def _name(words: str, bench: TabletopContext) -> str:
    """What a handle stands for; other words as they are."""
    return bench.handles[words].name if words in bench.handles else words.removeprefix("the ")
