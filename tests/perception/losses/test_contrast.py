"""InfoNCE and the sigmoid loss against CLIP's and SigLIP's own, and split in parts."""

import math

import pytest
import torch
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

from handeye.perception.losses.info_nce import InfoNce
from handeye.perception.losses.pairs import Gathered, similarity
from handeye.perception.losses.sigmoid import SigmoidLoss

SIZES = {
    "hidden_size": 8,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "projection_dim": 8,
}
TEXT = {**SIZES, "vocab_size": 20, "max_position_embeddings": 6, "eos_token_id": 2}
VISION = {**SIZES, "image_size": 8, "patch_size": 4}


@pytest.mark.parametrize(
    ("model_class", "config_class", "ours"),
    [(CLIPModel, CLIPConfig, InfoNce()), (SiglipModel, SiglipConfig, SigmoidLoss())],
)
def test_it_is_the_published_models_loss(
    model_class: type, config_class: type, ours: InfoNce | SigmoidLoss
) -> None:
    config = config_class(text_config=TEXT, vision_config=VISION, projection_dim=8)
    model = model_class(config).eval()
    torch.nn.init.constant_(model.logit_scale, 1.3)
    torch.nn.init.constant_(ours.log_scale, 1.3)
    if isinstance(ours, SigmoidLoss):
        torch.nn.init.constant_(model.logit_bias, -2.0)
        torch.nn.init.constant_(ours.bias, -2.0)
    ids = torch.randint(3, 20, (5, 6))
    seen = model(input_ids=ids, pixel_values=torch.randn(5, 3, 8, 8), return_loss=True)
    loss = ours(seen.image_embeds, 3 * seen.text_embeds).mean  # their length does not matter
    torch.testing.assert_close(loss, seen.loss, atol=1e-5, rtol=0)


def test_they_start_where_their_papers_do() -> None:
    assert InfoNce().log_scale.exp().item() == pytest.approx(1 / 0.07)
    loss = SigmoidLoss()
    assert loss.log_scale.item() == pytest.approx(math.log(10))
    assert loss.bias == -10


def test_the_scale_stops_at_a_hundred() -> None:
    loss = InfoNce()
    nn.init.constant_(loss.log_scale, 6.0)
    loss(torch.randn(3, 4), torch.randn(3, 4)).total.backward()
    assert loss.log_scale.exp().item() == pytest.approx(100, rel=1e-5)
    assert loss.log_scale.grad is not None  # and can come back


def test_of_many_queries_the_nearest_counts() -> None:
    images, texts = torch.randn(2, 3, 4), torch.randn(5, 4)
    each = torch.stack([similarity(images[:, k], texts) for k in range(3)])
    torch.testing.assert_close(similarity(images, texts), each.amax(0))
    assert InfoNce()(torch.randn(5, 3, 4), texts).count == 5


@pytest.mark.parametrize("loss", [InfoNce(), SigmoidLoss()])
def test_parts_that_see_all_rows_add_up_to_the_whole(loss: InfoNce | SigmoidLoss) -> None:
    images, texts = torch.randn(6, 4), torch.randn(6, 4)
    whole = loss(images, texts)
    total, count = torch.zeros(()), torch.zeros(())
    for first in (0, 2):
        part = slice(first, first + (2 if first == 0 else 4))

        def gather(rows: Tensor, first: int = first, part: slice = part) -> Gathered:
            return Gathered(images if torch.equal(rows, images[part]) else texts, first)

        share = loss(images[part], texts[part], gather)
        total, count = total + share.total, count + share.count
    torch.testing.assert_close(total, whole.total)
    assert count == whole.count


def test_pairs_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="3 images and 2 texts"):
        SigmoidLoss()(torch.randn(3, 4), torch.randn(2, 4))
    with pytest.raises(ValueError, match="batches of 2 or more"):
        InfoNce()(torch.randn(1, 4), torch.randn(1, 4))
