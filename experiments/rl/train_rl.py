"""`handeye train-rl`: train a policy by reinforcement with stable-baselines3.

On the tabletop it reads the simulator's state, not frames or words: a reference for what the arm
can do, and a check that the environments suit reinforcement learning. Point goal is learned from
depth, odometry and the words. SAC (arXiv:1801.01290) learns from sparse rewards with hindsight
goals (HER, arXiv:1707.01495), PPO (arXiv:1707.06347) from dense ones.
"""

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3 import PPO, SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.buffers import DictReplayBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecMonitor
from stable_baselines3.her import HerReplayBuffer

from handeye.base.names import look_up
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import (
    open_run_folder,
    write_bytes_atomic,
    write_json_atomic,
    write_text_atomic,
)
from handeye.experiments.records.seeds import (
    FIRST_EVALUATION_SEED,
    FIRST_SELECTION_SEED,
    check_training_seeds,
)
from handeye.experiments.rl.config import TrainRLConfig
from handeye.experiments.rl.rl_tasks import lesson_of
from handeye.experiments.rl.supervised_vec_env import SupervisedVecEnv
from handeye.policies.rl.policy import (
    CARD_FILE,
    MODEL_FILE,
    RLCard,
    load_rl_policy,
)

CHECK_SEEDS = range(FIRST_SELECTION_SEED, FIRST_SELECTION_SEED + 100)
CHECK_FROM = 0.9  # while exploration still succeeds less often than this, do not look
LEARNING_STARTS = 1_000
SAVE_EVERY_S = 60.0


def run(config: TrainRLConfig) -> int:
    """Train, save, evaluate; exit code 0. Ctrl-C saves what is learned so far."""
    check(config)
    with open_run_folder(
        config.output_dir, resume=config.resume, overwrite=config.overwrite
    ) as folder:
        torch.set_num_threads(1)
        started = time.perf_counter()
        lost = learn(config, folder)
        figures = closing_figures(config, folder, time.perf_counter() - started)
        for path in (folder / "train_info.json", config.result):
            if path is not None:
                write_json_atomic(path, {**figures, "lost": lost, **measured_with()})
    judge_it = f"handeye evaluate --policy.path {folder} --suite {config.task}"
    print(f"{figures['summary']}\njudge it with: {judge_it}")
    return 0


def closing_figures(config: TrainRLConfig, folder: Path, wall_s: float) -> dict[str, Any]:
    """Judge the saved policy on evaluation seeds; what is kept of the run, with a summary."""
    policy = load_rl_policy(folder)
    first = FIRST_EVALUATION_SEED
    closing = range(first, first + config.eval_episodes)
    success = lesson_of(config.task).judge(policy.model, policy.card, closing)
    low, high = success.wilson95
    summary = (
        f"{policy.policy_id}: {success.k} of {success.n} episodes succeeded (95 % interval "
        f"{low:.1%} to {high:.1%}) after {policy.card.steps} steps in {wall_s:.0f} s of training."
    )
    return {
        "summary": summary,
        "policy": policy.policy_id,
        "task": config.task,
        "seed": config.seed,
        "steps": policy.card.steps,
        "wall_s": round(wall_s, 1),
        "success": success.to_dict(),
        "eval_seed": first,
    }


def learn(config: TrainRLConfig, folder: Path) -> int:
    """Train and save the model into the folder; returns how many episodes were lost to faults."""
    lesson = lesson_of(config.task)
    env = SupervisedVecEnv(
        [lesson.factory(config.algo)] * config.envs,
        compute_reward=lesson.relabelling(config.algo),
        workers=config.workers,
    )
    keeper = Keeper(config, folder)
    try:
        model = build_model(config, VecMonitor(env), folder)
        left = max(0, total_steps(config) - model.num_timesteps)
        model.learn(left, callback=keeper, reset_num_timesteps=False, tb_log_name="train_rl")
    finally:  # Ctrl-C too: what is learned is kept
        keeper.save_if_any()
        env.close()
    return env.lost


def check(config: TrainRLConfig) -> None:
    """Refuse values that cannot work, before anything is written.

    Raises:
        ValueError: naming the flag.
    """
    look_up(
        f"algorithm for {config.task}", config.algo, {a: a for a in lesson_of(config.task).steps}
    )
    for flag in ("envs", "workers", "eval_episodes", "time_limit_s"):
        if getattr(config, flag) <= 0:
            raise ValueError(f"--{flag} {getattr(config, flag)} must be positive.")
    check_training_seeds(config.seed, config.envs)


def total_steps(config: TrainRLConfig) -> int:
    """Environment steps that the run may take."""
    usual = lesson_of(config.task).steps[config.algo]
    return usual if config.steps is None else config.steps


def build_model(config: TrainRLConfig, env: VecMonitor, folder: Path) -> BaseAlgorithm:
    """A new model, or the folder's when the run continues."""
    logs = str(folder / "tensorboard")
    if config.resume and (folder / MODEL_FILE).exists():
        return resume_model(config, env, folder)
    env.seed(config.seed)
    lesson = lesson_of(config.task)
    if config.algo == "ppo":
        return PPO(
            lesson.network,
            env,
            **lesson.ppo,
            seed=config.seed,
            tensorboard_log=logs,
            device="cpu",
        )
    return SAC(
        lesson.network,
        env,
        learning_rate=1e-3,
        buffer_size=200_000,
        learning_starts=LEARNING_STARTS,
        batch_size=256,
        gamma=0.95,
        tau=0.02,
        train_freq=1,
        gradient_steps=max(1, config.envs // 4),
        replay_buffer_class=HerReplayBuffer,
        replay_buffer_kwargs={"n_sampled_goal": 4, "goal_selection_strategy": "future"},
        policy_kwargs={"net_arch": [128, 128]},
        seed=config.seed,
        tensorboard_log=logs,
        device="cpu",
    )


def resume_model(config: TrainRLConfig, env: VecMonitor, folder: Path) -> BaseAlgorithm:
    """The saved model; experience is gathered anew, from seeds that differ from the first ones.

    Raises:
        ValueError: the folder's run was of another algorithm or task.
    """
    card = RLCard.read(folder)
    if (card.algorithm, card.task) != (config.algo, config.task):
        raise ValueError(
            f"{folder} holds a run of {card.algorithm} on {card.task}. Give the same --algo and "
            "--task, or another --output_dir."
        )
    env.seed((config.seed + card.steps) % (FIRST_SELECTION_SEED - config.envs))
    if config.algo == "ppo":
        return PPO.load(folder / MODEL_FILE, env=env, device="cpu")
    hindsight = {"n_sampled_goal": 4, "goal_selection_strategy": "future"}
    buffer = {"replay_buffer_class": HerReplayBuffer, "replay_buffer_kwargs": hindsight}
    model = SAC.load(folder / MODEL_FILE, env=env, device="cpu", custom_objects=buffer)
    model.learning_starts = model.num_timesteps + LEARNING_STARTS
    return model


class Keeper(BaseCallback):
    """Saves the model now and then, and ends training at its goal or its time limit."""

    def __init__(self, config: TrainRLConfig, folder: Path) -> None:
        super().__init__()
        self._config, self._folder = config, folder
        self._lesson = lesson_of(config.task)
        self._started_s = self._saved_s = time.perf_counter()
        self._checked = 0

    def _on_step(self) -> bool:
        now_s = time.perf_counter()
        if now_s - self._saved_s > SAVE_EVERY_S:
            self.save()
            self._saved_s = now_s
        if now_s - self._started_s > self._config.time_limit_s:
            return False
        recent = list(self.model.ep_success_buffer or [])
        early = self.num_timesteps - self._checked < self._lesson.check_every
        if early or np.mean(recent or 0) < CHECK_FROM:
            return True
        self._checked = self.num_timesteps
        card = make_card(self._config, self.num_timesteps)
        success = self._lesson.judge(self.model, card, CHECK_SEEDS)
        self.logger.record("eval/success_rate", success.rate)
        return success.rate < self._config.target_success

    def save_if_any(self) -> None:
        """Save unless training had not begun."""
        if getattr(self, "model", None) is not None:
            self.save()

    def save(self) -> None:
        """Write the model, then its card; each whole or not at all."""
        config = self._config
        content = io.BytesIO()
        kept: dict[str, Any] = {}
        if isinstance(self.model, SAC):
            # A hindsight buffer cannot be built without an environment, so a model that names
            # one could not be loaded on its own.
            plain = {"replay_buffer_class": DictReplayBuffer, "replay_buffer_kwargs": {}}
            kept = {name: getattr(self.model, name) for name in plain}
            vars(self.model).update(plain)
        self.model.save(content)
        vars(self.model).update(kept)
        write_bytes_atomic(self._folder / MODEL_FILE, content.getvalue())
        card = make_card(config, self.model.num_timesteps)
        write_text_atomic(self._folder / CARD_FILE, card.to_json())


def make_card(config: TrainRLConfig, steps: int) -> RLCard:
    """Describe what the run's model reads and sets after `steps`."""
    lesson = lesson_of(config.task)
    return RLCard(config.algo, config.task, lesson.action_mode, lesson.controls, config.seed, steps)
