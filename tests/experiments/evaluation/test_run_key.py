"""Seeds of policies: keyed by the run, so that nobody draws the scene again from them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.experiments.actors.load_policy import lent
from handeye.experiments.evaluation.config import EvaluateConfig, PolicyFlags
from handeye.experiments.evaluation.evaluate import Evaluation, evaluate
from handeye.experiments.evaluation.run_policy_episode import run_policy_episode
from handeye.experiments.records.episode import EpisodeJob
from handeye.policies.policy import Action

JOB = EpisodeJob("blind", "tabletop-core", "reach", "seen", 1_000_000)


class Listening:
    """Notes the seeds that it is given, and says at once that it is done."""

    can_terminate = True

    def __init__(self) -> None:
        self.seeds: list[int] = []

    def reset(self, instruction: str, seed: int) -> None:
        self.seeds.append(seed)

    def act(self, observation: Mapping[str, Any]) -> Action:
        return Action(np.zeros(7), terminate=True)


def judge(folder: Path, policy: Listening, **changes: Any) -> Evaluation:
    """Evaluate on two episodes of `reach`; the last two seeds are those that it was judged with."""
    config = EvaluateConfig(
        PolicyFlags(), folder, suite="reach", episodes=2, workers=0, films=0, necessity_episodes=0
    )
    with lent(policy) as source:
        return evaluate(replace(config.of_policy(source.path), **changes))


def test_a_policy_never_sees_the_seed_of_the_scene(tmp_path: Path) -> None:
    heard: dict[str, list[int]] = {}
    for name, key in (("once", "apple"), ("again", "apple"), ("other", "pear")):
        policy = Listening()
        evaluation = judge(tmp_path / name, policy, run_key=key)
        assert evaluation.info["run_key"] == key
        heard[name] = policy.seeds[-2:]
    assert heard["once"] == heard["again"]
    assert len({seed for seeds in heard.values() for seed in seeds}) == 4
    assert not {1_000_000, 1_000_001} & {seed for seeds in heard.values() for seed in seeds}


def test_a_run_draws_its_key_and_keeps_it(tmp_path: Path) -> None:
    folder, policy = tmp_path / "run", Listening()
    key = judge(folder, policy).info["run_key"]
    assert len(key) == 32
    assert json.loads((folder / "config.json").read_text())["run_key"] == key
    first = policy.seeds[-2:]
    (folder / "episodes.jsonl").write_text("")
    assert judge(folder, policy, resume=True).info["run_key"] == key
    assert policy.seeds[-2:] == first
    with pytest.raises(ValueError, match="run_key was"):
        judge(folder, policy, resume=True, run_key="pear")
    assert judge(folder, policy, overwrite=True).info["run_key"] != key


def test_seeds_of_policies_differ_between_episodes_and_conditions() -> None:
    jobs = [JOB, replace(JOB, seed=1_000_001), replace(JOB, condition="blank")]
    seeds = {replace(job, run_key=key).policy_seed for job in jobs for key in ("a", "b")}
    assert len(seeds) == 6
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_baselines_act_alike_whatever_the_key() -> None:
    one, other = (run_policy_episode(replace(JOB, run_key=key)) for key in ("a", "b"))
    assert replace(one, wall_s=0.0) == replace(other, wall_s=0.0)
