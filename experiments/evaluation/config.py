"""Flags of the commands that judge; light to import."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import tyro

from handeye.experiments.records.agent import AgentFlags
from handeye.experiments.records.default_folder import DEFAULT_FOLDER
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED
from handeye.experiments.records.sensor_noise import SensorNoise


@dataclass(frozen=True)
class PolicyFlags:
    """Which policy acts.

    Attributes:
        path: a checkpoint folder, the name of a shipped policy, or oracle, random, blind, or
            frontier (suite rooms); your own by my_module:MyPolicy or my_policy.py:MyPolicy; ""
            where an agent acts.
        device: where a trained policy computes: cpu, cuda, cuda:1, mps, or auto. One decision at a
            time is quicker on the CPU unless the policy is large.
    """

    path: str = ""
    device: str = "cpu"


@dataclass(frozen=True)
class EvaluateConfig:
    """How to judge a policy or an agent.

    Attributes:
        policy: which one acts.
        output_dir: folder of the run; an existing one is refused.
        suite: a suite or a single task, see `handeye list`.
        split: how the episodes differ from training, see `handeye list`.
        noise: of the sensors.
        episodes: per task.
        seed: of the first episode; 1000000 or more, or 900000 to 999999 to choose by, of which
            no table is made.
        run_key: seeds of a policy's own sampling are drawn from it and the episode's name; "" for a
            random one, which the run records.
        workers: processes; 0 runs everything in this one.
        necessity_episodes: per task and row of the instruction test (blank, shuffled,
            contradictory); by default 10 for policies that read, none for the baselines.
        films: successes and failures to film, each, per task; of agents there are transcripts.
        deadline_s: real seconds after which an episode counts as hung.
        result: also write eval_info.json to this file, such as results/nano_seen.json, and all
            records to results/episodes/nano_seen.jsonl.gz.
        resume: continue the run in output_dir.
        overwrite: start over in output_dir.
        agent: who plans with tools, instead of a policy.
        ladder: run the failed episodes of an agent again with parts replaced by oracles, until it
            is known which part failed.
    """

    policy: PolicyFlags
    output_dir: Path = DEFAULT_FOLDER
    suite: str = "tabletop-core"
    split: str = "seen"
    noise: SensorNoise = field(default_factory=SensorNoise)
    episodes: int = 25
    seed: int = FIRST_EVALUATION_SEED
    run_key: str = ""
    workers: int = 2
    necessity_episodes: int | None = None
    films: int = 1
    deadline_s: float = 300.0
    result: Path | None = None
    resume: bool = False
    overwrite: bool = False
    agent: Annotated[AgentFlags, tyro.conf.OmitArgPrefixes] = field(default_factory=AgentFlags)
    ladder: bool = False

    @property
    def job(self) -> str:
        """What its default folder is named after."""
        return f"{self.label}_{self.suite}_{self.split}"

    @property
    def label(self) -> str:
        """How tables name who acts."""
        return self.agent.label if self.agent.agent else self.policy.path

    def of_policy(self, path: str) -> "EvaluateConfig":
        """Return the same settings for another policy."""
        return replace(self, policy=replace(self.policy, path=path))


@dataclass(frozen=True)
class EvaluateEyesConfig:
    """What to judge.

    Attributes:
        eyes: shipped ones by name, or a checkpoint folder.
        frames: of each kind: tables seen, tables with held-out combinations, apartments.
        seed: of the first episode.
        result: also write the figures to this JSON file, such as results/eyes.json.
        threads: of torch; times are measured with these.
    """

    eyes: str = "handeye-eyes"
    frames: int = 300
    seed: int = FIRST_EVALUATION_SEED
    result: Path | None = None
    threads: int = 1
