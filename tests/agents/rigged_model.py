"""A tiny chat model whose replies are known: real files, real transformers, weights set by hand.

Each token is followed by one token, whatever came before: the layers add nothing to the stream, and
the head maps every token's own direction to its successor's. Which chain of tokens a reply starts
with is up to the last token of the prompt, which the chat template chooses.
"""

import hashlib
import itertools
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

END = "<|im_end|>"
SPEAK, CALL, CALL_TWICE, FINISH = (f"assistant\n{' ' * n}" for n in range(4))
LEFT, RIGHT = (
    f'<tool_call>\n{{"name": "look_at", "arguments": {{"place": "{place}"}}}}\n</tool_call>'
    for place in ("left", "right")
)
ONE = '<tool_call>\n{"name": "look_at", "arguments": {"place": "up"}}\n</tool_call>'
CHAINS = ((SPEAK, "yes", "indeed", END), (CALL, ONE, END), (CALL_TWICE, LEFT, RIGHT, END))
CHAINS += ((FINISH, "done", "looking", END),)
WORDS = ("hot", "cold", "system", "user", "tool", "?")
TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + ' ' }}"
    "{{ m.content if m.content is string else m.content[0].text }}{{ '<|im_end|>' }}{% endfor %}"
    "{% set last = messages[-1] %}"
    "{% set how = 3 if last.role == 'tool' else (0 if not tools else "
    "(2 if 'twice' in last.content else 1)) %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' + ' ' * how }}{% endif %}"
)


def rigged_tokenizer() -> PreTrainedTokenizerFast:
    chain_tokens = [token for chain in CHAINS for token in chain if token != END]
    plain = ["[UNK]", *WORDS, *(token for token in chain_tokens if token.isalpha())]
    tokenizer = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(plain)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["<|im_start|>", END])
    marks = [token for token in chain_tokens if not token.isalpha()]
    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in marks])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=END,
        unk_token="[UNK]",
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def rigged_model(tokenizer: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    size = 64
    assert len(tokenizer) <= size
    model = Qwen3ForCausalLM(tiny_config(Qwen3Config, len(tokenizer), tokenizer.eos_token_id))
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        model.model.embed_tokens.weight.copy_(torch.eye(size)[: len(tokenizer)])
        model.lm_head.weight.zero_()
        for chain in CHAINS:
            ids = tokenizer.convert_tokens_to_ids(list(chain))
            for now, after in itertools.pairwise(ids):
                model.lm_head.weight[after, now] = 2.0
    return model


def tiny_config(config_class: Any, vocabulary: int, end: int) -> Any:
    return config_class(
        vocab_size=vocabulary,
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=512,
        tie_word_embeddings=False,
        eos_token_id=end,
        pad_token_id=end,
        bos_token_id=None,
    )


def save_rigged_model(folder: Path) -> str:
    """Write the model's folder; returns the SHA-256 of its weights."""
    tokenizer = rigged_tokenizer()
    rigged_model(tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
