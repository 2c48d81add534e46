"""A text network that reads an instruction into a program of navigation steps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from handeye.perception.encoders.attention import Block
from handeye.perception.encoders.text import SPECIALS, InstructionTokenizer, TextEncoder
from handeye.perception.instructions.navigation_program import (
    DIRECTIONS,
    END,
    FIELDS,
    FIELDS_OF,
    FIRST_OPS,
    FOLLOWERS,
    MOST_STEPS,
    NEEDS,
    NUMBER,
    NavigationProgram,
    ProgramStep,
    ProgramVocabulary,
    SpokenProgram,
    instruction_words,
    point_of,
)
from handeye.perception.losses.next_token import IGNORED, label_loss
from handeye.perception.losses.total import Counted

MAX_WORDS = 60
PROGRAM_TERMS = tuple(f"program_{name}" for name in ("op", *FIELDS, "sign", "direction"))


class ProgramLogits(NamedTuple):
    """Output of `ProgramReader` for B instructions of L ids, in S steps.

    Attributes:
        fields: one (B, S, words of the list) for each field of `ProgramStep`.
        sign: (B, L) how well each id is the name on a sign.
        direction: (B, L, 4) in which of `DIRECTIONS` a number counts.
    """

    fields: tuple[Tensor, ...]
    sign: Tensor
    direction: Tensor


class ProgramTargets(NamedTuple):
    """The truth for `ProgramLogits`, `IGNORED` where it costs nothing.

    Attributes:
        fields: (B, S, 6) int64, in the order of `ProgramStep`.
        sign: (B,) int64, place of the name among the L ids.
        direction: (B, L) int64.
    """

    fields: Tensor
    sign: Tensor
    direction: Tensor


class ProgramReader(nn.Module):
    """Word ids (B, L) -> steps: learned queries, one per step, join the words in small blocks.

        [class] word ... word [pad] ...  ->  TextEncoder  ->  tokens ... | step 1 ... step S
                                                               blocks over both together
        step tokens -> one logit per word of each field's list
        word tokens -> is it the sign's name; which way does a number count

    Args:
        vocabulary: the lists of words of a step's fields.
        words: size of the tokenizer's vocabulary.
        length: most ids, `max_words` + 1 of the tokenizer.
        width: of tokens.
        layers: blocks over the words alone.
        step_layers: blocks over words and steps.
        heads: of every attention.
    """

    def __init__(
        self,
        vocabulary: ProgramVocabulary,
        words: int,
        length: int = MAX_WORDS + 1,
        width: int = 96,
        layers: int = 2,
        step_layers: int = 2,
        heads: int = 4,
    ) -> None:
        super().__init__()
        self.encoder = TextEncoder(words, length, width, layers, heads)
        self.step = nn.Parameter(torch.randn(MOST_STEPS, width) * 0.5)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(step_layers))
        self.norm = nn.LayerNorm(width)
        self.sizes = [len(listed) for listed in vocabulary.lists]
        self.to_fields = nn.Linear(width, sum(self.sizes))
        self.to_sign = nn.Linear(width, 1)
        self.to_direction = nn.Linear(width, len(DIRECTIONS))

    def forward(self, ids: Tensor) -> ProgramLogits:
        """`ids` (B, L) int64 as `InstructionTokenizer` gives them; L may be cut to the longest."""
        text, present = self.encoder(ids)
        steps = self.step.expand(len(ids), -1, -1)
        tokens = torch.cat([text, steps], dim=1)
        mask = torch.cat([present, present.new_ones(steps.shape[:2])], dim=1)[:, None, None, :]
        for block in self.blocks:
            tokens, _ = block(tokens, mask)
        tokens = self.norm(tokens).split([text.shape[1], MOST_STEPS], dim=1)
        fields = self.to_fields(tokens[1]).float().split(self.sizes, dim=-1)
        sign = self.to_sign(tokens[0])[..., 0].float().masked_fill(~present, -torch.inf)
        return ProgramLogits(tuple(fields), sign, self.to_direction(tokens[0]).float())


def program_tokenizer(words: Sequence[str]) -> InstructionTokenizer:
    """A tokenizer that knows those words and `NUMBER`."""
    known = sorted(set(words) - {NUMBER, *SPECIALS})
    return InstructionTokenizer((*SPECIALS, NUMBER, *known), MAX_WORDS)


def program_ids(
    tokenizer: InstructionTokenizer, sentences: Sequence[Sequence[str]]
) -> NDArray[np.int64]:
    """Ids (B, L) of split sentences, cut to the longest of them."""
    ids = np.stack([tokenizer.encode_words(words) for words in sentences])
    return ids[:, : 1 + max(len(words) for words in sentences)]


def program_targets(
    spoken: Sequence[SpokenProgram], vocabulary: ProgramVocabulary
) -> ProgramTargets:
    """Targets for the ids of the same sentences, as `program_ids` cuts them.

    Raises:
        ValueError: a program has more than `MOST_STEPS` - 1 steps, or a word of no list.
    """
    length = 1 + max(len(one.words) for one in spoken)
    fields = np.full((len(spoken), MOST_STEPS, 1 + len(FIELDS)), IGNORED, dtype=np.int64)
    sign = np.full(len(spoken), IGNORED, dtype=np.int64)
    direction = np.full((len(spoken), length), IGNORED, dtype=np.int64)
    fields[:, :, 0] = vocabulary.ops.index(END)
    for row, one in enumerate(spoken):
        if len(one.steps) >= MOST_STEPS:
            raise ValueError(f"a program has {len(one.steps)} steps, at most {MOST_STEPS - 1} fit")
        for number, step in enumerate(one.steps):
            fields[row, number] = vocabulary.indices(step)
        if one.sign_at >= 0:
            sign[row] = 1 + one.sign_at
        if one.directions:
            numbers = [1 + at for at, word in enumerate(one.words) if word == NUMBER]
            direction[row, numbers] = [DIRECTIONS.index(name) for name in one.directions]
    return ProgramTargets(*map(torch.from_numpy, (fields, sign, direction)))


def program_losses(logits: ProgramLogits, targets: ProgramTargets) -> dict[str, Counted]:
    """Cross-entropy of every field, of the sign's place and of the numbers' directions.

    Each is counted over what it is asked of: ops over all steps, other fields up to the end.
    """
    fields = zip(logits.fields, targets.fields.unbind(-1), strict=True)
    losses = [
        *(label_loss(said, true) for said, true in fields),
        label_loss(logits.sign[None], targets.sign[None]),
        label_loss(logits.direction, targets.direction),
    ]
    return dict(zip(PROGRAM_TERMS, losses, strict=True))


def decode_program(
    logits: ProgramLogits,
    row: int,
    words: Sequence[str],
    values_m: Sequence[float],
    vocabulary: ProgramVocabulary,
) -> NavigationProgram:
    """The likeliest program of one instruction that can be carried out.

    Ops follow one another as `FOLLOWERS` allows; a step has the fields of its op only.

    Args:
        logits: of a batch.
        row: which of the batch.
        words: of that instruction, numbers as `NUMBER`.
        values_m: its numbers in order.
        vocabulary: whose words the program speaks.
    """
    scores = [field[row].log_softmax(-1).cpu().numpy() for field in logits.fields]
    ops = _likeliest_ops(scores[0], vocabulary.ops)
    steps = []
    for number, op in enumerate(ops):
        said = {}
        for field, listed, score in zip(FIELDS, vocabulary.lists[1:], scores[1:], strict=True):
            if field in FIELDS_OF.get(op, ()):
                first = 1 if NEEDS.get(op) == field else 0
                said[field] = listed[first + int(score[number, first:].argmax())]
        steps.append(ProgramStep(op, **said))
    sign, point = "", None
    if "sign" in ops and words:
        sign = words[int(logits.sign[row, 1 : len(words) + 1].argmax())]
    if "point" in ops:
        at = [1 + place for place, word in enumerate(words) if word == NUMBER]
        point = point_of(_directions(logits.direction[row, at].cpu().numpy()), values_m)
    return NavigationProgram(tuple(steps), point, sign)


def read_program(
    reader: ProgramReader,
    tokenizer: InstructionTokenizer,
    vocabulary: ProgramVocabulary,
    instruction: str,
) -> NavigationProgram:
    """The program of one instruction.

    Raises:
        ValueError: the instruction has no words, or more than the tokenizer reads.
    """
    words, values_m = instruction_words(instruction)
    if not words:
        raise ValueError("the instruction is empty; say in words where to go")
    device = next(reader.parameters()).device
    with torch.inference_mode():
        logits = reader(torch.from_numpy(program_ids(tokenizer, [words])).to(device))
    return decode_program(logits, 0, words, values_m, vocabulary)


def _likeliest_ops(scores: NDArray[np.float32], ops: Sequence[str]) -> list[str]:
    """The best sum of log probabilities (S, ops) over allowed sequences, without the "end"s."""
    allowed = np.full((len(ops), len(ops)), -np.inf)
    for before, followers in FOLLOWERS.items():
        allowed[ops.index(before), [ops.index(op) for op in followers]] = 0.0
    best = np.full(len(ops), -np.inf)
    first = [ops.index(op) for op in FIRST_OPS]
    best[first] = scores[0, first]
    came_from = []
    for row in scores[1:]:
        ways = best[:, None] + allowed
        came_from.append(ways.argmax(0))
        best = ways.max(0) + row
    # the last step is the closing one
    path = [ops.index(END)]
    for back in reversed(came_from):
        path.append(int(back[path[-1]]))
    return [ops[index] for index in reversed(path) if ops[index] != END]


def _directions(scores: NDArray[np.float32]) -> list[str]:
    """A direction for each number (N, 4); of two numbers one counts ahead or behind, one aside."""
    if len(scores) != 2:
        return [DIRECTIONS[index] for index in scores.argmax(-1)]
    along, aside = scores[:, :2].max(-1), scores[:, 2:].max(-1)
    first_along = along[0] + aside[1] >= aside[0] + along[1]
    parts = [slice(0, 2), slice(2, 4)] if first_along else [slice(2, 4), slice(0, 2)]
    return [
        DIRECTIONS[part.start + int(row[part].argmax())]
        for row, part in zip(scores, parts, strict=True)
    ]
