"""Flags of the commands that stand in no wing; light to import."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro

from handeye.experiments.evaluation.config import PolicyFlags
from handeye.experiments.records.default_folder import DEFAULT_FOLDER
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED


@dataclass(frozen=True)
class DemoConfig:
    """A small evaluation of the shipped policy.

    Attributes:
        policy: which policy to show.
        output_dir: folder of the run; an existing one is refused.
        suite: a suite or a single task, see `handeye list`.
        episodes: per task.
        workers: processes.
        resume: continue the run in output_dir.
        overwrite: start over in output_dir.
    """

    policy: PolicyFlags = field(default_factory=lambda: PolicyFlags("handeye-nano"))
    output_dir: Path = DEFAULT_FOLDER
    suite: str = "tabletop-core"
    episodes: int = 5
    workers: int = 2
    resume: bool = False
    overwrite: bool = False

    @property
    def job(self) -> str:
        """What its default folder is named after."""
        return f"{self.policy.path}_{self.suite}"


@dataclass(frozen=True)
class DoctorConfig:
    """What works on this machine.

    Attributes:
        result: also write the findings as JSON to this file.
    """

    result: Path | None = None


@dataclass(frozen=True)
class ListConfig:
    """The names that the other commands take."""


@dataclass(frozen=True)
class AgentConfig:
    """One instruction.

    Attributes:
        instruction: in words; left out, the scene's own, which alone is judged.
        output_dir: folder of the run; an existing one is refused.
        task: whose scene, a suite or a task, see `handeye list`.
        seed: of the scene.
        agent: how it plans, see `handeye list`.
        llm: the language model of a planner that asks one, such as
            openai:<model>@http://localhost:8080/v1, see docs/language_models.md; by default the
            small one that comes with handeye.
        tools: what finds things for the tools: the eyes that come with handeye, or "truth", which
            reads the simulator (an oracle).
        interpreter: of programs that a model writes: our "own", or "monty" (pydantic-monty, the
            extra "sandbox"), which knows more of Python.
        policy: a learned policy that planners may call as the tool `policy`, such as handeye-nano.
        limits: JSON file of what the robot may do, see docs/safety.md.
        foresee: try each call on a copy of the world first and refuse what harms; twice the work.
        calls: of tools at most.
        tokens: of the language model at most.
        replies: folder in which a model's replies are kept, so that none is asked for twice.
        prices: JSON file of your prices, see docs/language_models.md.
        overwrite: start over in output_dir.
    """

    instruction: Annotated[str, tyro.conf.Positional] = ""
    output_dir: Path = DEFAULT_FOLDER
    task: str = "tabletop-core"
    seed: int = FIRST_EVALUATION_SEED
    agent: str = "intent"
    llm: str = ""
    tools: str = "eyes"
    interpreter: str = "own"
    policy: str = ""
    limits: Path | None = None
    foresee: bool = True
    calls: int = 30
    tokens: int = 200_000
    replies: Path | None = None
    prices: Path | None = None
    overwrite: bool = False

    @property
    def job(self) -> str:
        """What its default folder is named after."""
        return f"{self.agent}_{self.task}"


@dataclass(frozen=True)
class McpConfig:
    """One simulation, driven from outside.

    Attributes:
        task: whose scenes, a suite or a task, see `handeye list`.
        seed: of the first scene; the tool `reset` begins others.
        http: host:port of this machine to listen at, such as 127.0.0.1:8000; left out, the protocol
            is spoken over stdin and stdout.
        tools: what finds things for the tools; "truth" reads the simulator (an oracle).
        calls: of tools at most in an episode.
        steps: of the robot at most in an episode; left out, as many as its world allows.
        verdict: tell the client at the end of an episode whether it was solved; otherwise the
            server alone knows, and says so on stderr when it ends.
    """

    task: str = "tabletop-core"
    seed: int = FIRST_EVALUATION_SEED
    http: str = ""
    tools: str = "truth"
    calls: int = 60
    steps: int | None = None
    verdict: bool = False


@dataclass(frozen=True)
class VoyagerConfig:
    """One exploration.

    Attributes:
        output_dir: its folder; `library` in it holds the skills.
        suite: whose tasks are proposed.
        llm: the model that writes programs, see docs/language_models.md; left out, templates do,
            which are no language model.
        tools: what finds things for the tools, see `handeye list`.
        rounds: tasks to propose in all, those done before included.
        held_out: scenes in which a new skill is tried before it is admitted.
        admit_at: share of them in which it must do what was asked.
        resume: go on in output_dir.
        overwrite: start over in output_dir.
    """

    output_dir: Path = DEFAULT_FOLDER
    suite: str = "tabletop-core"
    llm: str = ""
    tools: str = "truth"
    rounds: int = 16
    held_out: int = 5
    admit_at: float = 0.8
    resume: bool = False
    overwrite: bool = False

    @property
    def job(self) -> str:
        """What its default folder is named after."""
        return self.suite
