"""What the tools see of a `SymbolicTabletop`, by the rules of the simulator's truth."""

from typing import Any

import numpy as np

from handeye.agents.sight.perception import Answer, Detection
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.tabletop_context import Found, TabletopContext
from handeye.envs.tabletop.world import shapes
from handeye.experiments.labels.scene_facts import HANDLE
from handeye.experiments.labels.scene_nouns import fitting, read_noun
from handeye.experiments.labels.scene_questions import answer, read_question
from handeye.experiments.oracles.oracle_perception import NO_QUESTION, facts_in_words, name_of
from handeye.experiments.traces.symbolic_tabletop import SymbolicObject, SymbolicTabletop
from handeye.perception.mapping.camera_geometry import Measured


class SymbolicContext(TabletopContext):
    """A context that knows where things on a `SymbolicTabletop` are, by the rules of the truth."""

    def __init__(self, robot: Robot, table: SymbolicTabletop) -> None:
        super().__init__(robot, SymbolicEyes(table))
        self._table = table

    def find(self, words: str) -> list[Found]:
        """What the words fit and what is not hidden."""
        self.clear_view()
        noun, (facts, items) = read_noun(words), self._table.facts()
        found = []
        for k in np.flatnonzero(fitting(noun, facts)) if noun else ():
            thing = self._table.things[items[k]]
            place = _measured(thing, of_handle=facts.things[k].kind == HANDLE)
            if not self._table.overlooked():
                found.append(Found(name_of(facts.things[k]), 1.0, place))
        return found


class SymbolicEyes:
    """Perception of a `SymbolicTabletop`: in words alone, since there is no picture."""

    perception_id = "paper"

    def __init__(self, table: SymbolicTabletop) -> None:
        self._table = table

    def detect(self, words: str, observation: Any, camera: str) -> list[Detection]:
        """Nothing has pixels here; the bench finds things by itself."""
        return []

    def ask(self, question: str, observation: Any, camera: str) -> Answer:
        """As the truth answers."""
        asked = read_question(question)
        if asked is None:
            return Answer(NO_QUESTION, 0.0)
        return Answer(answer(asked, self._table.facts()[0]), 1.0)

    def caption(self, observation: Any, camera: str) -> str:
        """As the truth says it."""
        return facts_in_words(self._table.facts()[0])


def _measured(thing: SymbolicObject, of_handle: bool) -> Measured:
    if of_handle:
        x, y = thing.fin.tolist()
        return Measured(x, y, shapes.DRAWER.fin_top_m, 0.0, 0.04, 0.016, 0.0)
    x, y = thing.xy.tolist()
    width = 2 * thing.spec.radius_m
    return Measured(x, y, thing.top_m, thing.bottom_m, width, 0.9 * width, 0.0)
