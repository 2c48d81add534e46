"""Perception from the simulator's truth, for telling an agent's planning from its sight.

LABELLED AN ORACLE: it reads the scene and a segmentation of its own, which no agent may. Words are
read by `scene_nouns.py` and `scene_questions.py`; places come from depth as with any other
perception.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from handeye.agents.sight.perception import Answer, Detection, box_of, called, captioned
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.pictures import render_states
from handeye.experiments.labels.scene_facts import RELATIONS, Facts, VisibleObject, table_facts
from handeye.experiments.labels.scene_nouns import fitting, read_noun
from handeye.experiments.labels.scene_questions import answer, read_question

NO_QUESTION = "I do not understand the question"


class OraclePerception:
    """What the words name, from the simulator; one for each episode's environment."""

    perception_id = "truth (oracle)"

    def __init__(self, env: TabletopEnv) -> None:
        self._env = env

    def detect(self, words: str, observation: Mapping[str, Any], camera: str) -> list[Detection]:
        """Everything in the frame that the words fit; with a relation only what stands so."""
        facts, noun = self._facts(observation, camera), read_noun(words)
        if noun is None:
            return []
        found = np.flatnonzero(fitting(noun, facts)).tolist()
        masks, things = facts.masks, facts.things
        return [
            Detection(name_of(things[i]), 1.0, box_of(masks[i]), masks[i], camera) for i in found
        ]

    def ask(self, question: str, observation: Mapping[str, Any], camera: str) -> Answer:
        """The true answer to a question of `scene_questions.py`."""
        asked = read_question(question)
        if asked is None:
            return Answer(NO_QUESTION, 0.0)
        return Answer(answer(asked, self._facts(observation, camera)), 1.0)

    def caption(self, observation: Mapping[str, Any], camera: str) -> str:
        """Every thing in the frame, and what it is in, on or held by."""
        return facts_in_words(self._facts(observation, camera))

    def _facts(self, observation: Mapping[str, Any], camera: str) -> Facts:
        env, side = self._env, observation[f"rgb_{camera}"].shape[0]
        frame = render_states([env.renderer], [env.state], [camera], side, side)[camera]
        points = env.renderer.standing_points(camera, frame.depth_m[0])
        held = max(-1, env.state.held_body - env.scene.body(0))
        return table_facts(env.scene, env.state, frame.segmentation[0], points, held)


def facts_in_words(facts: Facts) -> str:
    """Every thing, and what it is in, on or held by."""
    inside, on = (facts.related[RELATIONS.index(name)] for name in ("in", "on"))
    states = [thing.state for thing in facts.things]
    return captioned([name_of(thing) for thing in facts.things], states, inside, on)


def name_of(thing: VisibleObject) -> str:
    """What a thing is called: "small red block"."""
    return called(thing.size, thing.colour, thing.kind)
