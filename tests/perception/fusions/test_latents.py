import torch
from torch import nn
from transformers import PerceiverConfig
from transformers.models.perceiver.modeling_perceiver import (
    PerceiverEncoder as ReferenceEncoder,
)
from transformers.models.perceiver.modeling_perceiver import PerceiverLayer

from handeye.perception.fusions.latents import PerceiverDecoder, PerceiverEncoder


def stacked(*parts: nn.Module) -> dict[str, torch.Tensor]:
    return {
        "weight": torch.cat([part.weight for part in parts]),
        "bias": torch.cat([part.bias for part in parts]),
    }


def copy_cross(ours: nn.Module, theirs: PerceiverLayer) -> None:
    inner = theirs.attention.self
    ours.norm.load_state_dict(inner.layernorm1.state_dict())
    ours.norm_context.load_state_dict(inner.layernorm2.state_dict())
    ours.attention.query.load_state_dict(inner.query.state_dict())
    ours.attention.key_value.load_state_dict(stacked(inner.key, inner.value))
    copy_rest(ours, theirs)


def copy_rest(ours: nn.Module, theirs: PerceiverLayer) -> None:
    ours.attention.out.load_state_dict(theirs.attention.output.dense.state_dict())
    ours.norm_mlp.load_state_dict(theirs.layernorm.state_dict())
    ours.mlp[0].load_state_dict(theirs.mlp.dense1.state_dict())
    ours.mlp[2].load_state_dict(theirs.mlp.dense2.state_dict())


def config() -> PerceiverConfig:
    return PerceiverConfig(
        d_latents=16,
        num_latents=4,
        num_blocks=1,
        num_self_attends_per_block=2,
        num_self_attention_heads=4,
        num_cross_attention_heads=4,
        self_attention_widening_factor=2,
        cross_attention_widening_factor=2,
        cross_attention_shape_for_attention="q",
    )


def test_it_is_perceivers_encoder() -> None:
    reference = ReferenceEncoder(config(), kv_dim=10).eval()
    ours = PerceiverEncoder(10, 16, 4, latents=4, layers=2, expansion=2, activation=nn.GELU)
    copy_cross(ours.read, reference.cross_attention)
    for block, theirs in zip(ours.blocks, reference.self_attends, strict=True):
        inner = theirs.attention.self
        block.norm_attention.load_state_dict(inner.layernorm1.state_dict())
        block.attention.qkv.load_state_dict(stacked(inner.query, inner.key, inner.value))
        copy_rest(block, theirs)
    tokens, present = torch.randn(2, 7, 10), torch.rand(2, 7) < 0.7
    present[:, 0] = True
    expected = reference(
        ours.latents.expand(2, -1, -1),
        inputs=tokens,
        inputs_mask=torch.where(present, 0.0, -1e9)[:, None, None],
    ).last_hidden_state
    torch.testing.assert_close(ours(tokens, present), expected, atol=1e-5, rtol=0)


def test_its_decoder_is_perceiver_ios_cross_attention() -> None:
    reference = PerceiverLayer(
        config(), is_cross_attention=True, num_heads=2, q_dim=6, kv_dim=16, widening_factor=2
    ).eval()
    ours = PerceiverDecoder(6, 16, 2, expansion=2, activation=nn.GELU)
    copy_cross(ours.ask, reference)
    queries, latents = torch.randn(3, 6), torch.randn(2, 4, 16)
    expected = reference(queries.expand(2, -1, -1), inputs=latents)[0]
    torch.testing.assert_close(ours(queries, latents), expected, atol=1e-5, rtol=0)


def test_padding_is_not_read() -> None:
    encoder, tokens = PerceiverEncoder(6, 8, 2, latents=3), torch.randn(1, 5, 6)
    present = torch.tensor([[True, True, True, False, False]])
    torch.testing.assert_close(encoder(tokens, present), encoder(tokens[:, :3]))
