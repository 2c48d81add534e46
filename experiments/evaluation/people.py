"""How often an agent does what people say: the corpus `envs/people`, judged in its scenes.

    python -m handeye.experiments.evaluation.people --world tabletop --agent intent --tools truth

The development half may be looked at while something is built. The test half is for reporting, and
nothing is to be chosen by it. A run is continued where it stopped.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from handeye.agents.agent import Agent, Budget
from handeye.agents.load_language_model import load_language_model
from handeye.agents.safety.default_gate import cautious_gate
from handeye.agents.sight.perception import CAMERA
from handeye.agents.tools.robot import ARM_MODE, BASE_MODE
from handeye.base.names import look_up
from handeye.envs.people.home import SpokenHome
from handeye.envs.people.table import SpokenTable
from handeye.envs.people.utterances import Half, Utterance, World, read_utterances
from handeye.experiments.actors.agent_worlds import SEEN_PX, tool_set_of
from handeye.experiments.actors.planner_registry import STYLES, Making, style_of
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import JsonLines, read_json_lines, write_json_atomic
from handeye.experiments.records.schemas import UtteranceLine
from handeye.experiments.records.statistics import wilson_interval

CALLS = 60


@dataclass(frozen=True)
class PeopleConfig:
    """Who is to do it.

    Attributes:
        world: "tabletop" or "rooms".
        half: of the corpus, "development" or "test".
        agent: how it plans, see `handeye list`.
        llm: the language model of a planner that asks one; by default its own.
        tools: what finds objects: "eyes", or "truth", which reads the simulator (an oracle).
        every: one of so many sentences.
        output_dir: gets `utterances.jsonl` and `summary.json`.
    """

    world: World = "tabletop"
    half: Half = "development"
    agent: str = "intent"
    llm: str = ""
    tools: str = "eyes"
    every: int = 1
    output_dir: Path = Path("outputs/people")


def run(config: PeopleConfig) -> int:
    """Judge what is not judged yet, write the summary; exit code 0."""
    said = read_utterances(config.world, config.half)[:: config.every]
    config.output_dir.mkdir(parents=True, exist_ok=True)
    path = config.output_dir / "utterances.jsonl"
    known = {line["id"] for line in read_json_lines(path, UtteranceLine)}
    carry_out = _worker(config)
    for number, utterance in enumerate(said, 1):
        if utterance.id in known:
            continue
        line = carry_out(utterance)
        with JsonLines(path) as lines:
            lines.append(line)
        mark = "ok  " if line["success"] else "FAIL"
        print(f"{number}/{len(said)} {mark} {utterance.words}  [{line['claim']}: {line['said']}]")
    judged = list(read_json_lines(path, UtteranceLine))
    write_json_atomic(config.output_dir / "summary.json", summary(config, judged))
    return 0


def _worker(config: PeopleConfig) -> Callable[[Utterance], UtteranceLine]:
    """What carries out one utterance after the other."""
    llm = config.llm or look_up("planner style", config.agent, STYLES).own_model
    style, rng = style_of(config.agent, llm), np.random.default_rng(0)
    model = load_language_model(llm, rng) if style.asks else None

    def carry_out(utterance: Utterance) -> UtteranceLine:
        """Let the agent do what was said, and judge it."""
        tool_set, env = tool_set_of(utterance.task), _scene(utterance)
        planner = style.build(Making(model, rng, env))
        budget = Budget(calls=CALLS, steps=tool_set.steps)
        equip = tool_set.equip(tool_set.perception(config.tools, env))
        agent = Agent(planner, equip, make_gate=cautious_gate, budget=budget)
        started = time.perf_counter()
        result = agent.run(env, seed=utterance.seed)
        return {
            "id": utterance.id,
            "register": utterance.register,
            "kind": utterance.kind,
            "words": utterance.words,
            "success": result.success,
            "goal_reached": bool(result.info["goal_reached"]),
            "claim": result.done.claim if result.done else "",
            "said": result.done.answer if result.done else result.ended_by,
            "side_effects": list(map(str, result.info["side_effects"])),
            "steps": result.steps,
            "wall_s": round(time.perf_counter() - started, 2),
        }

    return carry_out


def _scene(utterance: Utterance) -> SpokenTable | SpokenHome:
    tool_set = tool_set_of(utterance.task)
    env: Any
    if utterance.id.startswith("rooms"):
        env = SpokenHome(
            utterance.task, split="unseen", action_mode=BASE_MODE, max_steps=tool_set.steps
        )
    else:
        env = SpokenTable(
            utterance.task,
            action_mode=ARM_MODE,
            cameras=(CAMERA,),
            image_size_px=SEEN_PX,
            depth=True,
            max_steps=tool_set.steps,
        )
    env.utterance = utterance
    made: SpokenTable | SpokenHome = env
    return made


def summary(config: PeopleConfig, judged: Iterable[UtteranceLine]) -> dict[str, Any]:
    """Rates with intervals, in all and by kind and manner of speaking."""
    groups: dict[str, list[UtteranceLine]] = defaultdict(list)
    for line in judged:
        for name in ("all", f"kind {line['kind']}", f"register {line['register']}"):
            groups[name].append(line)
    return {
        "world": config.world,
        "half": config.half,
        "agent": config.agent,
        "llm": config.llm,
        "tools": config.tools,
        "rows": {name: _row(lines) for name, lines in sorted(groups.items())},
        **measured_with(),
    }


def _row(lines: list[UtteranceLine]) -> dict[str, Any]:
    solved = sum(line["success"] for line in lines)
    low, high = wilson_interval(solved, len(lines))
    claimed = [line for line in lines if line["claim"] == "success"]
    false = sum(not line["success"] for line in claimed)
    return {
        "n": len(lines),
        "solved": solved,
        "rate": round(solved / len(lines), 4),
        "interval": [round(low, 4), round(high, 4)],
        "false_done": round(false / max(len(claimed), 1), 4),
    }


if __name__ == "__main__":
    sys.exit(run(tyro.cli(PeopleConfig, use_underscores=True)))
