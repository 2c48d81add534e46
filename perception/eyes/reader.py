"""Words about things: which things they mean, and what to answer."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from handeye.perception.encoders.text import TextEncoder
from handeye.perception.eyes.things import GEOMETRY, PAIR, Things

COUNTS = tuple(float(number) for number in range(11))


class Readings(NamedTuple):
    """Meanings of Q sentences in each of B frames with N things.

    Attributes:
        match: (B, Q, N) logits that the words are about a thing.
        other: (B, Q, N) logits that they are about its relation to this one.
        answers: (B, Q, answers) logits.
    """

    match: Tensor
    other: Tensor
    answers: Tensor


class JointBlock(nn.Module):
    """Pre-norm transformer block over things and words; how things stand to one another biases
    whom of them they attend to.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.SiLU(), nn.Linear(4 * width, width)
        )

    def forward(self, tokens: Tensor, bias: Tensor) -> Tensor:
        """Tokens (S, T, width); bias (S, heads, T, T), -inf where nothing may be looked at."""
        count, length, width = tokens.shape
        qkv = self.qkv(self.norm_attention(tokens))
        qkv = qkv.view(count, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        queries, keys, values = qkv
        scores = queries @ keys.transpose(-1, -2) * queries.shape[-1] ** -0.5 + bias
        mixed = scores.softmax(-1) @ values
        tokens = tokens + self.out(mixed.transpose(1, 2).reshape(count, length, width))
        return tokens + self.mlp(self.norm_mlp(tokens))


class WordReader(nn.Module):
    """A small transformer over [things; words].

    Of a thing it knows nothing but the probabilities of its properties and its place: words and
    pictures meet in names, so what is learned of "left of" holds for whatever is seen.
    """

    def __init__(
        self, properties: int, relations: int, width: int, heads: int, layers: int,
        vocabulary: int, max_words: int, answers: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.heads = heads
        self.thing = nn.Linear(properties + GEOMETRY, width)
        self.text = TextEncoder(vocabulary, max_words + 1, width, 1, heads)
        self.pair = nn.Sequential(
            nn.Linear(PAIR + relations, 64), nn.SiLU(), nn.Linear(64, layers * heads)
        )
        self.blocks = nn.ModuleList(JointBlock(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.match_head = nn.Linear(width, 1)
        self.other_head = nn.Linear(width, 1)
        self.answer_head = nn.Linear(width, answers)
        self.looked_up = nn.Sequential(
            nn.Linear(width + 2 * properties + relations + 2 * len(COUNTS), 2 * width),
            nn.SiLU(),
            nn.Linear(2 * width, answers),
        )

    def forward(self, things: Things, words: Tensor) -> Readings:
        """Read sentences about frames.

        Args:
            things: of B frames; no gradient flows into them.
            words: (B, Q, L) ids, each row beginning with the class token.
        """
        batch, asked, length = words.shape
        count = things.present.shape[1]
        known = torch.cat([things.properties, things.geometry], dim=-1).detach()
        tokens = self.thing(known)[:, None].expand(-1, asked, -1, -1).flatten(0, 1)
        text, said = self.text(words.flatten(0, 1))
        there = things.present[:, None].expand(-1, asked, -1).flatten(0, 1)
        seen = torch.cat([there, said], dim=1)[:, None, None]
        blocked = torch.zeros_like(seen, dtype=tokens.dtype).masked_fill(~seen, -torch.inf)
        related = torch.cat([things.pairs, things.relations.sigmoid()], dim=-1).detach()
        biases = self.pair(related).permute(0, 3, 1, 2).chunk(len(self.blocks), dim=1)
        joint = torch.cat([tokens, text], dim=1)
        for block, bias in zip(self.blocks, biases, strict=True):
            wide = nn.functional.pad(bias, (0, length, 0, length))
            wide = wide[:, None].expand(-1, asked, -1, -1, -1).flatten(0, 1)
            joint = block(joint, wide + blocked)
        joint = self.norm(joint)
        seen_things, whole = joint[:, :count], joint[:, count].view(batch, asked, -1)
        match = self.match_head(seen_things)[..., 0].view(batch, asked, count)
        other = self.other_head(seen_things)[..., 0].view(batch, asked, count)
        found = looked_up(things, match.detach(), other.detach())
        answers = self.answer_head(whole) + self.looked_up(torch.cat([whole, found], dim=-1))
        return Readings(match, other, answers)


def looked_up(things: Things, match: Tensor, other: Tensor) -> Tensor:
    """Return the facts about the things that are meant, and of how they stand: (B, Q, F).

    Args:
        things: of B frames; no gradient flows into them.
        match: (B, Q, N) logits.
        other: (B, Q, N) logits.
    """
    present = things.present[:, None]
    known, related = things.properties.detach(), things.relations.sigmoid().detach()
    parts, meant = [], []
    for logits in (match, other):
        share = logits.sigmoid() * present
        total = share.sum(-1, keepdim=True)
        meant.append(share)
        parts.append(share @ known / total.clamp_min(0.5))
        parts.append(torch.exp(-4.0 * (total - total.new_tensor(COUNTS)) ** 2))
    between = torch.einsum("bqi,bijr,bqj->bqr", meant[0], related, meant[1])
    return torch.cat([*parts, between.clamp_max(1.0)], dim=-1)
