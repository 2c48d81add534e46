from collections.abc import Callable

import pytest
import torch
from transformers import Blip2QFormerConfig, Blip2QFormerModel

from handeye.perception.connectors.q_former import QFormer
from handeye.perception.connectors.q_former_masks import (
    captioning_mask,
    contrastive_mask,
    matching_mask,
)

K, L, WIDTH = 3, 5, 16


def q_former(layers: int = 2) -> QFormer:
    return QFormer(12, WIDTH, 9, K, layers=layers, heads=4, vocabulary=20, length=8).eval()


def words() -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.randint(3, 20, (2, L))
    present = torch.ones(2, L, dtype=torch.bool)
    present[1, 3:] = False
    return ids, present


def joined(reference: torch.nn.Module, *names: str) -> dict[str, torch.Tensor]:
    """The linear layers of these names, one above the other."""
    parts = [reference.get_submodule(name) for name in names]
    return {
        "weight": torch.cat([part.weight for part in parts]),
        "bias": torch.cat([part.bias for part in parts]),
    }


def copied_from(reference: Blip2QFormerModel) -> QFormer:
    ours = q_former(len(reference.encoder.layer))
    ours.norm.load_state_dict(reference.layernorm.state_dict())
    for layer, theirs in zip(ours.layers, reference.encoder.layer, strict=True):
        attention = theirs.attention
        layer.attention.qkv.load_state_dict(joined(attention.attention, "query", "key", "value"))
        layer.attention.out.load_state_dict(attention.output.dense.state_dict())
        layer.norm.load_state_dict(attention.output.LayerNorm.state_dict())
        if theirs.has_cross_attention:
            attention = theirs.crossattention
            layer.look.query.load_state_dict(attention.attention.query.state_dict())
            layer.look.key_value.load_state_dict(joined(attention.attention, "key", "value"))
            layer.look.out.load_state_dict(attention.output.dense.state_dict())
            layer.norm_look.load_state_dict(attention.output.LayerNorm.state_dict())
        for mlp, inner, outer in (
            (layer.query_mlp, theirs.intermediate_query, theirs.output_query),
            (layer.word_mlp, theirs.intermediate, theirs.output),
        ):
            mlp.mlp[0].load_state_dict(inner.dense.state_dict())
            mlp.mlp[2].load_state_dict(outer.dense.state_dict())
            mlp.norm.load_state_dict(outer.LayerNorm.state_dict())
    return ours


@pytest.mark.parametrize("mask_of", [matching_mask, captioning_mask, contrastive_mask])
def test_it_is_blip2_q_former(mask_of: Callable[[int, torch.Tensor], torch.Tensor]) -> None:
    config = Blip2QFormerConfig(
        hidden_size=WIDTH,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=4 * WIDTH,
        encoder_hidden_size=12,
        use_qformer_text_input=True,
        attn_implementation="eager",
    )
    reference = Blip2QFormerModel(config).eval()
    for parameter in reference.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    ours, frame, (ids, present) = copied_from(reference), torch.randn(2, 9, 12), words()
    mask = mask_of(K, present)
    embedded = torch.cat([ours.queries.expand(2, -1, -1), ours._words(ids)], dim=1)
    expected = reference(
        query_embeds=embedded,
        query_length=K,
        attention_mask=torch.where(mask, 0.0, torch.finfo(torch.float32).min),
        encoder_hidden_states=frame,
    ).last_hidden_state
    queries, read = ours.encode(frame, ids, mask)
    torch.testing.assert_close(torch.cat([queries, read], 1), expected, atol=1e-5, rtol=0)


def test_apart_is_what_queries_and_words_say_alone() -> None:
    model, frame, (ids, present) = q_former(), torch.randn(2, 9, 12), words()
    queries, read = model.encode(frame, ids, contrastive_mask(K, present))
    torch.testing.assert_close(queries, model.encode(frame)[0])
    alone = model.encode(None, ids, contrastive_mask(0, present))
    assert alone[0].shape == (2, 0, WIDTH)
    torch.testing.assert_close(read, alone[1])


def test_a_caption_knows_the_frame_and_the_past_but_not_what_comes() -> None:
    model, frame, (ids, present) = q_former(), torch.randn(2, 9, 12), words()
    mask = captioning_mask(K, present)
    queries, read = model.encode(frame, ids, mask)
    later = ids.clone()
    later[0, 3:] = 2
    other_queries, other = model.encode(frame, later, mask)
    torch.testing.assert_close(other_queries, queries)
    torch.testing.assert_close(other[0, :3], read[0, :3])
    assert not torch.allclose(other[0, 3:], read[0, 3:])
    assert not torch.allclose(model.encode(frame + 1, ids, mask)[1][0, 0], read[0, 0])


def test_matching_lets_queries_read_the_words_but_no_padding() -> None:
    model, frame, (ids, present) = q_former(), torch.randn(2, 9, 12), words()
    mask = matching_mask(K, present)
    queries, _ = model.encode(frame, ids, mask)
    changed = ids.clone()
    changed[0, 2] = 2  # a word
    changed[1, 4] = 2  # padding
    other, _ = model.encode(frame, changed, mask)
    assert not torch.allclose(other[0], queries[0])
    torch.testing.assert_close(other[1], queries[1])


def test_a_plain_connector_has_no_parts_for_words() -> None:
    model = QFormer(12, WIDTH, 9, K)
    assert not [name for name, _ in model.named_parameters() if "word" in name]
    with pytest.raises(ValueError, match="build it with a vocabulary"):
        model.encode(None, torch.zeros(1, 2, dtype=torch.long))
    with pytest.raises(ValueError, match="given neither"):
        model.encode(None)
    with pytest.raises(ValueError, match="9 words are more than the 8"):
        q_former().encode(None, torch.zeros(1, 9, dtype=torch.long))
