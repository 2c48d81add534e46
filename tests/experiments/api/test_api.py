"""What `import handeye` gives: lazily, by stable names, with the command's own figures."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import handeye
from handeye.experiments.cli import main
from handeye.experiments.evaluation.evaluate import read_records
from handeye.experiments.records.episode import EpisodeRecord

SEED = 1_000_000
DOCS = Path(__file__).parents[3] / "docs" / "python.md"


def test_importing_costs_nothing() -> None:
    code = (
        "import handeye, sys, time; loaded = [m for m in sys.modules if m.startswith('handeye')];"
        "assert loaded == ['handeye'], loaded; assert 'numpy' not in sys.modules;"
        "assert time.process_time() < 0.3"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", handeye.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    assert getattr(handeye, name).__doc__
    assert name in dir(handeye)
    assert f"`{name}" in DOCS.read_text()


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'evaluation_of'"):
        handeye.evaluation_of  # noqa: B018


@pytest.mark.parametrize("name", ["put_in", "tabletop-core", "handeye/PutIn-v1"])
def test_environments_by_id_task_or_suite(name: str) -> None:
    env = handeye.make(name, cameras=(), action_mode="ee_delta")
    _, info = env.reset(seed=SEED)
    assert env.get_wrapper_attr("action_mode") == "ee_delta"
    assert isinstance(env, gymnasium.Env)
    assert info["seed"] == SEED
    env.close()


@pytest.mark.parametrize(
    ("name", "near"), [("put_inn", "put_in"), ("handeye/PutInn-v1", "handeye/PutIn-v1")]
)
def test_unknown_environments_are_answered_with_near_names(name: str, near: str) -> None:
    with pytest.raises(ValueError, match=f"Did you mean '{near}'"):
        handeye.make(name)


def test_suites_are_listed_with_their_tasks() -> None:
    suites = handeye.list_suites()
    assert "put_in" in suites["tabletop-core"]
    assert "object_goal" in suites["rooms"]


def test_baselines_are_built_around_an_environment() -> None:
    with pytest.raises(ValueError, match="give env="):
        handeye.load_policy("oracle")
    env = handeye.make("handeye/Reach-v1", cameras=(), action_mode="ee_pose")
    policy = handeye.load_policy("oracle", env)
    observation, _ = env.reset(seed=SEED)
    policy.reset(observation["instruction"], SEED)
    assert policy.act(observation).values.shape == (7,)
    env.close()


class Hovering:
    """Goes to one place, looks at the words, and says that it is done."""

    def reset(self, instruction: str) -> None:
        self.decisions = len(instruction) % 3

    def act(self, observation: Mapping[str, Any]) -> Any:
        self.decisions -= 1
        if self.decisions < 0:
            return handeye.Action(np.zeros(7), terminate=True)
        return [0.45, 0.1, 0.2, 0.0, 0.0, 0.0, 1.0]


def timeless(records: list[EpisodeRecord]) -> list[EpisodeRecord]:
    return [replace(record, wall_s=0.0, policy_id="") for record in records]


@pytest.mark.slow
def test_an_object_gets_the_figures_that_the_command_gives(tmp_path: Path) -> None:
    evaluation = handeye.evaluate(Hovering(), suite="reach", episodes=2, necessity_episodes=1)
    assert evaluation.report.is_file()
    assert evaluation.info["success"]["n"] == 2
    flags = ["--suite", "reach", "--episodes", "2", "--necessity_episodes", "1", "--films", "0"]
    folder = tmp_path / "run"
    name = f"{__file__}:Hovering"
    flags += ["--workers", "0", "--output_dir", str(folder), "--policy.path", name]
    assert main(["evaluate", *flags]) == 0
    records = list(read_records(folder / "episodes.jsonl"))
    assert timeless(records) == timeless(evaluation.records)
    by_name = handeye.evaluate(name, suite="reach", episodes=1, necessity_episodes=0, workers=0)
    assert timeless(by_name.records) == timeless(evaluation.records)[:1]


def test_an_object_acts_in_its_own_process_alone() -> None:
    with pytest.raises(ValueError, match="give workers=0"):
        handeye.evaluate(Hovering(), suite="reach", workers=2)


def test_what_is_no_policy_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="it has no reset"):
        handeye.evaluate(object(), suite="reach")


@pytest.mark.slow
def test_an_agent_runs_from_a_script() -> None:
    agent, env = handeye.make_agent(
        "press_button", planner="scripted", tools="truth", foresee=False
    )
    result = agent.run(env, seed=SEED)
    assert isinstance(agent, handeye.Agent)
    assert result.success
    assert result.calls > 0
    env.close()
