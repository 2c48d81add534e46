"""Batches for `handeye-eyes`: frames, masks and questions with their truth.

A batch is a pure function of (seed, step, rank), as in `dataset.py`. Tables and apartments take
turns.
"""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from handeye.envs.base.colours import COLOURS
from handeye.envs.core.episode_file import list_episodes
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.world.language import SIZE_WORDS
from handeye.envs.tabletop.world.shapes import CONTAINER_KINDS, FIXTURE_KINDS
from handeye.experiments.data.eyes_train_frames import (
    ROOM_WORDS,
    TABLE_WORDS,
    Shot,
    room_shots,
    table_shots,
)
from handeye.experiments.data.tabletop_dataset import checked_action_mode
from handeye.experiments.labels.scene_facts import RELATIONS, ROOM_KINDS, SIZES, STATES, TABLE_KINDS
from handeye.experiments.labels.scene_nouns import EXTREMES, KIND_WORDS, RELATION_WORDS, Noun, said
from handeye.experiments.labels.scene_questions import (
    ANSWERS,
    ASKED_STATES,
    PHRASINGS,
    Question,
    draw_question,
)
from handeye.perception.encoders.text import PAD_ID, InstructionTokenizer
from handeye.perception.eyes.config import EyesConfig
from handeye.perception.eyes.pixels import STRIDE_PX
from handeye.perception.eyes.processor import EyesProcessor

KINDS: tuple[str, ...] = (*TABLE_KINDS, *ROOM_KINDS)
FLAT_TIER, VESSEL_TIER, ITEM_TIER = 2, 1, 0
SMALL_FURNITURE = ("box", "chair", "plant", "lamp", "toilet")
HUNG = ("window", "picture", "sign")
TIERS: tuple[int, ...] = tuple(
    FLAT_TIER if kind in ("zone", "drawer")
    else VESSEL_TIER if kind in (*CONTAINER_KINDS, *SMALL_FURNITURE)
    else ITEM_TIER if kind in (*TABLE_KINDS, *HUNG)
    else FLAT_TIER
    for kind in KINDS
)  # fmt: skip
assert set(FIXTURE_KINDS) < set(TABLE_KINDS)
LEAST_COVER = 0.25  # of a cell, from which it counts as a thing's
HEAT_CELLS = 1.0
QUESTIONS = 8  # about a frame
QUESTION_TRIES = 24
BLIND_SHARE = 0.1  # of the frames, those without places
EXACT_SHARE, BLUR_PX = 0.4, 2  # of the frames whose masks are exact; how far the others are off
NAMELESS = 2  # masks of no thing, beside each frame's things
ROOM_TURN = 5  # every so manieth batch is of rooms
NO_CLASS = -1


class EyesTargets(NamedTuple):
    """The truth beside a batch of B frames with N masks and Q questions; -1: not asked.

    Attributes:
        tiers: (B, H, W) class of each pixel.
        centres: (B, tiers, h, w) 1 in the cell of a middle, less around it.
        votes: (B, 2, h, w) cells to the middle of the cell's thing; NaN where there is none.
        cells: (B, h / 2, w / 2) kind of each cell.
        kinds, colours, sizes, states: (B, N) classes.
        relations: (B, N, N, relations) 1 or 0; NaN where not asked.
        match: (B, Q, N) 1 or 0; NaN where not asked.
        other: (B, Q, N) the same of the second noun.
        answers: (B, Q) classes.
    """

    tiers: Tensor
    centres: Tensor
    votes: Tensor
    cells: Tensor
    kinds: Tensor
    colours: Tensor
    sizes: Tensor
    states: Tensor
    relations: Tensor
    match: Tensor
    other: Tensor
    answers: Tensor


class EyesBatch(NamedTuple):
    """Inputs of `Eyes.forward` by name, and the truth."""

    inputs: dict[str, Tensor]
    targets: EyesTargets


class EyesTrainingSet:
    """Scenes and states to draw frames of.

    Args:
        tables: recorded episodes of the tabletop.
        homes: recorded episodes of rooms.
    """

    def __init__(self, tables: Sequence[Episode], homes: Sequence[RoomEpisode]) -> None:
        checked_action_mode(tables)
        checked_action_mode(homes)
        self.tables, self.homes = list(tables), list(homes)

    @classmethod
    def load(cls, tables: Path, homes: Path) -> "EyesTrainingSet":
        """From two dataset folders; a damaged file is a ValueError that names it."""
        return cls(
            [Episode.load(path) for path in list_episodes(tables)],
            [RoomEpisode.load(path) for path in list_episodes(homes)],
        )

    def draw(
        self, rng: np.random.Generator, processor: EyesProcessor, size: int, step: int
    ) -> EyesBatch:
        """A batch of `size` frames of tables, or of twice as many smaller ones of rooms."""
        if step % ROOM_TURN == 0:
            shots, words = room_shots(self.homes, rng, 2 * size), ROOM_WORDS
        else:
            shots, words = table_shots(self.tables, rng, size), TABLE_WORDS
        world = "room" if words is ROOM_WORDS else "table"
        asked = []
        for shot in shots:
            drawn = (draw_question(shot.facts, words, rng) for _ in range(QUESTION_TRIES))
            asked.append(list(islice((one for one in drawn if one is not None), QUESTIONS)))
        frames = processor.frames(
            np.stack([shot.rgb for shot in shots]),
            np.stack([shot.points_m for shot in shots]),
            world,
        )
        frames[torch.from_numpy(rng.random(len(shots)) < BLIND_SHARE), 3:] = 0.0
        return batch_of(shots, asked, frames, processor, rng, sides_only=world == "room")


def batch_of(
    shots: Sequence[Shot],
    asked: Sequence[Sequence[Question]],
    frames: Tensor,
    processor: EyesProcessor,
    rng: np.random.Generator,
    *,
    sides_only: bool,
) -> EyesBatch:
    """Put frames, masks and questions side by side; `sides_only`: depth is no relation here."""
    count = max(len(shot.facts.things) for shot in shots) + NAMELESS
    truths = [_truth(shot, count, rng, sides_only) for shot in shots]
    sentences = [[question.words for question in several] for several in asked]
    ids = [processor.ids(several) for several in sentences]
    words = torch.full((len(shots), QUESTIONS, ids[0].shape[1]), PAD_ID)
    words[:, :, 0] = ids[0][0, 0]
    nouns = torch.full((2, len(shots), QUESTIONS, count), torch.nan)
    answers = torch.full((len(shots), QUESTIONS), NO_CLASS)
    for row, several in enumerate(asked):
        words[row, : len(several)] = ids[row]
        for column, question in enumerate(several):
            number = len(question.match)
            both = np.stack([question.match, question.other])
            nouns[:, row, column, :number] = torch.from_numpy(both).float()
            nouns[:, row, column, number : number + NAMELESS] = 0.0
            answers[row, column] = ANSWERS.index(question.answer)
    longest = int((words != PAD_ID).sum(-1).max())
    columns = {name: torch.stack([truth[name] for truth in truths]) for name in truths[0]}
    inputs = {name: columns.pop(name) for name in ("owners", "present", "tier_of")}
    inputs |= {"frames": frames, "words": words[..., :longest]}
    truth = EyesTargets(**columns, match=nouns[0], other=nouns[1], answers=answers)
    return EyesBatch(inputs, truth)


def _truth(shot: Shot, count: int, rng: np.random.Generator, sides_only: bool) -> dict[str, Tensor]:
    """One frame's masks and truth, padded to `count` things."""
    facts, number = shot.facts, len(shot.facts.things)
    masks = torch.from_numpy(facts.masks)
    kinds = torch.tensor([KINDS.index(thing.kind) for thing in facts.things], dtype=torch.long)
    tiers = torch.tensor([0, *(1 + TIERS[kind] for kind in kinds.tolist())])
    ids = (masks.long() * torch.arange(1, number + 1)[:, None, None]).sum(0)
    cover = F.avg_pool2d(masks.float()[:, None], STRIDE_PX)[:, 0]
    truth = {"tiers": tiers[ids], **_cell_truth(cover, masks, kinds)}
    truth["owners"] = _with_nothing(_blurred(ids, rng), number, rng)
    truth["tier_of"] = F.pad(tiers, (0, count - number))
    truth["present"] = torch.arange(count) < number + NAMELESS
    classes = {
        "kinds": 1 + kinds,
        "colours": torch.tensor([tuple(COLOURS).index(t.colour) for t in facts.things]),
        "sizes": torch.tensor([SIZES.index(t.size) for t in facts.things]),
        "states": torch.tensor([STATES.index(t.state) for t in facts.things]),
    }
    for name, values in classes.items():
        padded = torch.full((count,), NO_CLASS)
        padded[:number] = values.long()
        if name == "kinds":
            padded[number : number + NAMELESS] = 0
        truth[name] = padded
    relations = torch.full((count, count, len(RELATIONS)), torch.nan)
    relations[:number, :number] = torch.from_numpy(facts.related).permute(1, 2, 0).float()
    if sides_only:
        for name in ("front", "behind"):
            relations[..., RELATIONS.index(name)] = torch.nan
    truth["relations"] = relations
    return truth


def _cell_truth(cover: Tensor, masks: Tensor, kinds: Tensor) -> dict[str, Tensor]:
    """Middles, votes and kinds at the cells of the fine and the coarse maps."""
    rows, columns = cover.shape[1:]
    number = len(cover)
    y, x = torch.arange(rows).float()[:, None], torch.arange(columns).float()
    centres = torch.zeros(1 + max(TIERS), rows, columns)
    if not number:
        coarse = torch.zeros(rows // 2, columns // 2, dtype=torch.long)
        return {
            "centres": centres,
            "votes": torch.full((2, rows, columns), torch.nan),
            "cells": coarse,
        }
    size = masks.flatten(1).sum(1).clamp_min(1)
    row_px = (masks.sum(2) * torch.arange(masks.shape[1])).sum(1) / size
    column_px = (masks.sum(1) * torch.arange(masks.shape[2])).sum(1) / size
    middles = (torch.stack([column_px, row_px], dim=1) + 0.5) / STRIDE_PX - 0.5
    for middle, kind in zip(middles, kinds.tolist(), strict=True):
        near, far = middle.round().long().tolist()
        away = (x - near) ** 2 + (y - far) ** 2
        heat = torch.exp(-away / (2 * HEAT_CELLS**2))
        centres[TIERS[kind]] = torch.maximum(centres[TIERS[kind]], heat)
    most, owner = cover.max(0)
    grid = torch.stack([x.expand(rows, columns), y.expand(rows, columns)])
    votes = middles[owner].permute(2, 0, 1) - grid
    votes = votes.where(most > LEAST_COVER, torch.nan)
    most, owner = F.avg_pool2d(cover[:, None], 2)[:, 0].max(0)
    cells = (1 + kinds)[owner].where(most > LEAST_COVER, 0)
    return {"centres": centres, "votes": votes, "cells": cells}


def _blurred(ids: Tensor, rng: np.random.Generator) -> Tensor:
    """Whose each pixel is (H, W), now and then a little beside the truth, as eyes see it."""
    if rng.random() < EXACT_SHARE:
        return ids
    if rng.random() < 0.5:
        ids = ids[::2, ::2].repeat_interleave(2, 0).repeat_interleave(2, 1)
    down, right = rng.integers(-BLUR_PX, BLUR_PX + 1, size=2).tolist()
    return ids.roll((down, right), (0, 1))


def _with_nothing(owners: Tensor, number: int, rng: np.random.Generator) -> Tensor:
    """The same with `NAMELESS` squares where no thing is, numbered after the things."""
    rows, columns = owners.shape
    for index in range(NAMELESS):
        side = int(rng.integers(rows // 32, rows // 5))
        row, column = int(rng.integers(rows - side)), int(rng.integers(columns - side))
        part = owners[row : row + side, column : column + side]
        owners = owners.clone()
        owners[row : row + side, column : column + side] = part.where(part > 0, number + 1 + index)
    return owners


def vocabulary(max_words: int) -> InstructionTokenizer:
    """Every word that a question may have."""
    rng = np.random.default_rng(0)
    nouns = [said(Noun(kind), rng, plural=True) for kind in KINDS for _ in range(8)]
    slots = dict.fromkeys(("a", "s", "the", "b", "relation", "state"), "")
    phrases = [text.format(**slots) for several in PHRASINGS.values() for text in several]
    tables = (KIND_WORDS, SIZE_WORDS, EXTREMES, RELATION_WORDS)
    listed = [word for table in tables for several in table.values() for word in several]
    everything = "a an any the object objects thing things everything"
    return InstructionTokenizer.train(
        [everything, *nouns, *phrases, *listed, *COLOURS, *ASKED_STATES], max_words
    )


def fitted_eyes_config(config: EyesConfig, words: int) -> EyesConfig:
    """`config` with the names of this world and the size of the vocabulary."""
    config.kinds, config.tiers = list(KINDS), list(TIERS)
    config.colours, config.sizes, config.states = list(COLOURS), list(SIZES), list(STATES)
    config.relations, config.answers = list(RELATIONS), list(ANSWERS)
    config.vocabulary = words
    return config
