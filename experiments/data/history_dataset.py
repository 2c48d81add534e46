"""Recorded episodes of the suite `rooms` -> training batches of `HistoryPolicy`.

A batch is a pure function of (seed, step, rank), as in `dataset.py`. It is made of stretches of
episodes: frames a stride apart, each drawn and encoded once, each a decision that remembers those
before it. A stretch has fresh light, textures and colours, and other words around its instruction.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from handeye.envs.core.episode_file import list_episodes
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.pictures.appearance import sample_home_look
from handeye.envs.rooms.pictures.rendering import (
    HOME_RENDERER_FINGERPRINT,
    HomeRenderer,
    render_homes,
)
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.experiments.data.config import Augmentation
from handeye.experiments.data.program_examples import Variation, frame_words, varied, words_of
from handeye.experiments.data.tabletop_dataset import checked_action_mode
from handeye.experiments.data.training_set import (
    PolicyCard,
    PolicyRequest,
    Scored,
    Trainable,
)
from handeye.experiments.labels.history_labels import (
    DecisionTruth,
    decisions_of,
    frame_truth,
    intent_of,
    named_classes,
)
from handeye.experiments.labels.program_labels import ROOMS_VOCABULARY, ProgramExample, true_program
from handeye.experiments.records.checkpoints import take_weights
from handeye.perception.instructions.navigation_program import SpokenProgram, instruction_words
from handeye.perception.instructions.program_reader import (
    program_targets,
    program_tokenizer,
)
from handeye.perception.losses.next_token import IGNORED
from handeye.policies.checkpoint_files import load_processor
from handeye.policies.history.config import (
    HISTORY_PRESETS,
    VELOCITY_STRIDE,
    HistoryPolicyConfig,
)
from handeye.policies.history.loss import (
    HistoryTargets,
    HistoryWeights,
    history_losses,
    history_metrics,
)
from handeye.policies.history.model import ANSWERS, HistoryPolicy
from handeye.policies.history.processor import HistoryPolicyProcessor
from handeye.policies.tokens.action_tokenizer import DISCRETE_MODE

RENDER_PX = 128  # what the environment shows
FRAMES = 16  # of a stretch
CELL_PX = 8  # of the policy's pixels
ENDING_SHARE = 0.4  # of the stretches, those that end where their episode does
PURSUED_SHARE = 0.6  # of the stretches, those of the goal that was pursued
VARIATION = Variation(rename=0.0)  # the words must go on to name what is seen


DESCRIPTION = """
Reads one instruction, the frames of a wheeled base now and some moments ago, and odometry; answers
with action tokens. It keeps no map. Trained from scratch on simulated apartments: no downloaded
weights, no data about people. It knows these simulated apartments and words, and nothing else; do
not run it on a real base.
""".strip()


class Stretch(NamedTuple):
    """Some times of an episode under one of its goals, and the words for it."""

    episode: RoomEpisode
    goal: int
    times: NDArray[np.int64]  # (n,) at most FRAMES, increasing
    spoken: SpokenProgram
    values_m: list[float]


class HistoryBatch(NamedTuple):
    """Inputs of `HistoryPolicy.forward` by name, and the truth."""

    inputs: dict[str, Tensor]
    targets: HistoryTargets


class HistoryTrainingSet:
    """All decisions of a folder of episodes of the suite `rooms`, for a policy with a memory.

    Args:
        episodes: recorded with training seeds, all in one action mode.
        augmentation: its `jitter` is the strength of the frames' jitter.
        sizes: of the policy: its history, stride and pixels.
    """

    presets: ClassVar[Mapping[str, Callable[..., Any]]] = HISTORY_PRESETS
    episode_format: ClassVar[str] = RoomEpisode.form
    card: ClassVar[PolicyCard] = PolicyCard(
        "handeye-rooms", DESCRIPTION, "rooms", HOME_RENDERER_FINGERPRINT
    )

    def __init__(
        self,
        episodes: Sequence[RoomEpisode],
        augmentation: Augmentation,
        sizes: HistoryPolicyConfig,
    ) -> None:
        self.action_mode = checked_action_mode(episodes)
        self.augmentation = augmentation
        self.sizes = fitted_history_config(sizes, self.action_mode)
        self.episodes: list[RoomEpisode] = list(episodes)
        self._recorded, self._driven = _by_task(episodes), _by_task([])
        self._driven_share = 0.0
        examples = [
            true_program(episode.task, episode.scene, goal.goal, words)
            for episode in episodes
            for goal in episode.goals
            for words in goal.instructions
        ]
        self._words, self._frame = words_of(examples), frame_words(examples)

    @classmethod
    def load(
        cls, roots: Sequence[Path], augmentation: Augmentation, preset: str
    ) -> "HistoryTrainingSet":
        """All episodes of dataset folders, for a preset's sizes; damage is a ValueError."""
        paths = [path for root in roots for path in list_episodes(root)]
        with ThreadPoolExecutor(2) as pool:
            episodes = list(pool.map(RoomEpisode.load, paths))
        return cls(episodes, augmentation, HISTORY_PRESETS[preset]())

    def add_driven(self, episodes: Sequence[RoomEpisode], share: float) -> None:
        """Add episodes that the policy drove; from now on `share` of the stretches are of such."""
        self._driven_share = share
        self.episodes.extend(episodes)
        for task, driven in _by_task(episodes).items():
            self._driven.setdefault(task, []).extend(driven)

    def __len__(self) -> int:
        """How many decisions there are to learn from."""
        return sum(len(e.poses) * len(e.goals) for e in self.episodes)

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks recorded, in order of appearance."""
        return list(self._recorded)

    def words(self) -> list[str]:
        """Every word that an instruction of a batch may have."""
        return self._words

    def build(self, request: PolicyRequest, seed: int) -> Trainable:
        """Build a `HistoryPolicy` whose words are those recorded, or those it starts from.

        Raises:
            ValueError: a setting that this policy has no use for.
        """
        if request.decoding != "parallel":
            raise ValueError(
                f"--preset {request.preset} decodes in one pass; leave --decoding as it is"
            )
        if request.blind:
            raise ValueError(
                f"--preset {request.preset} reads numbers apart from words and cannot be --blind; "
                "choose another preset"
            )
        words = program_tokenizer(self.words()).words
        if request.start is not None:
            words = tuple(load_processor(HistoryPolicyProcessor, request.start).words)
        self.sizes.vocabulary = len(words)
        model = HistoryPolicy(self.sizes)
        if request.start is not None:
            take_weights(model, request.start)
        processor = HistoryPolicyProcessor(words, self.sizes.max_words, self.sizes.px)
        return Trainable(model, processor, score_history, HistoryWeights().terms)

    def draw(
        self, rng: np.random.Generator, processor: HistoryPolicyProcessor, size: int
    ) -> HistoryBatch:
        """A batch of `size` / `FRAMES` stretches, at least one: at most `size` decisions.

        Every task comes as often as any other.
        """
        stretches = [self._draw(rng) for _ in range(max(1, size // FRAMES))]
        frames, seen = self._frames(stretches, processor, rng)
        said = [stretch.spoken.words for stretch in stretches]
        lengths = [len(s.times) for s in stretches]
        proprio = np.concatenate([s.episode.proprio[s.times] for s in stretches])
        inputs = {
            "frames": frames,
            **processor.spoken(said, [s.values_m for s in stretches]),
            "of": torch.arange(len(stretches)).repeat_interleave(torch.tensor(lengths)),
            "proprio": processor.felt(proprio),
            "past": remembered(lengths, self.sizes.history),
        }
        return HistoryBatch(inputs, self._targets(stretches, seen))

    def _draw(self, rng: np.random.Generator) -> Stretch:
        driven = self._driven and rng.random() < self._driven_share
        pool = self._driven if driven else self._recorded
        tasks = list(pool)
        episodes = pool[tasks[int(rng.integers(len(tasks)))]]
        episode = episodes[int(rng.integers(len(episodes)))]
        others = len(episode.goals) - 1
        pursued = not others or rng.random() < PURSUED_SHARE
        goal = 0 if pursued else 1 + int(rng.integers(others))
        last = len(episode.poses) - 1
        if rng.random() >= ENDING_SHARE:
            last = int(rng.integers(last + 1))
        times = np.arange(last, -1, -self.sizes.stride)[:FRAMES][::-1]
        options = episode.goals[goal].instructions
        words = options[int(rng.integers(len(options)))]
        example: ProgramExample = true_program(
            episode.task, episode.scene, episode.goals[goal].goal, words
        )
        spoken = varied(example, self._frame, rng, VARIATION)
        return Stretch(episode, goal, times, spoken, instruction_words(words)[1])

    def _frames(
        self,
        stretches: Sequence[Stretch],
        processor: HistoryPolicyProcessor,
        rng: np.random.Generator,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Frames of all stretches in turn, and the fields of `HistoryTargets` about them."""
        renderers: list[HomeRenderer] = []
        poses: list[BasePose] = []
        goals = []
        for stretch in stretches:
            scene = stretch.episode.scene
            look = sample_home_look(rng, len(scene.apartment.rooms), self.augmentation.jitter)
            renderers += [HomeRenderer(scene, look)] * len(stretch.times)
            poses += [BasePose(*row) for row in stretch.episode.poses[stretch.times].tolist()]
            goals += [stretch.episode.goals[stretch.goal].goal] * len(stretch.times)
        drawn = render_homes(renderers, poses, RENDER_PX, RENDER_PX)
        cells = processor.px // CELL_PX
        truth = [
            frame_truth(renderer.scene, goal, pose, depth_m, bodies, cells)
            for renderer, goal, pose, depth_m, bodies in zip(
                renderers, goals, poses, drawn.depth_m, drawn.segmentation, strict=True
            )
        ]
        seen = {
            "referred": torch.from_numpy(np.stack([one.referred for one in truth])),
            "cells": torch.from_numpy(np.stack([one.cells for one in truth])),
        }
        return processor.frames(drawn.rgb, drawn.depth_m), seen

    def _targets(self, stretches: Sequence[Stretch], seen: dict[str, Tensor]) -> HistoryTargets:
        labels, answers = [], []
        decisions: list[DecisionTruth] = []
        for stretch in stretches:
            episode, goal = stretch.episode, stretch.episode.goals[stretch.goal].goal
            labels.append(episode.labels[stretch.goal, stretch.times])
            made = decisions_of(episode, stretch.goal, stretch.times.tolist())
            decisions += made
            number = int(goal.answer) if goal.answer in map(str, range(ANSWERS)) else IGNORED
            answers += [number if one.terminate else IGNORED for one in made]
        values = np.concatenate(labels).reshape(len(decisions), -1)
        bins = self.sizes.action_tokenizer().bin_positions(values)
        spoken = [stretch.spoken for stretch in stretches]
        return HistoryTargets(
            action_bins=torch.from_numpy(bins).float(),
            terminate=torch.tensor([one.terminate for one in decisions]),
            waypoint_m=torch.tensor([one.waypoint_m for one in decisions]),
            answer=torch.tensor(answers),
            named=torch.from_numpy(np.stack([named_classes(one.steps) for one in spoken])),
            directions=program_targets(spoken, ROOMS_VOCABULARY).direction,
            intent=torch.tensor([intent_of(one.steps) for one in spoken]),
            **seen,
        )


def _by_task(episodes: Sequence[RoomEpisode]) -> dict[str, list[RoomEpisode]]:
    tasks: dict[str, list[RoomEpisode]] = {}
    for episode in episodes:
        tasks.setdefault(episode.task, []).append(episode)
    return tasks


def remembered(lengths: Sequence[int], history: int) -> Tensor:
    """Of stretches one after the other, which frames each decision remembers: (F, history) int64.

    The one now comes first; -1 where the stretch had not begun.
    """
    age = np.arange(history)
    rows = [np.arange(length)[:, None] - age for length in lengths]
    firsts = np.cumsum([0, *lengths[:-1]])
    kept = [np.where(row >= 0, row + first, -1) for row, first in zip(rows, firsts, strict=True)]
    return torch.from_numpy(np.concatenate(kept))


def fitted_history_config(config: HistoryPolicyConfig, action_mode: str) -> HistoryPolicyConfig:
    """`config` with this suite's names, for an action mode."""
    lists = ROOMS_VOCABULARY
    config.kinds, config.colours = list(lists.kinds[1:]), list(lists.colours[1:])
    config.rooms, config.action_mode = list(lists.rooms[1:]), action_mode
    if action_mode != DISCRETE_MODE:
        config.stride = VELOCITY_STRIDE
    return config


def score_history(model: HistoryPolicy, batch: HistoryBatch) -> Scored:
    """Return what a `HistoryPolicy` learns from a batch."""
    said = model(**batch.inputs)
    config = model.config
    losses = history_losses(
        said, batch.targets, model.tokenizer, config.action_mode, config.class_counts
    )
    return Scored(losses, history_metrics(said, batch.targets, model.tokenizer))
