"""What real chat-completions servers do: conversations that are recorded once and told as a table.

`python -m handeye.experiments.showcase.server_compatibility` replays the tapes, writes
results/conformance.json and the table in docs/language_models.md; `make test-servers` makes the
tapes with servers of its own.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import numpy as np
import tyro

from handeye.agents.core.conversation import Image, Message, ToolSpec
from handeye.agents.core.strict_json import parse_json
from handeye.agents.core.tool_arguments import departure, read_call
from handeye.agents.language_models.capability_probe import ALL, UNSAID, probe
from handeye.agents.language_models.openai_messages import wire_messages, wire_schema, wire_tools
from handeye.agents.language_models.openai_wire import OpenAIWire
from handeye.agents.language_models.retries import RetryPolicy
from handeye.experiments.records.run_folder import write_json_atomic, write_text_atomic
from handeye.experiments.showcase.http_cassette import HttpCassette, replaying

TAPES = Path("tests/agents/exchanges")
BEGIN, END = "<!-- conformance: written by the command above -->", "<!-- end of conformance -->"
PATIENT = RetryPolicy(600.0, 300.0, attempts=1)  # a try that is repeated would not be on replay
TAKES = {  # a tool -> its arguments, all words
    "look": (), "describe": (), "detect": ("words",), "refer": ("words",), "count": ("words",),
    "locate": ("target",), "reach": ("target",), "pick": ("target",), "place_in": ("container",),
    "place_on": ("base",), "place_beside": ("reference", "side"), "push_to": ("target", "goal"),
    "press": ("button",), "open_drawer": ("drawer",), "close_drawer": ("drawer",),
    "check": ("item", "relation", "base"), "ask_user": ("question",), "done": ("claim", "answer"),
}  # fmt: skip
ASKED = "Instruction: pick up the red star"
END_OF_STREAM = "[DONE]"
MANY_WORDS = 2500  # more than a small model holds


def tool_spec(name: str) -> ToolSpec:
    """A tool of the table in brief: what is on tape must not change with every word of a tool."""
    fields = {field: {"type": "string"} for field in TAKES[name]}
    schema = {"type": "object", "properties": fields, "additionalProperties": False}
    return ToolSpec(name, f"{name} something", schema)


TOOLS = tuple(map(tool_spec, TAKES))


class ServerAnswer(NamedTuple):
    """What came back for one request: an object, or the text of a stream."""

    status: int
    body: Any

    @property
    def choice(self) -> Mapping[str, Any]:
        """The first choice; empty if there is none."""
        choices = self.body.get("choices") if isinstance(self.body, dict) else None
        return choices[0] if choices else {}

    @property
    def text(self) -> str:
        """The words of the first choice."""
        return str(self.choice.get("message", {}).get("content") or "")

    @property
    def refusal(self) -> str:
        """That it was refused, and how; "" for a success."""
        return "" if self.status == 200 else f"refused ({self.status})"


Ask = Callable[..., ServerAnswer]
"""Further fields of a body -> the answer; `model`, `messages` and limits have usual values."""


@dataclass(frozen=True)
class Row:
    """One line of the matrix.

    Attributes:
        title: what is asked for.
        find: asks a server and says in a few words what it did.
    """

    title: str
    find: Callable[[Ask], str]


def abilities(url: str, model: str) -> dict[str, Any]:
    """What the probe of an endpoint says, see `capability_probe`."""
    rng = np.random.default_rng(0)
    return probe(OpenAIWire(model, url, abilities=ALL, rng=rng, retry_policy=PATIENT))._asdict()


def behaviour(url: str, model: str) -> dict[str, Any]:
    """What a server does with each request of `ROWS`."""
    with httpx2.Client(timeout=PATIENT.attempt_s) as client:

        def ask(**fields: Any) -> ServerAnswer:
            """Ask for one completion with those fields."""
            body = {
                "model": model,
                "messages": wire_messages([Message("user", (ASKED,))]),
                "max_tokens": 24,
                "temperature": 0.0,
                "seed": 0,
                **fields,
            }
            answer = client.post(f"{url}/chat/completions", json=body)
            streamed = body.get("stream") and answer.status_code == 200
            return ServerAnswer(
                answer.status_code, answer.text if streamed else _object(answer.content)
            )

        def leave(**fields: Any) -> None:
            """Ask for a stream and leave after its first line."""
            body = {"model": model, "messages": wire_messages([Message("user", (ASKED,))])}
            with client.stream(
                "POST", f"{url}/chat/completions", json={**body, "stream": True, **fields}
            ) as answer:
                next(answer.iter_lines(), "")

        found = {row.title: row.find(ask) for row in ROWS}
        leave(max_tokens=400)
        after = ask()
        found["client leaves mid-stream"] = after.refusal or "the next request is answered"
    return found


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = parse_json(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _tools(ask: Ask, **fields: Any) -> str:
    answer = ask(tools=wire_tools(TOOLS), max_tokens=64, **fields)
    calls = answer.choice.get("message", {}).get("tool_calls") or []
    if answer.refusal or not calls:
        return answer.refusal or "accepted, no call made"
    functions = [call.get("function", {}) for call in calls]
    read = [read_call(f.get("name"), f.get("arguments"), "c", TOOLS) for f in functions]
    kept = all(not call.problem for call in read)
    return f"{'valid' if kept else 'invalid'} calls, ends with {answer.choice.get('finish_reason')}"


def _schema(ask: Ask) -> str:
    # Room for the white space that grammars allow between words.
    answer = ask(response_format=wire_schema(UNSAID), max_tokens=256)
    if answer.refusal:
        return answer.refusal
    try:
        return "ignored" if departure(parse_json(answer.text), UNSAID, "reply") else "kept"
    except ValueError:
        return "kept, cut short" if '"q7"' in answer.text else "ignored"


def _logprobs(ask: Ask) -> str:
    answer = ask(logprobs=True, top_logprobs=5, max_tokens=1)
    told = (answer.choice.get("logprobs") or {}).get("content") or []
    count = len(told[0].get("top_logprobs", [])) if told else 0
    return answer.refusal or (f"the {count} likeliest told" if count else "not told")


def _pictures(ask: Ask) -> str:
    picture = Image(np.zeros((32, 32, 3), np.uint8))
    seen = Message("user", (picture, "What is it?"))
    answer = ask(messages=wire_messages([seen]), max_tokens=4)
    blind = ask(messages=wire_messages([Message("user", ("What is it?",))]), max_tokens=4)
    ignored = "answered, the picture ignored" if answer.text == blind.text else "answered"
    return answer.refusal or ignored


def _stream(ask: Ask) -> str:
    answer = ask(stream=True)
    lines = [line[5:].strip() for line in str(answer.body).splitlines() if line[:5] == "data:"]
    if answer.refusal or not lines:
        return answer.refusal or "no stream"
    choices = [_object(line.encode()).get("choices") for line in lines if line != END_OF_STREAM]
    said = "".join((c[0].get("delta", {}).get("content") or "") for c in choices if c)
    same = "the same words" if said == ask().text else "other words"
    return f"{same}{', ends with [DONE]' if lines[-1] == END_OF_STREAM else ', no [DONE]'}"


def _long(ask: Ask) -> str:
    long = wire_messages([Message("user", ("star " * MANY_WORDS,))])
    return ask(messages=long).refusal or "answered"


def _length(ask: Ask) -> str:
    return f"ends with {ask(max_tokens=1).choice.get('finish_reason')}"


def _again(ask: Ask) -> str:
    return "the same" if ask().text == ask().text else "differs"


def _unknown_model(ask: Ask) -> str:
    return ask(model="no-such-model").refusal or "answered all the same"


def _no_messages(ask: Ask) -> str:
    return ask(messages=[]).refusal or "answered"


ROWS = (
    Row("tools", _tools),
    Row("`tool_choice: required`", lambda ask: _tools(ask, tool_choice="required")),
    Row("`response_format: json_schema`", _schema),
    Row("`logprobs`", _logprobs),
    Row("pictures, to a model without eyes", _pictures),
    Row("`stream`", _stream),
    Row("`max_tokens` reached", _length),
    Row("the same again, temperature 0", _again),
    Row("unknown model", _unknown_model),
    Row("prompt longer than the context", _long),
    Row("no messages", _no_messages),
)
CONVERSATIONS: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "abilities": abilities,
    "behaviour": behaviour,
}


@dataclass(frozen=True)
class ConformanceConfig:
    """Write the matrix.

    Attributes:
        tapes: folder of what was recorded.
        result: JSON file of the findings.
        page: Markdown file with the table between its marks.
    """

    tapes: Path = TAPES
    result: Path = Path("results/conformance.json")
    page: Path = Path("docs/language_models.md")


def findings(folder: Path) -> list[dict[str, Any]]:
    """Of each tape: its server, model and weights, and what its conversations find on replay.

    Raises:
        TapeError: a tape is damaged, or what is asked today is not what was recorded.
        ValueError: there is none.
    """
    told = []
    for path in sorted(folder.glob("*.json")):
        tape = HttpCassette.load(path)
        found: dict[str, Any] = {}
        for name, converse in CONVERSATIONS.items():
            with replaying(tape.conversations[name].exchanges) as url:
                found[name] = converse(url, tape.model)
        about = {"server": tape.server, "model": tape.model, "weights_sha256": tape.weights_sha256}
        told.append({**about, **found})
    if not told:
        raise ValueError(f"there are no tapes in {folder}; make some: make test-servers")
    return told


def table(found: list[dict[str, Any]]) -> str:
    """The matrix in Markdown, a column for each server."""
    lines = ["| asked for | " + " | ".join(f"{one['server']}" for one in found) + " |"]
    lines.append("| --- |" + " --- |" * len(found))
    for title in found[0]["behaviour"]:
        cells = [str(one["behaviour"].get(title, "–")) for one in found]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    able = [", ".join(n for n, yes in one["abilities"].items() if yes) or "none" for one in found]
    lines.append(f"| **abilities that the probe grants this model there** | {' | '.join(able)} |")
    weights = {f"{one['model']} (weights sha256 {one['weights_sha256'][:12]})" for one in found}
    return "\n".join([*lines, "", f"Served: {', '.join(sorted(weights))}."])


def with_table(page: str, matrix: str) -> str:
    """The page with the matrix between its marks.

    Raises:
        ValueError: the page has no marks.
    """
    if BEGIN not in page or END not in page:
        raise ValueError(f"the page needs the lines {BEGIN!r} and {END!r}")
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{matrix}\n\n{END}{rest.partition(END)[2]}"


def run(config: ConformanceConfig) -> int:
    """Write the findings and the table; exit code 0."""
    found = findings(config.tapes)
    write_json_atomic(config.result, found)
    write_text_atomic(config.page, with_table(config.page.read_text(), table(found)))
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(run(tyro.cli(ConformanceConfig, use_underscores=True)))
