"""Any family as a policy: frames, words and joints in, eight action tokens out."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel
from transformers.utils.generic import ModelOutput

from handeye.perception.encoders.attention import Block
from handeye.perception.encoders.float32_model import Float32Model
from handeye.perception.encoders.grounding import fourier_features
from handeye.perception.encoders.pointers import Pointers
from handeye.perception.families.registry import make_family
from handeye.policies.families.config import FamilyPolicyConfig
from handeye.policies.families.places import PointedPlaces
from handeye.policies.token_policy.model import PROPRIO_OCTAVES, TCP_POSE
from handeye.policies.token_policy.pointing import AIMS, Anchors, PointingHead, anchors_of
from handeye.policies.tokens.decoding import ActionGrammar, decode_parallel

FRAMES = 2  # front and wrist


class Placed(NamedTuple):
    """Where a grounded policy takes things to be. R referred objects, C cells a frame.

    Attributes:
        logits: (B, 2, R, C) attention over cells of front and wrist frame.
        xy: (B, 2, R, 2) expected positions in [0, 1].
        referred_xyz: (B, R, 3) metres, world.
        aims_xyz: (B, 2, 3) metres, world: where the work begins and where it ends.
    """

    logits: Tensor
    xy: Tensor
    referred_xyz: Tensor
    aims_xyz: Tensor


@dataclass
class FamilyPolicyOutput(ModelOutput):
    """Output of one pass over B samples.

    Attributes:
        logits: (B, slots, ids).
        placed: None where the policy is not grounded.
    """

    logits: Tensor
    placed: Placed | None = None


class FamilyPolicy(Float32Model):
    """A family's prefix, a small trunk over it, and RT-2's action tokens in one parallel pass.

        frames, words -> Family.prefix ------------------+-> N tokens
                            | patches, words             |
                            +-> Pointers ----------------+-> 2 R tokens (where `grounded`)
        proprio       -> Fourier features -> linear -----+-> 1 token
                                                         |
        [ family ... | pointers ... | proprio ]     prefix, sees itself
        [ terminate x y z roll pitch yaw gripper ]  slots, see the prefix and each other

    Where it is grounded, actions are offsets from the aims that `RelativePlaces` computes of the
    places pointed at, as in `TokenPolicy`; else from the tcp alone.
    """

    config_class = FamilyPolicyConfig
    config: FamilyPolicyConfig
    main_input_name = "front"

    def __init__(self, config: FamilyPolicyConfig) -> None:
        super().__init__(config)
        width, heads = config.width, config.heads
        self.tokenizer = config.action_tokenizer()
        self.grammar = ActionGrammar(self.tokenizer)
        self.family = make_family(config)
        numbers = len(config.proprio_scales)
        self.proprio = nn.Sequential(
            nn.Linear(numbers * (2 * PROPRIO_OCTAVES + 1), width),
            nn.SiLU(),
            nn.Linear(width, width),
        )
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(config.trunk_layers))
        self.norm = nn.LayerNorm(width)
        self.slot = nn.Parameter(torch.randn(self.tokenizer.slots, width) * 0.02)
        self.head = nn.Linear(width, self.tokenizer.vocabulary)
        self.point = PointingHead(width, AIMS + 1 if config.grounded else 1)
        if config.grounded:
            self.pointers = Pointers(config.referred, FRAMES, width)
            self.places = PointedPlaces(config.referred, numbers, width)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Layers initialise themselves."""

    def forward(
        self,
        front: Tensor,
        wrist: Tensor,
        words: Tensor,
        proprio: Tensor,
        places: Tensor | None = None,
        **_: Any,
    ) -> FamilyPolicyOutput:
        """One pass over B decisions.

        Args:
            front: (B, 3, px, px) in [0, 1].
            wrist: the same.
            words: (B, L) ids.
            proprio: (B, P).
            places: (B, R, 3) in training: where referred objects are (m, NaN where it does not
                tell), so that actions need not wait for grounding to become exact.
        """
        scaled = proprio / torch.tensor(self.config.proprio_scales, device=proprio.device)
        seen = self.family.prefix(torch.stack([front, wrist], dim=1), words, scaled)
        waves = fourier_features(scaled, PROPRIO_OCTAVES)
        joints = self.proprio(torch.cat([scaled, waves], dim=-1))[:, None]
        pose = proprio[:, TCP_POSE]
        if not self.config.grounded:
            anchors = self._anchors(pose[:, None, :3][:, :0], pose)  # no aims
            return FamilyPolicyOutput(
                logits=self._act([seen.tokens, joints], seen.mask, 0, anchors)
            )
        pointed = self.pointers(seen.text, seen.present, seen.patches)
        extra = torch.cat([scaled, seen.text[:, 0]], dim=-1)
        guessed, geometry, aims = self.places(pointed, extra, pose[:, :3], places)
        prefix = [seen.tokens, pointed.tokens, joints]
        return FamilyPolicyOutput(
            logits=self._act(prefix, seen.mask, geometry[:, None], self._anchors(aims, pose)),
            placed=Placed(pointed.logits, pointed.xy, guessed, aims),
        )

    def _anchors(self, aims: Tensor, pose: Tensor) -> Anchors:
        return anchors_of(aims.float(), pose, self.config.action_mode, self.tokenizer)

    def _act(
        self, prefix: list[Tensor], mask: Tensor, geometry: Tensor | int, anchors: Anchors
    ) -> Tensor:
        """Parts of the prefix, of whose first `mask` (B, N) tells what is there -> (B, S, V)."""
        tokens = torch.cat([*prefix, (self.slot + geometry).expand(len(mask), -1, -1)], dim=1)
        count, slots = tokens.shape[1], len(self.slot)
        there = F.pad(mask, (0, count - mask.shape[1]), value=True)
        seen = torch.ones(count, count, dtype=torch.bool, device=tokens.device)
        seen[:-slots, -slots:] = False  # the prefix never looks at the actions
        for block in self.blocks:
            tokens, _ = block(tokens, seen & there[:, None, None, :])
        hidden = self.norm(tokens[:, -slots:])
        logits = self.head(hidden).float()
        with torch.autocast(tokens.device.type, enabled=False):
            near = self.point(hidden[:, 1:].float(), anchors, self.tokenizer)  # 0 is no value
        placed = torch.zeros_like(logits)
        for slot in range(1, slots):
            ids = self.tokenizer.slot_range(slot)
            placed[:, slot, ids.start : ids.stop] = near[:, slot - 1]
        return logits + placed

    @torch.inference_mode()
    def decide(
        self,
        front: Tensor,
        wrist: Tensor,
        words: Tensor,
        proprio: Tensor,
        temperature: float = 0.0,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, FamilyPolicyOutput]:
        """Action tokens (B, S), always inside the grammar, and what the pass saw on the way."""
        output = self(front, wrist, words, proprio)
        return decode_parallel(output.logits, self.grammar, temperature, generator), output


AutoConfig.register(FamilyPolicyConfig.model_type, FamilyPolicyConfig, exist_ok=True)
AutoModel.register(FamilyPolicyConfig, FamilyPolicy, exist_ok=True)
