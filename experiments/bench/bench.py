"""`handeye bench`: speed ratios measured on this machine, in one run.

Each group runs in a fresh process with one thread per library, competitors in turns; the ratios
then depend little on how busy the machine is, the times do.
"""

from collections.abc import Callable, Sequence
from functools import partial

from rich.console import Console
from rich.table import Table

from handeye.base.names import look_up
from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.bench.agent import measure_agent
from handeye.experiments.bench.config import BenchConfig
from handeye.experiments.bench.judging import measure_judging
from handeye.experiments.bench.learning import measure_learning
from handeye.experiments.bench.mcp import measure_mcp
from handeye.experiments.bench.measurement import Measurement
from handeye.experiments.bench.memory import measure_memory
from handeye.experiments.bench.robot import measure_robot
from handeye.experiments.bench.rooms import measure_rooms
from handeye.experiments.bench.simulation import (
    measure_episode_size,
    measure_simulation,
    measure_workers,
)
from handeye.experiments.records.provenance import machine_name
from handeye.experiments.records.run_folder import write_json_atomic

DEADLINE_S = 1200.0
Group = Callable[[], list[Measurement]]


def run(config: BenchConfig) -> int:
    """Measure, print, write; exit code 0."""
    if not 0 < config.effort <= 100:
        raise ValueError(f"--effort {config.effort} must lie between 0 and 100.")
    groups = all_groups(config.effort)
    for name in config.only:
        look_up("group of figures", name, groups)
    wanted = [group for name, group in groups.items() if name in config.only or not config.only]
    console = Console()
    figures: list[Measurement] = []
    with console.status("measuring; other work on this machine blurs the times"):
        for _, result in run_jobs(measure, wanted, workers=1, deadline_s=DEADLINE_S):
            if isinstance(result, WorkerLost):
                raise ValueError(f"a measurement failed: {result.detail.strip().splitlines()[-1]}")
            figures += result
    if config.result is not None:
        write_json_atomic(config.result, [figure.to_dict() for figure in figures])
    console.print(table(figures))
    console.print(machine_name(), highlight=False)
    return 0


def all_groups(effort: float) -> dict[str, Group]:
    """What can be measured, by name."""

    def times(count: int) -> int:
        """Scale a number of repetitions by the effort, to three at least."""
        return max(3, round(count * effort))

    return {
        "simulation": partial(measure_simulation, times(60)),
        "episodes": partial(measure_episode_size, times(24)),
        "judging": partial(measure_judging, times(24)),
        "workers": partial(measure_workers, times(60)),
        "robot": partial(measure_robot, times(12)),
        "rooms": partial(measure_rooms, times(96)),
        "agent": partial(measure_agent, times(200)),
        "mcp": partial(measure_mcp, times(60)),
        "memory": measure_memory,
        "learning": partial(measure_learning, times(16), times(100), times(10)),
    }


def measure(group: Group) -> list[Measurement]:
    """Run one group; what the worker calls."""
    return group()


def table(figures: Sequence[Measurement]) -> Table:
    """The figures for a terminal."""
    result = Table(box=None, pad_edge=False)
    for title in ("measured", "ours", "theirs", "unit", "ratio"):
        right = title in ("ours", "theirs", "ratio")
        result.add_column(title, justify="right" if right else "left")
    for figure in figures:
        numbers = (figure.ours, figure.theirs, figure.ratio)
        ours, theirs, ratio = ("–" if n is None else f"{n:.4g}" for n in numbers)
        result.add_row(figure.name, ours, theirs, figure.unit, f"{ratio} ×")
    return result
