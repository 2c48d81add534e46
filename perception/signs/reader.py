"""Letters on a sign: a small convolutional network, column by column, and how well a word fits.

A word is never looked up: its letters are scored one after the other over all ways of spreading
them over the columns (connectionist temporal classification, Graves et al. 2006). So a name that
was in no training is read like any other.
"""

import unicodedata
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.encoders.image import ChannelNorm
from handeye.perception.losses.total import Counted, counted
from handeye.perception.signs.view import PATCH_ROWS

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLANK = 0  # class of a column that begins no letter; the i-th letter is class i + 1
IMPOSSIBLE = -1e4  # log-likelihood of a word that does not fit on the columns


class SignReader(nn.Module):
    """Brightness of a sign's patch -> log-odds of letters in each of its columns.

    patch (B, 24, 96), see `sign_patch`
      5x5 convolution, stride 2              -> (B, stem, 12, 48)
      3x3 convolution, stride 2 downwards    -> (B, width, 6, 48), residual 3x3 convolutions
      all rows of a column into one          -> (B, 2 width, 48), residual convolutions along it
      classes                                -> (B, 48, 1 + letters)
    """

    def __init__(self, stem: int = 24, width: int = 48, blocks: int = 2) -> None:
        super().__init__()
        tall, wide = PATCH_ROWS // 4, 2 * width
        self.stem = nn.Conv2d(1, stem, 5, stride=2, padding=2)
        self.down = nn.Conv2d(stem, width, 3, stride=(2, 1), padding=1)
        self.norm = ChannelNorm(width)
        self.blocks = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(blocks))
        self.norms = nn.ModuleList(ChannelNorm(width) for _ in range(blocks))
        self.column = nn.Conv2d(width, wide, (tall, 3), padding=(0, 1))
        self.along = nn.ModuleList(nn.Conv1d(wide, wide, 5, padding=2) for _ in range(blocks))
        self.along_norms = nn.ModuleList(nn.LayerNorm(wide) for _ in range(blocks))
        self.head = nn.Linear(wide, 1 + len(LETTERS))

    def forward(self, patches: Tensor) -> Tensor:
        """(B, 24, 96) -> log-odds (B, 48, 27)."""
        maps = F.relu(self.stem(patches[:, None]))
        maps = F.relu(self.norm(self.down(maps)))
        for conv, norm in zip(self.blocks, self.norms, strict=True):
            maps = maps + F.relu(norm(conv(maps)))
        columns = F.relu(self.column(maps))[:, :, 0]
        for conv, norm in zip(self.along, self.along_norms, strict=True):
            columns = columns + F.relu(norm(conv(columns).transpose(1, 2))).transpose(1, 2)
        return self.head(columns.transpose(1, 2)).float().log_softmax(-1)


def letters_of(word: str) -> str:
    """A word as a sign could show it: capitals of `LETTERS`, accents and all else left out."""
    plain = unicodedata.normalize("NFD", word).upper()
    return "".join(letter for letter in plain if letter in LETTERS)


def word_ids(words: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Classes (B, longest) int64 padded with 0, and lengths (B,), of words in capitals."""
    rows = [torch.tensor([1 + LETTERS.index(letter) for letter in word]).long() for word in words]
    lengths = torch.tensor([len(row) for row in rows]).long()
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths


def word_scores(log_odds: Tensor, words: Sequence[str]) -> Tensor:
    """Log-likelihood (B,) of a word in capitals for each of the readings (B, T, classes)."""
    ids, lengths = word_ids(words)
    columns = torch.full((len(log_odds),), log_odds.shape[1])
    losses = F.ctc_loss(
        log_odds.transpose(0, 1), ids, columns, lengths, blank=BLANK, reduction="none"
    )
    return -losses.clamp_max(-IMPOSSIBLE)


def readings(log_odds: Tensor) -> list[str]:
    """The likeliest letters of each column, repeats and blanks left out, as words."""
    found = []
    for row in log_odds.argmax(-1).tolist():
        kept = [
            a for a, before in zip(row, [BLANK, *row], strict=False) if a not in (before, BLANK)
        ]
        found.append("".join(LETTERS[letter - 1] for letter in kept))
    return found


def reading_loss(log_odds: Tensor, words: Sequence[str]) -> Counted:
    """Negative log-likelihood per letter of each word; there may be none."""
    if not words:
        return counted(log_odds.sum((1, 2)))
    lengths = torch.tensor([len(word) for word in words])
    return counted(-word_scores(log_odds, words) / lengths)
