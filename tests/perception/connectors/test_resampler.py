from types import SimpleNamespace

import torch
from torch import nn
from transformers.models.idefics.perceiver import IdeficsPerceiverResampler

from handeye.perception.connectors.resampler import Resampler


def test_it_is_idefics_resampler() -> None:
    config = SimpleNamespace(
        perceiver_config=SimpleNamespace(qk_layer_norms_perceiver=False),
        vision_config=SimpleNamespace(embed_dim=16),
    )
    reference = IdeficsPerceiverResampler(config, 16, depth=2, n_heads=4, head_dim=4, n_latents=3)
    ours = Resampler(16, 16, 9, 3, layers=2, heads=4, activation=nn.ReLU)
    nn.init.eye_(ours.project.weight)
    nn.init.zeros_(ours.project.bias)
    ours.latents.data = reference.latents.data
    ours.norm.load_state_dict(reference.layer_norm.state_dict())
    for layer, (attention, mlp) in zip(ours.layers, reference.blocks, strict=True):
        layer.norm.load_state_dict(attention.latents_layer_norm.state_dict())
        layer.norm_context.load_state_dict(attention.context_layer_norm.state_dict())
        layer.attention.query.weight.data = attention.q_proj.weight.data
        layer.attention.key_value.weight.data = torch.cat(
            [attention.k_proj.weight, attention.v_proj.weight]
        ).data
        layer.attention.out.weight.data = attention.output_proj.weight.data
        layer.mlp[0].load_state_dict(mlp.ln.state_dict())
        layer.mlp[1].weight.data = mlp.fc.weight.data
        layer.mlp[3].weight.data = mlp.c_proj.weight.data
    frame = torch.randn(2, 9, 16)
    torch.testing.assert_close(ours(frame), reference(frame), atol=1e-5, rtol=0)


def test_it_reads_any_number_of_tokens() -> None:
    resampler = Resampler(6, 8, 16, 4)
    assert resampler(torch.randn(2, 16, 6)).shape == resampler(torch.randn(2, 5, 6)).shape
