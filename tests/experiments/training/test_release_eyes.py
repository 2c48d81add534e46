"""The card of shipped eyes and what temperatures are fitted to, without training any."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from handeye.experiments.training.release_eyes import COLDEST, HOTTEST, MEASURED, fitted, measured

RECORD = {
    "command": "handeye evaluate-eyes",
    "first_seed": 1_000_000,
    "commit": "abc",
    "figures": {
        "table seen": {
            "eyes": {"rates": {"refer": {"rate": 0.5, "wilson95": [0.25, 0.75], "n": 8}}}
        },
        "room unseen": {
            "eyes": {"rates": {"presence": {"rate": 1.0, "wilson95": [0.9, 1.0], "n": 30}}}
        },
    },
}


def test_the_card_says_what_was_measured_and_how() -> None:
    card = measured(RECORD)
    assert card.lstrip().startswith(MEASURED)
    assert "By `handeye evaluate-eyes`, seeds from 1000000, code abc" in card
    assert "| table seen | refer | 50.0% (25.0% to 75.0%) | 8 |" in card
    assert "| room unseen | presence | 100.0% (90.0% to 100.0%) | 30 |" in card


def test_a_card_is_renewed_and_not_made_longer() -> None:
    card = "# Eyes\n"
    once = card + measured(RECORD)
    again = once.split(MEASURED)[0].rstrip() + "\n" + measured(RECORD)
    assert again == once


@pytest.mark.parametrize(
    ("wanted", "found"), [(1.0, 1.0), (0.5, 0.5), (0.0, COLDEST), (99.0, HOTTEST)]
)
def test_a_temperature_stays_within_its_bounds(wanted: float, found: float) -> None:
    assert fitted(lambda heat: (heat - wanted) ** 2) == pytest.approx(found, abs=1e-2)


@pytest.mark.parametrize("heat", [0.6, 1.0, 2.5])
def test_scores_that_are_too_sure_are_cooled_by_as_much(heat: float) -> None:
    rng = np.random.default_rng(0)
    logits = torch.from_numpy(rng.normal(0.0, 2.0, 20_000))
    truth = torch.from_numpy(rng.random(20_000)) < logits.sigmoid()
    found = fitted(lambda h: F.binary_cross_entropy_with_logits(logits * heat / h, truth.double()))
    assert found == pytest.approx(heat, rel=0.1)
