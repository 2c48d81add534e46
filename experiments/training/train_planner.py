"""Train `handeye-planner`, the embedded language model, on fresh planning traces.

    handeye train-planner --steps 5000 --output_dir outputs/train/planner

The folder of a run is that of `trainer.py`; `evaluations.jsonl` has the share of calls that the
model writes exactly as the oracle on held-out traces. A run that is continued reads new traces.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from handeye.agents.embedded.handeye_planner import load_weights
from handeye.experiments.data.training_set import Scored
from handeye.experiments.records.checkpoints import MODEL_FOLDER, last_checkpoint, save_policy
from handeye.experiments.records.seeds import FIRST_SELECTION_SEED, check_training_seeds
from handeye.experiments.traces.planner_examples import (
    IGNORED,
    DrawTrace,
    PlannerBatch,
    PlannerExamples,
    collate,
    encode,
)
from handeye.experiments.traces.planner_tokenizer import make_tokenizer
from handeye.experiments.traces.planning_traces import draw_trace
from handeye.experiments.traces.readings import draw_listing, draw_reading
from handeye.experiments.training.cards import planner_card
from handeye.experiments.training.config import TrainPlannerConfig
from handeye.experiments.training.data_parallel import Team
from handeye.experiments.training.learner import Learner, Schedule, usual_optimizers
from handeye.experiments.training.trainer import fit, run_training
from handeye.perception.losses.total import counted

SETTINGS = "train_planner.json"
HELD_OUT = ("seen", "combination", "phrasing", "kind")
MOST_TRACES = 1_000_000_000  # of a process
CONTEXT = 2048
TEACHES: dict[str, DrawTrace] = {
    "calls": draw_trace,
    "intents": draw_reading,
    "names": draw_listing,
}
BLANK = "Ġ"  # how byte-level tokens spell it


def run(config: TrainPlannerConfig) -> int:
    """Train; exit code 0 when all steps are done, 130 when interrupted."""
    if not 0 <= config.cut <= 1:
        raise ValueError(f"--cut is a share of the traces, from 0 to 1, not {config.cut}")
    if config.batch_size < 1:
        raise ValueError(f"--batch_size {config.batch_size}: at least one token an update")
    if min(config.steps, config.workers) < 1 or config.width % 32:
        raise ValueError("--steps and --workers must be at least 1, and --width a multiple of 32")
    check_training_seeds(config.seed, 1)
    if config.start is not None and not (config.start / "config.json").is_file():
        raise ValueError(
            f"{config.start} holds no planner; --start takes a pretrained_model folder"
        )
    return run_training(train, config, SETTINGS, config.workers)


def train(team: Team, config: TrainPlannerConfig) -> int:
    """Do one process's part of a run."""
    torch.manual_seed(config.seed)
    return fit(team, config, PlannerRecipe(team, config))


class PlannerRecipe:
    """A planner that learns from fresh traces, and is compared with the oracle on others."""

    def __init__(self, team: Team, config: TrainPlannerConfig) -> None:
        self._team, self._config = team, config
        model, self._tokenizer = _begun(config)
        self._drawn: Iterator[PlannerBatch] | None = None
        self.learner = Learner(
            model,
            Schedule(config.learning_rate, config.warmup_steps, config.steps),
            usual_optimizers(model, config.learning_rate, config.weight_decay, config.muon_rate),
            clip_norm=config.clip_norm,
            average_decay=config.average_decay,
            precision="float32",
            score=score_calls,
            weights={"calls": 1.0, "read": config.read_weight},
        )

    def batches(self, step: int) -> list[PlannerBatch]:
        """Draw this process's next batch, of traces that no step before has seen."""
        if self._drawn is None:
            self._drawn = _batches(self._config, self._tokenizer, step - 1, self._team.rank)
        return [next(self._drawn)]

    def evaluate(self, step: int) -> dict[str, float] | None:
        """Compare with the oracle every so many steps and at the end; one process does it."""
        every = self._config.evaluate_every
        due = every and (step % every == 0 or step == self._config.steps)
        if not due or not self._team.leads:
            return None
        return exact_calls(self._config, self._tokenizer, self.learner)

    def write(self, folder: Path, summary: dict[str, Any]) -> None:
        """Write the planner with its averaged weights."""
        card = planner_card(self._config, self.learner, summary)
        with self.learner.averaged() as model:
            save_policy(folder, model, self._tokenizer, card)


def new_model(config: TrainPlannerConfig, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A model with random weights, but for this: a word begins alike with and without a blank.

    Arguments are words of the instruction without the blank before them; where the two spellings
    are near each other from the start, copying is learned several times as fast.
    """
    model = LlamaForCausalLM(model_config(config, tokenizer))
    known = tokenizer.get_vocab()
    with torch.no_grad():
        weights = model.model.embed_tokens.weight
        for word, index in known.items():
            blank = known.get(BLANK + word)
            if blank is not None:
                weights[index] = 0.8 * weights[blank] + 0.6 * weights[index]
    return model


def model_config(config: TrainPlannerConfig, tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    """The model's shape, such that every server of Llama models can run it."""
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=config.width,
        intermediate_size=3 * config.width,
        num_hidden_layers=config.layers,
        num_attention_heads=config.width // 32,
        num_key_value_heads=config.width // 32,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def score_calls(model: Any, batch: PlannerBatch) -> Scored:
    """Cross-entropy (nats) of calls and of what is read, and the share of calls' tokens right."""
    hidden = model.model(batch.ids, use_cache=False).last_hidden_state  # (B, L, width)
    logits = model.lm_head(hidden[:, :-1])
    following, labels = batch.ids[:, 1:], batch.labels[:, :-1]
    taught = labels != IGNORED
    read = ~taught & (following != model.config.pad_token_id)
    calls = cross_entropy(logits[taught], labels[taught], reduction="none")
    results = cross_entropy(logits[read], following[read], reduction="none")
    right = (logits.detach().argmax(-1) == labels)[taught].float().mean()
    return Scored({"calls": counted(calls), "read": counted(results)}, {"token_accuracy": right})


@torch.inference_mode()
def exact_calls(
    config: TrainPlannerConfig, tokenizer: PreTrainedTokenizerFast, learner: Learner
) -> dict[str, float]:
    """Share of the calls of held-out traces that the model would write as the expert, by split."""
    shares: dict[str, float] = {}
    with learner.averaged() as model:
        network: Any = model
        for k, split in enumerate(HELD_OUT):
            calls = right = 0
            for n in range(config.evaluate_traces):
                rng = np.random.default_rng([FIRST_SELECTION_SEED, k, n])
                trace = TEACHES[config.teaches](rng, split)
                batch = collate([encode(trace, tokenizer)], tokenizer.pad_token_id)
                taught = batch.labels[0] != IGNORED
                best = network(batch.ids, use_cache=False).logits[0].argmax(-1)
                wrong = taught & (best != batch.labels[0])
                ends = taught & (batch.labels[0] == tokenizer.eos_token_id)
                number = ends.long().cumsum(0) - ends.long()  # of the call that a token is of
                calls += int(ends.sum())
                right += int(ends.sum()) - len(number[wrong].unique())
            shares[split] = right / calls
    return shares


def _batches(
    config: TrainPlannerConfig, tokenizer: PreTrainedTokenizerFast, done: int, rank: int
) -> Iterator[PlannerBatch]:
    """Batches of traces that no step before has seen, and no other process."""
    seed = (config.seed + done) % FIRST_SELECTION_SEED
    examples = PlannerExamples(
        tokenizer,
        seed,
        config.batch_size,
        first=rank * MOST_TRACES,
        cut=config.cut,
        draw=TEACHES[config.teaches],
    )
    yield from DataLoader(examples, batch_size=None, num_workers=1, prefetch_factor=8)


def _begun(config: TrainPlannerConfig) -> tuple[LlamaForCausalLM, PreTrainedTokenizerFast]:
    """Model and tokenizer of the run so far, those that it starts from, or new ones."""
    checkpoint = last_checkpoint(config.output_dir) if config.resume else None
    known = config.start if checkpoint is None else checkpoint / MODEL_FOLDER
    if known is not None:
        return load_weights(known)
    rngs = (np.random.default_rng([config.seed, n, 2]) for n in range(config.tokenizer_traces))
    tokenizer = make_tokenizer(
        [TEACHES[config.teaches](rng, wide=True) for rng in rngs], config.vocabulary
    )
    return new_model(config, tokenizer), tokenizer
