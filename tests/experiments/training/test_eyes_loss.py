"""Losses and metrics of eyes by hand, on frames of two cells and two things."""

import math

import pytest
import torch
from torch import Tensor

from handeye.experiments.data.eyes_dataset import NO_CLASS, EyesTargets
from handeye.experiments.training.eyes_loss import (
    TOLD_LOGIT,
    WEIGHTS,
    eyes_losses,
    eyes_metrics,
    heat_loss,
    told,
)
from handeye.perception.eyes.eyes import EyesOutput
from handeye.perception.eyes.pixels import PixelMaps
from handeye.perception.eyes.reader import Readings
from handeye.perception.eyes.things import Things

FRAMES, THINGS, SENTENCES = 5, 2, 3
SURE = 12.0


def zeros(*shape: int) -> Tensor:
    return torch.zeros(shape)


def truth(**changes: Tensor) -> EyesTargets:
    """Nothing in view, nothing asked, but for the changes."""
    unasked = {
        name: torch.full((FRAMES, THINGS), NO_CLASS)
        for name in ("kinds", "colours", "sizes", "states")
    }
    blank = EyesTargets(
        tiers=zeros(FRAMES, 8, 8).long(),
        centres=zeros(FRAMES, 1, 2, 2),
        votes=torch.full((FRAMES, 2, 2, 2), torch.nan),
        cells=zeros(FRAMES, 1, 1).long(),
        **unasked,
        relations=torch.full((FRAMES, THINGS, THINGS, 1), torch.nan),
        match=torch.full((FRAMES, SENTENCES, THINGS), torch.nan),
        other=torch.full((FRAMES, SENTENCES, THINGS), torch.nan),
        answers=torch.full((FRAMES, SENTENCES), NO_CLASS),
    )
    return blank._replace(**changes)


def output() -> EyesOutput:
    """Knows nothing: every logit is 0."""
    maps = PixelMaps(
        zeros(FRAMES, 4, 2, 2), zeros(FRAMES, 4, 1, 1), zeros(FRAMES, 2, 8, 8),
        zeros(FRAMES, 1, 2, 2), zeros(FRAMES, 2, 2, 2), zeros(FRAMES, 3, 1, 1),
    )  # fmt: skip
    things = Things(
        *(zeros(FRAMES, THINGS, count) for count in (3, 4, 2, 2)),
        geometry=zeros(FRAMES, THINGS, 18),
        pairs=zeros(FRAMES, THINGS, THINGS, 12),
        relations=zeros(FRAMES, THINGS, THINGS, 1),
        present=torch.ones(FRAMES, THINGS, dtype=torch.bool),
    )
    sentences = zeros(FRAMES, SENTENCES, THINGS)
    return EyesOutput(maps, things, Readings(sentences, sentences, zeros(FRAMES, SENTENCES, 5)))


def test_every_loss_has_a_weight() -> None:
    assert eyes_losses(output(), truth()).keys() == WEIGHTS.keys()


def test_who_knows_nothing_loses_the_logarithm_of_the_choices() -> None:
    asked = truth(
        kinds=torch.zeros(FRAMES, THINGS).long(),
        colours=torch.zeros(FRAMES, THINGS).long(),
        relations=zeros(FRAMES, THINGS, THINGS, 1),
        match=torch.ones(FRAMES, SENTENCES, THINGS),
        answers=torch.zeros(FRAMES, SENTENCES).long(),
    )
    losses = eyes_losses(output(), asked)
    choices = {
        "tiers": 2, "cells": 3, "kinds": 3, "colours": 4, "relations": 2, "match": 2, "answers": 5,
    }  # fmt: skip
    for name, count in choices.items():
        assert float(losses[name].mean) == pytest.approx(math.log(count), abs=1e-5), name


def test_a_frame_without_votes_costs_nothing_and_still_has_a_gradient() -> None:
    made = output()
    made.maps.votes.requires_grad_()
    losses = eyes_losses(made, truth())
    assert float(losses["votes"].mean.detach()) == 0.0
    losses["votes"].mean.backward()
    assert not made.maps.votes.grad.any()  # type: ignore[union-attr]


def test_votes_count_only_where_a_thing_is() -> None:
    votes = torch.full((FRAMES, 2, 2, 2), torch.nan)
    votes[0, :, 0, 0] = torch.tensor([1.0, -3.0])
    assert float(eyes_losses(output(), truth(votes=votes))["votes"].mean) == pytest.approx(2.0)


def test_what_was_not_asked_costs_nothing() -> None:
    kinds = torch.full((FRAMES, THINGS), NO_CLASS)
    kinds[0, 0] = 2
    made = output()
    made.things.kinds[0, 0, 2] = SURE
    made.things.kinds[1:, :, 1] = SURE  # whatever these say
    assert float(eyes_losses(made, truth(kinds=kinds))["kinds"].mean) < 1e-4


def test_heat_is_lost_least_where_it_is_right() -> None:
    heat = torch.tensor([[[[1.0, 0.5], [0.0, 0.0]]]])
    right = torch.tensor([[[[SURE, -SURE], [-SURE, -SURE]]]])
    assert float(heat_loss(right, heat).mean) < 1e-4
    assert float(heat_loss(-right, heat).mean) > 1.0


def test_heat_beside_a_middle_is_forgiven_more_than_far_away() -> None:
    heat = torch.tensor([[[[1.0, 0.8], [0.0, 0.0]]]])
    beside, far = (torch.full((1, 1, 2, 2), -SURE) for _ in range(2))
    beside[0, 0, 0] = far[0, 0, 0, 0] = far[0, 0, 1, 1] = SURE
    assert 0 < float(heat_loss(beside, heat).mean) < 0.1 * float(heat_loss(far, heat).mean)


def test_frames_without_a_middle_are_not_divided_by_none() -> None:
    nothing = heat_loss(torch.full((1, 1, 2, 2), -SURE), zeros(1, 1, 2, 2))
    assert float(nothing.mean) < 1e-4


def test_the_reader_is_told_the_truth_of_some_frames() -> None:
    kinds = torch.full((FRAMES, THINGS), 1)
    kinds[0, 1] = NO_CLASS
    relations = torch.ones(FRAMES, THINGS, THINGS, 1)
    relations[0, 0, 1] = torch.nan
    seen = output().things
    heard = told(seen, truth(kinds=kinds, relations=relations))
    assert heard.kinds[0, 0].tolist() == [0.0, TOLD_LOGIT, 0.0]
    assert heard.kinds[1, 1].tolist() == [0.0, TOLD_LOGIT, 0.0]
    assert not heard.kinds[0, 1].any()  # not known: as it was seen
    assert not heard.kinds[2:].any()  # beyond the share that is told
    assert heard.relations[1, 0, 1] == TOLD_LOGIT
    assert heard.relations[0, 0, 1] == -TOLD_LOGIT
    assert not heard.relations[2:].any()
    assert heard.geometry is seen.geometry


def test_shares_of_what_is_right() -> None:
    kinds = torch.full((FRAMES, THINGS), NO_CLASS)
    kinds[0] = torch.tensor([1, 2])
    tiers = zeros(FRAMES, 8, 8).long()
    tiers[0, :4] = 1
    made = output()
    made.things.kinds[0, :, 1] = SURE  # right for the first thing alone
    made.maps.tiers[0, 1, :2] = SURE  # half of what there is
    metrics = eyes_metrics(made, truth(kinds=kinds, tiers=tiers))
    assert float(metrics["kinds_accuracy"]) == 0.5
    assert float(metrics["tier_iou"]) == 0.5


def test_a_sentence_is_right_if_all_it_means_is() -> None:
    match = torch.full((FRAMES, SENTENCES, THINGS), torch.nan)
    match[0, :2] = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    answers = torch.full((FRAMES, SENTENCES), NO_CLASS)
    answers[0, :2] = torch.tensor([3, 0])
    made = output()
    made.readings.match[0, :2] = torch.tensor([[SURE, -SURE], [SURE, -SURE]])
    made.readings.answers[0, :2, 3] = SURE
    metrics = eyes_metrics(made, truth(match=match, answers=answers))
    assert float(metrics["match_accuracy"]) == 0.5
    assert float(metrics["answer_accuracy"]) == 0.5
