"""What is asked of an agent in one episode, and what is kept of how it planned."""

from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple, get_args

Disturbance = Literal["", "moved", "dropped", "tool_error"]
DISTURBANCES: tuple[Disturbance, ...] = get_args(Disturbance)
Rung = Literal["placebo", "perception", "grounding", "plan", "skill", "check"]
RUNGS: tuple[Rung, ...] = get_args(Rung)  # in the order in which the ladder tries them


@dataclass(frozen=True)
class AgentFlags:
    """An agent instead of a policy.

    Attributes:
        agent: its planner style, see `handeye list`.
        llm: the language model that it asks, see docs/language_models.md.
        tools: what finds things for the tools; "truth" reads the simulator (an oracle).
        perturb: what befalls it once in every episode: a thing is moved, what the hand holds is
            dropped, or a tool breaks down.
        calls: of tools at most, an episode.
        tokens: of the language model at most, an episode.
        replies: folder in which a model's replies are kept, so that none is asked for twice.
    """

    agent: str = ""
    llm: str = ""
    tools: str = "truth"
    perturb: Disturbance = ""
    calls: int = 60
    tokens: int = 200_000
    replies: str = ""

    @property
    def label(self) -> str:
        """How tables name it."""
        parts = (self.agent, self.llm, self.tools, self.perturb)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class AgentSetting:
    """The agent of one episode.

    Attributes:
        flags: as the user gave them.
        transcripts: folder that gets the episode's transcript, "" for none.
        oracles: rungs of the ladder that oracles stand in for; the placebo is none, but the same
            agent with all that is loose a little elsewhere.
    """

    flags: AgentFlags
    transcripts: str = ""
    oracles: tuple[Rung, ...] = ()


class Confusion(NamedTuple):
    """How often something that was said agrees with the simulator's truth."""

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0
    true_negative: int = 0

    @classmethod
    def of(cls, said: bool, so: bool) -> "Confusion":
        """One statement."""
        return cls(said and so, said and not so, so and not said, not (said or so))

    def plus(self, other: "Confusion") -> "Confusion":
        """Both together."""
        return Confusion(*(a + b for a, b in zip(self, other, strict=True)))


@dataclass(frozen=True)
class AgentRecord:
    """How an agent went about an episode.

    Attributes:
        kind: of instruction, in suites that tell them apart; else the task.
        length: "short", "medium" or "long" where the suite says so.
        vagueness: of the words, where the suite says so.
        feasible: whether the instruction can be carried out.
        claim: the planner's last word: "success", "failure", "cannot"; "" if it never said one.
        answer: that it gave besides.
        ended_by: "claim", "environment", or the bound that was reached.
        calls: of tools, mistakes included.
        failed_calls: those of them whose result was not ok.
        mistakes: calls that could not be carried out as written.
        raw: (mistakes that there would have been without constraints, replies that they are counted
            of, the last word included); None if nobody knows.
        carried_out: calls that reached a tool, those that programs make included.
        violations: calls made with an empty hand that need a full one, or the other way round.
        hallucinated: calls that act on a thing which is not there.
        checks: what its success checks said against the simulator's truth.
        denials: what the gate denied, by cause.
        input_tokens: of the language model, all requests together.
        output_tokens: likewise.
        planned_s: real seconds for each decision; like wall_s it differs between equal runs.
        disturbed: whether the perturbation of the setting has befallen it.
    """

    kind: str
    length: str
    vagueness: str
    feasible: bool
    claim: str
    answer: str
    ended_by: str
    calls: int
    failed_calls: int
    mistakes: int
    raw: tuple[int, int] | None
    carried_out: int
    violations: int
    hallucinated: int
    checks: Confusion
    denials: dict[str, int] = field(default_factory=dict)
    input_tokens: int = 0
    output_tokens: int = 0
    planned_s: tuple[float, ...] = ()
    disturbed: bool = False

    @classmethod
    def field_names(cls) -> set[str]:
        """What `from_dict` wants."""
        return {one.name for one in fields(cls)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "AgentRecord":
        """Read it back out of an episode's record, whose fields have been checked."""
        parts = {
            "checks": Confusion(*data["checks"]),
            "planned_s": tuple(data["planned_s"]),
            "raw": None if data["raw"] is None else tuple(data["raw"]),
        }
        return cls(**{**data, **parts})
