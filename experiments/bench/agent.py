"""What the loop of an agent takes for each call, beside the planner and the tool: gate, checks,
budget, transcript.
"""

import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from handeye.agents.agent import Agent, Budget
from handeye.agents.core.conversation import Image, ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import Tool, Toolbox, ToolResult
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.sight.perception import CAMERA
from handeye.agents.tools.robot import ARM_MODE, Robot
from handeye.agents.transcript import Transcript
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.bench.measurement import Measurement

LIMIT_MS = 2.0
WARM_UP = 5
PICTURE_PX = 256


class Metronome:
    """A planner that thinks no time and notes when it is asked."""

    planner_id = "metronome"
    usage = Usage()

    def __init__(self, calls: int) -> None:
        """Call the tool so many times."""
        self._calls = calls
        self.asked_s: list[float] = []

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Nothing to learn."""
        (self._tool,) = tools

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """The same call again."""
        self.asked_s.append(time.perf_counter())
        if len(history) == self._calls:
            return Done("success")
        return ToolCall(self._tool.name, {"words": "red block"}, f"call_{len(history)}")


def measure_agent(calls: int) -> list[Measurement]:
    """Milliseconds a call, medians: with a result in words, and with a picture."""
    ms = {shown: loop_ms(calls, picture=shown) for shown in (False, True)}
    meaning = (
        "what the agent's loop takes for a call beside the planner and the tool (gate, checks, "
        "transcript on disk); and 2 ms"
    )
    return [
        Measurement.of_costs(
            "agent_loop_ms", ms[False], LIMIT_MS, "ms", meaning, with_picture_ms=ms[True]
        )
    ]


def loop_ms(calls: int, *, picture: bool) -> float:
    """Median milliseconds from one question to the planner to the next; the tool takes none."""
    counter = itertools.count()

    def note(robot: Robot, words: str) -> ToolResult:
        """Take no time.

        Args:
            robot: whose camera is shown.
            words: any.
        """
        image = Image(robot.observation[f"rgb_{CAMERA}"]) if picture else None
        return ToolResult(True, f"noted {next(counter)}", image)

    def equip(robot: Robot, gate: SafetyGate) -> Toolbox:
        """Make a toolbox with one tool that does nothing."""
        return Toolbox([Tool.of(note, robot)], gate)

    planner = Metronome(WARM_UP + calls)
    agent = Agent(planner, equip, budget=Budget(calls=WARM_UP + calls + 1))
    env = TabletopEnv("reach", action_mode=ARM_MODE, cameras=(CAMERA,), image_size_px=PICTURE_PX)
    with (
        tempfile.TemporaryDirectory(prefix="handeye-agent-") as folder,
        Transcript(Path(folder) / "transcript.jsonl") as transcript,
    ):
        agent.run(env, seed=0, recorder=transcript)
    env.close()
    return 1e3 * float(np.median(np.diff(planner.asked_s)[WARM_UP:]))
