"""Run one episode of an evaluation with an agent: planner, tools, gate, budget, transcript.

Like an episode of a policy it is a pure function of its job, as far as the language model is one.
What is costly to make (an environment, a model) is kept per process.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from handeye.agents.agent import Agent, AgentResult, Budget, Recorder
from handeye.agents.core.conversation import Usage
from handeye.agents.core.planner import Planner, Step
from handeye.agents.core.tools import Toolbox
from handeye.agents.language_models.language_model import LanguageModel
from handeye.agents.language_models.reply_cache import ReplyCache
from handeye.agents.load_language_model import load_language_model
from handeye.agents.safety.default_gate import cautious_gate
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.sight.perception import Perception
from handeye.agents.tools.program import with_programs
from handeye.agents.tools.robot import Robot
from handeye.agents.transcript import Transcript
from handeye.base.names import look_up
from handeye.experiments.actors.agent_worlds import AgentWorld, tool_set_of
from handeye.experiments.actors.planner_registry import Making, style_of
from handeye.experiments.evaluation.chain_episode import carry_out, whole
from handeye.experiments.evaluation.conditions import reset_options
from handeye.experiments.evaluation.episode_end import EpisodeEnd, record_end
from handeye.experiments.oracles.call_monitor import CallMonitor, TrueChecks, Wrap
from handeye.experiments.oracles.partial_oracles import OracleGrounding, OracleLocalization
from handeye.experiments.oracles.perturbation import Perturbation
from handeye.experiments.records.agent import AgentFlags, AgentRecord, AgentSetting, Rung
from handeye.experiments.records.episode import AgentJob, EpisodeJob, EpisodeRecord
from handeye.experiments.records.sensor_noise import SensorNoise

PLACEBO_SHIFT_M = 0.001  # along x and y, at most


@runtime_checkable
class CountsRaw(Protocol):
    """A language model under constraints that notes what it would have done without."""

    calls: int
    raw_mistakes: int


def check_agent(flags: AgentFlags, suite: str) -> None:
    """ValueError, with the remedy, where the flags name no agent for a suite."""
    style_of(flags.agent, flags.llm)
    look_up("kind of --tools", flags.tools, tool_set_of(suite).perceptions)


def run_agent_episode(job: AgentJob) -> EpisodeRecord:
    """Run the job's episode and record how it went; its transcript is kept where the job says.

    Raises:
        LanguageModelError: the model could not be asked, so that nothing is known of the agent.
    """
    setting = job.agent
    flags, tool_set = setting.flags, tool_set_of(job.suite)
    env = _environment(job.suite, job.split, job.noise)
    perception = _perception(tool_set, flags.tools, setting.oracles, env)
    hindrance = Perturbation(flags.perturb, env, job.seed)
    watch = CallMonitor(tool_set.call_checks(env))
    around = [*_oracles(tool_set, setting.oracles, env), hindrance.around, watch.around]

    def equip(robot: Robot, gate: SafetyGate) -> Toolbox:
        """Make the toolbox, each tool wrapped by what stands around it."""
        bench = tool_set.bench(robot, perception)
        tools = tool_set.tools(bench)
        for wrap in around:
            tools = [wrap(tool, bench) for tool in tools]
        return with_programs(tools, gate)

    planner = _planner(flags, tool_set, "plan" in setting.oracles, env)
    before = raw_counts(flags.llm)
    budget = Budget(flags.calls, flags.tokens, tool_set.steps)
    agent = Agent(planner, equip, make_gate=cautious_gate, budget=budget)
    started = time.perf_counter()
    with note_keeper(setting, job) as notes:
        options = reset_options(job)
        if "placebo" in setting.oracles:
            options["shift_m"] = PLACEBO_SHIFT_M
        results, chain = carry_out(
            env, lambda world: agent.run(world, seed=job.seed, options=options, recorder=notes)
        )
    result = joined(results)
    planned = agent_record(job, result, watch, planner.usage, notes.planned_s)
    after = raw_counts(flags.llm)
    raw = (after[0] - before[0], after[1] - before[1]) if before and after else None
    planned = replace(planned, disturbed=hindrance.happened, raw=raw)
    events = (
        *["planner_invalid_call"] * bool(planned.mistakes),
        *["hallucinated_object"] * bool(planned.hallucinated),
    )
    end = EpisodeEnd(
        whole([one.info for one in results], chain),
        f"{planner.planner_id}, {perception.perception_id}",
        result.steps,
        wall_s=time.perf_counter() - started,
        further_events=events,
        agent=planned,
        told={"eyes": perception.perception_id, **tool_set.knows},
        chain=chain,
    )
    return record_end(job, env, end)


def joined(results: Sequence[AgentResult]) -> AgentResult:
    """Return the last of an episode's runs, with the calls and steps of all of them."""
    denials: Counter[str] = Counter()
    for one in results:
        denials.update(one.denials)
    return replace(
        results[-1],
        calls=sum(one.calls for one in results),
        failed_calls=sum(one.failed_calls for one in results),
        mistakes=sum(one.mistakes for one in results),
        steps=sum(one.steps for one in results),
        denials=dict(denials),
    )


def agent_record(
    job: EpisodeJob,
    result: AgentResult,
    watch: CallMonitor,
    usage: Usage,
    planned_s: Sequence[float],
) -> AgentRecord:
    """What the record of an episode keeps of its agent."""
    info = result.info
    return AgentRecord(
        kind=str(info.get("kind", job.task)),
        length=str(info.get("length", "")),
        vagueness=str(info.get("vagueness", "")),
        feasible=bool(info.get("feasible", True)),
        claim=result.done.claim if result.done else "",
        answer=result.done.answer if result.done else "",
        ended_by=result.ended_by,
        calls=result.calls,
        failed_calls=result.failed_calls,
        mistakes=result.mistakes,
        raw=None,
        carried_out=watch.made,
        violations=watch.violations,
        hallucinated=watch.hallucinated,
        checks=watch.checks,
        denials=dict(result.denials),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        planned_s=tuple(round(seconds, 4) for seconds in planned_s),
    )


class Notes:
    """Notes the time of each decision and hands everything on to a transcript, if there is one."""

    def __init__(self, transcript: Recorder | None) -> None:
        """Begin with no decision."""
        self._transcript = transcript
        self.planned_s: list[float] = []

    def start(self, instruction: str, planner_id: str, seed: int) -> None:
        """The episode begins."""
        if self._transcript:
            self._transcript.start(instruction, planner_id, seed)

    def step(self, step: Step, usage: Usage, planned_s: float, steps: int) -> None:
        """A call was carried out."""
        self.planned_s.append(planned_s)
        if self._transcript:
            self._transcript.step(step, usage, planned_s, steps)

    def end(self, result: AgentResult) -> None:
        """It is over."""
        if self._transcript:
            self._transcript.end(result)


@contextmanager
def note_keeper(setting: AgentSetting, job: EpisodeJob) -> Iterator[Notes]:
    """Notes of one episode; the transcript of a try that was broken off is begun anew."""
    if not setting.transcripts:
        yield Notes(None)
        return
    path = Path(setting.transcripts) / f"{job.episode_id.replace('/', '_')}.jsonl"
    path.unlink(missing_ok=True)
    with Transcript(path) as transcript:
        yield Notes(transcript)


@cache  # one for all tasks of a suite, as of policies
def _environment(suite: str, split: str, noise: SensorNoise) -> Any:
    tool_set = tool_set_of(suite)
    return tool_set.env(suite, split=split, max_steps=tool_set.steps, **noise.options())


@cache
def _planner(flags: AgentFlags, tool_set: AgentWorld, oracle: bool, env: Any) -> Planner:
    if oracle:
        assert tool_set.expert is not None
        return tool_set.expert(env)
    style = style_of(flags.agent, flags.llm)
    rng = np.random.default_rng(0)  # of retries' jitter alone
    model = _model(flags.llm, flags.replies) if style.asks else None
    return style.build(Making(model, rng, env))


@cache
def _model(llm: str, replies: str) -> LanguageModel:
    return ReplyCache(_loaded(llm), Path(replies)) if replies else _loaded(llm)


@cache
def _loaded(llm: str) -> LanguageModel:
    return load_language_model(llm, np.random.default_rng(0))


def raw_counts(llm: str) -> tuple[int, int] | None:
    """Replies so far that constraints alone made calls, and all of them; None if nobody counts."""
    model = _loaded(llm) if llm else None
    return (model.raw_mistakes, model.calls) if isinstance(model, CountsRaw) else None


@cache  # a learned perception has a model to load
def _seen(tool_set: AgentWorld, name: str, env: Any) -> Perception:
    return tool_set.perception(name, env)


def _perception(tool_set: AgentWorld, name: str, oracles: tuple[Rung, ...], env: Any) -> Perception:
    """What finds things, half or wholly replaced by the truth as the oracles say."""
    truth = _seen(tool_set, "truth", env)
    if {"perception", "grounding"} <= set(oracles):
        return truth
    if "perception" in oracles:
        return OracleLocalization(_seen(tool_set, name, env), truth)
    if "grounding" in oracles:
        return OracleGrounding(_seen(tool_set, name, env), truth)
    return _seen(tool_set, name, env)


def _oracles(tool_set: AgentWorld, oracles: tuple[Rung, ...], env: Any) -> list[Wrap]:
    """What is put around the tools for the rungs of skills and of success checks."""
    around: list[Wrap] = []
    if "skill" in oracles:
        assert tool_set.skill_oracle is not None
        around.append(tool_set.skill_oracle(env))
    if "check" in oracles:
        around.append(TrueChecks(tool_set.call_checks(env)).around)
    return around
