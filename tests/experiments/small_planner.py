"""An untrained `handeye-planner` of a few thousand weights, with a real tokenizer."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import LlamaForCausalLM

from handeye.experiments.traces.plan_annotation import Trace
from handeye.experiments.traces.planner_tokenizer import make_tokenizer
from handeye.experiments.traces.planning_traces import draw_trace
from handeye.experiments.training.config import TrainPlannerConfig
from handeye.experiments.training.train_planner import model_config


@functools.cache
def traces(count: int = 30) -> tuple[Trace, ...]:
    return tuple(draw_trace(np.random.default_rng([1, n])) for n in range(count))


@functools.cache
def small_planner() -> tuple[Any, Any]:
    """A model and its tokenizer; the weights are random but large: its choices are clear."""
    tokenizer = make_tokenizer(traces(), 700)
    torch.manual_seed(0)
    config = model_config(TrainPlannerConfig(Path(), width=32, layers=2), tokenizer)
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.mul_(8.0)
    return model, tokenizer
