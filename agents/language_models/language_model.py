"""The protocol of language models, whoever serves them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from handeye.agents.core.conversation import Message, Reply, ToolSpec


class Abilities(NamedTuple):
    """The abilities that an endpoint was seen to have, not those it claims.

    Attributes:
        tools: calls tools natively.
        images: sees images.
        schema: keeps to a JSON schema.
        logprobs: tells how likely its own words were.
        prompt_logprobs: tells how likely given words are.
        parallel_calls: calls several tools in one reply.
    """

    tools: bool = False
    images: bool = False
    schema: bool = False
    logprobs: bool = False
    prompt_logprobs: bool = False
    parallel_calls: bool = False


class LanguageModelError(RuntimeError):
    """The model could not be asked: no key, no server, an answer that is no answer.

    Its message names the cause and what to do. Never the model's own mistake: those come back in
    the `Reply`.
    """


class LanguageModel(Protocol):
    """Conversation -> reply."""

    model_id: str
    abilities: Abilities

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> Reply:
        """The next turn, as likely as can be (temperature 0).

        Args:
            messages: the conversation so far.
            tools: what may be called; a model without `abilities.tools` is told in words.
            schema: JSON schema that the text must follow; without `abilities.schema` told in words.
            max_tokens: of the answer.
            seed: of whatever sampling is left.

        Raises:
            LanguageModelError: the model could not be asked.
        """

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        """Log-probability (nats) of each continuation as the assistant's next words.

        Raises:
            LanguageModelError: the model could not be asked, or tells no probabilities
                (`abilities.logprobs`).
        """
