"""The shipped policy: frames, words and joints in, eight action tokens out."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel
from transformers.utils.generic import ModelOutput

from handeye.perception.encoders.attention import Block, KeyValue
from handeye.perception.encoders.float32_model import Float32Model
from handeye.perception.encoders.grounding import (
    GroundedTokens,
    InstructionQueries,
    Queries,
    fourier_features,
)
from handeye.perception.encoders.image import FilmConvEncoder, pointwise
from handeye.perception.encoders.text import PAD_ID, TextEncoder
from handeye.policies.token_policy.config import TokenPolicyConfig
from handeye.policies.token_policy.pointing import (
    AIMS,
    Anchors,
    PointingHead,
    aims_of,
    anchors_of,
)
from handeye.policies.token_policy.relative_places import RelativePlaces
from handeye.policies.tokens.action_tokenizer import BEGIN_ID
from handeye.policies.tokens.decoding import ActionGrammar, decode_autoregressive, decode_parallel

PROPRIO_OCTAVES = 5
TCP_POSE = slice(7, 13)  # x y z (m), roll pitch yaw (rad) in proprio


REQUIRED: Any = None  # that a field must have to be one of a `ModelOutput`; all are given


@dataclass
class TokenPolicyOutput(ModelOutput):
    """Output of one pass. B samples, S slots, V ids, M maps, R referred objects, C cells."""

    logits: Tensor  # (B, S, V)
    front_logits: Tensor = REQUIRED  # (B, M, C) attention over cells, before the softmax
    front_xy: Tensor = REQUIRED  # (B, M, 2) expected positions in [0, 1]
    wrist_logits: Tensor = REQUIRED  # (B, M', C')
    wrist_xy: Tensor = REQUIRED  # (B, M', 2)
    referred_xyz: Tensor = REQUIRED  # (B, R, 3) metres, world
    aims_xyz: Tensor = REQUIRED  # (B, 2, 3) metres, world: where the work begins and where it ends
    named_classes: Tensor = REQUIRED  # (B, R, classes) what the words name
    relation: Tensor = REQUIRED  # (B, 1 + relations) logits of the relation they ask for
    front_classes: Tensor = REQUIRED  # (B, 1 + kinds + 1 + colours, rows, columns) logits
    wrist_classes: Tensor = REQUIRED  # the same for the wrist camera


class Reading(NamedTuple):
    """An encoded instruction: computed once per episode, since its words do not change."""

    text: Tensor  # (B, L, width)
    present: Tensor  # (B, L) bool, False at padding
    queries: Queries  # what the frames are asked for


@dataclass(frozen=True)
class Prefix:
    """Everything the action tokens may look at, computed once per decision."""

    caches: list[KeyValue]  # per layer
    mask: Tensor  # (B, 1, 1, P) bool, False at padding
    output: TokenPolicyOutput  # with its logits still empty
    anchors: Anchors
    geometry: Tensor  # (B, width), joins every action token


class TokenPolicy(Float32Model):
    """RT-2's action tokens on grounded tokens, small enough to train on two cores.

        instruction -> TextEncoder ------------------------------+-> L text tokens
                          | FiLM, queries                        |
        front frame -> FilmConvEncoder -> GroundedTokens --------+-> R + free tokens
        wrist frame -> FilmConvEncoder -> GroundedTokens --------+-> R + free tokens
        proprio     -> Fourier features -> linear ---------------+-> 1 token
                                                                 |
        [ text ... | front ... | wrist ... | proprio ]  prefix, sees itself
        [ terminate x y z roll pitch yaw gripper ]      actions, see the prefix and each other;
                                                        each also carries RelativePlaces' vector

    A place such as "left of the bowl" is not an object, so the model first predicts two aim points
    from that vector and the words: where the motion begins and where it ends. `PointingHead` can
    point at these two and at the tcp.

    With `decoding="parallel"` the action tokens start as learned slots, see each other fully and
    are read in a single pass (as in OpenVLA-OFT, Kim et al. 2025). With "autoregressive" each
    also carries the previous token and sees only earlier slots, as in RT-2 (Brohan et al. 2023);
    then generation keeps a KV cache. The prefix never looks at the actions, so both share it.
    """

    config_class = TokenPolicyConfig
    config: TokenPolicyConfig
    main_input_name = "front"

    def __init__(self, config: TokenPolicyConfig) -> None:
        super().__init__(config)
        if config.decoding not in ("parallel", "autoregressive"):
            raise ValueError(
                f"unknown decoding {config.decoding!r}; choose 'parallel' or 'autoregressive'"
            )
        width = config.width
        self.tokenizer = config.action_tokenizer()
        self.grammar = ActionGrammar(self.tokenizer)
        self.text = TextEncoder(
            config.vocabulary, config.max_words + 1, width, config.text_layers, config.heads
        )
        self.front = FilmConvEncoder(
            config.front_stem, config.front_width, width, 1, config.front_film_blocks
        )
        self.wrist = FilmConvEncoder(
            config.wrist_stem, config.wrist_width, width, 1, config.wrist_film_blocks
        )
        self.class_counts = (1 + len(config.kinds or ()), 1 + len(config.colours or ()))
        classes = sum(self.class_counts)
        self.classify_front = nn.Conv2d(config.front_width, classes, 1)
        self.classify_wrist = nn.Conv2d(config.wrist_width, classes, 1)
        fronts, wrists = config.referred + config.front_free, config.referred + config.wrist_free
        self.ask = InstructionQueries(fronts + config.wrist_free, classes, width, config.heads)
        referred = config.referred
        self.ground_front = GroundedTokens(
            fronts, referred, config.front_width, config.front_stem, width
        )
        self.ground_wrist = GroundedTokens(
            wrists, referred, config.wrist_width, config.wrist_stem, width
        )
        self.referred_xyz = nn.Linear(width, 3)  # what the pixels alone do not say
        nn.init.zeros_(self.referred_xyz.weight)
        nn.init.zeros_(self.referred_xyz.bias)
        self.xyz_from_pixels = nn.Linear(5, 3)  # the front camera hardly moves
        self.proprio = nn.Sequential(
            nn.Linear(len(config.proprio_scales) * (2 * PROPRIO_OCTAVES + 1), width),
            nn.SiLU(),
            nn.Linear(width, width),
        )
        self.blocks = nn.ModuleList(Block(width, config.heads) for _ in range(config.layers))
        self.norm = nn.LayerNorm(width)
        self.slot = nn.Parameter(torch.randn(self.tokenizer.slots, width) * 0.02)
        self.action_token = nn.Embedding(self.tokenizer.vocabulary, width)
        self.head = nn.Linear(width, self.tokenizer.vocabulary)
        self.relation = nn.Linear(width, 1 + len(config.relations or ()))
        self.aim = nn.Linear(2 * width, AIMS * (config.referred + 4))
        nn.init.zeros_(self.aim.weight)
        nn.init.zeros_(self.aim.bias)
        self.point = PointingHead(width, AIMS + 1)
        self.geometry = RelativePlaces(
            config.referred + 1, len(config.proprio_scales) + width, width
        )
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Layers initialise themselves; embeddings start small."""
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)

    def read(self, words: Tensor) -> Reading:
        """Words (B, L) -> text tokens and the queries they pose.

        Columns of padding, which change nothing, are dropped, but for a compiled model.
        """
        if not torch.compiler.is_compiling():
            words = words[:, : int((words != PAD_ID).sum(1).max())]
        text, present = self.text(words)
        return Reading(text, present, self.ask(text, present))

    def encode(
        self,
        front: Tensor,
        wrist: Tensor,
        reading: Reading,
        proprio: Tensor,
        places: Tensor | None = None,
    ) -> Prefix:
        """Front (B, 3, px, px) and wrist frames in [0, 1], what was read, proprio (B, P).

        In training `places` (B, R, 3) tells where referred objects are (m, NaN where it does not),
        so that actions need not wait for grounding to become exact.
        """
        text, present, queries = reading
        front_maps = self.front(front, text[:, 0])
        wrist_maps = self.wrist(wrist, text[:, 0])
        front_classes = pointwise(self.classify_front, front_maps.scene).float()
        wrist_classes = pointwise(self.classify_wrist, wrist_maps.scene).float()
        fronts, referred = self.ground_front.name.shape[0], slice(self.config.referred)
        on_front = self.ground_front(
            front_maps, self._odds(front_classes), queries.part(slice(fronts))
        )
        on_wrist = self.ground_wrist(
            wrist_maps, self._odds(wrist_classes), queries.part(referred, slice(fronts, None))
        )
        scaled = proprio / torch.tensor(self.config.proprio_scales, device=proprio.device)
        joints = self.proprio(
            torch.cat([scaled, fourier_features(scaled, PROPRIO_OCTAVES)], dim=-1)
        )
        tokens = torch.cat([text, on_front.tokens, on_wrist.tokens, joints[:, None]], dim=1)
        seen = torch.ones(len(tokens), tokens.shape[1] - text.shape[1], dtype=torch.bool)
        mask = torch.cat([present, seen.to(present.device)], dim=1)[:, None, None, :]
        caches = []
        for block in self.blocks:
            tokens, cache = block(tokens, mask)
            caches.append(cache)
        targets = tokens[:, text.shape[1] : text.shape[1] + self.config.referred]
        with torch.autocast(tokens.device.type, enabled=False):  # bfloat16 is millimetres coarse
            referred_xyz = self.referred_xyz(self.norm(targets.float()))
            referred_xyz = referred_xyz + self.xyz_from_pixels(quadratic(on_front.xy[:, referred]))
            known = referred_xyz if places is None else places.where(~places.isnan(), referred_xyz)
            points = torch.cat([known, proprio[:, None, TCP_POSE][..., :3]], dim=1)
            asked = text[:, 0].float()
            geometry = self.geometry(points, torch.cat([scaled, asked], dim=-1))
            aims = aims_of(self.aim(torch.cat([geometry, asked], dim=-1)), known)
        output = TokenPolicyOutput(
            logits=torch.empty(0),
            front_logits=on_front.logits,
            front_xy=on_front.xy,
            wrist_logits=on_wrist.logits,
            wrist_xy=on_wrist.xy,
            referred_xyz=referred_xyz,
            aims_xyz=aims,
            named_classes=queries.classes[:, referred],
            relation=self.relation(text[:, 0]).float(),
            front_classes=front_classes,
            wrist_classes=wrist_classes,
        )
        anchors = anchors_of(aims, proprio[:, TCP_POSE], self.config.action_mode, self.tokenizer)
        return Prefix(caches, mask, output, anchors, geometry)

    @torch.no_grad()
    def fit_pixels(self, xy: Tensor, xyz: Tensor) -> None:
        """Start `xyz_from_pixels` at the least squares over N pixels (N, 2) of places (N, 3)."""
        terms = quadratic(xy)
        terms = torch.cat([terms, torch.ones_like(terms[:, :1])], dim=1)
        solution = torch.linalg.lstsq(terms.double(), xyz.double()).solution.float()  # (6, 3)
        self.xyz_from_pixels.weight.copy_(solution[:-1].T)
        self.xyz_from_pixels.bias.copy_(solution[-1])

    def _odds(self, class_logits: Tensor) -> Tensor:
        """Softmax within the kinds and within the colours, (B, classes, rows, columns)."""
        parts = torch.split(class_logits, list(self.class_counts), dim=1)
        return torch.cat([part.softmax(1) for part in parts], dim=1)

    def action_logits(self, prefix: Prefix, previous: Tensor | None) -> Tensor:
        """Logits (B, S, V) of all slots; `previous` (B, S) ids shifted right, if autoregressive."""
        batch = len(prefix.mask)
        tokens = self.slot + prefix.geometry[:, None]
        slots = tokens.shape[1]
        among = torch.ones(slots, slots, dtype=torch.bool, device=tokens.device)
        if self.config.decoding == "autoregressive":
            if previous is None:
                raise ValueError("an autoregressive policy needs the previous tokens")
            tokens = tokens + self.action_token(previous)
            among = among.tril()
        before = prefix.mask.expand(batch, 1, slots, -1)
        mask = torch.cat([before, among.expand(batch, 1, slots, slots)], dim=-1)
        for block, cache in zip(self.blocks, prefix.caches, strict=True):
            tokens, _ = block(tokens, mask, cache)
        return self._logits(tokens, prefix.anchors, slice(slots))

    def _logits(self, tokens: Tensor, anchors: Anchors, slots: slice) -> Tensor:
        """Final tokens (B, n, width) of the action's `slots` -> logits (B, n, V)."""
        tokens = self.norm(tokens)
        logits = self.head(tokens).float()
        with torch.autocast(tokens.device.type, enabled=False):
            first = 1 if slots.start in (None, 0) else 0  # slot 0, terminate, is no place
            values = slice(max(0, (slots.start or 0) - 1), slots.stop - 1)
            here = Anchors(anchors.bins[:, values], anchors.valid[values])
            places = self.point(tokens[:, first:].float(), here, self.tokenizer)
        for index in range(places.shape[1]):
            ids = self.tokenizer.slot_range((slots.start or 0) + first + index)
            logits[:, first + index, ids.start : ids.stop] += places[:, index]
        return logits

    def forward(
        self,
        front: Tensor,
        wrist: Tensor,
        words: Tensor,
        proprio: Tensor,
        action_tokens: Tensor | None = None,
        places: Tensor | None = None,
    ) -> TokenPolicyOutput:
        """One pass over B decisions (axes as in `encode`); `action_tokens` (B, S) teacher-force
        an autoregressive policy and are not needed by a parallel one.
        """
        prefix = self.encode(front, wrist, self.read(words), proprio, places)
        previous = None
        if action_tokens is not None:
            previous = action_tokens.roll(1, dims=1)
            previous[:, 0] = BEGIN_ID
        return replace(prefix.output, logits=self.action_logits(prefix, previous))

    @torch.inference_mode()
    def decide(
        self,
        front: Tensor,
        wrist: Tensor,
        words: Tensor | Reading,
        proprio: Tensor,
        temperature: float = 0.0,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, TokenPolicyOutput]:
        """Action tokens (B, S), always inside the grammar, and what the pass saw on the way.

        Give what was read of the words where they stay the same from one decision to the next.
        """
        reading = words if isinstance(words, Reading) else self.read(words)
        prefix = self.encode(front, wrist, reading, proprio)
        if self.config.decoding == "parallel":
            logits = self.action_logits(prefix, None)
            tokens = decode_parallel(logits, self.grammar, temperature, generator)
        else:
            step = _CachedStep(self, prefix)
            tokens = decode_autoregressive(
                step, len(proprio), self.grammar, temperature, generator, proprio.device
            )
            logits = torch.stack(step.logits, dim=1)
        return tokens, replace(prefix.output, logits=logits)


def quadratic(xy: Tensor) -> Tensor:
    """Positions (..., 2) in [0, 1] -> (..., 5): the terms of a second-order polynomial but 1."""
    x, y = (2 * xy.float() - 1).unbind(-1)
    return torch.stack([x, y, x * x, x * y, y * y], dim=-1)


class _CachedStep:
    """One slot at a time: extends every layer's KV cache instead of reading the prefix again."""

    def __init__(self, policy: TokenPolicy, prefix: Prefix) -> None:
        self.policy = policy
        self.caches = list(prefix.caches)
        self.mask, self.anchors, self.geometry = prefix.mask, prefix.anchors, prefix.geometry
        self.logits: list[Tensor] = []

    def __call__(self, previous: Tensor, slot: int) -> Tensor:
        """Previous ids (B,) -> logits (B, V) of `slot`."""
        policy = self.policy
        tokens = (policy.slot[slot] + policy.action_token(previous) + self.geometry)[:, None]
        self.mask = torch.cat([self.mask, torch.ones_like(self.mask[..., :1])], dim=-1)
        for layer, block in enumerate(policy.blocks):
            tokens, self.caches[layer] = block(tokens, self.mask, self.caches[layer])
        logits = policy._logits(tokens, self.anchors, slice(slot, slot + 1))[:, 0]
        self.logits.append(logits)
        return logits


AutoConfig.register(TokenPolicyConfig.model_type, TokenPolicyConfig, exist_ok=True)
AutoModel.register(TokenPolicyConfig, TokenPolicy, exist_ok=True)
