"""Perceptions of which one half is the simulator's truth: the ladder's rungs of seeing.

Which things words mean is grounding; which pixels show a thing is perception. Either can be true
while the other stays what it was, so a failure can be told from the other.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from handeye.agents.sight.perception import Answer, Detection, Perception

LEAST_OVERLAP = 0.2  # of two masks (intersection over union) that show the same thing
EVERYTHING = ("object", "handle")  # words that together fit all that can be named


class OracleLocalization:
    """The seen perception chooses what words mean, the truth says where that is and what it is."""

    def __init__(self, seen: Perception, truth: Perception) -> None:
        """Ground by `seen`, perceive by `truth`."""
        self._seen, self._truth = seen, truth
        self.perception_id = f"{seen.perception_id} with true places (oracle)"

    def detect(self, words: str, observation: Mapping[str, Any], camera: str) -> list[Detection]:
        """What the seen perception found, each with its true extent; what is not there is left out.

        Where several finds turn out to be one thing, the surest counts.
        """
        there = _all(self._truth, observation, camera)
        found: dict[int, Detection] = {}
        for one in self._seen.detect(words, observation, camera):
            index = _most_alike(one, there)
            if index >= 0 and index not in found:
                found[index] = there[index]._replace(score=one.score)
        return list(found.values())

    def ask(self, question: str, observation: Mapping[str, Any], camera: str) -> Answer:
        """The seen perception's answer: a question is all words."""
        return self._seen.ask(question, observation, camera)

    def caption(self, observation: Mapping[str, Any], camera: str) -> str:
        """The truth's: a caption is all that is in the frame."""
        return self._truth.caption(observation, camera)


class OracleGrounding:
    """The truth says which things words mean, the seen perception where it sees them."""

    def __init__(self, seen: Perception, truth: Perception) -> None:
        """Perceive by `seen`, ground by `truth`."""
        self._seen, self._truth = seen, truth
        self.perception_id = f"{seen.perception_id} with true words (oracle)"

    def detect(self, words: str, observation: Mapping[str, Any], camera: str) -> list[Detection]:
        """What is meant, as it is seen; what is not seen at all is left out."""
        seen = [*self._seen.detect(words, observation, camera)]
        seen += _all(self._seen, observation, camera)
        meant = self._truth.detect(words, observation, camera)
        chosen = [(one, _most_alike(one, seen)) for one in meant]
        return [
            seen[index]._replace(name=one.name, score=one.score)
            for one, index in chosen
            if index >= 0
        ]

    def ask(self, question: str, observation: Mapping[str, Any], camera: str) -> Answer:
        """The truth's answer: a question is all words."""
        return self._truth.ask(question, observation, camera)

    def caption(self, observation: Mapping[str, Any], camera: str) -> str:
        """The seen perception's: a caption is all that is in the frame."""
        return self._seen.caption(observation, camera)


def _all(perception: Perception, observation: Mapping[str, Any], camera: str) -> list[Detection]:
    return [one for word in EVERYTHING for one in perception.detect(word, observation, camera)]


def _most_alike(one: Detection, others: Sequence[Detection]) -> int:
    """Index of the one that shows the same thing, -1 if none does."""
    overlaps = [_overlap(one, other) for other in others]
    best = int(np.argmax(overlaps)) if overlaps else -1
    return best if best >= 0 and overlaps[best] >= LEAST_OVERLAP else -1


def _overlap(a: Detection, b: Detection) -> float:
    union = np.count_nonzero(a.mask | b.mask)
    return float(np.count_nonzero(a.mask & b.mask) / union) if union else 0.0
