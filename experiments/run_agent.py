"""`handeye agent`: carry out an instruction with tools, live in the terminal, kept as a page.

The run's folder holds `transcript.jsonl` with its pictures, `video.mp4` and `transcript.html`, one
file that opens offline.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape

from handeye.agents.agent import Agent, AgentResult, Budget
from handeye.agents.core.conversation import ToolCall, Usage
from handeye.agents.core.planner import Step
from handeye.agents.language_models.cost import Cost, Metered, read_price
from handeye.agents.language_models.language_model import LanguageModelError
from handeye.agents.language_models.reply_cache import ReplyCache
from handeye.agents.load_language_model import load_language_model
from handeye.agents.safety.default_gate import cautious_gate, read_limits
from handeye.agents.tools.program import INTERPRETERS
from handeye.agents.transcript import Transcript, load_transcript
from handeye.base.names import look_up
from handeye.base.printable import printable
from handeye.envs.core.base_env import InstructedEnv
from handeye.experiments.actors.agent_worlds import AgentWorld, tool_set_of, with_policy
from handeye.experiments.actors.planner_registry import STYLES, Making, style_of
from handeye.experiments.config import AgentConfig
from handeye.experiments.evaluation.episode_video import FILM_FPS
from handeye.experiments.oracles.lookahead import check_limits
from handeye.experiments.pictures.video import Frame, encode_mp4
from handeye.experiments.records.run_folder import (
    open_run_folder,
    write_bytes_atomic,
    write_text_atomic,
)
from handeye.experiments.reports.transcript_page import render_page


def run(config: AgentConfig) -> int:
    """Run, print the way, write the folder; 1 if an instruction that is judged was not met."""
    llm = config.llm or look_up("planner style", config.agent, STYLES).own_model
    style = style_of(config.agent, llm)
    interpreter = look_up("interpreter", config.interpreter, INTERPRETERS)
    tool_set = replace(tool_set_of(config.task), interpreter=interpreter)
    limits = read_limits(config.limits) if config.limits else None
    if limits:
        check_limits(limits, foresees=config.foresee and tool_set.copy_bench is not None)
    if config.policy:
        tool_set = with_policy(tool_set, config.policy, config.task)
    rng = np.random.default_rng(config.seed)
    model = metered_model(config, llm, rng) if style.asks else None
    budget = Budget(config.calls, config.tokens, tool_set.steps)
    env = tool_set.env(config.task, max_steps=budget.steps)
    planner = style.build(Making(model, rng, env))
    equip = (
        tool_set.equip_foreseeing(config.tools, env)
        if config.foresee
        else tool_set.equip(tool_set.perception(config.tools, env))
    )
    agent = Agent(planner, equip, make_gate=lambda: cautious_gate(limits), budget=budget)
    with open_run_folder(config.output_dir, overwrite=config.overwrite) as folder:
        console = Console()
        words = config.instruction.strip() or None
        with Transcript(folder / "transcript.jsonl") as transcript:
            view = LiveView(transcript, tool_set, env, console, own_words=words is not None)
            try:
                result = agent.run(env, words, seed=config.seed, recorder=view)
            except LanguageModelError as error:  # no bug: its message names cause and remedy
                raise ValueError(f"{error}. What was done so far is in {folder}") from error
            finally:
                if view.shown_after is not None:
                    _keep(folder, tool_set.video(env), view.shown_after)
                env.close()
        if model is not None:
            console.print(cost_text(model.cost), highlight=False)
        console.print(f"\n{folder / 'transcript.html'}", soft_wrap=True, highlight=False)
        return 0 if result.success or words is not None else 1


def metered_model(config: AgentConfig, llm: str, rng: np.random.Generator) -> Metered:
    """The language model of a name, its replies counted and, if asked for, kept.

    Raises:
        ValueError: there is no such model, it cannot be reached, or the prices are none.
    """
    try:
        model = load_language_model(llm, rng)
    except LanguageModelError as error:
        raise ValueError(str(error)) from error
    price = read_price(config.prices, model.model_id) if config.prices else None
    return Metered(ReplyCache(model, config.replies) if config.replies else model, price)


class LiveView:
    """Prints what happens as it happens, and hands it on to the transcript.

    Attributes:
        shown_after: how many pictures the film had after each call; None before the episode began.
    """

    def __init__(
        self,
        transcript: Transcript,
        tool_set: AgentWorld,
        env: InstructedEnv,
        console: Console,
        *,
        own_words: bool,
    ) -> None:
        self._transcript, self._env, self._console = transcript, env, console
        self._tool_set, self._own_words = tool_set, own_words
        self.shown_after: list[int] | None = None

    def start(self, instruction: str, planner_id: str, seed: int) -> None:
        """The words, and what is there."""
        self._transcript.start(instruction, planner_id, seed)
        self.shown_after = []
        self._say(f"[bold]{shown(instruction)}[/]  [dim]{shown(planner_id)}[/]")
        self._say(f"[dim]{shown(self._tool_set.describe_scene(self._env))}[/]")

    def step(self, step: Step, usage: Usage, planned_s: float, steps: int) -> None:
        """A call and what came of it."""
        self._transcript.step(step, usage, planned_s, steps)
        assert self.shown_after is not None
        self.shown_after.append(self._tool_set.pictures_so_far(self._env))
        mark = "[green]✓[/]" if step.result.ok else "[red]✗[/]"
        self._say(f"{mark} {shown(call_text(step.call))}  [dim]{shown(step.result.reason)}[/]")

    def end(self, result: AgentResult) -> None:
        """What the planner claims and what is so."""
        self._transcript.end(result)
        claim = f"claims {result.done.claim}" if result.done else f"ended by {result.ended_by}"
        answer = f": {result.done.answer}" if result.done and result.done.answer else ""
        verdict = "[green]solved[/]" if result.success else "[red]not solved[/]"
        self._say(f"[bold]{shown(claim + answer)}[/]")
        self._say("[dim]your own words: nobody judges them[/]" if self._own_words else verdict)

    def _say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True, highlight=False)


def shown(text: str) -> str:
    """Return text of users, tools and models as it may stand in a line of the console."""
    return escape(printable(text))


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


def _keep(folder: Path, frames: Sequence[Frame], shown_after: Sequence[int]) -> None:
    """Write the video, and the page with a frame beside each call."""
    video = encode_mp4(frames, FILM_FPS)
    write_bytes_atomic(folder / "video.mp4", video)
    records = load_transcript(folder / "transcript.jsonl").records
    stills = [frames[count - 1] for count in (1, *shown_after)]
    write_text_atomic(folder / "transcript.html", render_page(records, stills, video))
