"""A language model as planner: it reads what happened, calls one tool, reads the result (ReAct).

Yao et al. 2022, arXiv:2210.03629, with the model's own tool calling instead of text to be parsed.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from handeye.agents.core.conversation import Image, Message, Part, Reply, ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import DONE, Done, Step, decision_of
from handeye.agents.core.tools import ToolResult
from handeye.agents.language_models.language_model import LanguageModel
from handeye.agents.safety.gate import Perceived

KEPT_IMAGES = 2  # Pictures before the latest are told by their captions.
EMPTY = "the reply holds no call; call a tool, or `done`"
CUT_OFF = "the reply was cut off before its call was complete; be brief"
REFUSED = "the reply was a refusal; if the instruction must not be carried out, call `done`"


class ReactPlanner:
    """Asks a language model for one call at a time.

    Args:
        model: who is asked.
        prompt: name of a file in `agents/prompts`, without its ending.
        max_tokens: of each answer.
        read: what call a reply is.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        prompt: str = "react",
        max_tokens: int = 512,
        read: Callable[[Reply], ToolCall] | None = None,
    ) -> None:
        self._model, self._max_tokens, self._read = model, max_tokens, read or only_call
        self._system = read_prompt(prompt)
        self.planner_id = f"{prompt} ({model.model_id})"
        self.usage = Usage()

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Begin a conversation."""
        self.usage = Usage()
        self._tools, self._seed = (*tools, DONE.spec), seed
        self._messages = [
            Message("system", (self._system,)),
            Message("user", (f"Instruction: {instruction}",)),
        ]
        self._answered = 0  # steps of the history that the conversation holds
        self._decided: ToolCall | Done | None = None

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """The model's next call; calls that others decided on are told as if it had made them.

        Raises:
            LanguageModelError: the model could not be asked.
        """
        for step in history[self._answered :]:
            turns = retold(step)
            self._messages += turns[-1:] if step.call == self._decided else turns
        self._answered = len(history)
        reply = self._model.reply(
            with_latest_images(self._messages, KEPT_IMAGES),
            self._tools,
            max_tokens=self._max_tokens,
            seed=self._seed,
        )
        self.usage = Usage(
            self.usage.input_tokens + reply.usage.input_tokens,
            self.usage.output_tokens + reply.usage.output_tokens,
        )
        said = (reply.text,) if reply.text else ()
        self._messages.append(Message("assistant", said, reply.calls[:1]))
        self._decided = decision_of(self._read(reply))
        return self._decided


def retold(step: Step) -> list[Message]:
    """A step as turns of a conversation: the call as the assistant's, the result as the tool's.

    The result is the user's turn where the reply held no call to answer.
    """
    call, result = step
    parts: list[Part] = [told(result)]
    if result.image is not None:
        parts.append(result.image)
    if not call.call_id:
        return [Message("user", tuple(parts))]
    return [
        Message("assistant", (), (call,)),
        Message("tool", tuple(parts), call_id=call.call_id),
    ]


def read_prompt(name: str) -> str:
    """The words of `agents/prompts/<name>.md`.

    Raises:
        ValueError: there is no such prompt.
    """
    file = files("handeye.agents") / "prompts" / f"{name}.md"
    if not file.is_file():
        raise ValueError(f"there is no prompt {name!r}; write agents/prompts/{name}.md")
    return file.read_text()


def only_call(reply: Reply) -> ToolCall:
    """The reply's first call, or one whose `problem` says what the reply was instead.

    Further calls of the same reply are left out: they were written before the first one's result
    could be known.
    """
    if reply.calls:
        return reply.calls[0]
    problem = {"refusal": REFUSED, "length": CUT_OFF}.get(reply.stop, EMPTY)
    return ToolCall("", {}, "", problem)


def told(result: ToolResult) -> str:
    """A result in words, what was read in the scene marked as such."""
    seen = [f"{name}: {text.quoted()}" for name, text in _perceived(result.data)]
    return "\n".join([f"{'ok' if result.ok else 'failed'}: {result.reason}", *seen])


def _perceived(data: Mapping[str, Any]) -> list[tuple[str, Perceived]]:
    return [(name, value) for name, value in data.items() if isinstance(value, Perceived)]


def with_latest_images(messages: Sequence[Message], keep: int) -> list[Message]:
    """The messages, all but the latest `keep` images replaced by their captions."""
    left, kept = keep, []
    for message in reversed(messages):
        parts: list[Part] = []
        for part in reversed(message.parts):
            if isinstance(part, Image) and left == 0:
                parts.append(f"(an earlier picture: {part.caption})")
                continue
            left -= isinstance(part, Image)
            parts.append(part)
        kept.append(Message(message.role, tuple(reversed(parts)), message.calls, message.call_id))
    return kept[::-1]
