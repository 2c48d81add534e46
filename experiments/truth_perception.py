"""Perception from the simulator's truth, for telling an agent's planning from its sight.

LABELLED AN ORACLE: it reads the scene and a segmentation of its own, which no agent may. Words are
read by `scene_nouns.py` and `scene_questions.py`; places come from depth as with any other
perception.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from handeye.agents.perception_tools import Answer, Detection, box_of
from handeye.envs.env import HandeyeEnv
from handeye.envs.rendering import render_states
from handeye.experiments.scene_facts import HANDLE, RELATIONS, Facts, Thing, table_facts
from handeye.experiments.scene_nouns import fitting, read_noun
from handeye.experiments.scene_questions import NOTHING, answer, read_question
from handeye.perception.camera_geometry import STANDING_CAMERAS

NO_QUESTION = "I do not understand the question"


class TruthPerception:
    """What the words name, from the simulator; one for each episode's environment."""

    perception_id = "truth (oracle)"

    def __init__(self, env: HandeyeEnv) -> None:
        self._env = env

    def detect(self, words: str, observation: Mapping[str, Any], camera: str) -> list[Detection]:
        """Everything in the frame that the words fit; with a relation only what stands so."""
        facts, noun = self._facts(observation, camera), read_noun(words)
        if noun is None:
            return []
        found = np.flatnonzero(fitting(noun, facts)).tolist()
        masks, things = facts.masks, facts.things
        return [
            Detection(called(things[i]), 1.0, box_of(masks[i]), masks[i], camera) for i in found
        ]

    def ask(self, question: str, observation: Mapping[str, Any], camera: str) -> Answer:
        """The true answer to a question of `scene_questions.py`."""
        asked = read_question(question)
        if asked is None:
            return Answer(NO_QUESTION, 0.0)
        return Answer(answer(asked, self._facts(observation, camera)), 1.0)

    def caption(self, observation: Mapping[str, Any], camera: str) -> str:
        """Every thing in the frame, and what it is in, on or held by."""
        return caption(self._facts(observation, camera))

    def _facts(self, observation: Mapping[str, Any], camera: str) -> Facts:
        env, side = self._env, observation[f"rgb_{camera}"].shape[0]
        frame = render_states([env.renderer], [env.state], [camera], side, side)[camera]
        points = STANDING_CAMERAS[camera].points(observation[f"depth_{camera}"])
        held = max(-1, env.state.held_body - env.scene.body(0))
        return table_facts(env.scene, env.state, frame.segmentation[0], points, held)


def called(thing: Thing) -> str:
    """A thing's properties in words."""
    words = " ".join(word for word in (thing.size, thing.colour, thing.kind) if word)
    return f"{HANDLE} of {thing.colour} drawer" if thing.kind == HANDLE else words


def caption(facts: Facts) -> str:
    """Things in words, each with its state and what it is in or on."""
    said = []
    for index, thing in enumerate(facts.things):
        if thing.kind == HANDLE:
            continue
        words = f"{called(thing)} ({thing.state})" if thing.state else called(thing)
        for relation in ("in", "on"):
            bases = np.flatnonzero(facts.related[RELATIONS.index(relation), index]).tolist()
            words += "".join(f" {relation} the {called(facts.things[base])}" for base in bases[:1])
            if bases:
                break
        said.append(words)
    return "; ".join(said) or NOTHING
