"""Letters are scored one after the other, and a small network learns to tell them apart."""

import pytest
import torch

from handeye.perception.signs.reader import (
    BLANK,
    LETTERS,
    SignReader,
    letters_of,
    reading_loss,
    readings,
    word_ids,
    word_scores,
)
from handeye.perception.signs.view import PATCH_COLUMNS, PATCH_ROWS


def written(word: str, columns: int = 48, sure: float = 8.0) -> torch.Tensor:
    """Log-odds (1, columns, classes) of a reader that sees that word, blanks between letters."""
    log_odds = torch.zeros(1, columns, 1 + len(LETTERS))
    log_odds[..., BLANK] = sure
    for at, letter in enumerate(word):
        column = (at + 1) * columns // (len(word) + 1)
        log_odds[0, column, BLANK] = 0.0
        log_odds[0, column, 1 + LETTERS.index(letter)] = sure
    return log_odds.log_softmax(-1)


def test_a_patch_becomes_odds_of_letters_column_by_column() -> None:
    reader = SignReader()
    assert 100_000 < sum(p.numel() for p in reader.parameters()) < 300_000
    log_odds = reader(torch.randn(3, PATCH_ROWS, PATCH_COLUMNS))
    assert log_odds.shape == (3, PATCH_COLUMNS // 2, 1 + len(LETTERS))
    torch.testing.assert_close(log_odds.exp().sum(-1), torch.ones(3, PATCH_COLUMNS // 2))
    assert reader(torch.zeros(0, PATCH_ROWS, PATCH_COLUMNS)).shape[0] == 0


@pytest.mark.parametrize("word", ["ADA", "ANNA", "OTTO", "GUSTAV", "I"])
def test_what_is_written_is_read_and_fits_best(word: str) -> None:
    seen = written(word)
    assert readings(seen) == [word]
    others = ["ADAM", "ANA", "OTO", "GUSTAF", "L"]
    scores = word_scores(seen.expand(6, -1, -1), [word, *others])
    assert int(scores.argmax()) == 0


def test_a_word_too_long_for_the_columns_is_impossible_not_infinite() -> None:
    score = word_scores(written("ADA", columns=4), ["ABCDEFGH"])
    assert torch.isfinite(score).all()
    assert score < -1000


def test_words_become_capitals_without_what_no_sign_shows() -> None:
    assert letters_of("Zoë-Marie") == "ZOEMARIE"
    ids, lengths = word_ids(["AZ", "B"])
    assert ids.tolist() == [[1, 26], [2, 0]]
    assert lengths.tolist() == [2, 1]


@pytest.mark.slow
def test_the_loss_of_no_signs_is_nothing_and_that_of_signs_teaches() -> None:
    torch.manual_seed(0)
    reader = SignReader(stem=8, width=16)
    assert reading_loss(reader(torch.zeros(0, PATCH_ROWS, PATCH_COLUMNS)), []).mean == 0.0
    patches, words = torch.randn(4, PATCH_ROWS, PATCH_COLUMNS), ["AB", "BA", "ABC", "CC"]
    optimizer = torch.optim.AdamW(reader.parameters(), 3e-3)
    losses = []
    for _ in range(60):
        loss = reading_loss(reader(patches), words).mean
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
