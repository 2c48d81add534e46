"""`handeye voyager`: learn skills by trying tasks, from the nearest to what is known outwards.

Each round proposes a kind of task, lets the planner find or write a program for one instruction of
it, and admits a new skill that verified itself only if it also does what was asked in held-out
scenes, by the simulator's verdict. The library is a folder; rounds done are never done again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from handeye.agents.agent import Agent, AgentResult, Budget
from handeye.agents.language_models.language_model import LanguageModelError
from handeye.agents.load_language_model import load_language_model
from handeye.agents.planners.program_writers import ModelWriter, ProgramWriter, TemplateWriter
from handeye.agents.planners.skill_library import SkillLibrary
from handeye.agents.planners.voyager import VoyagerPlanner
from handeye.base.printable import printable
from handeye.envs.suites import tasks_of
from handeye.experiments.actors.agent_worlds import AgentWorld, tool_set_of
from handeye.experiments.config import VoyagerConfig
from handeye.experiments.records.run_folder import JsonLines, open_run_folder, read_json_lines
from handeye.experiments.records.schemas import RoundLine
from handeye.experiments.records.seeds import (
    FIRST_SELECTION_SEED,
    check_selection_seeds,
    check_training_seeds,
)

FIRST_SEED = 800_000  # of the first round; far from the policies' own
BUDGET = Budget(calls=12, steps=200)


def run(config: VoyagerConfig) -> int:
    """Explore, print each round, keep what was learned; exit code 0."""
    if config.held_out < 1 or not 0 < config.admit_at <= 1:
        raise ValueError("--held_out must be positive and --admit_at in (0, 1]")
    check_training_seeds(FIRST_SEED, config.rounds, "--rounds: seeds")
    check_selection_seeds(FIRST_SELECTION_SEED, config.held_out, "--held_out: seeds")
    tasks = tasks_of(config.suite)
    writer = writer_of(config.llm)
    with open_run_folder(
        config.output_dir, resume=config.resume, overwrite=config.overwrite
    ) as folder:
        library = SkillLibrary(folder / "library")
        go_on(config, tasks, writer, library, folder / "rounds.jsonl")
    Console().print(f"{len(library.skills)} skills in {folder / 'library'}", highlight=False)
    return 0


def go_on(
    config: VoyagerConfig,
    tasks: Sequence[str],
    writer: ProgramWriter,
    library: SkillLibrary,
    log_path: Path,
) -> None:
    """Explore the rounds that the log lacks, and print each."""
    done = list(read_json_lines(log_path, RoundLine))
    console = Console()
    with JsonLines(log_path) as log:
        for number in range(len(done), config.rounds):
            task = propose(tasks, done)
            try:
                told = explore(config, task, number, writer, library)
            except LanguageModelError as error:  # no bug: its message names cause and remedy
                raise ValueError(f"{error}. Rounds done are kept: go on with --resume") from error
            done.append(told)
            log.append(told)
            line = printable(round_text(told))
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def writer_of(llm: str) -> ProgramWriter:
    """Who writes the programs.

    Raises:
        ValueError: there is no such model, or it cannot be reached.
    """
    if not llm:
        return TemplateWriter()
    try:
        return ModelWriter(load_language_model(llm, np.random.default_rng(0)))
    except LanguageModelError as error:
        raise ValueError(str(error)) from error


def propose(tasks: Sequence[str], done: Sequence[Mapping[str, Any]]) -> str:
    """The kind of task to try next: fewest rounds first, then where the latest went well.

    So each kind is met once; after that those come first that are about to be learned, and none
    is given up.
    """
    met = Counter(told["task"] for told in done)
    solved = {told["task"]: told["success"] for told in done}
    return min(tasks, key=lambda task: (met[task], not solved.get(task, False), tasks.index(task)))


def explore(
    config: VoyagerConfig, task: str, number: int, writer: ProgramWriter, library: SkillLibrary
) -> dict[str, Any]:
    """One round: try the task, and admit what was learned if it holds elsewhere."""
    planner = VoyagerPlanner(writer, library)
    [(instruction, result)] = attempts(config, task, planner, [FIRST_SEED + number])
    told: dict[str, Any] = {
        "round": number,
        "task": task,
        "instruction": instruction,
        "writer": writer.writer_id,
        "claim": result.done.claim if result.done else "",
        "success": result.success,
        "tokens": result.tokens,
    }
    skill = planner.learned
    if skill is None or not result.success:
        return told
    seeds = range(FIRST_SELECTION_SEED, FIRST_SELECTION_SEED + config.held_out)
    trial = VoyagerPlanner(writer, library, only=skill)
    passed = sum(result.success for _, result in attempts(config, task, trial, seeds))
    admitted = passed >= config.admit_at * config.held_out
    if admitted:
        library.admit(replace(skill, passed=passed, tried=config.held_out))
    return {**told, "skill": skill.name, "passed": passed, "tried": config.held_out,
            "admitted": admitted}  # fmt: skip


def attempts(
    config: VoyagerConfig, task: str, planner: VoyagerPlanner, seeds: Sequence[int]
) -> Iterator[tuple[str, AgentResult]]:
    """Instruction and outcome of each seed's scene, one environment for all."""
    tools: AgentWorld = tool_set_of(task)
    env = tools.env(task, max_steps=BUDGET.steps)
    agent = Agent(planner, tools.equip(tools.perception(config.tools, env)), budget=BUDGET)
    for seed in seeds:
        result = agent.run(env, seed=seed)
        yield env.instruction, result
    env.close()


def round_text(told: Mapping[str, Any]) -> str:
    """A round in a line."""
    verdict = "solved" if told["success"] else "not solved"
    learned = f"; {told['skill']}: {told['passed']} of {told['tried']}" if "skill" in told else ""
    kept = (", admitted" if told["admitted"] else ", not admitted") if "skill" in told else ""
    return f"{told['round']} {told['task']}: {told['instruction']!r} {verdict}{learned}{kept}"
