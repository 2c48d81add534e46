import torch
from transformers import Idefics3Config
from transformers.models.idefics3.modeling_idefics3 import Idefics3Connector

from handeye.perception.connectors.pixel_shuffle import PixelShuffle


def test_it_is_idefics3_connector() -> None:
    config = Idefics3Config(
        scale_factor=2,
        vision_config={"hidden_size": 6},
        text_config={"hidden_size": 8, "num_attention_heads": 2},
    )
    reference = Idefics3Connector(config)
    ours = PixelShuffle(6, 8, 16, 4)
    ours.project.load_state_dict(reference.modality_projection.proj.state_dict())
    tokens = torch.randn(2, 16, 6)
    torch.testing.assert_close(ours(tokens), reference(tokens), atol=1e-5, rtol=0)
