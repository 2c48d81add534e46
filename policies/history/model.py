"""The token policy of the suite `rooms`: words and a history of frames in, action tokens out."""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from handeye.perception.encoders.attention import Block
from handeye.perception.encoders.float32_model import Float32Model
from handeye.perception.encoders.grounding import (
    GroundedTokens,
    InstructionQueries,
    Queries,
    fourier_features,
)
from handeye.perception.encoders.image import FeatureMaps, FilmConvEncoder, pointwise
from handeye.perception.encoders.text import TextEncoder
from handeye.perception.instructions.navigation_program import DIRECTIONS, OPS
from handeye.policies.history.config import HistoryPolicyConfig
from handeye.policies.navigation.ego_motion import (
    FELT,
    PLACE_SIZE,
    POSE,
    SCAN_BEARINGS,
    Motion,
    motion_since,
    moved,
    obstacles_in,
    place_features,
    place_on_floor,
    scan_around,
    seen_from,
)
from handeye.policies.tokens.decoding import ActionGrammar, decode_parallel

NUMBER_UNIT_M, NUMBER_OCTAVES = 16.0, 6
INTENTS = 2 * len(OPS)  # what to do first, and whether to come back to the start
BEARINGS = 24  # of the waypoint, all around; the first looks back, the middle one ahead
DISTANCES, DISTANCE_M = 8, 0.25  # of the waypoint: how many bins, and how wide
ANSWERS = 6  # what can be counted: 0 to 5
QUESTIONS = 3  # to the words, beside those that frames are asked
AIMS = 3  # what the waypoint may lie towards: the point told, the start, the thing seen last
AIM_BEARINGS = 1.5  # how wide an aim is
LAYOUT_CHANNELS, DEPTH_CELLS = 16, 16
AHEAD, BEHIND, LEFT, RIGHT = range(len(DIRECTIONS))


class Heard(NamedTuple):
    """I encoded instructions: computed once per episode, since the words do not change."""

    summary: Tensor  # (I, width)
    queries: Queries  # what the frames are asked for
    point_m: Tensor  # (I, 2) ahead and left of the start, from numbers and their directions
    numbers: Tensor  # (I, 1) 1 where there is a number
    directions: Tensor  # (I, L, 4) logits, which way a number counts
    intent: Tensor  # (I, INTENTS) logits


class Views(NamedTuple):
    """F encoded frames: computed once per frame, whatever comes after it."""

    tokens: Tensor  # (F, T, width)
    obstacles_m: Tensor  # (F, SCAN_COLUMNS, 2) ahead and left of where they were seen from
    place_m: Tensor  # (F, 2) of what the words refer to: ahead and left of where it was seen from
    seen: Tensor  # (F,) logits: is it in the frame
    attention: Tensor  # (F, C) logits over cells: where in the frame
    classes: Tensor  # (F, kinds + colours + rooms, rows, columns) logits

    def pick(self, index: Tensor) -> "Views":
        """The views of some frames."""
        return Views(*(value[index] for value in self))


class HistoryOutput(NamedTuple):
    """Output of one pass over D decisions."""

    logits: Tensor  # (D, S, V) of the action's tokens
    bearing: Tensor  # (D, BEARINGS) logits of where the waypoint lies
    distance: Tensor  # (D, DISTANCES) logits of how far it is
    answer: Tensor  # (D, ANSWERS) logits of the number asked for


class HistoryPolicy(Float32Model):
    """Action tokens on the grounded tokens of several moments and the motion between them.

        instruction -> TextEncoder, values of its numbers -> InstructionQueries -> text tokens
        frame k     -> FilmConvEncoder -> GroundedTokens (what is referred to, free maps)
                                       -> layout (the whole map and its depth, coarsely)
                       + where frame k was taken from and where the referred thing was then,
                         both seen from now; what the robot felt; age
        start, point told in metres, seen from now -> one token each
        obstacles of all the frames, seen from now -> with both and the thing, one token: the plan

        [ text ... | now ... | stride ago ... | 2 strides ago ... | point | start | plan ]  prefix
        plan -> bearing and distance of the next waypoint -> joins every action token
        [ terminate, move ]  or  [ terminate, speed, turn ]  see the prefix and each other

    Frames are encoded without regard to what comes later, so that each is encoded once. Attention
    over the moments is the transformer's; which way is which it learns from ego motion alone.
    """

    config_class = HistoryPolicyConfig
    config: HistoryPolicyConfig
    main_input_name = "frames"

    def __init__(self, config: HistoryPolicyConfig) -> None:
        super().__init__(config)
        width, eye = config.width, config.eye_width
        self.tokenizer = config.action_tokenizer()
        self.grammar = ActionGrammar(self.tokenizer)
        self.text = TextEncoder(
            config.vocabulary, config.max_words + 1, width, config.text_layers, config.heads
        )
        self.number = nn.Linear(1 + 2 * NUMBER_OCTAVES, width)
        self.direction = nn.Linear(width, len(DIRECTIONS))
        self.intent = nn.Linear(width, INTENTS)
        maps, classes = 1 + config.free, sum(config.class_counts)
        self.ask = InstructionQueries(maps + QUESTIONS, classes, width, config.heads)
        self.eye = FilmConvEncoder(config.stem, eye, width, 1, config.film_blocks, channels=4)
        self.classify = nn.Conv2d(eye, classes, 1)
        self.ground = GroundedTokens(maps, 1, eye, config.stem, width)
        self.seen = nn.Linear(width, 1)
        cells = (config.px // 8) ** 2
        self.squeeze = nn.Conv2d(eye, LAYOUT_CHANNELS, 1)
        self.layout = nn.Sequential(
            nn.Linear(cells * LAYOUT_CHANNELS + DEPTH_CELLS**2, 2 * width),
            nn.SiLU(),
            nn.Linear(2 * width, config.layout * width),
        )
        self.ego = _mlp(2 * PLACE_SIZE + 5, width)
        self.age = nn.Parameter(torch.randn(config.history, width) * 0.02)
        self.kind = nn.Parameter(torch.randn(maps + config.layout, width) * 0.02)
        self.point, self.start = _mlp(PLACE_SIZE + 1, width), _mlp(PLACE_SIZE, width)
        self.plan = _mlp(2 * SCAN_BEARINGS + 3 * PLACE_SIZE + 2, 2 * width, width)
        self.blocks = nn.ModuleList(Block(width, config.heads) for _ in range(config.layers))
        self.norm = nn.LayerNorm(width)
        self.waypoint = nn.Linear(width, BEARINGS + DISTANCES)
        self.toward = nn.Linear(width, AIMS)
        self.waypoint_token = nn.Linear(BEARINGS + DISTANCES, width)
        self.answer = nn.Linear(width, ANSWERS)
        self.slot = nn.Parameter(torch.randn(self.tokenizer.slots, width) * 0.02)
        self.head = nn.Linear(width, self.tokenizer.vocabulary)
        self.post_init()

    def _init_weights(self, module: Any) -> None:
        """Layers initialise themselves; embeddings start small."""
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)

    def read(self, words: Tensor, numbers_m: Tensor) -> Heard:
        """Words (I, L) ids and the values (I, L) in m of those that are numbers, 0 elsewhere."""
        text, present = self.text(words)
        directions = self.direction(text).float()
        is_number = (numbers_m > 0).float()
        odds = directions.softmax(-1) * numbers_m[..., None]
        ahead = (odds[..., AHEAD] - odds[..., BEHIND]).sum(1)
        left = (odds[..., LEFT] - odds[..., RIGHT]).sum(1)
        shares = numbers_m[..., None] / NUMBER_UNIT_M
        values = torch.cat([shares, fourier_features(shares, NUMBER_OCTAVES)], dim=-1)
        text = text + self.number(values) * is_number[..., None]
        return Heard(
            text[:, 0],
            self.ask(text, present),
            torch.stack([ahead, left], dim=-1),
            is_number.amax(1, keepdim=True),
            directions,
            self.intent(text[:, 0]).float(),
        )

    def look(self, frames: Tensor, heard: Heard, of: Tensor) -> Views:
        """Frames (F, 4, px, px) as `eye_input` makes them, of instructions `of` (F,)."""
        maps: FeatureMaps = self.eye(frames, heard.summary[of])
        classes = pointwise(self.classify, maps.scene).float()
        parts = classes.split(self.config.class_counts, dim=1)
        odds = torch.cat([part.softmax(1) for part in parts], dim=1)
        asked = Queries(*(value[of, : 1 + self.config.free] for value in heard.queries))
        ground = self.ground(maps, odds, asked)
        layout = pointwise(self.squeeze, maps.conditioned).flatten(1)
        near = F.adaptive_avg_pool2d(frames[:, 3], DEPTH_CELLS).flatten(1)
        layout = self.layout(torch.cat([layout, near], dim=1)).unflatten(1, (-1, self.config.width))
        return Views(
            torch.cat([ground.tokens, layout], dim=1) + self.kind,
            obstacles_in(frames[:, 3]),
            place_on_floor(frames[:, 3], ground.xy[:, 0].detach()),
            self.seen(ground.tokens[:, 0]).float()[:, 0],
            ground.logits[:, 0],
            classes,
        )

    def decide(
        self, views: Views, heard: Heard, of: Tensor, proprio: Tensor, past: Tensor
    ) -> HistoryOutput:
        """Decide D times in F views.

        Args:
            views: of all frames.
            heard: what the instructions say.
            of: (F,) which instruction each frame belongs to.
            proprio: (F, 6) when the frames were taken, see `RoomsEnv`.
            past: (D, K) frames remembered at each decision, the one now first; -1 for none.
        """
        tokens, mask, aims = self._prefix(views, heard, of, proprio, past)
        caches = []
        for block in self.blocks:
            tokens, cache = block(tokens, mask)
            caches.append(cache)
        plan = self.norm(tokens[:, -1])
        bearing, distance = self.waypoint(plan).float().split([BEARINGS, DISTANCES], dim=-1)
        bearing = bearing + (self.toward(plan).float()[..., None] * toward(aims)).sum(1)
        odds = torch.cat([bearing.softmax(-1), distance.softmax(-1)], dim=-1)
        acting = self.slot + self.waypoint_token(odds)[:, None]
        among = mask.new_ones(len(mask), 1, 1, len(self.slot))
        mask = torch.cat([mask, among], dim=-1)
        for block, cache in zip(self.blocks, caches, strict=True):
            acting, _ = block(acting, mask, cache)
        return HistoryOutput(
            self.head(self.norm(acting)).float(), bearing, distance, self.answer(plan).float()
        )

    def _prefix(
        self, views: Views, heard: Heard, of: Tensor, proprio: Tensor, past: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens (D, N, width), the mask (D, 1, 1, N) of those there are, aims (D, AIMS, 2) m."""
        there, past = past >= 0, past.clamp_min(0)
        mine, now, then = of[past[:, 0]], proprio[past[:, 0], POSE], proprio[past]
        motion = motion_since(now[:, None].expand_as(then[..., POSE]), then[..., POSE])
        odds = views.seen.sigmoid()[past][..., None] * there[..., None]
        things = moved(views.place_m[past], motion)  # (D, K, 2)
        ego = [place_features(motion.xy), motion.turn, place_features(things) * odds, odds]
        added = self.ego(torch.cat([*ego, then[..., FELT]], dim=-1)) + self.age[: past.shape[1]]
        frames = views.tokens[past] + added[:, :, None]  # (D, K, T, width)
        recent = odds * torch.cat([torch.ones_like(odds[:, :1]), 1 - odds[:, :-1]], 1).cumprod(1)
        last = (things * recent).sum(1) / recent.sum(1).clamp_min(1e-3)
        sure = torch.stack(
            [heard.numbers[mine], torch.ones_like(heard.numbers[mine]), recent.sum(1)], dim=1
        )
        home = seen_from(now, torch.zeros_like(now[:, :2]))
        aims = torch.stack([seen_from(now, heard.point_m.detach()[mine]), home, last], dim=1) * sure
        told, start, thing = place_features(aims).unbind(1)
        scan = self._scan(views.obstacles_m[past], motion, there)
        plan = [scan, told, start, thing, sure[:, 0], sure[:, 2]]
        alone = [
            self.point(torch.cat([told, sure[:, 0]], dim=-1)),
            self.start(start),
            self.plan(torch.cat(plan, dim=-1)),
        ]
        text = heard.queries.tokens[mine]
        tokens = torch.cat([text, frames.flatten(1, 2), torch.stack(alone, dim=1)], dim=1)
        known = there.repeat_interleave(frames.shape[2], dim=1)
        always = there.new_ones(len(there), text.shape[1] + len(alone))
        mask = torch.cat([always[:, : text.shape[1]], known, always[:, text.shape[1] :]], dim=1)
        return tokens, mask[:, None, None, :], aims

    def _scan(self, obstacles_m: Tensor, motion: Motion, there: Tensor) -> Tensor:
        """Obstacles (D, K, C, 2) of the moments remembered -> the scan around the robot now."""
        count = obstacles_m.shape[2]
        since = Motion(*(part[:, :, None].expand_as(obstacles_m) for part in motion))
        points = moved(obstacles_m, since).flatten(1, 2)
        return scan_around(points, there.repeat_interleave(count, dim=1)).flatten(1)

    def forward(
        self,
        frames: Tensor,
        words: Tensor,
        numbers_m: Tensor,
        of: Tensor,
        proprio: Tensor,
        past: Tensor,
    ) -> tuple[HistoryOutput, Views, Heard]:
        """All at once, as in training; axes as in `read`, `look` and `decide`."""
        heard = self.read(words, numbers_m)
        views = self.look(frames, heard, of)
        return self.decide(views, heard, of, proprio, past), views, heard

    def asks_to_count(self, heard: Heard) -> bool:
        """Return whether one instruction asks for a number of things."""
        return int(heard.intent[0].argmax()) % len(OPS) == OPS.index("count")

    def choose(
        self, output: HistoryOutput, temperature: float, generator: torch.Generator | None
    ) -> Tensor:
        """Action tokens (D, S), always inside the grammar."""
        return decode_parallel(output.logits, self.grammar, temperature, generator)


def toward(aims: Tensor) -> Tensor:
    """Return how well `BEARINGS` point at aims (D, A, 2) in m: (D, A, BEARINGS) in [0, 1]."""
    angle = torch.atan2(aims[..., 1], aims[..., 0] + 1e-6)
    place = (angle / (2 * torch.pi) + 0.5) * BEARINGS
    away = place[..., None] - torch.arange(BEARINGS, device=aims.device)
    away = torch.remainder(away + BEARINGS / 2, BEARINGS) - BEARINGS / 2
    near = aims.norm(dim=-1, keepdim=True).clamp_max(0.5) * 2
    return near * (-0.5 * (away / AIM_BEARINGS) ** 2).exp()


def _mlp(inputs: int, width: int, outputs: int | None = None) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, outputs or width))


AutoConfig.register(HistoryPolicyConfig.model_type, HistoryPolicyConfig, exist_ok=True)
AutoModel.register(HistoryPolicyConfig, HistoryPolicy, exist_ok=True)
