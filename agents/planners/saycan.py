"""A planner that scores every grounded call: what a language model says times what can be done.

SayCan (Ahn et al. 2022, arXiv:2204.01691). The options are the skills applied to the things seen,
and the two claims that end the work. "Say" is the model's likelihood of a call among the options,
"can" the affordance: the calibrated probability that the call does here what it says.
"""

import json
import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from handeye.agents.core.conversation import Message, ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import DONE, Done, Step, decision_of
from handeye.agents.core.scene_notes import EVERYTHING, NotedObject, SceneNotes, scene_notes
from handeye.agents.language_models.language_model import LanguageModel
from handeye.agents.language_models.text_tool_calls import tell_tools
from handeye.agents.planners.affordance import Affordance
from handeye.agents.planners.react import read_prompt, retold

LEAST_CAN = 0.05  # The model is not asked about options that can hardly be done.
CLAIMS = ("success", "cannot")


class Option(NamedTuple):
    """A call with its scores.

    Attributes:
        call: what would be done.
        say: the model's probability of it among the options.
        can: the probability that it does here what it says.
    """

    call: ToolCall
    say: float
    can: float

    @property
    def worth(self) -> float:
        """Both together."""
        return self.say * self.can


class SayCanPlanner:
    """Looks at everything, then does what is worth most, until that is a claim.

    Args:
        model: scores the options; it must tell probabilities.
        affordance: of calls.

    Attributes:
        options: those of the last decision, best first.
    """

    def __init__(self, model: LanguageModel, affordance: Affordance) -> None:
        self._model, self._affordance = model, affordance
        self.planner_id = f"saycan ({model.model_id})"
        self.usage = Usage()  # likelihoods are not counted by the protocol of models
        self.options: list[Option] = []

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Begin a conversation; nothing is random here."""
        self._tools = [spec for spec in tools if is_skill(spec)]
        told = [
            Message("system", (read_prompt("saycan"),)),
            Message("user", (f"Instruction: {instruction}",)),
        ]
        self._opening = tell_tools(told, [*self._tools, DONE.spec])
        self.options = []

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """The option that is worth most; where something unseen may be in view, a look first.

        Raises:
            LanguageModelError: the model could not be asked, or tells no probabilities.
        """
        call_id = f"call_{len(history) + 1}"
        if looks_first(history, self._tools):
            return ToolCall("detect", {"words": EVERYTHING}, call_id)
        self.options = self._scored(history, call_id)
        return decision_of(self.options[0].call)

    def _scored(self, history: Sequence[Step], call_id: str) -> list[Option]:
        noted = scene_notes(history)
        calls = list(grounded_calls(self._tools, noted, call_id))
        can = [self._affordance.probability(call, noted) for call in calls]
        kept = [(call, p) for call, p in zip(calls, can, strict=True) if p >= LEAST_CAN]
        kept += [(ToolCall("done", {"claim": claim}, call_id), 1.0) for claim in CLAIMS]
        messages = [*self._opening, *(turn for step in history for turn in retold(step))]
        said = self._model.log_likelihoods(messages, [words_of(call) for call, _ in kept])
        highest = max(said)
        shares = [math.exp(one - highest) for one in said]
        options = [
            Option(call, share / sum(shares), p)
            for (call, p), share in zip(kept, shares, strict=True)
        ]
        return sorted(options, key=lambda option: -option.worth)


def looks_first(history: Sequence[Step], tools: Sequence[ToolSpec]) -> bool:
    """Return whether to look: at the start, after a failure, and when something was opened."""
    if not history:
        return True
    call, result = history[-1]
    reveals = any(spec.traits.reveals for spec in tools if spec.name == call.name)
    return call.name != "detect" and (not result.ok or reveals)


def grounded_calls(
    specs: Sequence[ToolSpec], noted: SceneNotes, call_id: str
) -> Iterator[ToolCall]:
    """Every skill applied to every thing seen, no thing to itself."""
    things = [short_name(thing, noted) for thing in noted.things]
    for spec in specs:
        properties = spec.parameters["properties"]
        named = spec.traits.names
        values = [things if name in named else properties[name]["enum"] for name in properties]
        for chosen in product(*values):
            if len(set(chosen)) == len(chosen):
                yield ToolCall(spec.name, dict(zip(properties, chosen, strict=True)), call_id)


def short_name(thing: NotedObject, noted: SceneNotes) -> str:
    """The fewest words, colour and kind at least, that fit a thing alone, else its handle.

    Models say no more than they need: of a longer name they think little, whatever it names.
    """
    words = thing.name.split()
    for count in range(min(2, len(words)), len(words) + 1):
        name = " ".join(words[-count:])
        if len(noted.called(name)) == 1:
            return name
    return thing.handle


def is_skill(spec: ToolSpec) -> bool:
    """Return whether a tool acts on objects and takes nothing but their names and choices."""
    properties: dict[str, Any] = spec.parameters["properties"]
    named = spec.traits.names
    plain = all(name in named or "enum" in schema for name, schema in properties.items())
    return plain and bool(named) and bool(spec.traits.moves)


def words_of(call: ToolCall) -> str:
    """The call as the model would write it; a claim up to where its reason begins, whatever it is.

    Tokens go beyond a closing quote, so that a text which ends right there is unlike any call.
    """
    if call.name != DONE.spec.name:
        return json.dumps({"name": call.name, "arguments": dict(call.arguments)})
    claim = {"claim": call.arguments["claim"], "answer": ""}
    return json.dumps({"name": call.name, "arguments": claim}).removesuffix('"}}')
