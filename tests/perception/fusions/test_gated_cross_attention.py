import torch
from transformers import IdeficsConfig
from transformers.models.idefics.modeling_idefics import IdeficsGatedCrossAttentionLayer

from handeye.perception.fusions.gated_cross_attention import GatedCrossAttention
from handeye.perception.fusions.masks import last_image_mask


def test_it_is_idefics_layer() -> None:
    config = IdeficsConfig(
        hidden_size=16,
        num_attention_heads=4,
        intermediate_size=24,
        rms_norm_eps=1e-6,
        alpha_type="float",
        vision_config={"embed_dim": 12},
    )
    config._attn_implementation = "eager"
    reference = IdeficsGatedCrossAttentionLayer(config, layer_idx=0).eval()
    reference.alpha_cross_attn.data.fill_(0.7)
    reference.alpha_dense.data.fill_(-0.4)
    torch.nn.init.normal_(reference.input_layernorm.weight)
    ours = GatedCrossAttention(16, 4, context_width=12, hidden=24)
    attention, mlp = reference.cross_attn, reference.mlp
    ours.load_state_dict(
        {
            "norm.weight": reference.input_layernorm.weight,
            "attention.query.weight": attention.q_proj.weight,
            "attention.key_value.weight": torch.cat(
                [attention.k_proj.weight, attention.v_proj.weight]
            ),
            "attention.out.weight": attention.o_proj.weight,
            "attention_gate": reference.alpha_cross_attn,
            "norm_mlp.weight": reference.post_attention_layernorm.weight,
            "mlp.gate_up.weight": torch.cat([mlp.gate_proj.weight, mlp.up_proj.weight]),
            "mlp.down.weight": mlp.down_proj.weight,
            "mlp_gate": reference.alpha_dense,
        }
    )
    text, images = torch.randn(2, 5, 16), torch.randn(2, 6, 12)
    marks = torch.tensor([[False, True, False, True, False], [True, False, False, False, False]])
    mask = last_image_mask(marks, 2, 3)
    expected = reference(
        text,
        image_hidden_states=images,
        image_attention_mask=torch.where(mask, 0.0, torch.finfo(torch.float32).min),
        cross_attention_gate=mask.any(-1)[:, 0],
    )
    torch.testing.assert_close(ours(text, images, mask), expected, atol=1e-5, rtol=0)


def test_it_starts_as_the_identity_and_its_gates_open() -> None:
    layer = GatedCrossAttention(8, 2)
    text, image = torch.randn(1, 4, 8), torch.randn(1, 3, 8)
    out = layer(text, image)
    assert torch.equal(out, text)
    out.square().sum().backward()
    assert layer.attention_gate.grad is not None
    assert layer.attention_gate.grad != 0
