"""CTC: letters of an utterance without knowing when each is spoken."""

import torch
import torch.nn.functional as F
from torch import Tensor

from handeye.perception.losses.total import Counted

BLANK = 0


def ctc_loss(logits: Tensor, heard: Tensor, labels: Tensor, present: Tensor) -> Counted:
    """−log of the sum over all paths that collapse to the labels (Graves et al. 2006, §3.1).

    Args:
        logits: (B, T, V) of the audio's tokens, class `BLANK` is silence.
        heard: (B, T) bool, True where there is audio, at the beginning of each row.
        labels: (B, L) int64, letters, none of them `BLANK`.
        present: (B, L) bool, True at letters, at the beginning of each row.

    Returns:
        The sum over utterances, and how many letters they have.

    Raises:
        ValueError: an utterance is too short for its letters, so that no path exists.
    """
    times, letters = heard.sum(1), present.sum(1)
    twice = (labels[:, 1:] == labels[:, :-1]) & present[:, 1:]
    short = letters + twice.sum(1) > times  # equal letters need a silence between them
    if bool(short.any()):
        row = int(short.nonzero()[0, 0])
        raise ValueError(
            f"utterance {row} has {int(times[row])} audio tokens, too few for its "
            f"{int(letters[row])} letters; use a smaller stride, or leave it out"
        )
    log_odds = logits.float().log_softmax(-1).transpose(0, 1)  # (T, B, V)
    total = F.ctc_loss(log_odds, labels, times, letters, blank=BLANK, reduction="sum")
    return Counted(total, letters.sum().float())


def collapse(logits: Tensor, heard: Tensor) -> list[list[int]]:
    """Read (B, T, V) greedily: the best class of each time, repeats and blanks dropped."""
    best = logits.argmax(-1)
    lengths = heard.sum(1).tolist()
    rows = [torch.unique_consecutive(row[:n]) for row, n in zip(best, lengths, strict=True)]
    return [row[row != BLANK].tolist() for row in rows]
