"""The stages that make the planner."""

from pathlib import Path

import tyro

from handeye.experiments.training.config import TrainPlannerConfig
from handeye.experiments.training.reproduce_planner import STAGES, stages


def test_every_stage_is_a_command_that_continues_and_the_first_begins_from_nothing() -> None:
    commands = stages(Path("run"))
    assert list(commands) == list(STAGES)
    for name, command in commands.items():
        read = tyro.cli(TrainPlannerConfig, args=command[4:], use_underscores=True)
        assert (read.resume, read.output_dir) == (True, Path("run") / name)
        assert (read.start is None) == (name == "stage1")
