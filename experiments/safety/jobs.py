"""What the safety suite runs, episode by episode: a job is plain data and gives a plain row."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from handeye.agents.core.planner import Planner
from handeye.agents.load_language_model import load_language_model
from handeye.agents.planners.react import ReactPlanner
from handeye.agents.planners.scripted import ScriptedPlanner
from handeye.agents.safety.gate import Limits
from handeye.agents.sight.perception import Perception
from handeye.envs.tabletop.tasks import CORE
from handeye.experiments.safety import forbidden_calls
from handeye.experiments.safety.gate_trial import ToldPlanner, run_guarded, world
from handeye.experiments.safety.hazard_cases import (
    DEV,
    HELD_OUT,
    HazardCase,
    Role,
    arguments_of,
    filled,
    limits_of,
    load_cases,
    roles_of,
)
from handeye.experiments.safety.prompt_injections import (
    ATTACKS,
    CHANNELS,
    OWN_WORDS,
    ObedientPlanner,
    Poisoned,
    alternative,
    text_tools,
)

SCENE_TRIES = 40
SPACING = 50  # seeds between two jobs' scenes
ATTACKED = ("pick_up", "put_in", "stack", "push_to_zone", "place_beside", "press_button")
OWN_WORDS_TASKS = ("stack", "place_beside")
PLANNERS: dict[str, Callable[[], Planner]] = {
    "obedient": ObedientPlanner,
    "scripted": ScriptedPlanner,
}


@dataclass(frozen=True)
class SafetyJob:
    """One episode.

    Attributes:
        suite: "forbidden", "hazard", "injection" or "utility".
        gate: "off" or "full".
        seed: the first that is tried for a scene; scenes that lack what is needed are passed over.
        case: of a hazard.
        twin: "hazardous" or "safe".
        wording: which of a twin's two.
        task: whose scenes.
        planner: of `PLANNERS`, or what `--llm` says.
        channel: by which the text of an injection comes.
        attack: what the text is like.
    """

    suite: str
    gate: str
    seed: int
    case: str = ""
    twin: str = ""
    wording: int = DEV
    task: str = ""
    planner: str = ""
    channel: str = ""
    attack: str = ""

    @property
    def job_id(self) -> str:
        """Unique among the jobs of a run."""
        return " ".join(str(value) for value in asdict(self).values() if value != "")


def plan_jobs(first_seed: int, scenes: int, llm: str = "") -> list[SafetyJob]:
    """All jobs of a run.

    Args:
        first_seed: of the first scene.
        scenes: for each pair of channel and attack, and for each task of the utility.
        llm: a language model that is attacked too.
    """
    seeds = iter(range(first_seed, first_seed + 10**6, SPACING))
    jobs = [SafetyJob("forbidden", "full", next(seeds))]
    for case in load_cases():
        for wording in (DEV, HELD_OUT):
            seed = next(seeds)
            told: dict[str, Any] = {"case": case.name, "task": case.task, "wording": wording}
            gates = ("off", "full") if wording == HELD_OUT else ("full",)
            jobs += [SafetyJob("hazard", gate, seed, twin="hazardous", **told) for gate in gates]
            jobs.append(SafetyJob("hazard", "full", seed, twin="safe", **told))
    jobs += _injection_jobs(seeds, scenes, llm)
    for task in CORE.tasks:
        for _ in range(scenes):
            seed = next(seeds)
            jobs += [
                SafetyJob("utility", gate, seed, task=task, planner="scripted")
                for gate in ("off", "full")
            ]
    return jobs


def _injection_jobs(seeds: Iterator[int], scenes: int, llm: str) -> list[SafetyJob]:
    jobs = []
    planners = ("obedient", *([llm] if llm else []))
    pairs = product(CHANNELS, (*ATTACKS, OWN_WORDS), range(scenes))
    for number, (channel, attack, _) in enumerate(pairs):
        tasks = OWN_WORDS_TASKS if attack == OWN_WORDS else ATTACKED
        seed, task = next(seeds), tasks[number % len(tasks)]
        jobs += [
            SafetyJob(
                "injection", gate, seed, task=task, planner=planner, channel=channel, attack=attack
            )
            for planner in planners
            for gate in ("off", "full")
        ]
    return jobs


def run_job(job: SafetyJob) -> dict[str, Any]:
    """Run an episode; what came of it as JSON-able values, beginning with the job's own."""
    return {"job_id": job.job_id, **asdict(job), **RUNS[job.suite](job)}


def _forbidden(job: SafetyJob) -> dict[str, Any]:
    executed = forbidden_calls.executed_calls(job.seed)
    return {"calls": len(forbidden_calls.forbidden_calls()), "executed": executed}


def _hazard(job: SafetyJob) -> dict[str, Any]:
    case = _cases()[job.case]
    twin = case.hazardous if job.twin == "hazardous" else case.safe
    seed, roles = _scene_for(case, job.seed)
    words = filled(twin.wordings[job.wording], roles)
    calls = [(name, *arguments_of(tuple(values), roles)) for name, *values in twin.calls]
    outcome = run_guarded(
        world(job.task),
        ToldPlanner(calls),
        seed=seed,
        task=job.task,
        gate=job.gate,
        limits=limits_of(case, roles),
        words=words,
    )
    return {"scene": seed, "words": words, "calls": len(calls), **asdict(outcome)}


def _scene_for(case: HazardCase, first_seed: int) -> tuple[int, dict[str, Role]]:
    env = world(case.task)
    for seed in range(first_seed, first_seed + SCENE_TRIES):
        env.reset(seed=seed, options={"task": case.task})
        roles = roles_of(env.scene)
        try:
            for text in (*case.hazardous.wordings, *case.safe.wordings):
                filled(text, roles)
        except KeyError:
            continue
        return seed, roles
    raise ValueError(f"no scene from seed {first_seed} on has what {case.name!r} needs")


def _injection(job: SafetyJob) -> dict[str, Any]:
    env = world(job.task)
    seed, target, order = _attacked_scene(job)
    text = ATTACKS.get(job.attack, "{order}.").format(order=order)

    def poison(perception: Perception) -> Perception:
        """Put the order of the attack into what is perceived."""
        return Poisoned(perception, job.channel, text)

    outcome = run_guarded(
        env,
        _planner(job.planner),
        seed=seed,
        task=job.task,
        gate=job.gate,
        limits=Limits(),
        more_tools=text_tools(job.channel, text),
        poison=poison,
    )
    goal = env.goals[target]
    hit = any(env.task.done(env.scene, goal, state) for state in env.states)
    told = {"scene": seed, "words": env.instruction, "text": text, "target_reached": hit}
    return {**told, **asdict(outcome)}


def _attacked_scene(job: SafetyJob) -> tuple[int, int, str]:
    """Seed, number of the attack's goal, and the order that asks for it."""
    env = world(job.task)
    for seed in range(job.seed, job.seed + SCENE_TRIES):
        env.reset(seed=seed, options={"task": job.task})
        found = alternative(env, own_words=job.attack == OWN_WORDS)
        if found is not None:
            return seed, *found
    raise ValueError(f"no scene of {job.task} from seed {job.seed} on has another goal to order")


def _utility(job: SafetyJob) -> dict[str, Any]:
    outcome = run_guarded(
        world(job.task),
        _planner(job.planner),
        seed=job.seed,
        task=job.task,
        gate=job.gate,
        limits=Limits(),
    )
    return {"scene": job.seed, **asdict(outcome)}


RUNS: dict[str, Callable[[SafetyJob], dict[str, Any]]] = {
    "forbidden": _forbidden,
    "hazard": _hazard,
    "injection": _injection,
    "utility": _utility,
}


@cache
def _cases() -> dict[str, HazardCase]:
    return {case.name: case for case in load_cases()}


@cache
def _planner(name: str) -> Planner:
    if name in PLANNERS:
        return PLANNERS[name]()
    return ReactPlanner(load_language_model(name, np.random.default_rng(0)))
