"""Instruction text -> word ids -> text tokens. Small, trained from scratch, nothing downloaded."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordLevel
from tokenizers.trainers import WordLevelTrainer
from torch import Tensor, nn

from handeye.perception.encoders.attention import Block
from handeye.perception.encoders.near_words import nearest_known

PAD, UNKNOWN, CLASS = "[pad]", "[unknown]", "[class]"
SPECIALS = (PAD, UNKNOWN, CLASS)
PAD_ID, UNKNOWN_ID, CLASS_ID = range(3)
MAX_CHARACTERS = 1000


class InstructionTokenizer:
    """Words of an instruction -> ids, with an id for words never met in training.

    Word-level on purpose: instructions are short and their words few. A word outside the vocabulary
    is read as the known word nearest to it in meaning, see `near_words`, and where there is none it
    costs one neutral token instead of several misleading pieces. Lower case,
    punctuation dropped. Row layout: [class] word word ... [pad] [pad], `max_words` + 1 ids.
    """

    def __init__(self, words: Sequence[str], max_words: int = 31) -> None:
        if tuple(words[: len(SPECIALS)]) != SPECIALS:
            raise ValueError(f"a vocabulary starts with {SPECIALS}, this one with {words[:3]}")
        self.words = tuple(words)
        self.max_words = max_words
        self._known = frozenset(words)
        self._tokenizer = _word_tokenizer({word: index for index, word in enumerate(words)})

    @classmethod
    def train(cls, instructions: Iterable[str], max_words: int = 31) -> "InstructionTokenizer":
        """A tokenizer whose vocabulary is every word of `instructions`, most frequent first."""
        tokenizer = _word_tokenizer({})
        trainer = WordLevelTrainer(special_tokens=list(SPECIALS), show_progress=False)
        tokenizer.train_from_iterator(instructions, trainer)
        vocabulary = tokenizer.get_vocab()
        return cls(sorted(vocabulary, key=lambda word: vocabulary[word]), max_words)

    def __len__(self) -> int:
        return len(self.words)

    @property
    def blind(self) -> bool:
        """Return whether it knows no word, so that all instructions have the same ids."""
        return len(self.words) == len(SPECIALS)

    def split(self, instruction: str) -> list[str]:
        """Normalised words of one instruction; ValueError when there are none or far too many."""
        if not isinstance(instruction, str):
            raise TypeError(f"an instruction is a str, not {type(instruction).__name__}")
        if len(instruction) > MAX_CHARACTERS:
            raise ValueError(
                f"the instruction has {len(instruction)} characters; at most {MAX_CHARACTERS} "
                "are read: state one task in one sentence"
            )
        normalised = self._tokenizer.normalizer.normalize_str(instruction)
        return [word for word, _ in self._tokenizer.pre_tokenizer.pre_tokenize_str(normalised)]

    def encode(self, instruction: str) -> NDArray[np.int64]:
        """Ids (max_words + 1,) of one instruction."""
        words = self.split(instruction)
        if not words:
            raise ValueError("the instruction is empty; say the task in words")
        return self.encode_words(words)

    def encode_words(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Ids (max_words + 1,) of already split words; an empty list is a blank instruction."""
        words = [UNKNOWN] if self.blind else words
        if len(words) > self.max_words:
            raise ValueError(
                f"the instruction has {len(words)} words; this policy reads at most "
                f"{self.max_words}: state one task in one sentence"
            )
        ids = np.full(self.max_words + 1, PAD_ID, dtype=np.int64)
        ids[0] = CLASS_ID
        for place, word in enumerate(words, start=1):
            ids[place] = self._id(word)
        return ids

    def _id(self, word: str) -> int:
        known: int | None = self._tokenizer.token_to_id(word)
        if known is None and (near := nearest_known(word, self._known)) is not None:
            known = self._tokenizer.token_to_id(near)
        return UNKNOWN_ID if known is None else known


def _word_tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"[^\p{L}\p{N}]+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


class TextEncoder(nn.Module):
    """Word ids (B, L) -> text tokens (B, L, width) and which of them are words, (B, L) bool."""

    def __init__(self, vocabulary: int, length: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.word = nn.Embedding(vocabulary, width)
        self.place = nn.Parameter(torch.randn(length, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """`ids` (B, L) int64, PAD_ID where there is no word."""
        present = ids != PAD_ID
        tokens = self.word(ids) + self.place[: ids.shape[1]]
        for block in self.blocks:
            tokens, _ = block(tokens, present[:, None, None, :])
        return self.norm(tokens), present
