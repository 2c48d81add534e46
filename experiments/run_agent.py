"""`handeye agent`: carry out an instruction with tools, live in the terminal, kept as a page.

The run's folder holds `transcript.jsonl` with its pictures, `video.mp4` and `transcript.html`, one
file that opens offline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import tyro
from rich.console import Console
from rich.markup import escape

from handeye.agents.agent import Agent, AgentResult, Budget
from handeye.agents.conversation import ToolCall, Usage
from handeye.agents.cost import Cost, Metered, read_price
from handeye.agents.language_model import LanguageModelError
from handeye.agents.load_language_model import load_language_model
from handeye.agents.perception_tools import Workbench
from handeye.agents.planner import Planner, Step
from handeye.agents.program_tools import with_programs
from handeye.agents.react import ReactPlanner
from handeye.agents.reply_cache import ReplyCache
from handeye.agents.robot import Robot
from handeye.agents.safety import SafetyGate
from handeye.agents.scripted import ScriptedPlanner
from handeye.agents.tabletop_tools import tabletop_tools
from handeye.agents.tools import Toolbox
from handeye.agents.transcript import Transcript, load_transcript
from handeye.experiments.episode_record import FIRST_EVALUATION_SEED
from handeye.experiments.judge import FILM_FPS, FilmedEnv, film_states
from handeye.experiments.run_folder import open_run_folder, write_bytes_atomic, write_text_atomic
from handeye.experiments.transcript_page import render_page
from handeye.experiments.truth_perception import TruthPerception
from handeye.experiments.video import Frame, encode_mp4

SCRIPTED = "scripted"
FRAME_PX = 320  # of the page and the video
SEEN_PX = 256  # of what the tools look at


@dataclass(frozen=True)
class AgentConfig:
    """One instruction on the tabletop.

    Attributes:
        instruction: in words; left out, the scene's own, which alone is judged.
        output_dir: folder of the run; an existing one is refused.
        task: whose scene, a suite or a task, see `handeye list`.
        seed: of the scene.
        llm: who plans: "scripted" (patterns, no language model), or a model such as
            openai:<model>@http://localhost:8080/v1, see docs/language_models.md.
        tools: what finds things for the tools; "truth" reads the simulator (an oracle).
        calls: of tools at most.
        tokens: of the language model at most.
        replies: folder in which a model's replies are kept, so that none is asked for twice.
        prices: JSON file of your prices, see docs/language_models.md.
        overwrite: start over in output_dir.
    """

    instruction: Annotated[str, tyro.conf.Positional] = ""
    output_dir: Path = Path("outputs/agent")
    task: str = "tabletop-core"
    seed: int = FIRST_EVALUATION_SEED
    llm: str = SCRIPTED
    tools: Literal["truth"] = "truth"
    calls: int = 30
    tokens: int = 200_000
    replies: Path | None = None
    prices: Path | None = None
    overwrite: bool = False


def run(config: AgentConfig) -> int:
    """Run, print the way, write the folder; 1 if an instruction that is judged was not met."""
    model = None if config.llm == SCRIPTED else metered_model(config)
    planner: Planner = ScriptedPlanner() if model is None else ReactPlanner(model)
    folder = open_run_folder(config.output_dir, overwrite=config.overwrite)
    budget = Budget(calls=config.calls, tokens=config.tokens)
    env = FilmedEnv(
        config.task,
        action_mode="ee_pose",
        cameras=("front",),
        image_size_px=SEEN_PX,
        depth=True,
        max_steps=budget.steps,
    )

    def equip(robot: Robot, gate: SafetyGate) -> Toolbox:
        return with_programs(tabletop_tools(Workbench(robot, TruthPerception(env))), gate)

    agent = Agent(planner, equip, budget=budget)
    console = Console()
    words = config.instruction.strip() or None
    with Transcript(folder / "transcript.jsonl") as transcript:
        view = LiveView(transcript, env, console, own_words=words is not None)
        try:
            result = agent.run(env, words, seed=config.seed, recorder=view)
        except LanguageModelError as error:  # no bug: its message names cause and remedy
            raise ValueError(f"{error}. What was done so far is in {folder}") from error
        finally:
            if view.state_after is not None:
                _keep(folder, env, view.state_after)
            env.close()
    if model is not None:
        console.print(cost_text(model.cost), highlight=False)
    console.print(f"\n{folder / 'transcript.html'}", soft_wrap=True, highlight=False)
    return 0 if result.success or words is not None else 1


def metered_model(config: AgentConfig) -> Metered:
    """The language model that `--llm` names, its replies counted and, if asked for, kept.

    Raises:
        ValueError: there is no such model, it cannot be reached, or the prices are none.
    """
    try:
        model = load_language_model(config.llm, np.random.default_rng(config.seed))
    except LanguageModelError as error:
        raise ValueError(str(error)) from error
    price = read_price(config.prices, model.model_id) if config.prices else None
    return Metered(ReplyCache(model, config.replies) if config.replies else model, price)


class LiveView:
    """Prints what happens as it happens, and hands it on to the transcript.

    Attributes:
        state_after: how many of the environment's states there were after each call; None before
            the episode began.
    """

    def __init__(
        self, transcript: Transcript, env: FilmedEnv, console: Console, *, own_words: bool
    ) -> None:
        self._transcript, self._env, self._console = transcript, env, console
        self._own_words = own_words
        self.state_after: list[int] | None = None

    def start(self, instruction: str, planner_id: str, seed: int) -> None:
        """The words, and what stands on the table."""
        self._transcript.start(instruction, planner_id, seed)
        self.state_after = []
        things = (f"{o.size} {o.colour} {o.kind}".strip() for o in self._env.scene.objects)
        self._say(f"[bold]{escape(instruction)}[/]  [dim]{escape(planner_id)}[/]")
        self._say(f"[dim]on the table: {escape(', '.join(things))}[/]")

    def step(self, step: Step, usage: Usage, planned_s: float, steps: int) -> None:
        """A call and what came of it."""
        self._transcript.step(step, usage, planned_s, steps)
        assert self.state_after is not None
        self.state_after.append(len(self._env.states))
        mark = "[green]✓[/]" if step.result.ok else "[red]✗[/]"
        self._say(f"{mark} {escape(call_text(step.call))}  [dim]{escape(step.result.reason)}[/]")

    def end(self, result: AgentResult) -> None:
        """What the planner claims and what is so."""
        self._transcript.end(result)
        claim = f"claims {result.done.claim}" if result.done else f"ended by {result.ended_by}"
        answer = f": {result.done.answer}" if result.done and result.done.answer else ""
        verdict = "[green]solved[/]" if result.success else "[red]not solved[/]"
        self._say(f"[bold]{escape(claim + answer)}[/]")
        self._say("[dim]your own words: nobody judges them[/]" if self._own_words else verdict)

    def _say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True, highlight=False)


def cost_text(cost: Cost) -> str:
    """What asking the model took, in a line."""
    money = "" if cost.money is None else f", {cost.money:.4f} at your prices"
    return (
        f"{cost.calls} replies, {cost.input_tokens} tokens in and {cost.output_tokens} out{money}; "
        f"latency p50 {cost.latency_p50_s:.2f} s, p95 {cost.latency_p95_s:.2f} s"
    )


def call_text(call: ToolCall) -> str:
    """A call as it would stand in a program."""
    said = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
    return f"{call.name or '(no call)'}({said})"


def _keep(folder: Path, env: FilmedEnv, state_after: Sequence[int]) -> None:
    """Write the video, and the page with a frame beside each call."""
    frames: list[Frame] = film_states(env, FRAME_PX)
    video = encode_mp4(frames, FILM_FPS)
    write_bytes_atomic(folder / "video.mp4", video)
    records = load_transcript(folder / "transcript.jsonl").records
    stills = [frames[count - 1] for count in (1, *state_after)]
    write_text_atomic(folder / "transcript.html", render_page(records, stills, video))
