"""DAgger: whose turn it is, and rounds that are continued rather than driven again."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handeye.envs.tabletop.episode import Episode
from handeye.experiments.training.dagger import drive_round, fair_turns, round_paths
from handeye.experiments.training.data_parallel import Team
from handeye.policies.policy import RandomPolicy

TASKS = ["reach", "press_button"]


@dataclass(frozen=True)
class Ended:
    """As much of an episode as decides whose turn comes."""

    task: str
    success: bool


def turns(before: list[Ended], episodes: int = 60) -> Counter[str]:
    as_episodes: list[Any] = list(before)
    return Counter(fair_turns(TASKS, as_episodes, episodes))


def test_the_first_round_is_shared_alike() -> None:
    assert turns([]) == {"reach": 30, "press_button": 30}


def test_tasks_that_failed_come_more_often_and_none_is_forgotten() -> None:
    before = [Ended("reach", False)] * 4 + [Ended("press_button", True)] * 9
    assert turns(before) == {"reach": 50, "press_button": 10}
    all_failed = [Ended(task, False) for task in TASKS * 5]
    assert turns(all_failed) == {"reach": 30, "press_button": 30}


@pytest.mark.parametrize("episodes", [1, 7, 61])
def test_every_episode_has_a_task_and_the_order_is_fixed(episodes: int) -> None:
    before: list[Any] = [Ended("reach", False)] * 3
    order = fair_turns(TASKS, before, episodes)
    assert len(order) == episodes
    assert order == fair_turns(TASKS, before, episodes)


def test_there_is_no_round_before_the_first(tmp_path: Path) -> None:
    assert round_paths(tmp_path, -1, 5) == []
    assert len(round_paths(tmp_path, 0, 5)) == 5


@pytest.mark.slow
def test_a_round_is_continued_not_driven_again(tmp_path: Path) -> None:
    policy = RandomPolicy("ee_pose")
    first = drive_round(policy, TASKS, 0, 4, tmp_path, Team(0, 1))
    paths = round_paths(tmp_path, 0, 4)
    kept = [path.read_bytes() for path in paths]
    paths[2].unlink()
    again = drive_round(policy, TASKS, 0, 4, tmp_path, Team(0, 1))
    assert [e.state_hash for e in again] == [e.state_hash for e in first]
    assert [path.read_bytes() for path in paths] == kept
    assert all(isinstance(e, Episode) and e.seed >= 800_000 for e in again)
    assert len({e.seed for e in again}) == 4
