"""A planner whose model says what is meant, once; code carries it out.

The model writes an intent (`intents.intent`): a short program of what should come about. The script
grounds it with the tools, checks each step, tries again, and asks where a name fits several things.
"""

from collections.abc import Sequence

from handeye.agents.core.conversation import Message, ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import PLAN, Done, Step
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import MAX_TEXT_CHARS, Tool, ToolResult
from handeye.agents.intents.intent import (
    CONDITIONS,
    FORMS,
    Intent,
    IntentError,
    read_intent,
    said,
)
from handeye.agents.intents.rooms_script import RoomsScript
from handeye.agents.intents.script import Calls
from handeye.agents.intents.table_script import TableScript
from handeye.agents.language_models.language_model import LanguageModel
from handeye.agents.planners.react import only_call, read_prompt, retold
from handeye.agents.safety.utterance_kind import UtteranceKind, kind_of

DRAFTS = 3  # A model may write so many before one of them is an intent.
SURE = 0.3  # Success is claimed where every token of the intent was at least so likely.
REPLIES: dict[UtteranceKind, str] = {  # to what asks for nothing to be done
    "stop": "I have stopped",
    "prohibition": "I will not do that",
    "smalltalk": "Hello! Tell me what to do with the things that I see, or ask me about them",
}
UNSURE = "I did what I understood, and am not sure that it is what was meant"


@ToolTraits(harmless=True)
def carry_out(intent: str) -> ToolResult:
    """Say what the instruction means, in the language of intents; it is carried out as written.

    Args:
        intent: steps divided by semicolons, such as: put [all red star] in [bowl]; press [button].
    """
    return ToolResult(True, intent)


CARRY_OUT = Tool.of(carry_out)


class IntentPlanner:
    """Asks a language model what an instruction means, and does that.

    Args:
        model: who is asked.
        max_tokens: of its answer.
    """

    def __init__(self, model: LanguageModel, *, max_tokens: int = 512) -> None:
        self._model, self._max_tokens = model, max_tokens
        self._system = f"{read_prompt('intent')}\n{_forms()}"
        self.planner_id = f"intent ({model.model_id})"
        self.usage = Usage()

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Begin; the model is asked at the first call."""
        self.usage = Usage()
        self._instruction, self._seed = instruction, seed
        self._drives = any(tool.traits.moves == "base" for tool in tools)
        self._plans = any(tool.name == PLAN.spec.name for tool in tools)
        self._script: Calls[Done] | None = None
        self._sure = True
        self._count = 0

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """The script's next call.

        Raises:
            LanguageModelError: the model could not be asked.
        """
        if self._script is None:
            kind = kind_of(self._instruction)
            if kind in REPLIES:
                return Done("success", REPLIES[kind])
            intent = self._meant()
            if isinstance(intent, Done):
                return intent
            script = script_of(intent, drives=self._drives)
            self._script = announced(intent, script) if self._plans else script
            return self._next(None)
        return self._next(history[-1].result)

    def _next(self, result: ToolResult | None) -> ToolCall | Done:
        assert self._script is not None
        try:
            asked = next(self._script) if result is None else self._script.send(result)
        except StopIteration as end:
            done: Done = end.value
            if done.claim == "success" and not self._sure:
                return Done("failure", done.answer or UNSURE)
            return done
        self._count += 1
        return asked._replace(call_id=f"call_{self._count}")

    def _meant(self) -> Intent | Done:
        """What the model takes the instruction to mean."""
        messages = [
            Message("system", (self._system,)),
            Message("user", (f"Instruction: {self._instruction}",)),
        ]
        problem = ""
        for _ in range(DRAFTS):
            reply = self._model.reply(
                messages, (CARRY_OUT.spec,), max_tokens=self._max_tokens, seed=self._seed
            )
            self.usage = Usage(
                self.usage.input_tokens + reply.usage.input_tokens,
                self.usage.output_tokens + reply.usage.output_tokens,
            )
            call = only_call(reply)
            problem = call.problem or CARRY_OUT.mistake_in(call.arguments)
            if not problem:
                self._sure = reply.least_likely >= SURE
                try:
                    return read_intent(str(call.arguments["intent"]))
                except IntentError as error:
                    problem = f"that is no intent: {error}"
            messages += retold(Step(call, ToolResult(False, problem)))
        return Done("failure", f"I did not understand the instruction ({problem})")


def announced(intent: Intent, script: Calls[Done]) -> Calls[Done]:
    """A script that writes down first what is meant, for whoever watches."""
    yield ToolCall(PLAN.spec.name, {"steps": said(intent)[:MAX_TEXT_CHARS]}, "")
    return (yield from script)


def script_of(intent: Intent, *, drives: bool) -> Calls[Done]:
    """What carries an intent out, at a table or on wheels."""
    return (RoomsScript(intent) if drives else TableScript(intent)).run()


def _forms() -> str:
    """Every form of a step and what it stands for, a line each; decisions in the fewest words."""
    lines = [f"- {form}: {what}" for form, what in FORMS.items() if not form.startswith("if ")]
    asked = ", ".join(CONDITIONS)
    return "\n".join([*lines, f"- if C B, if C B else B: decisions; C is one of: {asked}"])
