"""Flags of `handeye train-rl`; light to import."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from handeye.experiments.records.default_folder import DEFAULT_FOLDER


@dataclass(frozen=True)
class TrainRLConfig:
    """Train a policy by reinforcement.

    Attributes:
        algo: sac (with hindsight goals) or ppo.
        task: reach and pick_up (from the state), point_goal (from depth and words; ppo alone).
        steps: environment steps at most; default 60,000 for sac, 600,000 for ppo, 2,000,000 for
            point_goal.
        time_limit_s: seconds of training at most.
        target_success: stop when this share of 100 episodes on selection seeds succeeds.
        seed: of networks, exploration and scenes.
        envs: environments stepped together.
        workers: processes that host them.
        eval_episodes: episodes of the closing evaluation, on evaluation seeds; 200 for a figure
            to publish.
        output_dir: run folder.
        resume: continue the run in the folder.
        overwrite: start the run in the folder over.
        result: also write the closing figures to this JSON file.
    """

    algo: Literal["ppo", "sac"] = "sac"
    task: str = "reach"
    steps: int | None = None
    time_limit_s: float = 900.0
    target_success: float = 1.0
    seed: int = 0
    envs: int = 8
    workers: int = 2
    eval_episodes: int = 50
    output_dir: Path = DEFAULT_FOLDER
    resume: bool = False
    overwrite: bool = False
    result: Path | None = None

    @property
    def job(self) -> str:
        """Name of its default folder."""
        return f"{self.algo}_{self.task}"
