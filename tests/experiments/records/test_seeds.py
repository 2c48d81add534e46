"""Seeds train, choose or judge, and every command keeps to its own."""

import dataclasses
import importlib
from typing import Any

import pytest

from handeye.envs.core.base_env import UNSEEDED
from handeye.experiments.commands import COMMANDS
from handeye.experiments.records.seeds import (
    FIRST_EVALUATION_SEED,
    FIRST_SELECTION_SEED,
    LAST_SEED,
    RANGES,
    check_evaluation_seeds,
    check_judged_seeds,
    check_selection_seeds,
    check_training_seeds,
    use_of,
)
from handeye.experiments.rl.train_rl import CHECK_SEEDS
from handeye.experiments.run_voyager import FIRST_SEED as FIRST_EXPLORED
from handeye.experiments.training.config import TrainPalmEConfig
from handeye.experiments.training.dagger import FIRST_SEED as FIRST_DRIVEN
from handeye.experiments.training.dagger import round_seeds
from handeye.experiments.training.train_palm_e import seeds_of

TRAINING = {  # commands whose `seed` begins what a model learns from
    "collect", "train", "train-rl", "train-eyes", "train-planner", "train-palm-e",
    "train-affordances",
}  # fmt: skip
JUDGING = {"evaluate", "evaluate-eyes", "compare", "audit", "safety", "agent", "mcp"}


def configs() -> dict[str, Any]:
    """Command -> the class of its flags, of those that have a seed."""
    found = {}
    for name, command in COMMANDS.items():
        module, _, config = command.config.partition(":")
        loaded = getattr(importlib.import_module(f"handeye.experiments.{module}"), config)
        if any(field.name == "seed" for field in dataclasses.fields(loaded)):
            found[name] = loaded
    return found


def test_every_command_with_a_seed_begins_in_its_range() -> None:
    found = configs()
    assert set(found) == TRAINING | JUDGING
    for name, config in found.items():
        default = next(f.default for f in dataclasses.fields(config) if f.name == "seed")
        if default is None:  # the seeds of the runs that are given
            continue
        assert use_of(default) == ("training" if name in TRAINING else "evaluation"), name


def test_the_ranges_follow_one_another_and_an_unseeded_reset_trains() -> None:
    assert UNSEEDED == FIRST_SELECTION_SEED == RANGES["training"].stop == RANGES["selection"].start
    assert RANGES["selection"].stop == FIRST_EVALUATION_SEED == RANGES["evaluation"].start
    ends = {0: "training", 899_999: "training", 900_000: "selection", 999_999: "selection"}
    assert {seed: use_of(seed) for seed in ends} == ends
    assert use_of(1_000_000) == use_of(LAST_SEED - 1) == "evaluation"
    with pytest.raises(ValueError, match="whole number from 0"):
        use_of(-1)


def test_what_is_built_in_keeps_to_its_range() -> None:
    assert {use_of(seed) for seed in CHECK_SEEDS} == {"selection"}
    assert use_of(FIRST_EXPLORED) == use_of(FIRST_DRIVEN) == "training"
    learning, measuring = seeds_of(TrainPalmEConfig())
    assert {use_of(learning[0]), use_of(learning[-1])} == {"training"}
    assert {use_of(measuring[0]), use_of(measuring[-1])} == {"selection"}


@pytest.mark.parametrize(
    ("check", "first", "count", "message"),
    [
        (check_training_seeds, 899_999, 2, r"to 900000: 900000 belongs to selection \(9.*\)"),
        (check_training_seeds, 1_000_000, 1, "1000000 belongs to evaluation"),
        (check_training_seeds, -1, 5, r"--seed -1 to 3: Seeds of training are 0 to 899999"),
        (check_selection_seeds, 0, 5, "0 belongs to training"),
        (check_selection_seeds, 999_999, 2, "1000000 belongs to evaluation"),
        (check_evaluation_seeds, 999_999, 2, r"belongs to selection .* are 1000000 and above"),
        (check_judged_seeds, 899_999, 5, r"899999 belongs to training \(0 to 899999\)"),
        (check_judged_seeds, 999_999, 2, "1000000 belongs to evaluation"),
        (check_judged_seeds, 1_000_000, 0, "at least one episode"),
    ],
)  # fmt: skip
def test_other_seeds_are_refused_by_both_ranges(
    check: Any, first: int, count: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check(first, count)


def test_seeds_of_a_range_are_returned() -> None:
    assert check_training_seeds(899_990, 10) == range(899_990, 900_000)
    assert check_training_seeds(5, 0) == range(5, 5)
    assert check_judged_seeds(1_000_000, 3) == range(1_000_000, 1_000_003)
    assert check_judged_seeds(900_000, 3) == range(900_000, 900_003)


def test_rounds_of_dagger_stay_below_the_seeds_that_choose() -> None:
    assert round_seeds(2, 240)[0] == FIRST_DRIVEN + 480
    with pytest.raises(ValueError, match=r"--dagger.episodes 240, round 417: seeds .* training"):
        round_seeds(416, 240)
