"""What is so on a tabletop, to judge an agent's calls by. It reads the scene: an oracle."""

from collections.abc import Mapping
from typing import Any

from handeye.agents.sight.perception import CAMERA
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State
from handeye.experiments.labels.scene_facts import HANDLE
from handeye.experiments.labels.scene_nouns import Noun, read_noun
from handeye.experiments.oracles.oracle_perception import OraclePerception

NEED_EMPTY_HAND = ("pick", "push_to", "press", "open_drawer", "close_drawer")
NEED_FULL_HAND = ("place_in", "place_on", "place_beside", "place_where")
CHECKED = ("item", "relation", "base")
ACTING = (*NEED_EMPTY_HAND, *NEED_FULL_HAND, "reach")
ACT_ON = ("target", "container", "base", "reference", "goal", "button", "drawer")


class TabletopCallChecks:
    """The truth about calls of `tabletop_tools.py`."""

    def __init__(self, env: TabletopEnv) -> None:
        """Judge by the state of `env`."""
        self._env = env
        self._seen = OraclePerception(env)

    def violates(self, tool: str, bench: TabletopContext) -> bool:
        """Whether the hand is full where it must be empty, or the other way round."""
        full = bench.grip is not None
        return tool in (NEED_EMPTY_HAND if full else NEED_FULL_HAND)

    def unreal(self, tool: str, arguments: Mapping[str, Any], bench: TabletopContext) -> bool:
        """Whether the call acts on words, or a handle, that fit nothing in the scene."""
        if tool not in ACTING:
            return False
        named = [str(value) for name, value in arguments.items() if name in ACT_ON]
        return any(not self._is_there(words, bench) for words in named)

    def verdict(
        self, tool: str, arguments: Mapping[str, Any], bench: TabletopContext
    ) -> bool | None:
        """Whether the statement of `check` is so; of `verify`, as far as the frame can show it."""
        if tool == "check":
            return self._holds(*(_name(str(arguments.get(part, "")), bench) for part in CHECKED))
        if tool != "verify":
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
