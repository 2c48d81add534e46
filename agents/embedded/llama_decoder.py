"""A Llama model run token by token, its keys and values kept: what decoding costs is the model.

The same function as transformers' `LlamaForCausalLM`, for one conversation on the CPU. There, a
small model spends most of its time on bookkeeping; here the next conversation that begins alike
pays for its new tokens alone.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear, scaled_dot_product_attention, silu


class LlamaDecoder:
    """Token ids -> logits of the next token.

    Args:
        model: a `LlamaForCausalLM`; its weights are shared, not copied.
    """

    def __init__(self, model: Any) -> None:
        config = model.config
        self._model = model.eval()
        self._heads: int = config.num_attention_heads
        self._kept_heads: int = config.num_key_value_heads
        self._eps: float = config.rms_norm_eps
        self.room: int = config.max_position_embeddings
        size = config.hidden_size // self._heads
        angles = torch.outer(torch.arange(self.room).float(), model.model.rotary_emb.inv_freq)
        angles = torch.cat([angles, angles], -1)  # (room, size)
        self._cos, self._sin = angles.cos(), angles.sin()
        shape = (config.num_hidden_layers, 2, self._kept_heads, self.room, size)
        self._cache = torch.zeros(shape)
        self._ids: list[int] = []  # whose keys and values are in the cache

    @torch.inference_mode()
    def logits(self, ids: Sequence[int]) -> Tensor:
        """Logits (V,) of what follows `ids`; what they share with the last call is not run again.

        Raises:
            ValueError: there are none, or more than the model has room for.
        """
        return self.all_logits(ids, len(ids) - 1)[-1]

    @torch.inference_mode()
    def all_logits(self, ids: Sequence[int], first: int) -> Tensor:
        """Logits (N - first, V) of what follows each of the N `ids` from number `first` on."""
        if not 0 < len(ids) <= self.room:
            raise ValueError(f"{len(ids)} tokens; the model takes 1 to {self.room}")
        pairs = zip(ids, self._ids, strict=False)
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        begin = min(alike, first)
        self._ids = list(ids)
        hidden = self._run(torch.tensor(self._ids[begin:]), begin)
        return linear(hidden[first - begin :], self._model.lm_head.weight).float()

    def _run(self, new: Tensor, begin: int) -> Tensor:
        """Hidden states (T, width) of the ids `new` (T,) that follow `begin` cached ones."""
        network = self._model.model
        end = begin + len(new)
        x = network.embed_tokens.weight[new]
        seen = torch.ones(len(new), end, dtype=torch.bool).tril(begin)
        for number, layer in enumerate(network.layers):
            attention, mlp = layer.self_attn, layer.mlp
            h = self._normed(x, layer.input_layernorm.weight)
            q = self._turned(self._split(linear(h, attention.q_proj.weight), self._heads), begin)
            k = self._split(linear(h, attention.k_proj.weight), self._kept_heads)
            keys, values = self._cache[number]
            keys[:, begin:end] = self._turned(k, begin)
            values[:, begin:end] = self._split(linear(h, attention.v_proj.weight), self._kept_heads)
            looked = scaled_dot_product_attention(
                q[None], keys[None, :, :end], values[None, :, :end], seen, enable_gqa=True
            )
            x = x + linear(looked[0].transpose(0, 1).flatten(1), attention.o_proj.weight)
            h = self._normed(x, layer.post_attention_layernorm.weight)
            inner = silu(linear(h, mlp.gate_proj.weight)) * linear(h, mlp.up_proj.weight)
            x = x + linear(inner, mlp.down_proj.weight)
        return self._normed(x, network.norm.weight)

    def _normed(self, x: Tensor, weight: Tensor) -> Tensor:
        return weight * (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self._eps))

    def _split(self, x: Tensor, heads: int) -> Tensor:
        """(T, heads * size) -> (heads, T, size)."""
        return x.view(len(x), heads, -1).transpose(0, 1)

    def _turned(self, x: Tensor, begin: int) -> Tensor:
        """Queries or keys (heads, T, size) turned by their positions."""
        cos, sin = (t[begin : begin + x.shape[1]] for t in (self._cos, self._sin))
        left, right = x.chunk(2, -1)
        return x * cos + torch.cat([-right, left], -1) * sin
