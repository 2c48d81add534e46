"""A causal language model whose sentences hold frames: object tokens first, then words.

PaLM-E (Driess et al. 2023, arXiv:2303.03378), small: a connector puts the object tokens of a frame
into the embedding space of a Llama-shaped decoder, which writes the plan's next step as text.

    [ 12 object tokens | put the star in the dish ; pick target : red star = ok ; ] -> place_in
    container : blue plate <end>
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Step
from handeye.perception.losses.next_token import IGNORED, label_loss
from handeye.perception.losses.total import Counted
from handeye.policies.checkpoint_content import read_json_object, verify_checksums, write_checksums
from handeye.policies.checkpoint_files import check_sizes

PAD, UNKNOWN, END = "<pad>", "<unknown>", "<end>"
SPECIALS = (PAD, UNKNOWN, END)
PIECES = re.compile(r"<\w+>|\w+|[^\w\s]")
MAX_WORDS = 120  # A longer sentence loses its middle, the old steps.
MAX_STEP_WORDS = 24
CHECKPOINT = Path(__file__).resolve().parents[1] / "checkpoints" / "handeye-palm-e"


@dataclass(frozen=True)
class PalmESize:
    """The sizes by which the weights are read again.

    Attributes:
        words: the vocabulary, `SPECIALS` first.
        frame_width: of an object token.
        width: of the decoder.
        layers: of the decoder.
        heads: of its attention.
    """

    words: tuple[str, ...]
    frame_width: int
    width: int = 128
    layers: int = 3
    heads: int = 4


class PalmE(nn.Module):
    """Object tokens and words -> the next words."""

    def __init__(self, size: PalmESize) -> None:
        super().__init__()
        self.size = size
        self._ids = {word: index for index, word in enumerate(size.words)}
        self.connector = nn.Sequential(
            nn.Linear(size.frame_width, size.width), nn.GELU(), nn.Linear(size.width, size.width)
        )
        self.decoder = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=len(size.words),
                hidden_size=size.width,
                intermediate_size=3 * size.width,
                num_hidden_layers=size.layers,
                num_attention_heads=size.heads,
                max_position_embeddings=256,
                tie_word_embeddings=True,
                pad_token_id=0,
                eos_token_id=self._ids[END],
                bos_token_id=None,
            )
        )

    def encode(self, text: str) -> list[int]:
        """Ids of the words and marks of a text."""
        return [self._ids.get(piece, 1) for piece in PIECES.findall(text.lower())]

    def loss(self, frames: Tensor, prompts: Sequence[str], steps: Sequence[str]) -> Counted:
        """Cross-entropy of the steps' words.

        Args:
            frames: (B, N, frame_width) object tokens.
            prompts: what stands before each step.
            steps: what is to be written, without its end.
        """
        before = [fit(self.encode(prompt)) for prompt in prompts]
        after = [self.encode(f"{step} {END}") for step in steps]
        length = max(len(a) + len(b) for a, b in zip(before, after, strict=True))
        words = torch.zeros(len(before), length, dtype=torch.long)
        target = torch.full((len(before), length), IGNORED)
        for row, (a, b) in enumerate(zip(before, after, strict=True)):
            words[row, : len(a) + len(b)] = torch.tensor(a + b)
            target[row, len(a) : len(a) + len(b)] = torch.tensor(b)
        logits = self.decoder(inputs_embeds=self._embed(frames, words)).logits
        said = logits[:, frames.shape[1] - 1 : -1]  # each word is predicted one place earlier
        return label_loss(said, target)

    def _embed(self, frames: Tensor, words: Tensor) -> Tensor:
        """(B, N, frame_width) and (B, L) -> (B, N + L, width)."""
        table = self.decoder.get_input_embeddings()
        return torch.cat([self.connector(frames), table(words)], dim=1)

    @torch.inference_mode()
    def write(self, frame: Tensor, prompt: str) -> str:
        """The likeliest next step after a frame (N, frame_width) and words, greedily."""
        ids = torch.tensor([fit(self.encode(prompt))])
        embedded, cache, said = self._embed(frame[None], ids), None, []
        for _ in range(MAX_STEP_WORDS):
            out = self.decoder(inputs_embeds=embedded, past_key_values=cache, use_cache=True)
            cache, word = out.past_key_values, out.logits[:, -1:].argmax(-1)
            if int(word) == self._ids[END]:
                break
            said.append(self.size.words[int(word)])
            embedded = self.decoder.get_input_embeddings()(word)
        return " ".join(said)

    def save(self, folder: Path, card: str) -> None:
        """Write `config.json`, `model.safetensors`, their checksums and the card."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(asdict(self.size), indent=1) + "\n")
        (folder / "README.md").write_text(card)
        shared = "decoder.lm_head.weight"  # the embeddings again
        weights = {name: w for name, w in self.state_dict().items() if name != shared}
        save_file(weights, folder / "model.safetensors")
        write_checksums(folder)

    @classmethod
    def load(cls, folder: Path = CHECKPOINT) -> "PalmE":
        """A model out of its folder.

        Raises:
            ValueError: there is none, or it is damaged.
        """
        try:
            told = read_json_object(folder / "config.json")
            verify_checksums(folder)
            check_sizes(told, folder / "config.json")
            model = cls(PalmESize(**{**told, "words": tuple(told["words"])}))
            missing, foreign = model.load_state_dict(
                load_file(folder / "model.safetensors"), strict=False
            )
            wrong = [*foreign, *(name for name in missing if "lm_head" not in name)]
            if wrong:
                raise ValueError(f"its weights do not fit its config: {wrong[:3]}")
        except Exception as error:  # A file can be wrong in as many ways as it has readers.
            raise ValueError(
                f"{folder} holds no palm-e model ({error}); make one with `handeye train-palm-e`"
            ) from error
        return model.eval()


def fit(ids: list[int]) -> list[int]:
    """The ids, the middle left out where they are too many: the instruction and the latest stay."""
    half = MAX_WORDS // 2
    return ids if len(ids) <= MAX_WORDS else [*ids[:half], *ids[-half:]]


def prompt_of(instruction: str, steps: Sequence[Step]) -> str:
    """The words of the sentence: the instruction, then the steps so far and how each ended."""
    done = (f"{call_words(c)} = {'ok' if result.ok else 'failed'} ;" for c, result in steps)
    return " ".join([instruction.strip(" .!").lower(), ";", *done])


def call_words(call: ToolCall) -> str:
    """A call as words: `place_beside reference : red cup , side : left`."""
    said = " , ".join(f"{name} : {value}" for name, value in call.arguments.items())
    return f"{call.name} {said}".strip()


def read_call_words(text: str, call_id: str) -> ToolCall:
    """The call that words say; one with a `problem` where they say none."""
    name, _, rest = text.partition(" ")
    pairs = [part.split(" : ", 1) for part in rest.split(" , ") if part]
    if not name or any(len(pair) != 2 for pair in pairs):
        return ToolCall("", {}, "", f"{text!r} is no call")
    return ToolCall(name, {key.strip(): value.strip() for key, value in pairs}, call_id)
