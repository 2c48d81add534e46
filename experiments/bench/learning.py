"""How long the shipped policy's size takes to decide and to learn, beside what arithmetic allows.

The limit is what this machine's float32 matrix product would need for the same multiplications;
it ignores memory, so nothing reaches it. Everything here runs in a process of one thread.
"""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.registry import TABLETOP
from handeye.experiments.bench.measurement import Measurement
from handeye.experiments.data.config import Augmentation, DatasetFlags
from handeye.experiments.data.recorder import record_episode
from handeye.experiments.data.tabletop_dataset import TabletopTrainingSet
from handeye.experiments.training.config import TrainConfig
from handeye.experiments.training.data_parallel import Team
from handeye.experiments.training.learner import Learner
from handeye.experiments.training.train import PolicyRecipe
from handeye.policies.token_policy.processor import TokenPolicyProcessor
from handeye.policies.token_policy.runner import TokenPolicyRunner

SUITE = "tabletop-core"
MATRIX = 1024
BATCH = 32
WARM_UP = 5
BACKWARD = 2  # a backward pass multiplies twice as often as the forward pass


def measure_learning(episodes: int, decisions: int, updates: int) -> list[Measurement]:
    """Latency of one decision, and training samples a second, of the nano preset."""
    torch.set_num_threads(1)
    data = recorded(episodes)
    config = TrainConfig(
        DatasetFlags(root=None),  # type: ignore[arg-type]  # the data is at hand
        output_dir=None,  # type: ignore[arg-type]  # nothing is saved
        batch_size=BATCH,
        workers=1,
        steps=10_000,
    )
    recipe = PolicyRecipe(Team(0, 1), config, data)
    gflops = matrix_gflops()
    latency = measure_latency(recipe.learner, recipe.processor, decisions, gflops)
    return [latency, measure_training(recipe, updates, gflops)]


def recorded(episodes: int) -> TabletopTrainingSet:
    """A small training set, recorded on the spot."""
    env = TabletopEnv(SUITE, cameras=(), action_mode="ee_pose")
    tasks = TABLETOP.tasks_of(SUITE)
    made = [record_episode(env, tasks[n % len(tasks)], n) for n in range(episodes)]
    return TabletopTrainingSet([e for e in made if isinstance(e, Episode)], Augmentation())


def matrix_gflops(repeats: int = 30) -> float:
    """Float32 matrix product of this process's one thread, best of `repeats`, GFLOP/s."""
    a, b = torch.rand(2, MATRIX, MATRIX)
    best_s = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        a @ b
        best_s = min(best_s, time.perf_counter() - started)
    return 2e-9 * MATRIX**3 / best_s


def measure_latency(
    learner: Learner, processor: TokenPolicyProcessor, decisions: int, gflops: float
) -> Measurement:
    """`act` on a fresh observation, batch 1: median, 95th percentile, and the limit."""
    env = TabletopEnv(SUITE, action_mode="ee_pose")
    observation, _ = env.reset(seed=1_000_000)
    policy = TokenPolicyRunner(learner.model, processor)
    policy.reset(observation["instruction"], 0)
    flops = multiplications(learner.model, partial(policy.act, observation))
    taken_ms = []
    for _ in range(WARM_UP + decisions):
        started = time.perf_counter()
        policy.act(observation)
        taken_ms.append(1e3 * (time.perf_counter() - started))
    p50, p95 = np.percentile(taken_ms[WARM_UP:], [50, 95])
    parameters = sum(p.numel() for p in learner.model.parameters())
    return Measurement.of_costs(
        "nano_latency_p50",
        float(p50),
        flops * 1e-6 / gflops,
        "ms",
        "one decision of the nano preset, batch 1, one core, float32; and its multiplications at "
        "the speed of a matrix product",
        p95_ms=float(p95),
        hz=1e3 / float(p50),
        mflop=flops * 1e-6,
        matrix_gflops=gflops,
        parameters=float(parameters),
    )


def multiplications(model: torch.nn.Module, action: Callable[[], object]) -> int:
    """Floating-point operations of matrix products and convolutions in `action`."""
    model.requires_grad_(False)  # torch's counter trips over weights handed to submodules
    with FlopCounterMode(display=False) as counter:
        action()
    model.requires_grad_(True)
    return int(counter.get_total_flops())


def measure_training(recipe: PolicyRecipe, updates: int, gflops: float) -> Measurement:
    """Samples a second of one process: frames drawn, forward, backward, update."""
    team, learner = Team(0, 1), recipe.learner
    learner.model.train()
    draw_s, taken_s = [], []
    (batch,) = recipe.batches(0)
    forward = multiplications(learner.model, partial(learner.model, **batch.inputs))
    flops = (1 + BACKWARD) * forward
    for step in range(1, updates + 3):
        started = time.perf_counter()
        batches = recipe.batches(step)
        drawn = time.perf_counter()
        learner.step(batches, team, False)
        draw_s.append(drawn - started)
        taken_s.append(time.perf_counter() - started)
    step_s = float(np.median(taken_s[2:]))
    return Measurement.of_rates(
        "train_samples_per_s",
        BATCH / step_s,
        BATCH * gflops * 1e9 / flops,
        "samples/s",
        "training of the nano preset in one process of one thread, frames drawn on the fly; and "
        "its multiplications at the speed of a matrix product",
        share_of_drawing=float(np.median(draw_s[2:])) / step_s,
        mflop_per_sample=flops * 1e-6 / BATCH,
    )
