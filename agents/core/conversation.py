"""The data that planners and language models exchange: messages, calls, replies.

Plain data, the same for every backend.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.tool_traits import ToolTraits

Role = Literal["system", "user", "assistant", "tool"]
FEEDBACK = "feedback_"  # The ids of calls that a rule made, not the model, begin with this.


@dataclass(frozen=True, eq=False)
class Image:
    """A picture in a message.

    Attributes:
        rgb: (H, W, 3) uint8, row 0 on top.
        caption: what it shows, said to models that see no images.
    """

    rgb: NDArray[np.uint8]
    caption: str = ""


Part = str | Image


class ToolCall(NamedTuple):
    """A model's wish to call a tool.

    Attributes:
        name: of the tool; may be one that does not exist.
        arguments: as parsed; empty where `problem` says why they could not be.
        call_id: joins the call with its result; unique within a conversation.
        problem: why the call cannot be carried out as written, "" if it can.
    """

    name: str
    arguments: Mapping[str, Any]
    call_id: str
    problem: str = ""

    def in_words(self) -> str:
        """Return the call as a step of a plan: the tool's name, then the arguments' values."""
        return " ".join([self.name, *(str(value) for value in self.arguments.values())])


@dataclass(frozen=True)
class Message:
    """One turn of a conversation.

    Attributes:
        role: who speaks.
        parts: texts and images in their order.
        calls: of an assistant's turn.
        call_id: of a tool's turn: which call it answers.
    """

    role: Role
    parts: tuple[Part, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""

    @property
    def text(self) -> str:
        """The texts of the message, images as their captions."""
        said = (part if isinstance(part, str) else part.caption for part in self.parts)
        return "\n".join(words for words in said if words)


class ToolSpec(NamedTuple):
    """A tool as a language model is told of it.

    Attributes:
        name: letters, digits and underscores.
        description: what it does and when it fails.
        parameters: JSON schema of an object.
        traits: what it does, for programs; models are not told.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    traits: ToolTraits = ToolTraits()


class Usage(NamedTuple):
    """Tokens of one reply."""

    input_tokens: int = 0
    output_tokens: int = 0


Stop = Literal["end", "calls", "length", "refusal"]


@dataclass(frozen=True)
class Reply:
    """The answer of a language model.

    Attributes:
        text: its words, possibly none.
        calls: the tools it wishes to call, in order.
        stop: why it ended; "length" means that it was cut off.
        usage: tokens, as the server counts them.
        latency_s: real seconds of the successful request.
        retries: requests before it that failed and were sent again.
        problem: how the text departs from the schema that was asked for, or that it was cut; "" if
            nothing is wrong with it.
        least_likely: probability of the least likely of its tokens, where that is known.
    """

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    stop: Stop = "end"
    usage: Usage = field(default_factory=Usage)
    latency_s: float = 0.0
    retries: int = 0
    problem: str = ""
    least_likely: float = 1.0
