"""The policy of the suite `rooms`: a text network and eyes; what they say is done on a map."""

from collections.abc import Callable
from typing import Any, NamedTuple

from huggingface_hub.dataclasses import strict
from torch import Tensor
from transformers import AutoConfig, AutoModel, PreTrainedConfig

from handeye.perception.encoders.float32_model import Float32Model
from handeye.perception.instructions.navigation_program import ProgramVocabulary
from handeye.perception.instructions.program_reader import MAX_WORDS, ProgramLogits, ProgramReader
from handeye.perception.mapping.room_segmenter import CellLogits, RoomSegmenter
from handeye.perception.signs.reader import SignReader


@strict
class RoomPolicyConfig(PreTrainedConfig):
    """Every size of a `RoomPolicy`, and the names of its classes ("nothing" left out)."""

    model_type = "handeye_room_policy"

    format_version: int = 2  # raise it when checkpoints of before no longer fit
    action_mode: str = "base_discrete"
    px: int = 128
    vocabulary: int = 64
    max_words: int = MAX_WORDS
    width: int = 96
    heads: int = 4
    text_layers: int = 2
    step_layers: int = 2
    eye_stem: int = 48
    eye_width: int = 96
    eye_blocks: int = 4
    sign_stem: int = 24
    sign_width: int = 48
    kinds: list[str] | None = None
    colours: list[str] | None = None
    rooms: list[str] | None = None
    ordinals: list[str] | None = None

    @property
    def lists(self) -> ProgramVocabulary:
        """The words that a program may hold; "" comes first in each list."""
        names = (self.kinds, self.colours, self.rooms, self.ordinals)
        kinds, colours, rooms, ordinals = (("", *(listed or ())) for listed in names)
        return ProgramVocabulary(kinds, colours, rooms, ordinals)


def room_nano(**changes: Any) -> RoomPolicyConfig:
    """At most 3M parameters: trains and runs on two CPU cores."""
    return RoomPolicyConfig(**changes)


def room_small(**changes: Any) -> RoomPolicyConfig:
    """At most 25M parameters, for a GPU or a patient CPU."""
    sizes: dict[str, Any] = {
        "width": 256,
        "heads": 8,
        "text_layers": 3,
        "eye_stem": 96,
        "eye_width": 320,
        "eye_blocks": 8,
    }
    return RoomPolicyConfig(**(sizes | changes))


ROOM_PRESETS: dict[str, Callable[..., RoomPolicyConfig]] = {"nano": room_nano, "small": room_small}


class RoomPolicyOutput(NamedTuple):
    """Output of one pass over B frames, B' instructions and B'' signs."""

    spots: CellLogits
    program: ProgramLogits
    letters: Tensor  # log-odds (B'', columns, letters), see `SignReader`


class RoomPolicy(Float32Model):
    """The learned part of navigation: reading an instruction and knowing what is seen.

        instruction -> ProgramReader -> steps of a program                once per episode
        frame       -> RoomSegmenter -> kind, colour, room of every spot  at every action

    The program's steps name objects and rooms; the odds of every spot that it is such an object or
    room are put on a map by depth and odometry (`FloorMap`), and `ProgramExecutor` carries the
    steps out on the map. Only these networks are learned; mapping and the shortest way on the map
    are computed, as in modular navigation (Chaplot et al. 2020, "Object goal navigation using
    goal-oriented semantic exploration").
    """

    config_class = RoomPolicyConfig
    config: RoomPolicyConfig
    main_input_name = "frames"

    def __init__(self, config: RoomPolicyConfig) -> None:
        super().__init__(config)
        lists = config.lists
        self.reader = ProgramReader(
            lists,
            config.vocabulary,
            config.max_words + 1,
            config.width,
            config.text_layers,
            config.step_layers,
            config.heads,
        )
        kinds, colours, rooms = (
            len(listed) - 1 for listed in (lists.kinds, lists.colours, lists.rooms)
        )
        self.eyes = RoomSegmenter(
            config.eye_stem, config.eye_width, config.eye_blocks, kinds, colours, rooms
        )
        self.letters = SignReader(config.sign_stem, config.sign_width)
        self.post_init()

    def _init_weights(self, module: Any) -> None:
        """Layers initialise themselves."""

    def forward(self, frames: Tensor, words: Tensor, signs: Tensor) -> RoomPolicyOutput:
        """Frames (B, 4, px, px), see `eye_input`; words (B', L) ids; signs (B'', 24, 96)."""
        return RoomPolicyOutput(self.eyes(frames), self.reader(words), self.letters(signs))


AutoConfig.register(RoomPolicyConfig.model_type, RoomPolicyConfig, exist_ok=True)
AutoModel.register(RoomPolicyConfig, RoomPolicy, exist_ok=True)
