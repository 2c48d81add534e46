"""The stages that make the embedded language models."""

from pathlib import Path

import pytest
import tyro

from handeye.experiments.training.config import TrainPlannerConfig
from handeye.experiments.training.reproduce_planner import STAGES, stages


@pytest.mark.parametrize("model", STAGES)
def test_every_stage_is_a_command_that_continues_and_the_first_begins_from_nothing(
    model: str,
) -> None:
    commands = stages(model, Path("run"))
    assert list(commands) == list(STAGES[model])
    for number, (name, command) in enumerate(commands.items()):
        read = tyro.cli(TrainPlannerConfig, args=command[4:], use_underscores=True)
        assert (read.resume, read.output_dir) == (True, Path("run") / name)
        assert (read.start is None) == (number == 0)
