"""Estimates how likely a call succeeds here: a small logistic model over words of the situation.

Trained on outcomes of calls in the simulator (`handeye train-affordances`), used by planners, which
know no more of the situation than the results of their calls. A model is a JSON file of one weight
for each feature, readable by eye.
"""

import hashlib
import json
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.scene_notes import NotedObject, SceneNotes
from handeye.agents.tools.value_maps import TOWARDS
from handeye.policies.checkpoint_content import read_json_object

FORMAT = "handeye.affordance/1"
SHIPPED = Path(__file__).resolve().parents[1] / "checkpoints" / "affordance.json"
CROWDED_M = (0.06, 0.08, 0.10)  # Bounds on the distance of the nearest neighbour, each a feature.
FAR_X_M, FAR_Y_M = 0.60, 0.17
STANDS_M = 0.14  # The usual distance between an object and one that is put beside it.
SIZES = ("small", "large")


@dataclass(frozen=True)
class Affordance:
    """One weight for each feature, and the bias.

    Attributes:
        weights: feature -> weight; unknown features weigh nothing.
        bias: log-odds of a call with none of the features.
        card: how it was made and what was measured.
    """

    weights: Mapping[str, float]
    bias: float
    card: Mapping[str, Any]

    def probability(self, call: ToolCall, noted: SceneNotes) -> float:
        """That the call does what it says, 0 to 1."""
        return self.probability_of(features(call, noted))

    def probability_of(self, there: Sequence[str]) -> float:
        """The same of the features that are there."""
        odds = self.bias + sum(self.weights.get(name, 0.0) for name in there)
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))

    def to_json(self) -> str:
        """The file's contents."""
        told = {"format": FORMAT, "card": self.card, "bias": self.bias, "weights": self.weights}
        told["sha256"] = content_sum(told)
        return json.dumps(told, indent=1, allow_nan=False) + "\n"


def content_sum(told: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a file says, whatever its layout, in hexadecimal digits."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def load_affordance(path: Path = SHIPPED) -> Affordance:
    """A model out of its file.

    Raises:
        ValueError: no such file, or it holds something else.
    """
    try:
        told = read_json_object(path)
        if told["format"] != FORMAT:
            raise ValueError(f"its format is {told['format']!r}, not {FORMAT!r}")
        noted = told.pop("sha256", None)
        if noted is None:
            warnings.warn(f"{path} has no checksum: damage to it may go unseen", stacklevel=2)
        elif noted != content_sum(told):
            raise ValueError("it has changed since it was written")
        weights = {str(name): float(weight) for name, weight in told["weights"].items()}
        return Affordance(weights, float(told["bias"]), dict(told["card"]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(
            f"{path} holds no affordance model ({error}); make one with `handeye train-affordances`"
        ) from error


def features(call: ToolCall, noted: SceneNotes) -> list[str]:
    """Return what of the situation may matter for a call; each feature is there or not."""
    tool, hand = call.name, "full" if noted.held else "empty"
    names = [tool, f"{tool} hand {hand}"]
    if noted.held:
        names += [f"{tool} held {kind}" for kind in _kinds(noted.held)]
    for argument, words in call.arguments.items():
        if argument == "side":
            names.append(f"{tool} {words}")
            continue
        names += [f"{tool} {argument} {kind}" for kind in _about(str(words), noted)]
    side, reference = (str(call.arguments.get(name, "")) for name in ("side", "reference"))
    for thing in noted.called(reference) if side in TOWARDS else []:
        names += [f"{tool} place {word}" for word in _room_beside(thing, TOWARDS[side], noted)]
    return names


def _about(words: str, noted: SceneNotes) -> Iterator[str]:
    """Features of the things that words fit."""
    found = noted.called(words)
    if len(found) != 1:
        yield "unseen" if not found else "ambiguous"
        return
    thing = found[0]
    yield from _kinds(thing.name)
    if noted.held and thing in noted.called(noted.held):
        yield "in hand"
    yield from _room_around(thing, noted)
    if thing.x_m > FAR_X_M or abs(thing.y_m) > FAR_Y_M:
        yield "at the edge"


def _kinds(name: str) -> Iterator[str]:
    """The kind that a name ends in, and with its size."""
    words = name.split()
    yield words[-1]
    if words[0] in SIZES:
        yield f"{words[0]} {words[-1]}"


def _room_around(thing: NotedObject, noted: SceneNotes) -> Iterator[str]:
    gaps = [math.dist(other[2:], thing[2:]) for other in noted.things if other != thing]
    nearest = min(gaps, default=1.0)
    yield from (f"nearest within {bound}" for bound in CROWDED_M if nearest < bound)


def _room_beside(thing: NotedObject, way: tuple[float, float], noted: SceneNotes) -> Iterator[str]:
    """Yield whether the place beside an object is taken, or out of reach."""
    x, y = thing.x_m + STANDS_M * way[0], thing.y_m + STANDS_M * way[1]
    gaps = [math.dist(other[2:], (x, y)) for other in noted.things if other != thing]
    if min(gaps, default=1.0) < CROWDED_M[-1]:
        yield "taken"
    if not (0.30 < x < 0.70 and abs(y) < 0.28):
        yield "off the table"
