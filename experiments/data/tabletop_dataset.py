"""Recorded episodes -> training batches, with frames drawn on the fly and truth from the simulator.

A batch is a pure function of (seed, step, rank): nothing is cached on disk, no order is kept. Every
sample gets fresh light, texture, colours, camera shifts and words.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from handeye.envs.core.episode_file import list_episodes
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.tabletop.episode import Episode, EpisodeGoal
from handeye.envs.tabletop.oracle import TabletopOracle
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks import Goal
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.appearance import sample_appearance
from handeye.envs.tabletop.world.pictures import (
    RENDERER_FINGERPRINT,
    Configuration,
    SceneRenderer,
    render_states,
)
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State
from handeye.experiments.data.augmentation import recolour, recolouring, vary_words
from handeye.experiments.data.config import Augmentation
from handeye.experiments.data.training_set import (
    PolicyCard,
    PolicyRequest,
    Scored,
    Trainable,
)
from handeye.experiments.labels.frame_labels import (
    COLOUR_NAMES,
    RELATIONS,
    SIZED_KINDS,
    cell_bodies,
    cell_classes,
    mask_centres,
    named_classes,
)
from handeye.experiments.records.checkpoints import take_weights
from handeye.experiments.records.seeds import check_training_seeds
from handeye.experiments.wordings.paraphrases import core_words, word_core
from handeye.perception.encoders.text import PAD_ID, InstructionTokenizer
from handeye.policies.checkpoint_files import load_processor
from handeye.policies.token_policy.config import PRESETS, TokenPolicyConfig
from handeye.policies.token_policy.loss import (
    Targets,
    policy_losses,
    policy_metrics,
)
from handeye.policies.token_policy.model import TokenPolicy
from handeye.policies.token_policy.processor import TokenPolicyProcessor
from handeye.policies.tokens.action_tokenizer import ActionTokenizer

CAMERAS = ("front", "wrist")
CLASS_OF_RELATION = {name: i for i, name in enumerate(("", *RELATIONS))}
RENDER_PX = 128
WORD_TABLE = "text.word.weight"  # of a `TokenPolicy`, a row for each word
REFERRED = 2
STRIDE_PX = 8
TOLD_SHARE = 0.5  # of the samples whose actions may stand on the true places
TOLD_NOISE_M = 0.005
PIXEL_SAMPLES = 256  # tell where pixels of the front camera lie on the table
IMAGINED_SHARE = 0.5  # of the samples; fewer than recorded, since their later phases are rare


DESCRIPTION = """
Reads one instruction, two camera frames and the arm's joints; answers with one action of eight
tokens. Trained from scratch on simulated episodes of the handeye tabletop: no downloaded weights,
no data about people. It knows this simulated table, its objects and its words, and nothing else;
do not run it on a real arm.
""".strip()


class Decision(NamedTuple):
    """One state of one episode under one of its goals."""

    episode: int
    goal: int
    time: int


class Pool(NamedTuple):
    """Decisions for the goals that were pursued, and for others in the same states."""

    pursued: list[Decision]
    imagined: list[Decision]


class Sample(NamedTuple):
    """A decision as it will be seen: the (recoloured) scene, its state, the words."""

    scene: Scene
    state: State
    referred: tuple[int, ...]
    relation: str
    aims: NDArray[np.float32]  # (2, 3) m
    words: list[str]
    renderer: SceneRenderer


class Batch(NamedTuple):
    """Inputs of `TokenPolicy.forward` by name, and the truth."""

    inputs: dict[str, Tensor]
    targets: Targets


class TabletopTrainingSet:
    """All decisions of a folder of episodes, kept in memory as states.

    Args:
        episodes: recorded with training seeds, all in one action mode.
        augmentation: how samples depart from the recording.
    """

    presets: ClassVar[Mapping[str, Callable[..., Any]]] = PRESETS
    episode_format: ClassVar[str] = Episode.form
    card: ClassVar[PolicyCard] = PolicyCard(
        "handeye", DESCRIPTION, "tabletop-core", RENDERER_FINGERPRINT
    )

    def __init__(self, episodes: Sequence[Episode], augmentation: Augmentation) -> None:
        self.action_mode = checked_action_mode(episodes)
        self.augmentation = augmentation
        self.episodes: list[Episode] = []
        self._recorded, self._driven = Pool([], []), Pool([], [])
        self._driven_share = 0.0
        self._add(episodes, self._recorded)

    @classmethod
    def load(cls, roots: Sequence[Path], augmentation: Augmentation, preset: str = "") -> Self:
        """All episodes of dataset folders, whatever the preset; damage is a ValueError."""
        paths = [path for root in roots for path in list_episodes(root)]
        with ThreadPoolExecutor(2) as pool:
            return cls(list(pool.map(Episode.load, paths)), augmentation)

    def add_driven(self, episodes: Sequence[Episode], share: float) -> None:
        """Add episodes that the policy drove; from now on `share` of the samples are of such."""
        self._driven_share = share
        self._add(episodes, self._driven)

    def _add(self, episodes: Sequence[Episode], pool: Pool) -> None:
        for episode in episodes:
            number = len(self.episodes)
            self.episodes.append(episode)
            for goal in range(len(episode.goals)):
                times = range(len(episode.proprio))
                part = pool.pursued if goal == 0 else pool.imagined
                part.extend(Decision(number, goal, time) for time in times)

    def __len__(self) -> int:
        """How many decisions there are to learn from."""
        return sum(len(part) for pool in (self._recorded, self._driven) for part in pool)

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks recorded, in order of appearance."""
        return list(dict.fromkeys(episode.task for episode in self.episodes))

    def instructions(self) -> list[str]:
        """Everything that is said, and every colour's name, to make a vocabulary from."""
        recorded = [w for e in self.episodes for g in e.goals for w in g.instructions]
        wider = core_words() if self.augmentation.other_words else ()
        return [*recorded, *COLOUR_NAMES, *wider]

    def build(self, request: PolicyRequest, seed: int) -> Trainable:
        """Build a `TokenPolicy`; one that starts from another keeps its words and adds new ones."""
        words = InstructionTokenizer.train([] if request.blind else self.instructions()).words
        if request.start is not None:
            known = load_processor(TokenPolicyProcessor, request.start).words
            words = tuple(dict.fromkeys((*known, *words)))
        sizes = PRESETS[request.preset](action_mode=self.action_mode, decoding=request.decoding)
        sizes = fitted_config(sizes, len(words))
        processor = TokenPolicyProcessor(
            words, sizes.max_words, sizes.front_px, sizes.wrist_px, len(sizes.proprio_scales)
        )
        model = TokenPolicy(sizes)
        if request.start is not None:
            take_weights(model, request.start, grown=(WORD_TABLE,))
        else:
            truth = self.draw(np.random.default_rng(seed), processor, PIXEL_SAMPLES).targets
            seen = (truth.front_visible > 0) & (truth.referred_given > 0)
            model.fit_pixels(truth.front_xy[seen], truth.referred_xyz[seen])
        score = partial(score_tokens, softness_bins=request.loss.softness_bins)
        return Trainable(model, processor, score, request.loss.terms)

    def draw(self, rng: np.random.Generator, processor: TokenPolicyProcessor, size: int) -> Batch:
        """A batch of `size` decisions, all equally likely: long tasks bring more of them."""
        decisions = [self._draw(rng) for _ in range(size)]
        samples = [self._sample(decision, rng, processor.instructions) for decision in decisions]
        frames = render_states(
            [sample.renderer for sample in samples],
            [Configuration(s.state.body_poses, s.state.joint_positions) for s in samples],
            CAMERAS,
            RENDER_PX,
            RENDER_PX,
        )
        joints = np.stack([self.episodes[d.episode].proprio[d.time] for d in decisions])
        words = np.stack([processor.instructions.encode_words(s.words) for s in samples])
        longest = int((words != PAD_ID).sum(1).max())
        inputs = {
            "front": processor.frames(frames["front"].rgb, processor.front_px),
            "wrist": processor.frames(frames["wrist"].rgb, processor.wrist_px),
            "words": torch.from_numpy(words[:, :longest]),
            "proprio": processor.joints(joints),
        }
        segmentations = {name: frames[name].segmentation for name in CAMERAS}
        targets = self._targets(decisions, samples, segmentations)
        return Batch({**inputs, "places": told_places(targets, rng)}, targets)

    def _draw(self, rng: np.random.Generator) -> Decision:
        driven = self._driven.pursued and rng.random() < self._driven_share
        pool = self._driven if driven else self._recorded
        imagined = pool.imagined and rng.random() < IMAGINED_SHARE
        part = pool.imagined if imagined else pool.pursued
        return part[int(rng.integers(len(part)))]

    def _sample(
        self, decision: Decision, rng: np.random.Generator, tokenizer: InstructionTokenizer
    ) -> Sample:
        episode, change = self.episodes[decision.episode], self.augmentation
        goal = episode.goals[decision.goal]
        words = tokenizer.split(self._instruction(episode, goal, rng))
        scene = episode.scene
        if rng.random() < change.recolour:
            renamed = recolouring(scene, rng)
            scene = recolour(scene, renamed)
            words = [renamed.get(word, word) for word in words]
        state = recorded_state(episode, decision.time)
        subgoals = TABLETOP.make_task(episode.task).subgoals(
            Goal(goal.referred, goal.relation, goal.task)
        )
        varied = vary_words(words, rng, change.drop_words, change.insert_words, change.hide_words)
        return Sample(
            scene,
            state,
            goal.referred,
            goal.relation,
            TabletopOracle(scene, subgoals).aims(state),
            varied[: tokenizer.max_words],
            SceneRenderer(scene, sample_appearance(rng, change.jitter)),
        )

    def _instruction(self, episode: Episode, goal: EpisodeGoal, rng: np.random.Generator) -> str:
        """A phrasing that was recorded, or a wider one."""
        if rng.random() >= self.augmentation.other_words:
            return goal.instructions[int(rng.integers(len(goal.instructions)))]
        asked = Goal(goal.referred, goal.relation, goal.task)
        task = TABLETOP.make_task(goal.task or episode.task)
        return word_core(task, episode.scene, asked, rng)

    def _targets(
        self,
        decisions: Sequence[Decision],
        samples: Sequence[Sample],
        segmentations: dict[str, NDArray[np.int32]],
    ) -> Targets:
        labels = [self.episodes[d.episode].labels[d.goal, d.time] for d in decisions]
        ends = [self.episodes[d.episode].terminate[d.goal, d.time] for d in decisions]
        bins = ActionTokenizer.for_mode(self.action_mode).bin_positions(np.stack(labels))
        truth: dict[str, NDArray[Any]] = {}
        for camera in CAMERAS:
            truth |= _frame_targets(camera, samples, segmentations[camera])
        places = [_referred_xyz(sample) for sample in samples]
        return Targets(
            action_bins=torch.from_numpy(bins).float(),
            terminate=torch.from_numpy(np.array(ends)),
            referred_xyz=torch.from_numpy(np.stack([xyz for xyz, _ in places])),
            referred_given=torch.from_numpy(np.stack([given for _, given in places])),
            relation=torch.tensor([CLASS_OF_RELATION[s.relation] for s in samples]),
            aims_xyz=torch.from_numpy(np.stack([s.aims for s in samples])),
            named=torch.from_numpy(
                np.stack([named_classes(s.scene, s.referred, s.words, REFERRED) for s in samples])
            ),
            **{name: torch.from_numpy(values) for name, values in truth.items()},
        )


def checked_action_mode(episodes: Sequence[Episode | RoomEpisode]) -> str:
    """The action mode of all episodes.

    Raises:
        ValueError: there is no episode, or several modes, or seeds that are not of training.
    """
    if not episodes:
        raise ValueError("the dataset is empty; run `handeye collect` first")
    modes = {episode.action_mode for episode in episodes}
    if len(modes) != 1:
        raise ValueError(f"episodes of several action modes {sorted(modes)}; train on one")
    for episode in episodes:
        check_training_seeds(episode.seed, 1, "an episode of the dataset has seed")
    return modes.pop()


def told_places(targets: Targets, rng: np.random.Generator) -> Tensor:
    """True places (B, R, 3) in m, blurred, for `TOLD_SHARE` of the samples; NaN elsewhere."""
    truth = targets.referred_xyz
    noise = TOLD_NOISE_M * torch.from_numpy(rng.standard_normal(truth.shape, np.float32))
    told = torch.from_numpy(rng.random((len(truth), 1)) < TOLD_SHARE) & (targets.referred_given > 0)
    return (truth + noise).where(told[..., None], torch.nan)


def recorded_state(episode: Episode, time: int) -> State:
    """The simulator's state at `time`, at rest, as far as frames and places depend on it."""
    poses = episode.body_poses[time].astype(np.float64)
    joints = episode.joint_positions[time].astype(np.float64)
    contacts = np.full(2, -1, dtype=np.int32)
    return State(poses, joints, contacts, 0)


def _referred_xyz(sample: Sample) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Tops of the referred objects (R, 3) in m, a drawer's handle, and which of the R exist."""
    xyz, given = np.zeros((REFERRED, 3), np.float32), np.zeros(REFERRED, np.float32)
    for place, item in enumerate(sample.referred):
        xyz[place] = predicates.top(sample.scene, sample.state, item)
        given[place] = 1.0
    return xyz, given


def _frame_targets(
    camera: str, samples: Sequence[Sample], segmentations: NDArray[np.int32]
) -> dict[str, NDArray[Any]]:
    """`Targets` fields of one camera for all samples."""
    rows: list[tuple[NDArray[Any], ...]] = []
    for sample, segmentation in zip(samples, segmentations, strict=True):
        bodies = np.full(REFERRED, -1, dtype=np.int64)
        bodies[: len(sample.referred)] = [sample.scene.body(item) for item in sample.referred]
        seen = mask_centres(segmentation, bodies)
        cells = cell_bodies(segmentation, segmentation.shape[0] // STRIDE_PX)
        rows.append((*seen, *cell_classes(cells, sample.scene)))
    names = ("xy", "visible", "kinds", "colours")
    columns = zip(*rows, strict=True)
    return {f"{camera}_{name}": np.stack(c) for name, c in zip(names, columns, strict=True)}


def fitted_config(config: TokenPolicyConfig, vocabulary: int) -> TokenPolicyConfig:
    """`config` with the classes of this dataset and the size of its vocabulary."""
    config.kinds, config.colours = list(SIZED_KINDS), list(COLOUR_NAMES)
    config.relations = list(RELATIONS)
    config.vocabulary = vocabulary
    return config


def score_tokens(model: TokenPolicy, batch: Batch, *, softness_bins: float) -> Scored:
    """Return what a `TokenPolicy` learns from a batch."""
    tokens = None
    if model.config.decoding == "autoregressive":
        tokens = batch.targets.tokens(model.tokenizer)
    output = model(**batch.inputs, action_tokens=tokens)
    with torch.autocast(output.logits.device.type, enabled=False):
        kinds, tokenizer = model.class_counts[0], model.tokenizer
        terms = policy_losses(output, batch.targets, tokenizer, kinds, softness_bins)
        return Scored(terms, policy_metrics(output, batch.targets, tokenizer))
