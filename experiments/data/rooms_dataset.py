"""Recorded episodes of the suite `rooms` -> training batches, frames drawn on the fly.

A batch is a pure function of (seed, step, rank), as in `dataset.py`. Every frame gets fresh light,
textures and colours and often another heading; every instruction other names and words around them.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
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
from handeye.experiments.data.sign_patches import draw_signs
from handeye.experiments.data.tabletop_dataset import checked_action_mode
from handeye.experiments.data.training_set import (
    PolicyCard,
    PolicyRequest,
    Scored,
    Trainable,
)
from handeye.experiments.labels.program_labels import ROOMS_VOCABULARY, ProgramExample, true_program
from handeye.experiments.labels.room_cells import spot_classes, stacked
from handeye.experiments.records.checkpoints import take_weights
from handeye.perception.encoders.text import SPECIALS
from handeye.perception.instructions.program_reader import (
    PROGRAM_TERMS,
    ProgramTargets,
    program_ids,
    program_losses,
    program_targets,
    program_tokenizer,
)
from handeye.perception.mapping.room_segmenter import (
    CellLogits,
    SpotTruth,
    eye_input,
    spot_losses,
    spot_metrics,
)
from handeye.perception.signs.reader import reading_loss, readings
from handeye.policies.checkpoint_files import load_processor
from handeye.policies.modular.model import ROOM_PRESETS, RoomPolicy, RoomPolicyConfig
from handeye.policies.modular.processor import RoomPolicyProcessor

FRAMES_A_SCENE = 4  # making a renderer costs as much as ten frames
TURNED_SHARE = 0.6  # of the frames, those with a heading drawn anew
INSTRUCTIONS_A_FRAME = 1
VARIATION = Variation()
LETTERS_WEIGHT = 0.2  # their loss starts out far greater than the others
WEIGHTS = {
    **dict.fromkeys((*CellLogits._fields, *PROGRAM_TERMS), 1.0),
    "letters": LETTERS_WEIGHT,
}


ACTION_MODE = "base_discrete"
DESCRIPTION = """
Reads one instruction into a program and knows kinds, colours and rooms in the frames of a wheeled
base; a map made from depth and odometry, and shortest ways on it, which are computed and not
learned, carry the program out. Trained from scratch on simulated apartments: no downloaded weights,
no data about people. It knows these simulated apartments and words, and nothing else; do not run
it on a real base.
""".strip()


class RoomTargets(NamedTuple):
    """The truth beside a batch."""

    spots: SpotTruth
    program: ProgramTargets
    signs: list[str]  # what they say


class RoomBatch(NamedTuple):
    """Inputs of `RoomPolicy.forward` by name, and the truth."""

    inputs: dict[str, Tensor]
    targets: RoomTargets


class RoomTrainingSet:
    """All decisions of a folder of episodes of the suite `rooms`.

    Args:
        episodes: recorded with training seeds, all in one action mode.
        augmentation: its `jitter` is the strength of the frames' jitter.
    """

    presets: ClassVar[Mapping[str, Callable[..., Any]]] = ROOM_PRESETS
    episode_format: ClassVar[str] = RoomEpisode.form
    card: ClassVar[PolicyCard] = PolicyCard(
        "handeye-rooms", DESCRIPTION, "rooms", HOME_RENDERER_FINGERPRINT
    )

    def __init__(self, episodes: Sequence[RoomEpisode], augmentation: Augmentation) -> None:
        self.action_mode = checked_action_mode(episodes)
        self.augmentation = augmentation
        self.episodes: list[RoomEpisode] = list(episodes)
        self._driven: list[RoomEpisode] = []
        self._driven_share = 0.0
        self.examples: list[ProgramExample] = [
            true_program(episode.task, episode.scene, goal.goal, words)
            for episode in episodes
            for goal in episode.goals
            for words in goal.instructions
        ]
        self._by_task = {
            task: [example for example in self.examples if example.task == task]
            for task in self.tasks
        }
        self._frame = frame_words(self.examples)

    @classmethod
    def load(
        cls, roots: Sequence[Path], augmentation: Augmentation, preset: str = ""
    ) -> "RoomTrainingSet":
        """All episodes of dataset folders, whatever the preset; damage is a ValueError."""
        paths = [path for root in roots for path in list_episodes(root)]
        with ThreadPoolExecutor(2) as pool:
            return cls(list(pool.map(RoomEpisode.load, paths)), augmentation)

    def add_driven(self, episodes: Sequence[RoomEpisode], share: float) -> None:
        """Add episodes that the policy drove; from now on `share` of the frames are of such."""
        self._driven_share = share
        self._driven.extend(episodes)

    def __len__(self) -> int:
        """How many decisions there are to learn from."""
        return sum(len(episode.poses) for episode in (*self.episodes, *self._driven))

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks recorded, in order of appearance."""
        return list(dict.fromkeys(episode.task for episode in self.episodes))

    def words(self) -> list[str]:
        """Every word that an instruction of a batch may have."""
        return words_of(self.examples)

    def build(self, request: PolicyRequest, seed: int) -> Trainable:
        """Build a `RoomPolicy` whose words are those recorded, or those it starts from.

        Raises:
            ValueError: settings or data that this policy has no use for.
        """
        if request.decoding != "parallel" or self.action_mode != ACTION_MODE:
            raise ValueError(
                f"the policy of rooms acts in {ACTION_MODE!r} and decodes no action tokens; "
                f"collect with --action_mode {ACTION_MODE} and leave --decoding as it is"
            )
        words = SPECIALS if request.blind else program_tokenizer(self.words()).words
        if request.start is not None:
            words = tuple(load_processor(RoomPolicyProcessor, request.start).words)
        sizes = fitted_room_config(ROOM_PRESETS[request.preset](), len(words))
        model = RoomPolicy(sizes)
        if request.start is not None:
            take_weights(model, request.start)
        processor = RoomPolicyProcessor(words, sizes.max_words, sizes.px)
        return Trainable(model, processor, score_rooms, WEIGHTS)

    def draw(
        self, rng: np.random.Generator, processor: RoomPolicyProcessor, size: int
    ) -> RoomBatch:
        """A batch of `size` frames and `INSTRUCTIONS_A_FRAME` times as many instructions."""
        frames, spots = self._draw_frames(rng, processor.px, size)
        tasks = list(self._by_task)
        spoken = []
        for _ in range(INSTRUCTIONS_A_FRAME * size):
            examples = self._by_task[tasks[int(rng.integers(len(tasks)))]]
            example = examples[int(rng.integers(len(examples)))]
            spoken.append(varied(example, self._frame, rng, VARIATION))
        ids = program_ids(processor.instructions, [one.words for one in spoken])
        signs = draw_signs(rng, self._episode(rng).scene, self.augmentation.jitter)
        targets = RoomTargets(spots, program_targets(spoken, ROOMS_VOCABULARY), signs.words)
        inputs = {"frames": frames, "words": torch.from_numpy(ids), "signs": signs.patches}
        return RoomBatch(inputs, targets)

    def _draw_frames(
        self, rng: np.random.Generator, px: int, size: int
    ) -> tuple[Tensor, SpotTruth]:
        renderers: list[HomeRenderer] = []
        poses: list[BasePose] = []
        for start in range(0, size, FRAMES_A_SCENE):
            episode = self._episode(rng)
            rooms = len(episode.scene.apartment.rooms)
            look = sample_home_look(rng, rooms, self.augmentation.jitter)
            count = min(FRAMES_A_SCENE, size - start)
            renderers += [HomeRenderer(episode.scene, look)] * count
            poses += [_pose(episode, rng) for _ in range(count)]
        frames = render_homes(renderers, poses, px, px)
        truth = [
            spot_classes(renderer.scene, pose, depth_m, bodies)
            for renderer, pose, depth_m, bodies in zip(
                renderers, poses, frames.depth_m, frames.segmentation, strict=True
            )
        ]
        seen = eye_input(torch.from_numpy(frames.rgb), torch.from_numpy(frames.depth_m))
        return seen, SpotTruth(*map(torch.from_numpy, stacked(truth)))

    def _episode(self, rng: np.random.Generator) -> RoomEpisode:
        driven = self._driven and rng.random() < self._driven_share
        pool = self._driven if driven else self.episodes
        return pool[int(rng.integers(len(pool)))]


def _pose(episode: RoomEpisode, rng: np.random.Generator) -> BasePose:
    x, y, yaw = episode.poses[int(rng.integers(len(episode.poses)))].tolist()
    turned = rng.random() < TURNED_SHARE
    return BasePose(x, y, float(rng.uniform(-np.pi, np.pi)) if turned else yaw)


def fitted_room_config(config: RoomPolicyConfig, vocabulary: int) -> RoomPolicyConfig:
    """`config` with the names of this suite and the size of the dataset's vocabulary."""
    lists = ROOMS_VOCABULARY
    config.kinds, config.colours = list(lists.kinds[1:]), list(lists.colours[1:])
    config.rooms, config.ordinals = list(lists.rooms[1:]), list(lists.ordinals[1:])
    config.vocabulary = vocabulary
    return config


def score_rooms(model: RoomPolicy, batch: RoomBatch) -> Scored:
    """Return what a `RoomPolicy` learns from a batch."""
    output = model(**batch.inputs)
    terms = spot_losses(output.spots, batch.targets.spots)
    terms |= program_losses(output.program, batch.targets.program)
    terms["letters"] = reading_loss(output.letters, batch.targets.signs)
    with torch.no_grad():
        metrics = spot_metrics(output.spots, batch.targets.spots)
        ops, truth = output.program.fields[0], batch.targets.program.fields[..., 0]
        metrics["op_accuracy"] = (ops.argmax(-1) == truth).float().mean()
        pairs = zip(readings(output.letters), batch.targets.signs, strict=True)
        right = [float(read == said) for read, said in pairs]
        metrics["words_read"] = torch.tensor(right or [0.0]).mean()
    return Scored(terms, metrics)
